"""Hazard ratios with groups left out, against the analysis of what is left."""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.core.compiled import use_threads
from debulk.survival import two_arm_trials
from debulk.survival.leaving_out import log_ratios_without

SAME_LIKELIHOOD = 1e-10
"""Both solve the same equation by Newton steps; sums run in another order."""


def pool(tied: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    arm = random.random(3_000) < 0.4
    death = random.exponential(30 / np.where(arm, 0.7, 1.0))
    lost = random.uniform(5, 90, arm.size)
    time = np.minimum(death, lost)
    return np.ceil(time) if tied else time, death <= lost, arm, np.arange(arm.size) % 7


@pytest.mark.parametrize("tied", [False, True])
def test_each_is_the_analysis_of_the_rest(tied: bool) -> None:
    time, event, arm, group = pool(tied)
    found = log_ratios_without(time, event, arm, group, 7)
    for left_out in range(8):
        kept = group != left_out
        rest = two_arm_trials([time[kept]], [event[kept]], [arm[kept]])
        assert found[left_out] == pytest.approx(rest.log_hazard_ratio[0], abs=SAME_LIKELIHOOD)
    assert len(set(found)) == 8


def test_bits_do_not_depend_on_threads() -> None:
    time, event, arm, group = pool(True)
    found = []
    for workers in (1, None):
        use_threads(workers)
        found.append(log_ratios_without(time, event, arm, group, 7))
    use_threads(None)
    np.testing.assert_array_equal(found[0], found[1])


def test_an_arm_without_an_event_has_no_ratio() -> None:
    time, event = np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, True, True])
    arm, group = np.array([False, True, False, True]), np.array([0, 1, 2, 1])
    found = log_ratios_without(time, event, arm, group, 3)
    assert math.isnan(found[1])
    assert math.isfinite(found[3])
