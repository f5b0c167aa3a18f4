"""Small samples worked by hand."""

import math

import numpy as np
import pytest
from scipy.special import ndtr

from debulk.survival.rank.largest import largest_beyond
from debulk.survival.rank.logrank import logrank
from debulk.survival.rank.max_combo import max_combo
from debulk.survival.rank.one_sample import PiecewiseHazard, one_sample_logrank
from debulk.survival.rank.pairwise import logrank_pairwise
from debulk.survival.rank.trend import logrank_trend
from debulk.survival.rank.weightings import EarlyZero, FlemingHarrington, ModestlyWeighted

EXACT = 1e-12

# Times 1 (a), 2 (b), 3 (b), 4 (a), all events: at risk (2, 2), (1, 2), (1, 1), (1, 0);
# expected in b 1/2, 2/3, 1/2, 0; variance 1/4, 2/9, 1/4, 0; S(t-) 1, 3/4, 1/2, 1/4.
TIME, EVENT, GROUP = [1, 4, 2, 3], [1, 1, 1, 1], ["a", "a", "b", "b"]
EXPECTED, VARIANCE = np.array([1 / 2, 2 / 3, 1 / 2, 0]), np.array([1 / 4, 2 / 9, 1 / 4, 0])
OBSERVED = np.array([0, 1, 1, 0])


@pytest.mark.parametrize(
    ("weighting", "weights"),
    [
        ("logrank", [1, 1, 1, 1]),
        ("peto", [1, 3 / 4, 1 / 2, 1 / 4]),
        ("gehan", [4, 3, 2, 1]),
        ("tarone-ware", [2, math.sqrt(3), math.sqrt(2), 1]),
        # Products 4/5, 4/5 3/4, ... 2/3, ... 1/2 times n / (n + 1).
        ("modified-peto", [4 / 5 * 4 / 5, 3 / 5 * 3 / 4, 2 / 5 * 2 / 3, 1 / 5 * 1 / 2]),
        (FlemingHarrington(0, 1), [0, 1 / 4, 1 / 2, 3 / 4]),
        (FlemingHarrington(2, 0.5), [0, (3 / 4) ** 2 / 2, (1 / 2) ** 2 * math.sqrt(1 / 2), 0]),
        (FlemingHarrington(-1, 0), [1, 4 / 3, 2, 4]),
        (ModestlyWeighted(s_star=0.6), [1, 4 / 3, 1 / 0.6, 1 / 0.6]),
        # Survival just before 3 is 1/2, and so it is before 2.5; before 9 it is 0 as known last.
        (ModestlyWeighted(t_star=3), [1, 4 / 3, 2, 2]),
        (ModestlyWeighted(t_star=2.5), [1, 4 / 3, 2, 2]),
        (ModestlyWeighted(t_star=2), [1, 4 / 3, 4 / 3, 4 / 3]),
        (ModestlyWeighted(t_star=9), [1, 4 / 3, 2, 4]),
        (EarlyZero(2), [0, 1, 1, 1]),
        (lambda times, before, at_risk: times + before + at_risk, [6, 5.75, 5.5, 5.25]),
    ],
)
def test_weights(weighting, weights):
    result = logrank(TIME, EVENT, GROUP, weighting=weighting)
    weights = np.array(weights)
    assert result.observed["b"] == pytest.approx(weights @ OBSERVED, rel=EXACT)
    assert result.expected["b"] == pytest.approx(weights @ EXPECTED, rel=EXACT)
    variance = weights**2 @ VARIANCE
    assert result.details["variance"][1][1] == pytest.approx(variance, rel=EXACT)
    z = (weights @ (OBSERVED - EXPECTED)) / math.sqrt(variance)
    assert result.z == pytest.approx(z, rel=EXACT)
    assert result.statistic == pytest.approx(z * z, rel=EXACT)
    assert result.p == pytest.approx(2 * ndtr(-abs(z)), rel=1e-9)


def test_weights_come_from_each_stratum_of_its_own():
    # The second stratum is the first, ten times as slow: the same weights, all sums double.
    one = logrank(TIME, EVENT, GROUP, weighting=ModestlyWeighted(s_star=0.6))
    time = [*TIME, *(10 * each for each in TIME)]
    strata = ["x"] * 4 + ["y"] * 4
    two = logrank(time, EVENT * 2, GROUP * 2, strata=strata, weighting=ModestlyWeighted(s_star=0.6))
    assert two.observed["b"] == pytest.approx(2 * one.observed["b"], rel=EXACT)
    assert two.z == pytest.approx(math.sqrt(2) * one.z, rel=EXACT)
    assert two.details["strata"] == {"x": {"n": 4, "events": 4}, "y": {"n": 4, "events": 4}}


def test_a_stratum_without_events_or_with_one_group_adds_nothing_to_the_test():
    one = logrank(TIME, EVENT, GROUP)
    time, event = [*TIME, 1, 2, 5, 6], [*EVENT, 0, 0, 1, 1]
    group, strata = [*GROUP, "a", "b", "a", "a"], [1, 1, 1, 1, 2, 2, 3, 3]
    more = logrank(time, event, group, strata=strata)
    assert more.statistic == pytest.approx(one.statistic, rel=EXACT)
    assert more.details["variance"] == one.details["variance"]
    assert more.observed["a"] == one.observed["a"] + 2  # and as many are expected
    assert more.expected["a"] == pytest.approx(one.expected["a"] + 2, rel=EXACT)


def test_left_truncation():
    # Only a third subject of b is at risk from 2.5 on: at 3 the groups are 1 and 2, of three.
    result = logrank(
        [*TIME, 5], [*EVENT, 0], [*GROUP, "b"], entry=[0, 0, 0, 0, 2.5], weighting="logrank"
    )
    assert result.expected["b"] == pytest.approx(1 / 2 + 2 / 3 + 2 / 3 + 1 / 2, rel=EXACT)


def test_trend():
    # Groups 1, 2, 3 die at times 3, 2, 1 with one each: z = a'(O - E) / sqrt(a'Va) with
    # E = (1/3 + 1/2 + 1, 1/3 + 1/2, 1/3), a = (1, 2, 3): excess of a'O = 6 over 2 + 3/2 + 1.
    result = logrank_trend([3, 2, 1], [1, 1, 1], [1, 2, 3])
    variance = 2 / 3 + 1 / 4  # of a uniform score among (1, 2, 3), then (1, 2)
    assert result.z == pytest.approx(1.5 / math.sqrt(variance), rel=EXACT)
    assert result.details["scores"] == {"1": 1.0, "2": 2.0, "3": 3.0}
    assert logrank_trend([3, 2, 1], [1, 1, 1], [1, 2, 3], order=[3, 2, 1]).z == -result.z


def test_pairs():
    time, group = [*TIME, 9, 10], [*GROUP, "c", "c"]
    event = [*EVENT, 1, 1]
    found = logrank_pairwise(time, event, group)
    assert list(found) == [("a", "b"), ("a", "c"), ("b", "c")]
    alone = logrank(TIME, EVENT, GROUP)
    assert found["a", "b"].z == pytest.approx(alone.z, rel=EXACT)
    p = sorted(each.p for each in found.values())
    holm = sorted(each.details["p_holm"] for each in found.values())
    steps = [min(1, 3 * p[0]), min(1, max(3 * p[0], 2 * p[1]))]
    assert holm == pytest.approx([*steps, min(1, max(steps[1], p[2]))], rel=EXACT)
    labels = ["x"] * 6
    assert logrank_pairwise(time, event, group, strata=labels)["b", "c"].z == pytest.approx(
        found["b", "c"].z, rel=EXACT
    )


def test_one_sample():
    # Three events in 10 units of time at rate 0.4: (3 - 4) / 2.
    time, event = [1, 2, 3, 4], [1, 1, 1, 0]
    result = one_sample_logrank(time, event, expected=0.4)
    assert result.z == pytest.approx(-0.5, rel=EXACT)
    assert result.p == pytest.approx(2 * ndtr(-0.5), rel=1e-12)
    assert result.details["ratio"] == pytest.approx(0.75, rel=EXACT)
    wu = one_sample_logrank(time, event, expected=0.4, variance="average")
    assert wu.z == pytest.approx(-1 / math.sqrt(3.5), rel=EXACT)
    # Entry at 1 for the last two: 3 + 2 + 2 + 1 units are left.
    late = one_sample_logrank([3, 2, 3, 2], event, expected=0.4, entry=[0, 0, 1, 1])
    assert late.expected["sample"] == pytest.approx(0.4 * 8, rel=EXACT)


def test_one_sample_hazards_given_in_four_ways():
    time, event, entry = [0.5, 2, 3, 7], [1, 1, 1, 0], [0, 0.25, 2, 5]
    # Rate 0.2 up to 1, then 0.5 up to 4, then 0.1; over each follow-up:
    each = [0.1, 0.15 + 0.5, 0.5, 0.2]
    pieces = PiecewiseHazard((1, 4), (0.2, 0.5, 0.1))

    def cumulative(times):
        return (
            0.2 * np.minimum(times, 1)
            + 0.5 * np.clip(times - 1, 0, 3)
            + 0.1 * np.maximum(times - 4, 0)
        )

    for expected in (pieces, cumulative, each):
        result = one_sample_logrank(time, event, expected=expected, entry=entry)
        assert result.expected["sample"] == pytest.approx(sum(each), rel=EXACT)


def test_a_sample_without_events():
    result = one_sample_logrank([1, 2], [0, 0], expected=1.0)
    assert result.z == pytest.approx(-math.sqrt(3), rel=EXACT)
    assert result.details["ratio"] == result.details["ratio_lower"] == 0
    # No event in 3 expected: the upper limit is -ln(0.025) / 3.
    assert result.details["ratio_upper"] == pytest.approx(-math.log(0.025) / 3, rel=1e-9)


def test_max_combo_of_one_weighting_is_its_own_test():
    result = max_combo(TIME, EVENT, GROUP, weightings=["logrank"])
    alone = logrank(TIME, EVENT, GROUP)
    assert result.p == pytest.approx(alone.p, rel=1e-9)
    assert result.z == pytest.approx(alone.z, rel=EXACT)
    assert result.details["p_error"] == 0


def test_max_combo_of_the_same_weighting_by_two_names_is_that_test():
    kinds = ["logrank", FlemingHarrington(0, 0), FlemingHarrington(1, 0), "peto"]
    result = max_combo(TIME, EVENT, GROUP, weightings=kinds)
    fewer = max_combo(TIME, EVENT, GROUP, weightings=kinds[1:3])
    assert result.df == fewer.df == 2
    assert result.p == pytest.approx(fewer.p, abs=1e-7)


def test_max_combo_names_the_winner_and_keeps_the_sign():
    result = max_combo(TIME, EVENT, GROUP)
    z = result.details["z"]
    assert result.statistic == max(abs(each) for each in z.values())
    assert abs(z[result.details["weighting"]]) == result.statistic
    assert result.z == z[result.details["weighting"]]
    swapped = max_combo(TIME, EVENT, GROUP, reference="b")
    assert swapped.z == pytest.approx(-result.z, rel=EXACT)
    assert swapped.p == pytest.approx(result.p, abs=1e-6)


def test_orthant_probabilities():
    # P(max of two > 0) = 3/4 - asin(r) / (2 pi); of three with all r = 1/2, 7/8 - ... = 3/4.
    for r in (-0.9, 0.0, 0.3, 0.999):
        tail = largest_beyond(np.array([[1, r], [r, 1]]), 0.0, two_sided=False)
        assert tail.probability == pytest.approx(3 / 4 - math.asin(r) / (2 * math.pi), abs=1e-8)
    three = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    tail = largest_beyond(three, 0.0, two_sided=False)
    assert tail.probability == pytest.approx(3 / 4, abs=1e-8)


@pytest.mark.parametrize("size", [2, 3, 4, 6])
def test_independent_numbers(size):
    for bound in (0.5, 2.0, 5.0):
        within = 1 - 2 * ndtr(-bound)
        tail = largest_beyond(np.eye(size), bound, two_sided=True)
        exact = -math.expm1(size * math.log(within))
        assert tail.probability == pytest.approx(exact, rel=1e-5)


def test_opposite_numbers():
    # Z and -Z: one of them is always above a bound below 0.
    both = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert largest_beyond(both, -0.5, two_sided=False).probability == pytest.approx(1, abs=1e-12)
    assert largest_beyond(both, 1.0, two_sided=False).probability == pytest.approx(
        2 * ndtr(-1.0), rel=1e-12
    )
    assert largest_beyond(both, 1.0, two_sided=True).probability == pytest.approx(
        2 * ndtr(-1.0), rel=1e-12
    )
    assert largest_beyond(both, 0.0, two_sided=True).probability == 1.0
