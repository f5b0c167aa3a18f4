"""States of health by hand: where months go, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core.units import DAYS_PER_MONTH
from debulk.trials.conduct.allocation import Allocation
from debulk.trials.endpoints.complications import complication_shares
from debulk.trials.endpoints.states import (
    Q_TWIST_PARTS,
    accrued,
    q_twist_weights,
    quality_adjusted_weights,
    state_times,
)


def flags(*values: int):
    return np.array(values, dtype=np.bool_)


def test_states_follow_what_patients_would_really_get(patients) -> None:
    pool = patients(
        3,
        death_control=[10.0, 10.0, 10.0],
        progression_control=[6.0, 6.0, 6.0],
        death_experimental=[20.0, 20.0, 20.0],
        progression_experimental=[12.0, 12.0, np.inf],
        local_months=[1.5, 1.5, np.nan],
        systemic_days_lost_experimental=[3 * DAYS_PER_MONTH, 60 * DAYS_PER_MONTH, DAYS_PER_MONTH],
    )
    # The second would refuse the experimental arm, the third would cross over to it.
    allocation = Allocation(flags(1, 1, 0), flags(0, 1, 0), flags(0, 0, 1))
    states = state_times(pool, allocation, (0.0, 2.0))
    assert states.os.tolist() == [[10.0, 10.0, 20.0], [20.0, 10.0, 20.0]]
    assert states.pfs.tolist() == [[6.0, 6.0, 20.0], [12.0, 6.0, 20.0]]
    # Three months off therapy, of which two are recovery; one without local treatment is none.
    assert states.off == pytest.approx(np.array([[0.0, 0.0, 1.0], [3.0, 0.0, 1.0]]))
    assert states.recovery == pytest.approx(np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0]]))
    assert states.begins.tolist() == [[0.0, 0.0, 0.0], [1.5, 0.0, 0.0]]


def test_time_off_therapy_ends_at_progression(patients) -> None:
    pool = patients(
        1,
        progression_experimental=[4.0],
        death_experimental=[9.0],
        local_months=[1.0],
        systemic_days_lost_experimental=[300.0],
    )
    states = state_times(pool, Allocation(flags(1), flags(0), flags(0)), (0.0, 99.0))
    assert states.off[1, 0] == states.recovery[1, 0] == 4.0


def test_what_is_seen_of_a_state_ends_with_follow_up() -> None:
    duration = np.array([2.0, 2.0, 2.0, 2.0])
    begins, ends = np.array([1.0, 1.0, 1.0, 1.0]), np.array([20.0, 20.0, 2.5, 20.0])
    time, whole = accrued(duration, begins, ends, np.array([5.0, 2.5, 2.5, 0.5]))
    # Over by then; half a month unseen; over because the patient has progressed; not begun.
    assert time.tolist() == [2.0, 1.5, 2.0, 0.0]
    assert whole.tolist() == [True, False, True, False]


def test_quality_adjusted_time_is_the_sum_of_states_by_their_worth() -> None:
    os, pfs, off, recovery = 30.0, 18.0, 5.0, 2.0
    times = np.array([os, pfs, off, recovery])
    worth = quality_adjusted_weights(0.7, 0.9, 0.5, 0.4)
    by_hand = 0.7 * (18 - 5) + 0.9 * (5 - 2) + 0.4 * 2 + 0.5 * (30 - 18)
    assert times @ worth == pytest.approx(by_hand)
    assert times @ quality_adjusted_weights(1.0, 1.0, 1.0, 1.0) == pytest.approx(os)


def test_parts_of_q_twist_are_all_of_life() -> None:
    times = np.array([30.0, 18.0, 5.0, 2.0])
    parts = {name: times @ weights for name, weights in Q_TWIST_PARTS.items()}
    assert parts == {"TOX": 2.0, "TWiST": 16.0, "REL": 12.0}
    assert times @ q_twist_weights(0.5, 0.25) == pytest.approx(0.5 * 2 + 16 + 0.25 * 12)
    assert times @ q_twist_weights(1.0, 1.0) == pytest.approx(30.0)


def test_complications_by_arm(patients) -> None:
    pool = patients(4, complication_experimental=np.array([0, 3, 5, -1], np.int8))
    allocation = Allocation(flags(1, 1, 0, 0), flags(0, 1, 0, 0), flags(0, 0, 1, 0))
    found = complication_shares(pool, allocation, np.array([0, 4]))
    # Experimental: grade below 3, and one who refuses; control: a death by crossover, and none.
    assert {name: each.trials[0].tolist() for name, each in found.items()} == {
        "treated_locally": [0.5, 0.5],
        "below_grade_3": [0.0, 0.5],
        "grade_3_or_4": [0.0, 0.0],
        "grade_5": [0.5, 0.0],
    }
    # On the pool everybody is once in each arm.
    assert found["treated_locally"].truth.tolist() == [0.25, 0.5]
    assert found["grade_5"].truth.tolist() == [0.25, 0.25]
