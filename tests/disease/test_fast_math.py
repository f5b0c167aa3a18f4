"""Exponential and logarithm of the kernels against the library's."""

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.disease.fast_math import fast_exp, fast_log

ERROR = 2e-11  # as the module says: relative of the exponential, absolute of the logarithm


@numba.njit(error_model="numpy")
def exps(x):
    return np.array([fast_exp(each) for each in x])


@numba.njit(error_model="numpy")
def logs(x):
    return np.array([fast_log(each) for each in x])


def test_exponential_on_its_whole_range():
    x = np.concatenate([np.linspace(-700, 700, 200_001), np.linspace(-1, 1, 50_001)])
    assert np.abs(exps(x) / np.exp(x) - 1).max() < ERROR


def test_logarithm_on_its_whole_range():
    x = np.concatenate([np.geomspace(1e-300, 1e300, 200_001), np.linspace(0.5, 2, 50_001)])
    assert np.abs(logs(x) - np.log(x)).max() < ERROR


@given(st.floats(-700, 700))
def test_exponential_anywhere(x):
    assert exps(np.array([x]))[0] == pytest.approx(np.exp(x), rel=ERROR)


@given(st.floats(2.3e-308, 1.7e308))
def test_logarithm_anywhere(x):
    assert logs(np.array([x]))[0] == pytest.approx(np.log(x), abs=ERROR)


def test_beyond_the_range_the_exponential_stays_at_its_limit():
    assert exps(np.array([1e4, np.inf])) == pytest.approx(np.exp(700.0), rel=ERROR)
    assert exps(np.array([-1e4, -np.inf])) == pytest.approx(np.exp(-700.0), rel=ERROR)
    assert exps(np.zeros(1))[0] == 1.0
    assert abs(logs(np.ones(1))[0]) < 1e-300


def test_the_exponential_rises():
    x = np.sort(np.random.default_rng(1).uniform(-50, 50, 100_000))
    assert (np.diff(exps(x)) >= 0).all()
