"""Bad input: refused with the place, the value and a remedy; or stated and counted."""

import numpy as np
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.patients import example_cohort
from debulk.prognosis.validation.bootstrap_optimism import optimism
from debulk.prognosis.validation.calibration_curve import smooth_calibration
from debulk.prognosis.validation.counterfactual import validate_counterfactual
from debulk.prognosis.validation.net_benefit import decision_curve
from debulk.prognosis.validation.recalibration import recalibrate
from debulk.prognosis.validation.risk_validation import validate_risk
from debulk.prognosis.validation.score_validation import validate_score

N = 40
TIME = np.linspace(1.0, 40.0, N)
EVENT = np.arange(N) % 2
RISK = np.linspace(0.9, 0.1, N)


def validated(**changed):
    given = {"time_months": TIME, "event": EVENT, "risk": RISK, "horizon_months": 24.0} | changed
    return validate_risk(**given, bootstrap=0)


def with_value(values, row, value):
    changed = np.array(values, dtype=float)
    changed[row] = value
    return changed


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"risk": with_value(RISK, 3, 1.2)}, "risk, row 4: 1.2 is not within 0 to 1"),
        ({"risk": with_value(RISK, 3, -0.1)}, "risk, row 4: -0.1 is not within 0 to 1"),
        ({"risk": with_value(RISK, 3, np.nan)}, "risk, row 4: the value is missing"),
        ({"risk": np.full(N, 0.3)}, "risk: every patient has the same value, 0.3"),
        ({"risk": RISK[:-1]}, "risk: has 39 values"),
        ({"horizon_months": 40.0}, "horizon_months: 40 is not before the end of follow-up, 40"),
        ({"horizon_months": 0.0}, "horizon_months: 0.0 is not above 0"),
        ({"horizon_months": 1.5}, "horizon_months: no event lies between 0 and 1.5"),
        ({"event": np.zeros(N)}, "event: no patient has the event"),
        ({"event": EVENT * 0.5}, "event, row 2: 0.5 is not a whole number"),
        ({"time_months": with_value(TIME, 0, 0.0)}, "time, row 1: 0 is not above 0"),
        ({"time_months": with_value(TIME, 0, np.nan)}, "time, row 1: the value is missing"),
        ({"weights": np.zeros(N)}, "weights, row 1: 0 is not above 0"),
        ({"entry_months": TIME}, "entry, row 1: 1 is not below the row's time"),
        (
            {"entry_months": np.where(TIME > 24.0, 24.5, 0.0)},
            "horizon_months: nobody is under observation at 24",
        ),
        ({"linear_predictor": np.ones(N)}, "linear_predictor: every patient has the same value"),
        ({"centre": np.ones(N)}, "centre: every patient is of '1'"),
        ({"conf_level": 95}, "conf_level: 95 is not between 0 and 1"),
        ({"knots": 7}, "knots: found 7"),
        ({"groups": 1}, "groups: 1 is out of range"),
        ({"thresholds": [0.5, 0.2]}, "thresholds: do not rise"),
        ({"thresholds": [0.0]}, "thresholds: 0 is not inside"),
        ({"seed": -1}, "seed: -1 is out of range"),
    ],
)
def test_refused(changed, words):
    with pytest.raises(InputError) as refused:
        validated(**changed)
    assert words in str(refused.value)
    assert refused.value.remedy


def test_risks_of_0_and_1_and_few_events_are_taken_with_a_caveat():
    mixed = RISK[(7 * np.arange(N)) % N]
    found = validated(risk=with_value(with_value(mixed, 0, 1.0), N - 1, 0.0))
    assert any("events by 24 months: with fewer than 100" in each for each in found.caveats)
    assert any(each.startswith("2 risks of 0 or 1") for each in found.caveats)
    assert np.isfinite(found.statistics["calibration_slope"].estimate)


def test_too_few_events_for_resamples_leave_no_interval():
    random = np.random.default_rng(10)
    time, risk = random.random(60) * 30.0 + 1.0, random.random(60)
    event = np.zeros(60)
    event[np.argsort(time)[:2]] = 1
    found = validate_risk(time, event, risk, horizon_months=20.0, bootstrap=30, groups=2)
    ici = found.statistics.get("ici")
    assert ici is None or (np.isnan(ici.lower) and "no interval" in ici.note)


def test_a_steep_slope_stays_finite():
    random = np.random.default_rng(9)
    x = random.normal(size=400)
    time = random.exponential(np.exp(-5.0 * x)) + 1e-9
    timid = -np.expm1(-np.exp(0.5 * x))
    found = validate_risk(time, np.ones(400), timid, horizon_months=1.0, bootstrap=0)
    slope = found.statistics["calibration_slope"]
    assert slope.lower < 10.0 < slope.upper


def test_risks_that_part_cases_from_others_leave_no_slope():
    early = TIME <= 20.0
    found = validated(event=np.where(early, 1, 0), horizon_months=20.5)
    assert "calibration_slope" not in found.statistics
    assert any(each.startswith("No calibration intercept and slope") for each in found.caveats)
    assert found.statistics["auc"].estimate == 1.0


def test_a_score_without_groups_ranks_only():
    cohort = example_cohort()
    table = cohort.patients.select("patient_id").with_row_index("points")
    table = table.with_columns(points=pl.when(pl.col("points") > 2).then(pl.col("points") % 5))
    found = validate_score(table, cohort, horizon_months=24.0)
    assert found.missing == 3
    assert [(each.reason, each.count) for each in found.provenance.exclusions] == [("no points", 3)]
    assert "observed_expected" not in found.statistics
    assert found.decision is None
    assert any("validated as a ranking" in each for each in found.caveats)


def test_risks_of_a_cohort():
    cohort = example_cohort()
    risk = pl.Series(np.linspace(0.2, 0.8, len(cohort)))
    table = cohort.patients.select("patient_id").with_columns(risk=risk)
    found = validate_score(table, cohort, horizon_months=24.0, bootstrap=0, name="mine")
    assert found.name == "mine"
    assert "observed_expected" in found.statistics


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pl.DataFrame({"points": [1.0]}), "score: has no column 'patient_id'"),
        (pl.DataFrame({"patient_id": ["EX01"]}), "score: has neither points nor risk"),
        (
            pl.DataFrame({"patient_id": ["EX01"], "points": [1.0], "risk": [0.1]}),
            "score: has both points and risk",
        ),
        (
            pl.DataFrame({"patient_id": ["EX01"], "points": [float("nan")]}).fill_nan(None),
            "cohort: of 1 patients none can be used (1: no points)",
        ),
        (["not", "a", "frame"], "score: found ['not', 'a', 'frame']"),
    ],
)
def test_score_refused(table, words):
    with pytest.raises(InputError) as refused:
        validate_score(table, example_cohort(), horizon_months=24.0)
    assert words in str(refused.value)


ROWS = pl.DataFrame(
    {
        "patient_id": ["a", "a", "b", "c"],
        "start_months": [0.0, 1.0, 0.0, 0.0],
        "stop_months": [1.0, 9.0, 2.0, 8.0],
        "event": [0, 0, 1, 1],
        "weight": [1.0, 1.5, 1.0, 1.2],
    }
)
RISKS = pl.DataFrame({"patient_id": ["a", "b", "c", "d"], "risk": [0.2, 0.7, 0.5, 0.4]})


@pytest.mark.parametrize(
    ("rows", "risks", "words"),
    [
        (ROWS.drop("weight"), RISKS, "follow_up: has no column 'weight'"),
        (ROWS, RISKS.drop("risk"), "risk: has no column 'risk'"),
        (ROWS, RISKS.head(2), "follow_up, row 4, patient_id: 'c' has no risk"),
        (ROWS, pl.concat([RISKS, RISKS.head(1)]), "'a' stands twice"),
        (
            ROWS.with_columns(start_months=pl.Series([0.0, 2.0, 0.0, 0.0])),
            RISKS,
            "the row of patient 'a' does not begin where the one before ends",
        ),
        (
            ROWS.with_columns(event=pl.Series([1, 0, 1, 1])),
            RISKS,
            "patient 'a' is followed on after an event",
        ),
        (ROWS.with_columns(weight=pl.lit(0.0)), RISKS, "is not above 0"),
        (ROWS.clear(), RISKS, "there are no rows"),
    ],
)
def test_counterfactual_refused(rows, risks, words):
    with pytest.raises(InputError) as refused:
        validate_counterfactual(rows, risks, horizon_months=5.0, bootstrap=0)
    assert words in str(refused.value)


def test_who_left_the_strategy_at_once_is_counted():
    found = validate_counterfactual(ROWS, RISKS, horizon_months=5.0, bootstrap=0, groups=2)
    (left,) = found.provenance.exclusions
    assert left.count == 1
    assert found.n == 4
    assert found.mean_risk == pytest.approx(0.45)


def test_other_functions_refuse():
    with pytest.raises(InputError, match="'refit' without covariates"):
        recalibrate(TIME, EVENT, None, horizon=24.0, method="refit")
    with pytest.raises(InputError, match="are given with method 'slope'"):
        recalibrate(TIME, EVENT, RISK, horizon=24.0, method="slope", covariates={"x": TIME})
    with pytest.raises(InputError, match="there is none"):
        decision_curve(TIME, EVENT, RISK, horizon=24.0, thresholds=[])
    with pytest.raises(InputError, match="horizon"):
        smooth_calibration(TIME, EVENT, RISK, horizon=400.0)
    frame = pl.DataFrame({"t": TIME, "e": EVENT})
    with pytest.raises(InputError, match="from 2 to"):
        optimism(frame, lambda _: lambda _: RISK, time="t", event="e", horizon=24.0, bootstrap=1)
