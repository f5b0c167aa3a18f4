"""What must hold for any data; the dense twin is the oracle."""

import importlib.util
from pathlib import Path

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from debulk import InputError
from debulk.survival.rank.logrank import logrank
from debulk.survival.rank.max_combo import max_combo
from debulk.survival.rank.trend import logrank_trend
from debulk.survival.rank.weightings import EarlyZero, FlemingHarrington, ModestlyWeighted

_SPEC = importlib.util.spec_from_file_location("dense", Path(__file__).with_name("dense.py"))
dense = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(dense)

ROUNDING = 1e-9  # sums in another order
LOOSE = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.filter_too_much]
)

WEIGHTS = {
    "logrank": ("logrank", lambda t, s, n, d: 1.0),
    "peto": ("peto", lambda t, s, n, d: s),
    "gehan": ("gehan", lambda t, s, n, d: n),
    "tarone-ware": ("tarone-ware", lambda t, s, n, d: np.sqrt(n)),
    "middle": (FlemingHarrington(0.5, 2), lambda t, s, n, d: s**0.5 * (1 - s) ** 2),
    "late": (FlemingHarrington(0, 1), lambda t, s, n, d: 1 - s),
    "modest": (ModestlyWeighted(s_star=0.4), lambda t, s, n, d: 1 / max(s, 0.4)),
    "early-zero": (EarlyZero(7), lambda t, s, n, d: float(t >= 7)),
    "own": (lambda times, s, n: n / (1 + times), lambda t, s, n, d: n / (1 + t)),
}


@st.composite
def samples(draw, groups=3):
    n = draw(st.integers(2, 40))
    time = draw(hnp.arrays(float, n, elements=st.integers(0, 20).map(float)))
    event = draw(hnp.arrays(bool, n))
    group = draw(hnp.arrays(np.int64, n, elements=st.integers(0, groups - 1)))
    strata = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 2)))
    before = draw(hnp.arrays(float, n, elements=st.integers(1, 10).map(float)))
    options = {}
    if draw(st.booleans()):
        options["strata"] = strata
    if draw(st.booleans()):
        options["entry"] = time - before
    assume(event.any() and len(set(group)) == groups)
    return time, event, group, options


def result_of(function, *arrays, **options):
    try:
        return function(*arrays, **options)
    except InputError:
        assume(False)


@LOOSE
@given(samples(), st.sampled_from(sorted(WEIGHTS)))
def test_as_the_dense_twin(sample, name):
    time, event, group, options = sample
    weighting, weight = WEIGHTS[name]
    result = result_of(logrank, time, event, group, weighting=weighting, **options)
    observed, expected, variance = dense.dense_logrank(
        time, event, group, 3, weight=weight, **options
    )
    scale = max(1.0, np.abs(variance).max())
    np.testing.assert_allclose(list(result.observed.values()), observed, rtol=ROUNDING, atol=1e-12)
    np.testing.assert_allclose(list(result.expected.values()), expected, rtol=ROUNDING, atol=1e-12)
    np.testing.assert_allclose(
        result.details["variance"], variance, rtol=ROUNDING, atol=1e-12 * scale
    )
    if result.df == 2:
        excess = (observed - expected)[1:]
        chi_square = excess @ np.linalg.solve(variance[1:, 1:], excess)
        assert result.statistic == pytest.approx(chi_square, rel=1e-6)


@LOOSE
@given(samples(groups=2), st.randoms(use_true_random=False))
def test_max_combo_does_not_depend_on_the_order_of_rows_or_weightings(sample, random):
    time, event, group, options = sample
    result = result_of(max_combo, time, event, group, **options)
    order = list(range(time.size))
    random.shuffle(order)
    kinds = [FlemingHarrington(*pair) for pair in ((1, 1), (0, 1), (0, 0), (1, 0))]
    other = max_combo(
        time[order],
        event[order],
        group[order],
        weightings=kinds,
        **{key: value[order] for key, value in options.items()},
    )
    assert other.statistic == pytest.approx(result.statistic, rel=1e-8, abs=1e-10)
    error = 5 * (result.details["p_error"] + other.details["p_error"])
    assert other.p == pytest.approx(result.p, abs=error + 1e-7)


@LOOSE
@given(samples(groups=2))
def test_max_combo_lies_between_its_best_part_and_bonferroni(sample):
    time, event, group, options = sample
    result = result_of(max_combo, time, event, group, **options)
    parts = [
        logrank(time, event, group, weighting=FlemingHarrington(*pair), **options)
        for pair in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    np.testing.assert_allclose(
        list(result.details["z"].values()), [part.z for part in parts], rtol=1e-8, atol=1e-10
    )
    best = min(part.p for part in parts)
    assert best - 1e-5 <= result.p <= min(1.0, 4 * best) + 1e-5


@LOOSE
@given(samples(groups=2))
def test_alternatives_mirror_each_other(sample):
    time, event, group, options = sample
    more = result_of(max_combo, time, event, group, alternative="greater", **options)
    less = max_combo(time, event, group, alternative="less", reference=1, **options)
    assert less.statistic == pytest.approx(more.statistic, rel=1e-8, abs=1e-10)
    assert less.p == pytest.approx(more.p, abs=1e-5)


@LOOSE
@given(samples(groups=2), st.floats(0.1, 100))
def test_trend_over_two_groups_is_the_logrank_test(sample, distance):
    time, event, group, options = sample
    result = result_of(logrank, time, event, group, **options)
    trend = logrank_trend(time, event, group, scores=[5, 5 + distance], **options)
    assert trend.z == pytest.approx(result.z, rel=1e-6, abs=ROUNDING)
    back = logrank_trend(time, event, group, order=[1, 0], **options)
    assert back.z == pytest.approx(-result.z, rel=1e-6, abs=ROUNDING)
