"""What holds for any follow-up: masses, influences, order, unit of time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.prognosis.validation.accuracy import brier_of
from debulk.prognosis.validation.discrimination import auc_of
from debulk.prognosis.validation.follow_up import FollowUp, read_follow_up
from debulk.prognosis.validation.status import horizon_status

HORIZON = 5.0
STEP = 1e-6
DIFFERENCE = 2e-6  # of a one-sided quotient over that step


@st.composite
def followed(draw):
    """Rows with ties, late entry, weights and competing events; someone beyond the horizon."""
    n = draw(st.integers(6, 14))
    whole = st.integers(1, 9)
    stop = np.array(draw(st.lists(whole, min_size=n, max_size=n)), dtype=float)
    cause = np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    entry = np.array(draw(st.lists(st.sampled_from([0.0, 0.0, 0.5]), min_size=n, max_size=n)))
    weights = np.array(draw(st.lists(st.sampled_from([0.5, 1.0, 2.5]), min_size=n, max_size=n)))
    risk = np.array(draw(st.lists(st.sampled_from([0.1, 0.3, 0.6, 0.9]), min_size=n, max_size=n)))
    stop[0], cause[0] = 2.0, 1
    stop[1], cause[1] = 9.5, 0
    risk[:2] = 0.6, 0.3
    return stop, cause, entry, weights, risk


@settings(max_examples=40)
@given(followed())
def test_masses_add_to_one_and_influences_to_nothing(case):
    stop, cause, entry, weights, risk = case
    rows = read_follow_up(stop, cause, entry=entry, weights=weights)
    status = horizon_status(rows, HORIZON)
    assert status.mass.sum() == pytest.approx(1.0)
    for each in (brier_of(status, risk), auc_of(status, risk)):
        assert abs(weights @ (each.influence / weights)) < 1e-9


@settings(max_examples=25)
@given(followed())
def test_influence_is_the_derivative_by_the_weight(case):
    stop, cause, entry, weights, risk = case
    rows = read_follow_up(stop, cause, entry=entry, weights=weights)
    for statistic in (brier_of, auc_of):
        found = statistic(horizon_status(rows, HORIZON), risk)
        for patient in range(stop.size):
            moved = np.ones(stop.size)
            moved[patient] += STEP
            other = statistic(horizon_status(rows.counted(moved), HORIZON), risk).value
            quotient = (other - found.value) / STEP
            assert found.influence[patient] == pytest.approx(quotient, abs=DIFFERENCE * 10)


@settings(max_examples=20)
@given(followed(), st.randoms(use_true_random=False))
def test_order_and_unit_of_time_do_not_matter(case, shuffler):
    stop, cause, entry, weights, risk = case
    order = np.array(shuffler.sample(range(stop.size), stop.size))
    one = read_follow_up(stop, cause, entry=entry, weights=weights)
    arrays = (30.0 * stop[order], cause[order])
    options = {"entry": 30.0 * entry[order], "weights": weights[order]}
    other = read_follow_up(*arrays, **options)
    for statistic in (brier_of, auc_of):
        first = statistic(horizon_status(one, HORIZON), risk)
        second = statistic(horizon_status(other, 30.0 * HORIZON), risk[order])
        assert second.value == pytest.approx(first.value)
        assert second.se == pytest.approx(first.se)


@settings(max_examples=20)
@given(followed(), st.floats(0.2, 1.8))
def test_a_row_cut_in_two_is_the_same_row(case, cut):
    stop, cause, _, weights, risk = case
    whole = read_follow_up(stop, cause, weights=weights)
    later = stop > cut
    parts = FollowUp(
        np.concatenate((np.zeros(stop.size), np.full(later.sum(), cut))),
        np.concatenate((np.minimum(stop, cut), stop[later])),
        np.concatenate((np.where(later, 0, cause), cause[later])),
        np.concatenate((weights, weights[later])),
        np.concatenate((np.arange(stop.size), np.flatnonzero(later))),
        weights,
    )
    for statistic in (brier_of, auc_of):
        first = statistic(horizon_status(whole, HORIZON), risk)
        second = statistic(horizon_status(parts, HORIZON), risk)
        assert second.value == pytest.approx(first.value)
        np.testing.assert_allclose(second.influence, first.influence, atol=1e-12)
