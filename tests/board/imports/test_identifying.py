"""Words that could identify someone: found in their forms, and terms of the field left alone."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.board.imports.identifying import LONGEST, identifying_text
from debulk.core.errors import InputError


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("CT on 12-03-2024", "date", "12-03-2024"),
        ("CT on 2024-03-12", "date", "2024-03-12"),
        ("operated 3 March 2021", "date", "3 March 2021"),
        ("born in 1956", "date", "in 1956"),
        ("seen by Dr. de Vries", "name", "Dr. de Vries"),
        ("J.P. van der Berg", "name", "J.P. van der Berg"),
        ("Jan Jansen has lesions", "name", "Jan Jansen"),
        ("MRN 44523", "number", "MRN 44523"),
        ("number 1234567", "number", "1234567"),
        ("Kerkstraat 12", "address", "Kerkstraat 12"),
        ("1234 AB Utrecht", "address", "1234 AB"),
        ("ask a.b@example.org", "email", "a.b@example.org"),
        ("call +31 20 123 4567", "phone", "+31 20 123 4567"),
        ("call 06-12345678", "phone", "06-12345678"),
    ],
)
def test_handworked_forms(text, kind, found):
    seen = identifying_text(text)
    assert [(each.kind, each.found) for each in seen] == [(kind, found)]
    assert text[seen[0].start : seen[0].end] == found
    assert f'"{found}" could identify someone' in seen[0].text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fifteen lesions, partial response after three cycles: ORCHESTRA fits?",
        "Child Pugh A, Clavien Dindo 2, NCT01792934, EORTC 40983",
        "Two lesions of 28 mm in S6 and S7; 28 may grow",
        "FOLFOX 400 mg, CEA 2200",
        "Liver Metastases in both lobes",
    ],
)
def test_terms_of_the_field_are_left_alone(text):
    assert identifying_text(text) == []


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_property_findings_lie_in_the_text_and_never_overlap(text):
    seen = identifying_text(text)
    assert all(text[each.start : each.end] == each.found for each in seen)
    assert all(a.end <= b.start for a, b in pairwise(seen))


def test_hostile_text():
    for bad in (None, b"x", "x" * (LONGEST + 1)):
        with pytest.raises(InputError):
            identifying_text(bad)
