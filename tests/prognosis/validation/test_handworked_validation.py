"""Small cases reckoned by hand or by another formula."""

import math

import numpy as np
import polars as pl
import pytest

from debulk.prognosis.validation.accuracy import brier_score, integrated_brier, prediction_accuracy
from debulk.prognosis.validation.bootstrap_optimism import optimism
from debulk.prognosis.validation.calibration_curve import smooth_calibration
from debulk.prognosis.validation.calibration_groups import grouped_calibration
from debulk.prognosis.validation.calibration_slopes import weak_calibration
from debulk.prognosis.validation.centres import across_centres, read_centres
from debulk.prognosis.validation.discrimination import time_dependent_auc
from debulk.prognosis.validation.event_ratios import observed_expected
from debulk.prognosis.validation.follow_up import read_follow_up
from debulk.prognosis.validation.net_benefit import decision_curve
from debulk.prognosis.validation.recalibration import recalibrate
from debulk.prognosis.validation.risk_validation import validate_risk
from debulk.prognosis.validation.separation import royston_d
from debulk.prognosis.validation.statistics import harrell
from debulk.prognosis.validation.status import horizon_status
from debulk.survival import cox, cumulative_incidence, kaplan_meier

EXACT = 1e-12
TIME = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
EVENT = np.array([1, 0, 1, 1, 0, 0])
RISK = np.array([0.9, 0.8, 0.3, 0.6, 0.3, 0.1])


def test_masses_are_inverse_probabilities_of_censoring():
    status = horizon_status(read_follow_up(TIME, EVENT), 4.5)
    # Of five at risk one is lost at 2: events at 3 and 4, and the two beyond, count 5/4 of a sixth.
    np.testing.assert_allclose(status.mass, np.array([1, 5 / 4, 5 / 4, 5 / 4, 5 / 4]) / 6)
    assert status.case.tolist() == [True, True, True, False, False]
    assert status.observed == pytest.approx(3.5 / 6)


def test_six_patients():
    found = time_dependent_auc(TIME, EVENT, RISK, horizon=4.5)
    # 0.9 and 0.6 are above 0.3 and 0.1; 0.3 is tied with the one and above the other.
    assert found.estimate == pytest.approx((1 * 1 + 1.25 * 0.75 + 1.25 * 1) / 3.5)
    brier = brier_score(TIME, EVENT, RISK, horizon=4.5)
    squares = 0.1**2 + 1.25 * (0.7**2 + 0.4**2 + 0.3**2 + 0.1**2)
    assert brier.estimate == pytest.approx(squares / 6)
    null = 3.5 / 6 * 2.5 / 6
    accuracy = prediction_accuracy(TIME, EVENT, RISK, horizon=4.5)
    assert accuracy.estimate == pytest.approx(1.0 - squares / 6 / null)
    ratio = observed_expected(TIME, EVENT, RISK, horizon=4.5)
    assert ratio.estimate == pytest.approx(3.5 / 3.0)


def test_net_benefit_of_six_patients():
    found = decision_curve(TIME, EVENT, RISK, horizon=4.5, thresholds=[0.2, 0.5])
    # At 0.2 all but the last are acted on; at 0.5 two events and the one who was lost.
    assert found.net_benefit[0] == pytest.approx((3.5 - 1.25 * 0.25) / 6)
    assert found.net_benefit[1] == pytest.approx((1 + 1.25) / 6)
    assert found.act_on_all[1] == pytest.approx((3.5 - 2.5) / 6)
    np.testing.assert_allclose(found.acted_on, [5 / 6, 3 / 6])
    assert found.gain[1] == pytest.approx(found.net_benefit[1] - found.act_on_all[1])


def test_without_censoring_net_benefit_is_counted():
    random = np.random.default_rng(1)
    time, risk = random.exponential(10.0, 200) + 0.01, random.random(200)
    case = time <= 8.0
    found = decision_curve(time, np.ones(200), risk, horizon=8.0, thresholds=[0.3])
    acted = risk >= 0.3
    counted = (acted & case).mean() - (acted & ~case).mean() * 3 / 7
    assert found.net_benefit[0] == pytest.approx(counted)
    value = np.where(acted, np.where(case, 1.0, -3 / 7), 0.0)
    assert found.se[0] == pytest.approx(value.std(ddof=1) / math.sqrt(200))


def test_two_ways_to_integrate():
    risks = np.column_stack((RISK / 2, RISK))
    scores = [
        brier_score(TIME, EVENT, risks[:, k], horizon=at).estimate
        for k, at in enumerate((2.5, 4.5))
    ]
    found = integrated_brier(TIME, EVENT, risks, horizons=[2.5, 4.5])
    area = 2.5 * scores[0] / 2 + 2.0 * (scores[0] + scores[1]) / 2
    assert found.estimate == pytest.approx(area / 4.5)
    left = integrated_brier(TIME, EVENT, risks, horizons=[2.5, 4.5], rule="left")
    assert left.estimate == pytest.approx(2.0 * scores[0] / 4.5)


def test_observed_risk_with_late_entry_and_weights_is_the_weighted_curve():
    random = np.random.default_rng(2)
    n = 120
    entry, weights = random.random(n) * 3.0, random.random(n) + 0.5
    time = entry + random.exponential(8.0, n) + 0.01
    event = random.random(n) < 0.6
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    curve = kaplan_meier(time, event, entry=entry, weights=weights)
    status = horizon_status(follow_up, 7.0)
    assert status.observed == pytest.approx(1.0 - curve.at([7.0])[0], rel=EXACT)
    assert status.mass.sum() == pytest.approx(1.0, rel=EXACT)


def test_observed_risk_with_competing_events_is_the_cumulative_incidence():
    random = np.random.default_rng(3)
    time, cause = random.exponential(8.0, 150) + 0.01, random.integers(0, 3, 150)
    status = horizon_status(read_follow_up(time, cause), 6.0)
    curve = cumulative_incidence(time, cause)["all"][1]
    assert status.observed == pytest.approx(curve.at([6.0])[0], rel=EXACT)


def test_who_had_a_competing_event_stays_without_the_event():
    time, cause = np.array([1.0, 2.0, 3.0]), np.array([2, 1, 0])
    score = np.array([0.1, 0.5, 0.9])
    # The event at 2 is compared with the competing event at 1 (right) and with 3 (wrong).
    assert harrell(read_follow_up(time, cause), score, 0.95).estimate == pytest.approx(0.5)


def test_recalibration_repairs_what_was_bent():
    random = np.random.default_rng(4)
    n = 4000
    x = random.normal(size=n)
    hazard = 0.05 * np.exp(0.7 * x)
    risk = -np.expm1(-12.0 * hazard)
    died = random.exponential(1.0 / hazard)
    lost = random.random(n) * 40.0 + 5.0
    time, event = np.minimum(died, lost), died <= lost
    bent = -np.expm1(-np.exp(0.8 + 1.6 * np.log(-np.log1p(-risk))))
    weak = weak_calibration(time, event, bent, horizon=12.0)
    assert weak.slope.lower < 1.0 / 1.6 < weak.slope.upper
    slope = recalibrate(time, event, bent, horizon=12.0, method="slope")
    after = weak_calibration(time, event, slope.risk(bent), horizon=12.0)
    assert after.slope.estimate == pytest.approx(1.0, abs=1e-7)
    assert after.intercept.estimate == pytest.approx(0.0, abs=1e-7)
    baseline = recalibrate(time, event, bent, horizon=12.0)
    moved = weak_calibration(time, event, baseline.risk(bent), horizon=12.0)
    assert moved.intercept.estimate == pytest.approx(0.0, abs=1e-7)
    assert moved.slope.estimate == pytest.approx(weak.slope.estimate, rel=1e-6)
    anew = recalibrate(time, event, None, horizon=12.0, method="refit", covariates={"x": x})
    model = cox({"x": x, "t": time, "e": event}, time="t", event="e", covariates="x")
    np.testing.assert_allclose(
        anew.risk({"x": x[:5]}), 1.0 - model.predict_survival({"x": x[:5]}, [12.0]).survival[0]
    )


def test_r2_of_d_grows_with_d():
    random = np.random.default_rng(5)
    x = random.normal(size=600)
    time = random.exponential(np.exp(-1.0 * x))
    found = royston_d(time, np.ones(600), x)
    # A normal score with a log hazard ratio of 1 a standard deviation: D is sqrt(8 / pi).
    assert found.d.lower < math.sqrt(8 / math.pi) < found.d.upper
    sigma = math.pi**2 / 6
    share = found.d.estimate**2 / (8 / math.pi)
    assert found.explained.estimate == pytest.approx(share / (sigma + share))


def test_groups_keep_equal_predictions_together():
    risk = np.array([0.1] * 4 + [0.2] * 2 + [0.5] * 4)
    time = np.arange(1.0, 11.0)
    found = grouped_calibration(time, np.ones(10), risk, horizon=5.0, groups=5)
    assert [each.n for each in found] == [4, 2, 4]
    assert found[0].predicted == pytest.approx(0.1)
    assert found[0].observed == pytest.approx(1.0)


def test_centres_pooled_and_left_out():
    random = np.random.default_rng(6)
    n = 600
    centre = np.repeat(["a", "b", "c", "d"], [250, 200, 145, 5])
    x = random.normal(size=n)
    time, risk = random.exponential(10.0 * np.exp(-x)), 1.0 / (1.0 + np.exp(-x))
    follow_up = read_follow_up(time, np.ones(n))
    labels, codes = read_centres(centre, n)
    found = across_centres(
        "concordance",
        follow_up,
        risk,
        labels,
        codes,
        lambda part, score: harrell(part, score, 0.95),
        scale="logit",
        fewest_events=6,
    )
    assert list(found.by_centre) == ["a", "b", "c"]
    assert found.left_out == {"d": "5 events, fewer than 6"}
    assert found.lower < found.estimate < found.upper
    assert found.prediction_lower <= found.lower


def test_optimism_of_noise_is_taken_off():
    random = np.random.default_rng(7)
    n = 80
    noise = {f"x{k}": random.normal(size=n) for k in range(6)}
    frame = pl.DataFrame({"time": random.exponential(10.0, n), "event": [1] * n, **noise})

    def fit(table):
        model = cox(table, time="time", event="event", covariates=list(noise))
        return lambda asked: 1.0 - model.predict_survival(asked, [8.0]).survival[0]

    found = optimism(frame, fit, time="time", event="event", horizon=8.0, bootstrap=20)
    again = optimism(frame, fit, time="time", event="event", horizon=8.0, bootstrap=20)
    assert found == again
    concordance = found["concordance"]
    # Nothing predicts anything: apparently it does, corrected it does not.
    assert concordance.apparent > 0.57
    assert abs(concordance.corrected - 0.5) < 0.05
    assert concordance.resamples == 20


def test_smooth_calibration_has_intervals_that_repeat(german):
    time, event, risk, _ = german
    options = {"horizon": 5.0, "bootstrap": 20, "seed": 3}
    one, other = (smooth_calibration(time, event, risk, **options) for _ in range(2))
    assert one.ici == other.ici
    assert one.ici.lower < one.ici.upper
    assert (one.lower <= one.observed).all()
    assert (one.observed <= one.upper).all()


def test_curve_with_competing_events_follows_the_truth():
    random = np.random.default_rng(8)
    n = 3000
    x = random.normal(size=n)
    rate = 0.05 * np.exp(0.8 * x)
    time, cause = random.exponential(1.0 / (rate + 0.04)), np.ones(n, dtype=int)
    cause[random.random(n) < 0.04 / (rate + 0.04)] = 2
    risk = rate / (rate + 0.04) * -np.expm1(-(rate + 0.04) * 10.0)
    found = smooth_calibration(time, cause, risk, horizon=10.0, bootstrap=0)
    assert found.ici.estimate < 0.02
    assert found.model.startswith("status at the horizon")
    inside = (found.lower <= found.risk) & (found.risk <= found.upper)
    assert inside.mean() > 0.8


def test_a_validation_in_full(german):
    time, event, risk, predictor = german
    found = validate_risk(
        time * 12.0,
        event,
        risk,
        horizon_months=60.0,
        linear_predictor=predictor,
        centre=np.arange(risk.size) % 4,
        bootstrap=5,
        name="Rotterdam model",
    )
    told = found.to_dict()
    assert told["score"] == "Rotterdam model"
    assert told["n"] == 686
    assert told["events_by_horizon"] + told["followed_beyond"] < 686
    assert found.statistics["calibration_slope_cox"].estimate == pytest.approx(0.9676, abs=1e-4)
    assert sum(told["risk_histogram"]["n"]) == 686
    assert [each.statistic for each in found.centres] == [
        "concordance",
        "observed_expected",
        "calibration_slope_cox",
    ]
    assert found.provenance.seed == 0
    assert [each.status for each in found.provenance.parameters][:2] == ["chosen", "default"]
