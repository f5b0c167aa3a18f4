"""Is the type I error the nominal one, and are arms alike when nothing is done?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.protocols import load_protocol
from debulk.trials import run_trial

TRIALS = 400
# A share of 400 trials lies within 3.3 standard errors in 999 of 1000 seeds.
MONTE_CARLO_WIDTH = 3.3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run():
    """Many trials of about a hundred patients."""
    small = load_protocol("orchestra", changes={"conduct.people_with_bowel_cancer": "9000"})
    return run_trial(small, trials=TRIALS, seed=11)


@pytest.mark.parametrize("kind", ["type_1_error", "two_sided_rejections_null"])
def test_error_rates_are_nominal(run, kind) -> None:
    rate = run.effect[kind]
    error = math.sqrt(rate["nominal"] * (1 - rate["nominal"]) / TRIALS)
    assert abs(rate["estimate"] - rate["nominal"]) < MONTE_CARLO_WIDTH * error


def test_null_z_is_standard_normal(run) -> None:
    z = run.trial_table["z_null"].to_numpy()
    assert abs(z.mean()) < MONTE_CARLO_WIDTH / math.sqrt(TRIALS)
    # The variance of n normal draws has a standard error of sqrt(2 / n).
    assert abs(z.var() - 1.0) < MONTE_CARLO_WIDTH * math.sqrt(2.0 / TRIALS)


def test_arms_are_balanced(run) -> None:
    table = run.trial_table
    difference = (table["patients_control"] - table["patients_experimental"]).abs()
    assert difference.max() <= 2  # half of a block of four
    assert np.isfinite(table["hazard_ratio"].to_numpy()).all()
