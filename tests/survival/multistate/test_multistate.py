"""Multi-state models by hand, against plain recursion over all subjects, and on bad rows."""

import numpy as np
import pytest

from debulk.core import InputError
from debulk.survival.competing import cumulative_incidence
from debulk.survival.multistate import illness_death, multi_state, state_histories
from debulk.survival.multistate.estimate import (
    clusters_of,
    estimate_occupation,
    initial_occupation,
)
from debulk.survival.multistate.rows import StateRows

CLOSE = 1e-11  # both add the same few hundred terms in another order


def slow_occupation(rows, initial, influence):
    """Aalen-Johansen with every subject's influence carried through every time."""
    size = len(rows.states)
    carried, p = influence.copy(), initial.copy()
    occupied, variance = [p], [(carried**2).sum(axis=0)]
    for time in np.unique(rows.stop[rows.moves]):
        present = (rows.start < time) & (rows.stop >= time)
        moving = present & (rows.stop == time) & rows.moves
        at_risk = np.bincount(rows.origin[present], rows.weights[present], minlength=size)
        step = np.zeros((size, size))
        for row in np.flatnonzero(moving):
            share = rows.weights[row] / at_risk[rows.origin[row]]
            step[rows.origin[row], rows.target[row]] += share
            step[rows.origin[row], rows.origin[row]] -= share
        carried = carried @ (np.eye(size) + step)
        for row in np.flatnonzero(present):
            origin = rows.origin[row]
            push = -step[origin].copy()
            if moving[row]:
                push[rows.target[row]] += 1
                push[origin] -= 1
            load = rows.weights[row] * p[origin] / at_risk[origin]
            carried[rows.cluster[row]] += load * push
        p = p @ (np.eye(size) + step)
        occupied.append(p)
        variance.append((carried**2).sum(axis=0))
    return np.array(occupied), np.array(variance)


def random_rows(seed, n, size, whole, clusters):
    rng = np.random.default_rng(seed)
    rows = []
    for subject in range(n):
        time, state, weight = (
            float(rng.integers(0, 3)),
            int(rng.integers(size)),
            rng.uniform(0.5, 2),
        )
        while True:
            stop = time + (rng.integers(1, 6) if whole else rng.exponential())
            into = int(rng.integers(size)) if rng.random() < 0.7 else -1
            into = -1 if into == state else into
            rows.append((time, stop, state, into, subject % clusters, weight))
            time, state = stop, state if into < 0 else into
            if rng.random() < 0.3:
                break
    start, stop, origin, target, cluster, weights = (
        np.array(each) for each in zip(*rows, strict=True)
    )
    return StateRows(start, stop, origin, target, cluster, weights, tuple(range(size)))


@pytest.mark.parametrize(("whole", "clusters"), [(True, 60), (True, 7), (False, 60), (False, 11)])
def test_sums_over_clusters_are_those_of_plain_recursion(whole, clusters):
    rows = random_rows(4, 60, 4, whole, clusters)
    initial, influence = initial_occupation(rows, clusters_of(rows))
    found = estimate_occupation(rows, initial, influence)
    occupied, variance = slow_occupation(rows, initial, influence)
    np.testing.assert_allclose(found.occupied, occupied, atol=CLOSE)
    np.testing.assert_allclose(found.variance, variance, atol=CLOSE)


def test_handworked_illness_death():
    # Four subjects: progress at 1 and die at 3; die at 2; progress at 2, alive at 4; alive at 4.
    found = illness_death([1, np.nan, 2, np.nan], [1, 0, 1, 0], [3, 2, 4, 4], [1, 1, 0, 0])
    np.testing.assert_allclose(
        found.at([0, 1, 2, 3, 4]),
        np.array([[4, 0, 0], [3, 1, 0], [1, 2, 1], [1, 1, 2], [1, 1, 2]]) / 4,
    )
    times = found.restricted_times(4)
    np.testing.assert_allclose([each.estimate for each in times.values()], [9 / 4, 1, 3 / 4])
    assert found.transitions == {
        "event-free": {"progressed": 2, "dead": 1},
        "progressed": {"dead": 1},
    }
    np.testing.assert_array_equal(found.at_risk[0], [4, 0, 0])
    np.testing.assert_array_equal(found.at_risk[2], [1, 2, 0])
    hazard = found.hazards()["progressed", "dead"]
    np.testing.assert_allclose(hazard.cumulative, [1 / 2])
    np.testing.assert_allclose(hazard.std_error, [1 / 2])
    later = found.transition_probabilities(1, "progressed")
    np.testing.assert_allclose(later.at([1, 2, 3]), [[0, 1, 0], [0, 1, 0], [0, 1 / 2, 1 / 2]])
    only = found.transition_probabilities(1, "progressed", markov=False)
    np.testing.assert_allclose(only.at([3]), [[0, 0, 1]])
    assert found.to_dict()["initial"] == {"event-free": 1.0, "progressed": 0.0, "dead": 0.0}


def test_progression_on_the_day_of_death_is_death_and_is_counted():
    found = illness_death([2, 3], [1, 1], [2, 5], [1, 0])
    assert found.counts == {"progressed at the time of dead: not counted": 1}
    assert found.transitions == {"event-free": {"progressed": 1, "dead": 1}}


def test_progression_on_the_last_day_alive_and_on_the_first_day_count():
    found = illness_death([4, 0], [1, 1], [4, 5], [0, 1])
    np.testing.assert_allclose(found.at([0, 4, 5]), [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]])


def test_response_progression_death():
    found = state_histories(
        {"response": ([1, 0, 2, 3], [1, 0, 1, 1]), "progression": ([2, 3, 2, 1], [1, 1, 1, 1])},
        [4, 5, 6, 3],
        [1, 0, 1, 1],
    )
    assert found.states == ("start", "response", "progression", "death")
    assert found.counts == {
        "response at the time of progression: not counted": 1,
        "response at the time of death: not counted": 1,
    }
    assert found.transitions["start"] == {"response": 1, "progression": 3}
    np.testing.assert_allclose(found.probability.sum(axis=1), 1)
    assert found.n == 4


def test_two_competing_causes_are_a_model_of_three_states():
    rng = np.random.default_rng(5)
    time, cause = np.ceil(rng.exponential(5, 80)), rng.integers(0, 3, 80)
    curves = cumulative_incidence(time, cause, variance="jackknife")["all"]
    found = multi_state(np.zeros(80), time, cause, subject=np.arange(80))
    for place, label in enumerate((1, 2)):
        np.testing.assert_allclose(found.probability[:, place + 1], curves[label].incidence)
        np.testing.assert_allclose(found.std_error[:, place + 1], curves[label].std_error)


def test_rows_split_at_censorings_and_in_any_order_change_nothing():
    whole = multi_state([0, 3, 0], [3, 9, 7], [1, 2, 0], subject=[1, 1, 2])
    split = multi_state([5, 0, 2, 0, 3], [9, 2, 7, 3, 5], [2, 0, 0, 1, 0], subject=[1, 2, 2, 1, 1])
    times = [1, 3, 6, 7, 9]
    np.testing.assert_allclose(split.at(times), whole.at(times))
    np.testing.assert_allclose(split.std_error_at(times), whole.std_error_at(times))
    assert (split.n, split.n_rows) == (2, 5)


def test_no_move_at_all_and_one_subject():
    still = multi_state([0, 0], [3, 4], [0, 0], subject=[1, 2])
    np.testing.assert_array_equal(still.probability, [[1.0], [1.0]])
    assert still.restricted_times(2)["(s0)"].estimate == 2
    alone = multi_state([0], [3], ["dead"], subject=["x"], censoring=None)
    np.testing.assert_array_equal(alone.probability, [[0.0, 1.0]])
    assert np.isnan(alone.at([3.1])).all()


def rows(**changed):
    given = {
        "start": [0, 2, 0.0],
        "stop": [2, 5, 4.0],
        "to_state": ["ill", "dead", "none"],
        "subject": ["a", "a", "b"],
        "censoring": "none",
    }
    return multi_state(**(given | changed))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"start": [0, 1, 0]}, "subject a, row 2.*two states at once"),
        ({"start": [0, 3, 0]}, "subject a, row 2.*gap"),
        ({"start": [0, 6, 0]}, "start, row 2.*not below"),
        ({"start": [-1, 2, 0]}, "start, row 1.*negative"),
        ({"stop": [2, np.nan, 4]}, "stop, row 2.*missing"),
        ({"to_state": ["ill", "ill", "none"]}, "subject a, row 2.*already is"),
        ({"from_state": ["well", "well", "well"]}, "subject a, row 2.*'well'.*'ill'"),
        ({"from_state": ["none", "ill", "well"]}, "from_state, row 1.*censoring"),
        ({"censoring": "nine"}, "'none'"),
        ({"weights": [1, 0, 1]}, "weights, row 2"),
        ({"initial": {"ill": 0.5}}, "add up to 0.5"),
        ({"initial": {"lost": 1.0}}, "'lost'"),
        ({"conf_type": "odd"}, "'odd'"),
        ({"conf_level": 95}, "95"),
        ({"subject": ["a", "b"]}, "subject.*2 values"),
    ],
)
def test_rows_that_contradict_each_other_are_named(changed, said):
    with pytest.raises(InputError, match=said):
        rows(**changed)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([5, 1], [1, 1], [4, 4], [1, 0]), "progressed, row 1.*5 lies after"),
        (([1, 1], [1, 2], [4, 4], [1, 0]), "progressed: event, row 2"),
        (([np.nan, 1], [1, 1], [4, 4], [1, 0]), "progressed, row 1.*missing"),
        (([1], [1, 1], [4, 4], [1, 0]), "progressed.*1 values"),
        (([], [], [], []), "no rows"),
    ],
)
def test_histories_that_contradict_themselves_are_named(given, said):
    with pytest.raises(InputError, match=said):
        illness_death(*given)


def test_questions_beyond_the_data():
    found = rows()
    with pytest.raises(InputError, match="last time, 5"):
        found.restricted_times(9)
    with pytest.raises(InputError, match="nobody is in 'dead'"):
        found.transition_probabilities(1, "dead")
    with pytest.raises(InputError, match="'lost'"):
        found.transition_probabilities(1, "lost")
