"""Identifiers of cases: every mistyped character is found."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from debulk.board.records import case_id_of
from debulk.board.records.identifiers import ALPHABET, new_case_id
from debulk.core import InputError

places = st.integers(0, 5)


@given(places, st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(place, other):
    typed = list(new_case_id().replace("-", ""))
    assume(typed[place] != other)
    typed[place] = other
    with pytest.raises(InputError, match="mistyped"):
        case_id_of("".join(typed))


@given(places, places)
def test_two_characters_that_changed_places_are_found(one, other):
    typed = list(new_case_id().replace("-", ""))
    assume(typed[one] != typed[other])
    typed[one], typed[other] = typed[other], typed[one]
    with pytest.raises(InputError, match="mistyped"):
        case_id_of("".join(typed))


@given(st.text(max_size=12))
def test_any_text_is_an_identifier_or_refused(text):
    try:
        found = case_id_of(text)
    except InputError:
        return
    assert case_id_of(found) == found


def test_letters_taken_for_digits_do_not_occur():
    assert not set("01IOU") & set(ALPHABET)
    assert len(ALPHABET) == 31
