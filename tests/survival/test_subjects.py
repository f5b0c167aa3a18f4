"""Bad arrays end in one message that names row, value and remedy."""

import numpy as np
import polars as pl
import pytest

from debulk import InputError
from debulk.survival import hazard_ratio, kaplan_meier, logrank, rmst_difference
from debulk.survival.subjects import read_subjects


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (([1, -2, 3], [1, 0, 1]), r"time, row 2: -2 is negative"),
        (([1, np.nan, 3], [1, 0, 1]), r"time, row 2: the value is missing"),
        (([1, None, 3], [1, 0, 1]), r"time, row 2: the value is missing"),
        (([1, np.inf, 3], [1, 0, 1]), r"time, row 2: the value is inf"),
        (([1, 2, "x"], [1, 0, 1]), r"time: holds .* values, not numbers"),
        ((np.array([1, "x"], dtype=object), [1, 0]), r"time, row 2: 'x' is not a number"),
        (([1, 2, 3], [1, 2, 0]), r"event, row 2: 2 is neither 0 nor 1"),
        (([1, 2, 3], [1, None, 0]), r"event, row 2: the value is missing"),
        ((pl.Series([1, 2]), pl.Series([True, None])), r"event, row 2: the value is missing"),
        (([1, 2, 3], [1, 0]), r"event: has 2 values, time has 3"),
        (([], []), r"there are no rows"),
        (([[1, 2]], [1, 0]), r"time: has 2 dimensions"),
        (([[1, 2], [3]], [1, 0]), r"time: is not a plain list"),
    ],
)
def test_times_and_events(arrays, message):
    with pytest.raises(InputError, match=message):
        kaplan_meier(*arrays)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": [1, -1, 1]}, r"weights, row 2: -1 is negative"),
        ({"weights": [1, 1]}, r"weights: has 2 values"),
        ({"entry": [0, 2, 0]}, r"entry, row 2: 2 is not below the row's time"),
        ({"entry": [0, None, 0]}, r"entry, row 2: the value is missing"),
        ({"conf_type": "probit"}, r"conf_type: 'probit' is not known"),
        ({"conf_level": 95}, r"conf_level: 95 is not between 0 and 1"),
    ],
)
def test_options_of_a_curve(options, message):
    with pytest.raises(InputError, match=message):
        kaplan_meier([1, 2, 3], [1, 0, 1], **options)


@pytest.mark.parametrize("estimator", [logrank, hazard_ratio, rmst_difference])
@pytest.mark.parametrize(
    ("event", "group", "options", "message"),
    [
        ([0, 0, 0, 0], [0, 0, 1, 1], {}, r"no subject has the event"),
        ([1, 0, 1, 0], [1, 1, 1, 1], {}, r"one group only \('1'\)"),
        ([1, 0, 1, 0], ["a", None, "b", "b"], {}, r"group, row 2: the value is missing"),
        ([1, 0, 1, 0], [0, 1], {}, r"group: has 2 values, time has 4"),
        ([1, 0, 1, 0], ["arm", "arm", "b", "b"], {"reference": "arn"}, r"Did you mean 'arm'"),
    ],
)
def test_groups(estimator, event, group, options, message):
    with pytest.raises(InputError, match=message):
        estimator([1, 2, 3, 4], event, group, **options)


def test_two_groups_are_needed_where_one_number_is_the_answer():
    arrays = ([1, 2, 3], [1, 1, 1], ["a", "b", "c"])
    with pytest.raises(InputError, match="holds 3 groups, not 2"):
        hazard_ratio(*arrays)
    with pytest.raises(InputError, match="holds 3 groups, not 2"):
        rmst_difference(*arrays)


def test_words_that_are_no_option():
    arrays = ([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 0, 1])
    with pytest.raises(InputError, match="'wilcoxon' is not known"):
        logrank(*arrays, weighting="wilcoxon")
    with pytest.raises(InputError, match="'exact' is not known"):
        hazard_ratio(*arrays, ties="exact")


def test_groups_never_at_risk_together_cannot_be_tested():
    with pytest.raises(InputError, match="never at risk together"):
        logrank([1, 2, 9, 9], [0, 0, 1, 1], ["a", "a", "b", "b"])


def test_missing_stratum():
    with pytest.raises(InputError, match="strata, row 2: the value is missing"):
        logrank([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 0, 1], strata=["a", None, "a", "a"])


def test_horizon_beyond_an_arm():
    with pytest.raises(InputError, match="tau: 9 is not above 0 and up to 3"):
        rmst_difference([1, 3, 2, 5], [1, 0, 1, 1], [0, 0, 1, 1], 9)


def test_a_subset_keeps_entry_and_weights():
    subjects = read_subjects([1, 2], [1, 0], entry=[0, 1], weights=[2, 3])
    chosen = subjects.subset(np.array([False, True]))
    assert (chosen.n, chosen.events) == (1, 0)
    assert chosen.entry.tolist() == [1]
    assert chosen.weights.tolist() == [3]


def test_a_group_that_leaves_at_once_has_no_restricted_mean():
    with pytest.raises(InputError, match="a whole group leaves at time 0"):
        rmst_difference([0, 0, 2, 5], [1, 0, 1, 1], [0, 0, 1, 1])
