"""What holds of areas under survival curves whatever the patients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.trials.endpoints.areas import areas

PATIENTS = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=30)


def area(patients, tau: float) -> float:
    time = np.array([float(each[0]) for each in patients])
    event = np.array([each[1] for each in patients], dtype=np.bool_)
    return float(areas(time, event, np.array([0, time.size]), tau, True)[0][0])


@settings(deadline=None, max_examples=150)
@given(patients=PATIENTS, tau=st.integers(1, 50))
def test_an_area_lies_between_nothing_and_the_horizon(patients, tau: int) -> None:
    assert 0.0 <= area(patients, float(tau)) <= tau


@settings(deadline=None, max_examples=150)
@given(patients=PATIENTS, tau=st.integers(1, 50))
def test_order_and_doubling_of_patients_do_not_matter(patients, tau: int) -> None:
    once = area(patients, float(tau))
    assert area(patients[::-1], float(tau)) == once
    assert area(patients * 2, float(tau)) == pytest.approx(once, abs=1e-9)


@settings(deadline=None, max_examples=150)
@given(patients=PATIENTS, tau=st.integers(1, 50))
def test_without_censoring_it_is_the_mean_of_the_shortened_times(patients, tau: int) -> None:
    dead = [(time, True) for time, _ in patients]
    expected = np.minimum([time for time, _ in dead], tau).mean()
    assert area(dead, float(tau)) == pytest.approx(expected)
