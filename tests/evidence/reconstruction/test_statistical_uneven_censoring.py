"""Trials whose censorings do not lie evenly between two numbers at risk."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.reconstruction.twin import Arm

from debulk.evidence.reconstruction.one_arm import Reconstruction, reconstruct_arm

CLICK_ERROR = 0.005  # of the axis of survival, as a steady hand
# Observed 0.005; with censorings spread evenly whatever the total 0.022 at 24 months.
MEDIAN_ERROR = 0.008


def log_rate_ratio(first: Arm | Reconstruction, second: Arm | Reconstruction) -> float:
    rates = [each.event.sum() / each.time.sum() for each in (first, second)]
    return float(np.log(rates[1] / rates[0]))


def staggered(n: int, shape: float, random: np.random.Generator) -> Arm:
    """Weibull survival, 30 months of accrual, 24 more of follow-up."""
    death, end = 24.0 * random.weibull(shape, n), 54.0 - random.uniform(0.0, 30.0, n)
    return Arm(np.minimum(death, end), death <= end)


def table_of(arm: Arm, step: float) -> dict[str, np.ndarray]:
    return arm.at_risk(np.arange(0.0, arm.time.max(), step))


def test_a_true_total_is_never_refused_and_keeps_the_curve():
    random = np.random.default_rng(20261126)
    for _ in range(60):
        arm = staggered(int(random.integers(30, 200)), random.uniform(0.7, 1.8), random)
        for step in (3.0, 6.0, 24.0):
            made = reconstruct_arm(
                arm.read(200, CLICK_ERROR, random),
                table_of(arm, step),
                events=int(arm.event.sum()),
            )
            assert made.events == arm.event.sum()
            assert made.accuracy.at_risk == 0


@pytest.mark.parametrize("step", [6.0, 24.0])
def test_with_a_total_rates_come_back_even_with_few_numbers_at_risk(step):
    random, errors = np.random.default_rng(7), []
    for _ in range(60):
        arms = [staggered(int(random.integers(60, 200)), 1.2, random) for _ in range(2)]
        made = [
            reconstruct_arm(
                arm.read(200, CLICK_ERROR, random), table_of(arm, step), events=int(arm.event.sum())
            )
            for arm in arms
        ]
        errors.append(abs(log_rate_ratio(*made) - log_rate_ratio(*arms)))
    assert np.median(errors) < MEDIAN_ERROR


def test_what_a_total_says_of_censorings_is_told():
    arm = staggered(150, 1.2, np.random.default_rng(7))
    made = reconstruct_arm(arm.read(200), table_of(arm, 24.0), events=int(arm.event.sum()))
    assert made.accuracy.events_moved
    assert any("as early or late as meets the total" in each for each in made.assumptions)
