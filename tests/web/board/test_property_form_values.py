"""What the form shows is read back the same, and nothing typed breaks it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.board.case import case_of_entry
from debulk.board.example_cases import example_cases
from debulk.web.board.case_form.fields import FIELDS, ROWS, Field
from debulk.web.board.case_form.reading import read_typed
from debulk.web.board.case_form.row_changes import change_rows
from debulk.web.board.case_form.typed import (
    form_items,
    typed_of_content,
    typed_of_form,
    with_lesion_names,
)
from debulk.web.board.case_form.values import Wrong, read_value, show_value

NUMBERS = [each for fields in FIELDS.values() for each in fields if each.is_number]
EVERY = [each for fields in FIELDS.values() for each in fields]
CASES = example_cases()


def stored_values(field: Field) -> st.SearchStrategy[float]:
    """Values that the column behind a number field can hold."""
    if field.kind == "whole":
        return st.integers(int(field.least), int(field.most))
    scale = 100.0 if field.percent else 1.0
    return st.floats(field.least / scale, field.most / scale, allow_subnormal=False)


@given(st.sampled_from(NUMBERS), st.data())
def test_property_a_number_shown_is_read_back_the_same(field: Field, data: st.DataObject) -> None:
    value = data.draw(stored_values(field))
    assert read_value(field, show_value(field, value)) == value


@given(st.sampled_from(NUMBERS), st.integers(1, 399), st.integers(0, 9))
def test_property_comma_and_point_mean_the_same(field: Field, whole: int, tenth: int) -> None:
    readings = []
    for mark in ",.":
        try:
            readings.append(read_value(field, f"{whole}{mark}{tenth}"))
        except Wrong as wrong:
            readings.append(wrong.problem)
    assert readings[0] == readings[1]


@given(st.sampled_from(EVERY), st.text(max_size=80))
def test_hostile_any_text_is_a_value_or_a_message(field: Field, typed: str) -> None:
    try:
        value = read_value(field, typed)
    except Wrong:
        return
    assert show_value(field, value) == show_value(
        field, read_value(field, show_value(field, value))
    )


@pytest.mark.parametrize("case", CASES, ids=[each.case_id for each in CASES])
def test_property_a_stored_case_is_typed_and_read_back_the_same(case: object) -> None:
    content = case.to_dict()  # type: ignore[attr-defined]
    typed = with_lesion_names(typed_of_content(content, 1))
    reading = read_typed(typed, case_id=content["case_id"], stored=content)
    assert reading.errors == {}
    assert reading.content() == content
    assert [*reading.doubts, *reading.checks] == []


@pytest.mark.parametrize("case", CASES[:4], ids=[each.case_id for each in CASES[:4]])
def test_property_what_a_browser_sends_is_what_was_shown(case: object) -> None:
    typed = typed_of_content(case.to_dict(), 3)  # type: ignore[attr-defined]
    change_rows(typed, f"remove:lesions:{next(iter(typed.rows['lesions']))}")
    once = form_items(typed)
    assert form_items(typed_of_form(once)) == once


WORDS = st.text(alphabet=string.printable + "\x00é∞", max_size=12)
NAMES = st.one_of(
    st.sampled_from(
        [f"{table}.k{n}.{each.name}" for table in ROWS for n in (1, 2) for each in FIELDS[table]]
        + ["lesions.k1.lesion_id", "removed.lesions.k1.organ", "keep", "quick", "preview"]
        + ["answers.orchestra/X6", "based_on", "case.question", "patients.age_years"]
    ),
    WORDS,
)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(NAMES, st.one_of(WORDS, st.sampled_from(["liver", "L1", "5", "yes"])))),
    st.one_of(WORDS, st.sampled_from(["add:lesions", "same:lesions", "remove:lesions:k1"])),
)
def test_hostile_a_form_of_anything_is_read_without_a_defect(
    items: list[tuple[str, str]], action: str
) -> None:
    typed = typed_of_form(items)
    change_rows(typed, action)
    reading = read_typed(with_lesion_names(typed), case_id="X")
    assert reading.errors or reading.case is not None


@given(
    st.lists(
        st.sampled_from(["add:lesions", "same:lesions", "remove:lesions:L1", "undo:lesions:L1"])
    )
)
def test_property_rows_are_never_lost(actions: list[str]) -> None:
    typed = with_lesion_names(typed_of_content(CASES[2].to_dict(), 1))
    first = set(typed.rows["lesions"])
    for action in actions:
        change_rows(typed, action)
    assert first <= set(typed.rows["lesions"]) | set(typed.removed["lesions"])


def test_the_packaged_cases_are_the_twelve_of_the_tests() -> None:
    assert [each.case_id for each in CASES] == [f"BC{n:02d}" for n in range(1, 13)]
    assert case_of_entry(CASES[3].to_dict()).to_dict() == CASES[3].to_dict()
