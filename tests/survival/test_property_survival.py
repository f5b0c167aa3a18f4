"""What must hold for any data."""

import math

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from debulk import InputError
from debulk.survival import hazard_ratio, kaplan_meier, logrank

ROUNDING = 1e-9  # sums in another order

# Time limits would fail on a busy machine; many small samples have nothing to test.
LOOSE = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.filter_too_much]
)


@st.composite
def samples(draw):
    n = draw(st.integers(2, 40))
    time = draw(hnp.arrays(float, n, elements=st.integers(0, 30).map(float)))
    event = draw(hnp.arrays(bool, n))
    group = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 1)))
    return time, event, group


def result_of(time, event, group, **options):
    try:
        return logrank(time, event, group, **options)
    except InputError:
        assume(False)


@LOOSE
@given(samples(), st.sampled_from(["plain", "log", "log-log"]))
def test_a_curve_falls_within_0_and_1_and_its_limits_hold_it(sample, conf_type):
    time, event, _ = sample
    curve = kaplan_meier(time, event, conf_type=conf_type)
    assert np.all((curve.survival >= 0) & (curve.survival <= 1))
    assert np.all(np.diff(curve.survival) <= 0)
    known = ~np.isnan(curve.lower)
    assert np.all(curve.lower[known] <= curve.survival[known] + ROUNDING)
    assert np.all(curve.upper[known] >= curve.survival[known] - ROUNDING)


@LOOSE
@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(sample, random):
    time, event, group = sample
    result = result_of(time, event, group)
    order = list(range(time.size))
    random.shuffle(order)
    other = logrank(time[order], event[order], group[order])
    assert other.z == pytest.approx(result.z, rel=ROUNDING, abs=ROUNDING)
    curves = kaplan_meier(time, event), kaplan_meier(time[order], event[order])
    np.testing.assert_array_equal(curves[0].survival, curves[1].survival)


@LOOSE
@given(samples(), st.sampled_from(["logrank", "peto"]))
def test_swapping_the_reference_turns_the_sign(sample, weighting):
    time, event, group = sample
    result = result_of(time, event, group, weighting=weighting)
    other = logrank(time, event, group, reference=1, weighting=weighting)
    assert other.z == pytest.approx(-result.z, rel=ROUNDING, abs=ROUNDING)


@LOOSE
@given(samples())
def test_swapping_the_reference_inverts_the_ratio(sample):
    time, event, group = sample
    assume(event.any() and len(set(group)) == 2)
    one = hazard_ratio(time, event, group)
    two = hazard_ratio(time, event, group, reference=1)
    assert math.isnan(one.estimate) == math.isnan(two.estimate)
    if not math.isnan(one.estimate):
        assert np.log(two.estimate) == pytest.approx(-np.log(one.estimate), rel=1e-6, abs=1e-8)
        assert two.se == pytest.approx(one.se, rel=1e-6)


@LOOSE
@given(samples(), st.sampled_from([1 / 30.4375, 12.0, 365.25]))
def test_the_unit_of_time_does_not_matter(sample, factor):
    time, event, group = sample
    result = result_of(time, event, group)
    other = logrank(time * factor, event, group)
    assert other.z == pytest.approx(result.z, rel=ROUNDING, abs=ROUNDING)
    curve, scaled = kaplan_meier(time, event), kaplan_meier(time * factor, event)
    median = curve.quantile(0.5).estimate
    np.testing.assert_allclose(scaled.quantile(0.5).estimate, median * factor, rtol=ROUNDING)


@LOOSE
@given(samples())
def test_one_stratum_changes_nothing(sample):
    time, event, group = sample
    result = result_of(time, event, group)
    other = logrank(time, event, group, strata=["all"] * time.size)
    assert other == result
