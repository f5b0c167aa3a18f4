"""Do the formulas of intervals give what is known from elsewhere?"""

import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.disease.targets import intervals
from debulk.survival import kaplan_meier

CLOSED_RTOL = 1e-9  # a few roundings
PRINTED = 5e-4  # the reference prints three to four digits


def test_wilson_interval_of_a_textbook_example():
    # Newcombe 1998, table I: 81 of 263, score method without continuity correction.
    assert intervals.binomial(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=PRINTED)


def test_greenwood_is_that_of_the_survival_curve():
    months = np.arange(1.0, 61.0)
    curve = kaplan_meier(months, np.ones(60, dtype=bool), conf_type="log-log")
    low, high = intervals.greenwood(30 / 60, 60)
    lower, upper = curve.limits_at([30.0])
    assert (low, high) == pytest.approx((lower[0], upper[0]), rel=CLOSED_RTOL)


def test_median_interval_covers_an_exponential_median():
    trials, n, median = 4000, 200, 12.0
    rng = np.random.Generator(np.random.Philox(3))
    found = np.median(rng.exponential(median / math.log(2.0), (trials, n)), axis=1)
    low, high = intervals.median(median, n)
    share = np.mean((found >= low) & (found <= high))
    assert share == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / trials) + 0.01)


def test_a_difference_of_medians_adds_the_variances_of_both():
    low, high = intervals.difference_of_medians(12.0, 16.0, 100)
    # 1.96 sqrt(12^2 + 16^2) / (ln 2 * 10) = 1.96 * 20 / 6.9315
    assert (low, high) == pytest.approx((4.0 - 5.6553, 4.0 + 5.6553), abs=1e-3)


def test_hazard_ratio_from_events_and_from_p():
    assert intervals.hazard_ratio(1.0, 400) == pytest.approx(
        (math.exp(-0.196), math.exp(0.196)), rel=1e-4
    )
    low, high = intervals.hazard_ratio_p(0.69, 0.05)
    assert high == pytest.approx(1.0, rel=CLOSED_RTOL)  # p of 5 % touches 1
    assert math.sqrt(low * high) == pytest.approx(0.69, rel=CLOSED_RTOL)


def test_tenth_of_a_negative_number_keeps_its_order():
    assert intervals.tenth(-2.0) == pytest.approx((-2.2, -1.8))


@pytest.mark.parametrize(
    ("rule", "value", "number", "words"),
    [
        ("wilson", 0.3, 20.0, "no rule is called 'wilson'"),
        ("binomial", 0.3, 0.0, "0.0 patients"),
        ("binomial", 1.4, 20.0, "no share"),
        ("median", 5.0, math.nan, "nan patients"),
    ],
)
def test_rules_refuse_what_they_cannot_take(rule, value, number, words):
    with pytest.raises(InputError, match=words):
        intervals.derived(rule, value, number, "here")
