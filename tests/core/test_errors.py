"""Does an error say where, what and what to do, and survive a trip to another process?"""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import debulk
from debulk.core import InputError, nearest
from debulk.core.errors import number_remedy


def test_the_text_says_where_what_and_the_remedy() -> None:
    error = InputError("cohort/patients.csv, row 3, age_years", "found -4", "Give 0 or more")
    assert str(error) == "cohort/patients.csv, row 3, age_years: found -4. Give 0 or more."
    assert (error.where, error.found) == ("cohort/patients.csv, row 3, age_years", "found -4")
    assert isinstance(error, ValueError)
    assert debulk.InputError is InputError


def test_it_pickles_whole() -> None:
    error = InputError("a", "b", "c")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.remedy) == (InputError, str(error), "c")


@given(st.text(), st.text(), st.text())
def test_it_is_one_line_whatever_was_found(where: str, found: str, remedy: str) -> None:
    text = str(InputError("file", found, remedy))
    assert len(text.splitlines()) == 1
    assert text.startswith("file: ")
    assert text.endswith((".", "?", "!"))
    assert pickle.loads(pickle.dumps(InputError(where, found, remedy))).args


def test_the_nearest_names_are_offered_first() -> None:
    known = ["orchestra", "luna", "cairo4", "climat"]
    assert nearest("orchestr", known) == "Did you mean 'orchestra'?"
    assert nearest("ORCHESTRA", known) == "Did you mean 'orchestra'?"
    assert nearest("lune", known) == "Did you mean 'luna'?"
    assert nearest("zzz", known) == "Known: cairo4, climat, luna, orchestra."
    assert nearest("zzz", []) == "None is known."
    assert nearest("zzz", [f"name{each:02}" for each in range(30)]).endswith("name19 and 10 more.")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("5%", "Write 0.05"),
        ("80 %", "Write 0.8"),
        ("0,75", "Write 0.75"),
        ("2,5 %", "Write 0.025"),
        ("0.75", "Give a number"),
        ("many", "Give a number"),
        ("1,2,3", "Give a number"),
        (True, "Give a number"),
    ],
)
def test_the_number_that_was_meant_is_offered(text, remedy) -> None:
    assert number_remedy(text) == remedy
