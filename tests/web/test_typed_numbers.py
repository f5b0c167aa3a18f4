"""Numbers as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from debulk.patients.columns import TABLES
from debulk.web.evidence.calculator import _value
from debulk.web.typed_numbers import NoNumber, typed_number, typed_whole


@pytest.mark.parametrize(
    ("typed", "number"),
    [("2.5", "2.5"), ("2,5", "2.5"), ("0,125", "0.125"), (" -3 ", "-3"), ("\u22121", "-1")],
)
def test_comma_and_point_are_read(typed, number):
    assert typed_number(typed) == Decimal(number)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("1,234", "ambiguous"),
        ("1.234,5", "thousands"),
        ("1_000", "no_number"),
        ("nan", "no_number"),
        ("9" * 5000, "no_number"),
    ],
)
def test_what_could_be_two_numbers_or_none_is_refused(typed, problem):
    with pytest.raises(NoNumber) as refused:
        typed_number(typed)
    assert refused.value.problem == problem


def test_the_calculator_of_scores_guesses_no_thousands():
    cea = TABLES["patients"]["cea_ug_l"]
    assert _value("1,234", cea) is None
    assert _value("12,5", cea) == 12.5


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        *[("0", 0), ("12", 12), ("999999999", 999_999_999)],
        *[(each, None) for each in ("1" * 10, "", "-1", "1.0", " 1", "\u0663", "\u00b2")],
    ],
)
def test_a_whole_number_that_a_page_put_into_its_form(typed: str, number: int | None) -> None:
    assert typed_whole(typed) == number
