"""Are times drawn from a Kaplan-Meier curve, and its tail, as worked out by hand?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.trials.generators.product_limit import hazard_between_events, product_limit

TIME = np.array([2.0, 3.0, 3.0, 5.0, 8.0, 9.0])
EVENT = np.array([True, True, False, False, True, False])
# Survival by hand: 5/6 after 2, times 4/5 = 2/3 after 3, times 1/2 = 1/3 after 8.


def test_a_level_gives_the_first_time_at_which_survival_is_down_to_it() -> None:
    curve = product_limit(TIME, EVENT, "never", "here")
    levels = np.array([0.99, 0.84, 0.83, 0.67, 0.66, 0.34, 0.32])
    assert curve.time_at(levels).tolist() == [2.0, 2.0, 3.0, 3.0, 8.0, 8.0, np.inf]
    assert curve.beyond == pytest.approx(1 / 3)
    assert curve.survival_at(np.array([1.9, 2.0, 8.0])) == pytest.approx([1.0, 5 / 6, 1 / 3])


def test_an_exponential_tail_has_the_hazard_of_the_last_third() -> None:
    curve = product_limit(TIME, EVENT, "exponential", "here")
    # From 6 to 9 months: one death, two months of one patient and three of another.
    assert curve.tail_hazard == pytest.approx(1 / 5)
    beyond = curve.time_at(np.array([1 / 6]))[0]
    assert beyond == pytest.approx(9.0 + 5.0 * math.log(2.0))


def test_hazard_between_events_adds_up_to_minus_the_logarithm_of_survival() -> None:
    steps = hazard_between_events(TIME, EVENT, 0.2)
    amounts = steps.cumulative(np.array([2.0, 3.0, 8.0, 9.0, 10.0]))
    by_hand = [-math.log(each) for each in (5 / 6, 2 / 3, 1 / 3, 1 / 3)]
    assert amounts == pytest.approx([*by_hand, by_hand[3] + 0.2])


def test_the_last_event_of_all_at_risk_has_a_finite_hazard() -> None:
    steps = hazard_between_events(np.array([2.0, 3.0]), np.array([True, True]), 0.5)
    assert steps.cumulative(np.array([2.0, 3.0, 5.0])) == pytest.approx(
        [math.log(2.0), math.log(2.0) + 1.0, math.log(2.0) + 2.0]
    )


def test_a_tail_without_late_events_is_no_tail() -> None:
    with pytest.raises(InputError, match="no event in the last third of follow-up"):
        product_limit(np.array([1.0, 9.0]), np.array([True, False]), "exponential", "here")
    with pytest.raises(InputError, match="nobody has the event"):
        product_limit(np.array([1.0, 9.0]), np.array([False, False]), "never", "here")
