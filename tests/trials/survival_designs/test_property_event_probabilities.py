"""Closed forms of event probabilities against adaptive quadrature of their definition."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from debulk.trials.survival_designs.assumptions import Accrual, Dropout, Stratum
from debulk.trials.survival_designs.event_probabilities import time_on_study, value_at
from debulk.trials.survival_designs.expectation import expectation

QUADRATURE = 1e-8  # absolute; what the slow twin is asked for


@st.composite
def step_functions(draw: st.DrawFn, least: float, most: float) -> tuple[tuple[float, float], ...]:
    gaps = draw(st.lists(st.floats(0.5, 15.0), max_size=3))
    starts = [0.0, *np.cumsum(gaps).tolist()]
    return tuple((start, draw(st.floats(least, most))) for start in starts)


def hazard_until(pieces, month: float) -> float:
    """Integral of a step function from 0."""
    ends = [start for start, _ in pieces[1:]] + [math.inf]
    return sum(
        value * max(0.0, min(end, month) - start)
        for (start, value), end in zip(pieces, ends, strict=True)
    )


def slow_probability(pieces, dropout: float, weight, month: float) -> float:
    """Integral of weight x hazard x survival x not lost."""

    def density(u: float) -> float:
        still = math.exp(-hazard_until(pieces, u) - dropout * u)
        return value_at(weight, u) * value_at(pieces, u) * still

    breaks = sorted({start for start, _ in (*pieces, *weight) if 0.0 < start < month})
    edges = [0.0, *breaks, month]
    return sum(quad(density, low, high, epsabs=1e-11)[0] for low, high in itertools.pairwise(edges))


@settings(max_examples=40, deadline=None)
@given(
    pieces=step_functions(0.0, 0.3),
    weight=step_functions(-1.0, 1.0),
    dropout=st.floats(0.0, 0.1),
    month=st.floats(0.01, 60.0),
)
def test_probability_is_the_integral_of_its_density(pieces, weight, dropout, month) -> None:
    arm = time_on_study(pieces, dropout, weight)
    found = float(arm.probability(np.array([month]))[0])
    assert found == pytest.approx(slow_probability(pieces, dropout, weight, month), abs=QUADRATURE)


@settings(max_examples=15, deadline=None)
@given(pieces=step_functions(0.001, 0.3), dropout=st.floats(0.0, 0.1), month=st.floats(0.1, 40.0))
def test_integral_is_the_integral_of_the_probability(pieces, dropout, month) -> None:
    arm = time_on_study(pieces, dropout)
    breaks = [start for start, _ in pieces if 0.0 < start < month]
    edges = [0.0, *breaks, month]
    slow = sum(
        quad(lambda u: float(arm.probability(np.array([u]))[0]), low, high, epsabs=1e-11)[0]
        for low, high in itertools.pairwise(edges)
    )
    assert float(arm.integral(np.array([month]))[0]) == pytest.approx(slow, abs=QUADRATURE)


@pytest.mark.parametrize("hazard", [1e-9, 1e-6, 1e-3, 0.0199, 0.0201, 1.0])
def test_small_hazards_lose_no_digits(hazard: float) -> None:
    """At u = 1 the integral of 1 - exp(-h u), from its series in exact order."""
    arm = time_on_study(((0.0, hazard),), 0.0)
    series = math.fsum((-1) ** k * hazard**k / math.factorial(k + 1) for k in range(1, 25))
    assert float(arm.integral(np.array([1.0]))[0]) == pytest.approx(-series, rel=1e-13)


@settings(max_examples=40, deadline=None)
@given(
    pieces=step_functions(0.005, 0.2)
    | st.just(((0.0, 0.0), (9.0, 0.05), (15.0, 0.0), (40.0, 0.1))),
    ratio=step_functions(0.4, 1.2),
    lost=st.tuples(st.floats(0.0, 0.05), st.floats(0.0, 0.05)),
    allocation=st.floats(0.3, 3.0),
    months=st.lists(st.floats(0.5, 80.0), min_size=1, max_size=4, unique=True),
)
def test_month_of_undoes_events(pieces, ratio, lost, allocation, months) -> None:
    accrual = Accrual((0.0, 5.0, 12.0), (3.0, 0.0, 11.0), 30.0)
    found = expectation((Stratum(1.0, pieces, ratio),), Dropout(*lost), allocation, null_ratio=None)
    events = found.events(accrual, np.array(months))
    assume(np.all(events > 1e-9))
    back = found.month_of(accrual, events)
    np.testing.assert_allclose(found.events(accrual, back), events, rtol=1e-9)
    assert np.isnan(found.month_of(accrual, np.array([accrual.patients * found.limit * 1.01]))[0])


def test_average_ratio_is_weighted_by_events() -> None:
    """Two pieces: the events before and after the change are counted by a slow integral."""
    control, ratio = ((0.0, 0.05),), ((0.0, 1.0), (6.0, 0.5))
    accrual = Accrual((0.0,), (10.0,), 20.0)
    found = expectation((Stratum(1.0, control, ratio),), Dropout(0.01, 0.02), 2.0, null_ratio=None)
    month = 26.0

    def share_late(hazard, lost: float) -> tuple[float, float]:
        def late(entry: float) -> float:
            after = ((0.0, 0.0), (6.0, 1.0))
            return slow_probability(hazard, lost, after, month - entry)

        def all_of_them(entry: float) -> float:
            return slow_probability(hazard, lost, ((0.0, 1.0),), month - entry)

        return quad(late, 0, 20)[0], quad(all_of_them, 0, 20)[0]

    late_control, all_control = share_late(control, 0.02)
    late_experimental, all_experimental = share_late(((0.0, 0.05), (6.0, 0.025)), 0.01)
    late = late_control + 2.0 * late_experimental
    expected = math.log(0.5) * late / (all_control + 2.0 * all_experimental)
    got = found.mean_log_ratio(accrual, np.array([month]))[0]
    assert got == pytest.approx(expected, rel=1e-7)
