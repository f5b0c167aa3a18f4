"""Tests and adjustments as they are written."""

import pytest

from debulk import InputError
from debulk.survival.comparison.adjustment import Adjustment, read_adjustment
from debulk.survival.comparison.choices import TestChoice, read_test


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("logrank", TestChoice("logrank")),
        (" Max-Combo ", TestChoice("max-combo")),
        ("fh:0,1", TestChoice("fh", (0.0, 1.0))),
        ("fh:0.5,0", TestChoice("fh", (0.5, 0.0))),
        ("modest:12", TestChoice("modest", (12.0,))),
        ("milestone:24", TestChoice("milestone", (24.0,))),
    ],
)
def test_a_test_is_read_and_written_alike(text, choice):
    assert read_test(text) == choice
    assert read_test(choice.text) == choice


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("logrnk", "there is no test 'logrnk'. Did you mean 'logrank'"),
        ("", "there is no test ''"),
        ("fh", "has 0 numbers, not 2. Write fh:RHO,GAMMA"),
        ("fh:1", "has 1 numbers, not 2"),
        ("fh:a,1", "'a' in 'fh:a,1' is not a number"),
        ("fh:0,-1", "holds a negative number"),
        ("median:3", "has 1 numbers, not 0. Write median"),
        ("rmst:inf", "'inf' in 'rmst:inf' is not a number"),
        ("milestone:0", "holds a time that is not above 0"),
    ],
)
def test_what_is_wrong_with_a_test(text, message):
    with pytest.raises(InputError, match=message):
        read_test(text)


def test_columns_or_a_formula():
    assert read_adjustment("age, alk.phos") == Adjustment("age, alk.phos", ("age", "alk.phos"))
    read = read_adjustment("age + C(stage) + log(bili)")
    assert read.columns == ("age", "bili", "stage")
    assert read.formula == read.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds an empty name"),
        ("age,,sex", "holds an empty name"),
        ("age,age", "'age' is named twice"),
        ("y ~ age", "has a left-hand side"),
        ("age + (", "is no formula"),
        ("1 + 1", "names no column"),
    ],
)
def test_what_is_wrong_with_an_adjustment(text, message):
    with pytest.raises(InputError, match=message):
        read_adjustment(text)
