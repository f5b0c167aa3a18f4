"""Every public function of prognosis against arguments it cannot have expected.

Whatever is given, there is a result that JSON can hold, or an InputError that names a place and a
remedy. A new public name without a line in the tables below fails `test_every_public_name_is_here`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.hostile import any_value_for_any_argument

import debulk.prognosis as prognosis
from debulk.patients import example_cohort

PATIENTS = 40
TIME = 1.0 + np.arange(PATIENTS) * 37 % 41
EVENT = (np.arange(PATIENTS) % 3 > 0).astype(np.int64)
RISK = 0.1 + 0.8 * (np.arange(PATIENTS) * 23 % 37) / 37.0
COHORT = example_cohort()
SCORE = prognosis.load_score("konopke")
POINTS = COHORT.patients.select("patient_id").with_columns(points=pl.int_range(pl.len()) % 5)
ROWS = pl.DataFrame(
    {
        "patient_id": [str(each) for each in range(PATIENTS)],
        "start_months": np.zeros(PATIENTS),
        "stop_months": TIME,
        "event": EVENT,
        "weight": np.ones(PATIENTS),
    }
)
RISKS = pl.DataFrame({"patient_id": ROWS["patient_id"], "risk": RISK})
SEEN: dict[str, Any] = {"time": TIME, "event": EVENT, "risk": RISK}
BY = {**SEEN, "horizon": 20.0}
POPULATION = prognosis.ValidationPopulation(0.3)


def no_model(frame: pl.DataFrame) -> Any:
    """A model that learns nothing."""
    return lambda asked: np.linspace(0.1, 0.9, asked.height)


FUNCTIONS: dict[str, dict[str, Any]] = {
    "ValidationPopulation": {"risk": 0.3},
    "auc_difference": {**BY, "reference": RISK**2},
    "brier_difference": {**BY, "reference": RISK**2},
    "brier_score": BY,
    "calibration_slope": {"time": TIME, "event": EVENT, "linear_predictor": RISK},
    "decision_curve": BY,
    "grouped_calibration": {**BY, "groups": 3},
    "integrated_brier": {
        "time": TIME,
        "event": EVENT,
        "risks": np.column_stack([0.5 * RISK, RISK]),
        "horizons": [10.0, 20.0],
    },
    "load_score": {"name_or_path": "konopke"},
    "observed_expected": BY,
    "observed_expected_events": {"time": TIME, "event": EVENT, "expected": RISK},
    "optimism": {
        "frame": pl.DataFrame({"t": TIME, "e": EVENT}),
        "fit": no_model,
        "time": "t",
        "event": "e",
        "horizon": 20.0,
        "bootstrap": 2,
    },
    "packaged_scores": {},
    "prediction_accuracy": BY,
    "recalibrate": BY,
    "royston_d": SEEN,
    "sample_size_concordance": {"population": POPULATION, "concordance": 0.7},
    "sample_size_net_benefit": {
        "population": POPULATION,
        "threshold": 0.3,
        "sensitivity": 0.7,
        "specificity": 0.6,
    },
    "sample_size_observed_expected": {"population": POPULATION},
    "sample_size_slope": {"population": POPULATION},
    "score": {"name": SCORE, "cohort": COHORT},
    "score_in_cohort": {"name": SCORE, "cohort": COHORT, "missing": "lowest"},
    "smooth_calibration": {**BY, "bootstrap": 0},
    "time_dependent_auc": BY,
    "validate_counterfactual": {
        "follow_up": ROWS,
        "risk": RISKS,
        "horizon_months": 20.0,
        "bootstrap": 0,
        "groups": 2,
    },
    "validate_risk": {
        "time_months": TIME,
        "event": EVENT,
        "risk": RISK,
        "horizon_months": 20.0,
        "bootstrap": 0,
        "groups": 2,
    },
    "validate_score": {
        "score": POINTS,
        "cohort": COHORT,
        "horizon_months": 24.0,
        "bootstrap": 0,
    },
    "wanted_scores": {},
    "weak_calibration": BY,
}
HELD = {"Score", "ScoreInCohort", "Validation"}
"""What functions give."""


def test_every_public_name_is_here() -> None:
    assert sorted([*FUNCTIONS, *HELD]) == sorted(prognosis.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_value_for_any_argument(name: str) -> None:
    any_value_for_any_argument(getattr(prognosis, name), FUNCTIONS[name], name)


def test_any_value_for_the_risk_of_a_recalibration() -> None:
    found = prognosis.recalibrate(**BY)
    any_value_for_any_argument(found.risk, {"predictors": RISK}, "Recalibration.risk")
