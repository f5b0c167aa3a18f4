"""Numbers and rules of a design in words."""

import pytest

from debulk.reports.design import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (0.9, "90.0 %"),
        (1e-9, "less than 0.1 %"),
        (0.99999, "more than 99.9 %"),
        (0.0249, "2.5 %"),
    ],
)
def test_a_probability_is_never_0_or_100_where_it_is_not(value, text):
    assert wording.per_cent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1 : 1"),
        (2.0, "2 : 1"),
        (0.5, "1 : 2"),
        (1.5, "3 : 2"),
        (2 / 3, "2 : 3"),
        (0.7071, "0.7071 : 1"),
    ],
)
def test_an_allocation_in_whole_numbers(value, text):
    assert wording.allocation_words(value) == text


def test_a_step_function():
    assert wording.pieces_words([[0, 0.75]]) == "0.75"
    assert wording.pieces_words([[0, 1], [6, 0.7]]) == "1 until month 6 and 0.7 after month 6"
    assert wording.pieces_words([[0, 5], [6, 10], [12, 20]], "a month") == (
        "5 a month until month 6, 10 a month from month 6 to 12 and 20 a month after month 12"
    )


@pytest.mark.parametrize(
    ("rule", "words", "spends"),
    [
        ("spending-pocock", "a spending function of Pocock type (Lan and DeMets)", True),
        (
            "hwang-shih-decani:-4",
            "the spending function of Hwang, Shih and DeCani with gamma = \u22124",
            True,
        ),
        ("obrien-fleming", "the classical rule of O'Brien and Fleming", False),
        (
            "haybittle-peto:3",
            "the rule of Haybittle and Peto with Z = 3 before the last analysis",
            False,
        ),
    ],
)
def test_a_rule(rule, words, spends):
    assert wording.rule_words(rule) == words
    assert wording.spends(rule) is spends


def test_small_things():
    assert wording.joined(["a"]) == "a"
    assert wording.joined(["a", "b", "c"]) == "a, b and c"
    assert (wording.count(2), wording.count(14)) == ("two", "14")
    assert wording.fixed(-0.0001, 2) == "0.00"
    assert wording.fixed(-1.5, 2) == "\u22121.50"
    assert wording.fixed(None) == "none"
    assert wording.month(24.0) == "24"
    assert wording.level(0.025) == "2.5 %"
    assert wording.p_value(1e-6) == "1.0e\u221206"
    losses = wording.dropout_words({"experimental": 0.05, "control": 0.1})
    assert "5 % of the patients of the experimental arm and 10 % of those" in losses
    assert "no patient" in wording.dropout_words({"experimental": 0.0, "control": 0.0})
