"""Does an error say where, what and what to do, and survive a trip to another process?"""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

import debulk
from debulk.core import InputError, nearest


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
    assert nearest("lune", known) == "Did you mean 'luna'?"
    assert nearest("zzz", known) == "Known: cairo4, climat, luna, orchestra."
    assert nearest("zzz", []) == "None is known."
    assert nearest("zzz", [f"name{each:02}" for each in range(30)]).endswith("name19, ....")
