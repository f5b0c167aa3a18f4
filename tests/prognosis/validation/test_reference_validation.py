"""Every number of risk_prediction.json (R: see the script beside it)."""

import numpy as np
import pytest

from debulk.prognosis.validation.accuracy import (
    brier_difference,
    brier_score,
    integrated_brier,
    prediction_accuracy,
)
from debulk.prognosis.validation.calibration_curve import smooth_calibration
from debulk.prognosis.validation.calibration_groups import grouped_calibration
from debulk.prognosis.validation.calibration_slopes import calibration_slope
from debulk.prognosis.validation.discrimination import auc_difference, time_dependent_auc
from debulk.prognosis.validation.event_ratios import (
    observed_expected,
    observed_expected_events,
)
from debulk.prognosis.validation.separation import royston_d
from debulk.survival import concordance, kaplan_meier

CLOSED = 1e-10  # the same closed form
FITTED = 2e-8  # two programs' Cox models: R stops its steps at a relative change of 1e-9
# The likely reason (inferred from the size, not checked in its source): riskRegression takes the
# error of the censoring weights from Nelson and Aalen's estimator, this program from Kaplan and
# Meier's, which makes the weights: apart by one over the number at risk.
WEIGHT_ERROR = 3e-6
AUC_ERROR = 1e-6
# Told the same risk near one half, all patients are equally far off, and next to nothing but that
# difference is left of the null model's error.
NULL_ERROR = 2e-5
SETS = ("score_val", "score_dev")


@pytest.fixture(scope="module")
def risks(tables, models):
    return {
        (data, name): 1.0 - model.predict_survival(tables[data], np.arange(1.0, 6.0)).survival.T
        for data in SETS
        for name, model in models.items()
    }


def arrays(tables, data):
    return tables[data]["ryear"].to_numpy(), tables[data]["rfs"].to_numpy()


def test_risks_are_those_of_r(r, models, risks):
    for name, model in models.items():
        np.testing.assert_allclose(model.coef, r["cox_dev"][name]["coef"], atol=5e-8)
    found = risks["score_val", "m1"][:10]
    np.testing.assert_allclose(found, r["predicted_risk_first10"], rtol=FITTED)


@pytest.mark.parametrize("data", SETS)
def test_area_under_the_roc_curve(r, tables, risks, data):
    for case in r[data]["auc"]:
        risk = risks[data, case["model"]][:, case["times"] - 1]
        found = time_dependent_auc(*arrays(tables, data), risk, horizon=case["times"])
        assert found.estimate == pytest.approx(case["AUC"], rel=CLOSED)
        assert found.se == pytest.approx(case["se"], abs=AUC_ERROR)
        assert found.lower == pytest.approx(case["lower"], abs=2 * AUC_ERROR)


@pytest.mark.parametrize("data", SETS)
def test_brier_score_and_accuracy(r, tables, risks, data):
    for case in r[data]["brier"]:
        time, event = arrays(tables, data)
        horizon = float(case["times"])
        if case["model"] == "Null model":
            observed = 1.0 - kaplan_meier(time, event).at([horizon])[0]
            # The null model tells everybody the same, which the public function refuses.
            risk = np.full(time.size, observed)
            risk[0] += 1e-12
        else:
            risk = risks[data, case["model"]][:, case["times"] - 1]
        found = brier_score(time, event, risk, horizon=horizon)
        assert found.estimate == pytest.approx(case["Brier"], abs=FITTED)
        null = case["model"] == "Null model"
        error = NULL_ERROR if null else WEIGHT_ERROR
        assert found.se == pytest.approx(case["se"], abs=error)
        if not null:
            accuracy = prediction_accuracy(time, event, risk, horizon=horizon)
            assert accuracy.estimate == pytest.approx(case["IPA"], abs=FITTED)


@pytest.mark.parametrize("data", SETS)
def test_integrated_brier(r, tables, risks, data):
    for case in r[data]["brier"]:
        if case["model"] == "Null model" or case["times"] == 1:
            continue
        found = integrated_brier(
            *arrays(tables, data),
            risks[data, case["model"]][:, : case["times"]],
            horizons=np.arange(1.0, case["times"] + 1.0),
            rule="left",
        )
        assert found.estimate == pytest.approx(case["IBS"], abs=FITTED)


@pytest.mark.parametrize("data", SETS)
def test_contrasts_of_two_models(r, tables, risks, data):
    time, event = arrays(tables, data)
    for case in r[data]["auc_contrasts"]:
        pair = [risks[data, case[name]][:, case["times"] - 1] for name in ("model", "reference")]
        found = auc_difference(time, event, *pair, horizon=case["times"])
        assert found.estimate == pytest.approx(case["delta.AUC"], rel=CLOSED)
        assert found.se == pytest.approx(case["se"], abs=AUC_ERROR)
        assert found.p == pytest.approx(case["p"], rel=2e-3)  # far in the tail
    for case in r[data]["brier_contrasts"]:
        pair = [
            None if case[name] == "Null model" else risks[data, case[name]][:, case["times"] - 1]
            for name in ("model", "reference")
        ]
        found = brier_difference(time, event, *pair, horizon=case["times"])
        assert found.estimate == pytest.approx(case["delta.Brier"], abs=FITTED)
        assert found.se == pytest.approx(case["se"], abs=WEIGHT_ERROR)


def test_concordance(r, german):
    time, event, _, predictor = german
    harrell = concordance(time, event, predictor)
    uno = concordance(time, event, predictor, method="uno", tau=r["uno_c_tau5"]["ymax"])
    for found, case in ((harrell, r["harrell_c"]), (uno, r["uno_c_tau5"])):
        assert found.estimate == pytest.approx(case["C"], rel=CLOSED)
        assert found.se == pytest.approx(case["se"], rel=CLOSED)


def test_calibration_slope(r, german):
    time, event, _, predictor = german
    found = calibration_slope(time, event, predictor)
    assert found.estimate == pytest.approx(r["calibration_slope"]["slope"][0], rel=FITTED)
    assert found.se == pytest.approx(r["calibration_slope"]["se"][0], rel=FITTED)


def test_events_observed_and_expected(r, tables, models):
    time, event = arrays(tables, "score_val")
    predicted = models["m1"].predict_survival(tables["score_val"])
    step = np.searchsorted(predicted.times, time, side="right") - 1
    hazard = predicted.cumulative_hazard[np.maximum(step, 0), np.arange(time.size)]
    found = observed_expected_events(time, event, np.where(step < 0, 0.0, hazard))
    case = r["OE_poisson"]
    assert np.log(found.estimate) == pytest.approx(case["log_OE"][0], abs=FITTED)
    assert found.se == pytest.approx(case["se"][0], rel=1e-6)  # the last but one step of R's glm
    assert f"{case['observed']} observed" in found.note


@pytest.mark.parametrize(
    ("ties", "name"), [("mean rank", "royston_D"), ("mean score", "royston_D_ties")]
)
def test_royston_d(r, german, ties, name):
    time, event, _, predictor = german
    found, case = royston_d(time, event, predictor, ties=ties), r[name]
    assert found.d.estimate == pytest.approx(case["D"], rel=FITTED)
    assert found.d.se == pytest.approx(np.squeeze(case["se"]), rel=FITTED)
    assert found.explained.estimate == pytest.approx(case["R2D"], rel=FITTED)


def test_integrated_calibration_index(r, german):
    time, event, risk, _ = german
    found = smooth_calibration(time, event, risk, horizon=5.0, bootstrap=0)
    case = r["ICI_rcs3"]
    np.testing.assert_allclose(found.knots, case["knots"], rtol=FITTED)
    assert found.ici.estimate == pytest.approx(case["ICI"], rel=FITTED)
    assert found.e50.estimate == pytest.approx(case["E50"], rel=FITTED)
    assert found.e90.estimate == pytest.approx(case["E90"], rel=FITTED)


def test_calibration_by_groups(r, german):
    time, event, risk, _ = german
    sizes = [int(row[1]) for row in r["groupkm"]]
    groups = np.empty(risk.size, dtype=int)
    # Their groups are made from the highest risk on; ours from the lowest, with other cuts at ties.
    groups[np.argsort(-risk, kind="stable")] = np.repeat(np.arange(5), sizes)
    found = grouped_calibration(time, event, risk, horizon=5.0, groups=groups)
    for group, (predicted, n, events, survival, log_se) in zip(found, r["groupkm"], strict=True):
        assert 1.0 - group.predicted == pytest.approx(predicted, rel=FITTED)
        assert (group.n, group.events) == (n, events)
        assert 1.0 - group.observed == pytest.approx(survival, rel=CLOSED)
        assert group.se / survival == pytest.approx(log_se, rel=CLOSED)


def test_observed_over_expected_is_kaplan_meier_over_the_mean(german):
    time, event, risk, _ = german
    found = observed_expected(time, event, risk, horizon=5.0)
    curve = kaplan_meier(time, event).estimate_at(5.0)  # agrees with R elsewhere
    assert found.estimate == pytest.approx((1.0 - curve.estimate) / risk.mean(), rel=CLOSED)
    # Greenwood's variance and the jackknife's differ by about one over the number at risk.
    assert found.se * (1.0 - curve.estimate) == pytest.approx(curve.se, rel=5e-3)


def test_competing_risks(r, tables, competing_risks):
    frame, case = tables["cr"], r["score_cr"]
    np.testing.assert_allclose(competing_risks["FGR"][:5], case["fgr_risk_first5"], rtol=2e-7)
    np.testing.assert_allclose(competing_risks["CSC"][:5], case["csc_risk_first5"], rtol=FITTED)
    column = {60: 0, 120: 1, 180: 2}
    for each in case["auc"]:
        risk = competing_risks[each["model"]][:, column[each["times"]]]
        found = time_dependent_auc(frame["etime"], frame["ev"], risk, horizon=each["times"])
        assert found.estimate == pytest.approx(each["AUC"], rel=CLOSED)
        assert found.se == pytest.approx(each["se"], abs=AUC_ERROR)
    for each in case["brier"]:
        if each["model"] == "Null model":
            continue
        risk = competing_risks[each["model"]][:, column[each["times"]]]
        arguments = (frame["etime"], frame["ev"], risk)
        found = brier_score(*arguments, horizon=each["times"])
        assert found.estimate == pytest.approx(each["Brier"], abs=FITTED)
        assert found.se == pytest.approx(each["se"], abs=WEIGHT_ERROR)
        accuracy = prediction_accuracy(*arguments, horizon=each["times"])
        assert accuracy.estimate == pytest.approx(each["IPA"], abs=FITTED)
