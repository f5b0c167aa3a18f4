"""Are areas under many Kaplan-Meier curves those of one curve at a time?"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from debulk.survival import kaplan_meier
from debulk.trials.endpoints.areas import areas, areas_without, two_arm_areas

# Sums in another order.
ROUNDING = 1e-12


def one(time, event, tau: float, *, close_tail: bool = False) -> tuple[float, float]:
    moment = np.array(time, dtype=np.float64)
    happened = np.array(event, dtype=np.bool_)
    found = areas(moment, happened, np.array([0, moment.size]), tau, close_tail)
    return float(found[0][0]), float(found[1][0])


def test_an_area_by_hand() -> None:
    # S is 1 to 2, 3/4 to 4 (one of four dies), then 3/4 * 1/2 (one of two: one was censored at 3).
    area, variance = one([2, 3, 4, 6], [1, 0, 1, 0], 5.0)
    assert area == pytest.approx(2.0 + 0.75 * 2.0 + 0.375 * 1.0)
    beyond = (0.75 * 2.0 + 0.375, 0.375)
    by_hand = beyond[0] ** 2 * 1 / (4 * 3) + beyond[1] ** 2 * 1 / (2 * 1)
    assert variance == pytest.approx(by_hand)


def test_a_death_comes_before_a_censoring_at_the_same_time() -> None:
    assert one([2, 2, 5], [0, 1, 1], 5.0)[0] == pytest.approx(2.0 + 2.0 / 3.0 * 3.0)


def test_follow_up_short_of_the_horizon_is_no_area_unless_everybody_has_died() -> None:
    assert math.isnan(one([2, 3], [1, 0], 5.0)[0])
    assert one([2, 3], [1, 1], 5.0)[0] == pytest.approx(2.5)
    assert one([2, 3], [1, 0], 3.0)[0] == pytest.approx(2.5)
    assert one([2, 3], [1, 0], 5.0, close_tail=True)[0] == pytest.approx(2.5)
    assert math.isnan(one([], [], 5.0)[0])


@pytest.mark.parametrize("seed", range(20))
def test_areas_are_those_of_the_survival_room(seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = random.integers(5, 60, 6)
    time = np.round(random.exponential(10.0, sizes.sum()), 1)  # with ties
    event = random.random(time.size) < 0.7
    edges = np.concatenate([[0], np.cumsum(sizes)])
    tau = min(time[a:b].max() for a, b in itertools.pairwise(edges)) * 0.9
    area, variance = areas(time, event, edges, tau, False)
    for group, (first, end) in enumerate(itertools.pairwise(edges)):
        expected = kaplan_meier(time[first:end], event[first:end]).rmst(tau)
        assert area[group] == pytest.approx(expected.estimate, rel=ROUNDING)
        assert math.sqrt(variance[group]) == pytest.approx(expected.se, rel=1e-9)


def test_leaving_groups_out_is_an_area_of_the_others() -> None:
    random = np.random.default_rng(3)
    time, event = random.exponential(10.0, 200), random.random(200) < 0.8
    group = np.arange(200) % 5
    everybody, without = areas_without(time, event, group, 5, 8.0, False)
    assert everybody == one(time, event, 8.0)[0]
    for left_out in range(5):
        kept = group != left_out
        assert without[left_out] == one(time[kept], event[kept], 8.0)[0]


def test_arms_of_trials_are_told_apart() -> None:
    time = np.array([1.0, 4.0, 2.0, 4.0, 3.0])
    event = np.array([True, False, True, False, True])
    experimental = np.array([False, True, True, False, True])
    area, _ = two_arm_areas(time, event, experimental, np.array([0, 3, 5]), 4.0)
    # Trial 1: control {1}, experimental {4+, 2}; trial 2: control {4+}, experimental {3}.
    assert area == pytest.approx(np.array([[1.0, 3.0], [4.0, 3.0]]))
