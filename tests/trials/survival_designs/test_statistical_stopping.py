"""Probabilities of stopping against normal increments drawn one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.trials.survival_designs.stopping import Stopping

DRAWS = 400_000
LOOKS = np.array([0.3, 0.6, 1.0])
MEANS = np.array([0.2, 1.9, 2.4])  # not proportional to the root of the information

CASES = {
    "one-sided": ([3.0, 2.5, 2.0], [-0.5, 0.4, 2.0], 1),
    "two-sided": ([2.6, 2.4, 2.1], [-math.inf] * 3, 2),
    "two-sided with futility": ([2.6, 2.4, 2.1], [-math.inf, 0.6, 2.1], 2),
}


@pytest.mark.parametrize("name", CASES)
def test_crossing_is_what_draws_show(name: str) -> None:
    """Tolerance: five Monte Carlo standard errors for each of nine probabilities."""
    upper, futility, sided = CASES[name]
    stopping = Stopping(
        LOOKS, np.array(upper), np.array(futility), np.full(3, -math.inf), 1.96, sided
    )
    found = stopping.crossing(MEANS)
    rng = np.random.default_rng(11)
    steps = np.diff(LOOKS, prepend=0.0)
    drift = np.diff(MEANS * np.sqrt(LOOKS), prepend=0.0)
    score = np.cumsum(rng.normal(drift, np.sqrt(steps), (DRAWS, 3)), axis=1)
    z = score / np.sqrt(LOOKS)
    going = np.ones(DRAWS, bool)
    for k in range(3):
        up = going & (z[:, k] >= upper[k])
        if sided == 2:
            opposite = going & (z[:, k] <= -upper[k])
            futile = going & (np.abs(z[:, k]) < futility[k])
        else:
            opposite = np.zeros(DRAWS, bool)
            futile = going & (z[:, k] <= futility[k])
        for drawn, exact in (
            (up, found.efficacy),
            (futile, found.futility),
            (opposite, found.opposite),
        ):
            se = math.sqrt(exact[k] * (1.0 - exact[k]) / DRAWS)
            assert abs(drawn.mean() - exact[k]) <= 5.0 * se
        going &= ~(up | futile | opposite)
