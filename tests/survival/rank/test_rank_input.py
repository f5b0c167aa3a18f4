"""What users can do wrong, and what answers at the edges."""

import json
import math

import numpy as np
import pytest

from debulk import InputError
from debulk.survival.rank.logrank import logrank
from debulk.survival.rank.max_combo import max_combo
from debulk.survival.rank.one_sample import PiecewiseHazard, one_sample_logrank
from debulk.survival.rank.pairwise import logrank_pairwise
from debulk.survival.rank.trend import logrank_trend
from debulk.survival.rank.weightings import EarlyZero, FlemingHarrington, ModestlyWeighted

ARRAYS = ([1, 4, 2, 3], [1, 1, 1, 1], ["a", "a", "b", "b"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FlemingHarrington(math.nan, 0), "rho: nan is not a finite number"),
        (lambda: FlemingHarrington(0, -1), "gamma: -1 is out of range"),
        (lambda: FlemingHarrington("1", 0), "rho: '1' is not a finite number"),
        (lambda: FlemingHarrington(True, 0), "rho: True is not a finite number"),
        (lambda: ModestlyWeighted(), "are both missing"),
        (lambda: ModestlyWeighted(1, 0.5), "are both given"),
        (lambda: ModestlyWeighted(-1), "t_star: -1 is out of range"),
        (lambda: ModestlyWeighted(s_star=0), "s_star: 0 is not above 0"),
        (lambda: ModestlyWeighted(s_star=2), "at least 0 and at most 1"),
        (lambda: EarlyZero(math.inf), "early_period: inf is not a finite number"),
        (lambda: PiecewiseHazard((1,), (1,)), "rates: has 1 values for 1 cuts"),
        (lambda: PiecewiseHazard((2, 1), (1, 1, 1)), "cuts: do not rise"),
        (lambda: PiecewiseHazard((0,), (1, 1)), "cuts: do not rise"),
        (lambda: PiecewiseHazard((), (-1,)), "rates: -1 is negative"),
    ],
)
def test_settings(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("weighting", "message"),
    [
        ("fleming", "'fleming' is not known"),
        (3, "3 is not known"),
        (FlemingHarrington, "is not known"),
        (EarlyZero(5), "gives all events the weight 0"),
        (lambda times, before, n: -times, "gives the weight -1 to the events at time 1"),
        (lambda times, before, n: times * np.nan, "gives the weight nan"),
        (lambda times, before, n: times[1:], r"returned shape \(3,\) for 4 times"),
        (lambda times: times, "the function failed"),
    ],
)
def test_weightings(weighting, message):
    with pytest.raises(InputError, match=message):
        logrank(*ARRAYS, weighting=weighting)


def test_weights_that_left_truncation_makes_infinite():
    # Alone at risk, the first subject takes the pooled survival to 0 before others enter.
    time, event, group, entry = [1, 4, 5, 6], [1, 1, 1, 1], [0, 1, 0, 1], [0, 2, 2, 2]
    assert math.isfinite(logrank(time, event, group, entry=entry).z)
    for weighting in (FlemingHarrington(-1, 0), ModestlyWeighted(t_star=3)):
        with pytest.raises(
            InputError, match=r"weight inf .* where the pooled survival before is 0"
        ):
            logrank(time, event, group, entry=entry, weighting=weighting)


@pytest.mark.parametrize("test", [logrank, max_combo, logrank_trend, logrank_pairwise])
@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (([], [], []), "there are no rows"),
        (([1], [1], [0]), "one group only"),
        (([1, 2], [0, 0], [0, 1]), "no subject has the event"),
        (([-1, 2], [1, 0], [0, 1]), "time, row 1: -1 is negative"),
        (([math.nan, 2], [1, 0], [0, 1]), "time, row 1: the value is missing"),
        (([1, 2], [1, 2], [0, 1]), "event, row 2: 2 is neither 0 nor 1"),
        (([2, 1], [0, 1], [0, 1]), None),
        (([0, 0], [1, 1], [0, 1]), "never at risk together at an event that some of them survive"),
        (([0, 0, 0], [1, 0, 1], [0, 1, 1]), None),
        (([1, 2], [0, 1], [0, 1]), "never at risk together"),
    ],
)
def test_arrays(test, arrays, message):
    # One event time gives the late weights of the default nothing to weigh.
    options = {"weightings": ["logrank"]} if test is max_combo else {}
    if message is None:
        result = test(*arrays, **options)
        for each in result.values() if isinstance(result, dict) else [result]:
            assert math.isfinite(each.statistic)
        return
    with pytest.raises(InputError, match=message):
        test(*arrays, **options)


def test_entry_and_strata():
    with pytest.raises(InputError, match="entry, row 2: 4 is not below"):
        logrank(*ARRAYS, entry=[0, 4, 0, 0])
    for test in (logrank, max_combo, logrank_trend, logrank_pairwise):
        with pytest.raises(InputError, match="strata: has 3 values, time has 4"):
            test(*ARRAYS, strata=[1, 1, 1])
        with pytest.raises(InputError, match="strata, row 1: the value is missing"):
            test(*ARRAYS, strata=[None, 1, 1, 1])


def test_max_combo_options():
    with pytest.raises(InputError, match="'better' is not known"):
        max_combo(*ARRAYS, alternative="better")
    with pytest.raises(InputError, match="the list is empty"):
        max_combo(*ARRAYS, weightings=[])
    with pytest.raises(InputError, match="'peto' is no list"):
        max_combo(*ARRAYS, weightings="peto")
    with pytest.raises(InputError, match="log-rank is given twice"):
        max_combo(*ARRAYS, weightings=["logrank", "logrank"])
    with pytest.raises(InputError, match="holds 3 groups, not 2"):
        max_combo([1, 2, 3], [1, 1, 1], [0, 1, 2])
    # Late weights are 0 at the only event both groups see.
    with pytest.raises(InputError, match=r"\(rho 0, gamma 1\) gives no weight"):
        max_combo([1, 2, 3], [1, 0, 1], [0, 0, 1])


def test_trend_options():
    arrays = ([3, 2, 1], [1, 1, 1], ["low", "mid", "high"])
    cases = [
        ({"order": ["low", "mid"]}, "order: does not name the group 'high'"),
        ({"order": ["low", "mid", "hihg"]}, "no group is called 'hihg'"),
        ({"order": ["low", "mid", "high", "low"]}, "names 'low' twice"),
        ({"order": "low"}, "'low' is not a list"),
        ({"scores": {"low": 1, "mid": 2}}, "scores: does not name the group 'high'"),
        ({"scores": [1, 2]}, "has 2 values for 3 groups"),
        ({"scores": [1, 1, 1]}, "are all equal"),
        ({"scores": [1, None, 2]}, "scores, row 2: the value is missing"),
    ]
    for options, message in cases:
        with pytest.raises(InputError, match=message):
            logrank_trend(*arrays, **options)


def test_a_pair_that_cannot_be_tested_is_named():
    with pytest.raises(InputError, match="group, 'a' and 'c': no subject has the event"):
        logrank_pairwise([1, 2, 1, 2, 3], [0, 0, 1, 1, 0], ["a", "a", "b", "b", "c"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"expected": -1}, "expected: -1 is negative"),
        ({"expected": 0}, "no events are expected"),
        ({"expected": math.nan}, "nan is not a finite number"),
        ({"expected": [1, 2]}, "has 2 values, time has 4"),
        ({"expected": [1, 2, -1, 1]}, "expected, row 3: -1 is negative"),
        ({"expected": lambda t: -t}, "row 1: -1 is a negative number of expected events"),
        ({"expected": lambda t: t[:1]}, "returned shape"),
        ({"expected": lambda: 1}, "the function failed"),
        ({"expected": 1, "variance": "wu"}, "'wu' is not known"),
        ({"expected": 1, "conf_level": 95}, "95 is not between 0 and 1"),
    ],
)
def test_one_sample_options(options, message):
    with pytest.raises(InputError, match=message):
        one_sample_logrank([1, 4, 2, 3], [1, 1, 1, 1], **options)


def test_results_become_json():
    for result in (
        logrank(*ARRAYS),
        max_combo(*ARRAYS),
        logrank_trend(*ARRAYS),
        one_sample_logrank(*ARRAYS[:2], expected=0.5),
    ):
        assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["n"] == 4


def test_a_group_without_a_chance_does_not_count():
    # Group c is censored before the first event.
    result = logrank([1, 4, 2, 3, 0.5], [1, 1, 1, 1, 0], ["a", "a", "b", "b", "c"])
    assert result.df == 1
    assert result.z is None
    assert result.expected["c"] == 0
    assert result.statistic == pytest.approx(logrank(*ARRAYS).statistic, rel=1e-12)


def test_many_strata_and_groups():
    random = np.random.default_rng(3)
    n = 5000
    arrays = (random.exponential(1, n), random.random(n) < 0.7)
    strata = random.integers(0, 900, n)
    result = logrank(*arrays, random.integers(0, 30, n), strata=strata)
    assert result.df == 29
    counts = result.details["strata"]
    assert sum(each["n"] for each in counts.values()) == n
    assert len(counts) == np.unique(strata).size
