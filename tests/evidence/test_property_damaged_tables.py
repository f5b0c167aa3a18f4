"""Damaged tables of evidence: one clear message with its place, never another exception."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.evidence.parsing import parse_table
from debulk.evidence.schema import FINDINGS

GOOD = {
    "key": "trials:X/hr_os",
    "table": "trials",
    "kind": "number",
    "year": "2017",
    "quantity": "hazard ratio",
    "outcome": "overall survival",
    "value": "0.58",
    "lower": "0.38",
    "upper": "0.88",
    "source": "doi:10.1/x",
    "secondary": "false",
    "verified": "yes",
    "role": "calibration",
}


def table(*rows: dict[str, str], columns: list[str] | None = None) -> bytes:
    text = io.StringIO(newline="")
    names = list(FINDINGS.columns) if columns is None else columns
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def test_a_good_row_is_read() -> None:
    frame = parse_table(table(GOOD), FINDINGS, "t.csv")
    assert frame.select("value", "year", "secondary", "n").row(0) == (0.58, 2017, False, None)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ({"role": "calibrated"}, r"line 3, column role: 'calibrated' is none of calibration"),
        ({"verified": "no"}, r"line 3, column verified: 'no' is none of yes, partial"),
        ({"source": " "}, r"line 3, column source: the cell is empty"),
        ({"secondary": ""}, r"line 3, column secondary: the cell is empty"),
        ({"secondary": "False"}, r"line 3, column secondary: 'False' is no flag"),
        ({"value": "0,58"}, r"line 3, column value: '0,58' is no number"),
        ({"value": "nan"}, r"line 3, column value: 'nan' is no number"),
        ({"n": "1e3"}, r"line 3, column n: '1e3' is no integer"),
        ({"year": "9" * 40}, r"line 3, column year"),
        ({"lower": "0.9"}, r"line 3, column upper: 0.88 is below the lower limit"),
        ({"lower": "0.6"}, r"line 3, column lower: the interval from 0.6 excludes the value 0.58"),
        ({"upper": "0.5"}, r"line 3, column upper: the interval to 0.5 excludes the value 0.58"),
        ({"lower": "0"}, r"line 3, column lower: 0.0 is no ratio"),
        ({"unit": "%", "upper": "100.1"}, r"line 3, column upper: 100.1 is no share"),
        ({"outcome": "survival"}, r"line 3, column outcome: 'survival' is none of overall"),
        ({"key": "series:X/hr_os"}, r"line 3, column key: 'series:X/hr_os' does not name its"),
        ({"kind": "text"}, r"line 3, column value: 0.58 does not agree with the kind"),
        ({"kind": "text", "value": "", "lower": "", "upper": ""}, r"line 3, column text"),
        ({"key": "trials:X/first"}, r"line 2, column key: 'trials:X/first' stands in more"),
    ],
)
def test_one_bad_cell_is_named_with_its_place(damage: dict[str, str], told: str) -> None:
    first = GOOD | {"key": "trials:X/first"}
    with pytest.raises(InputError, match=told):
        parse_table(table(first, GOOD | damage), FINDINGS, "t.csv")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "line 1: the header"),
        (b"key,table\n", "line 1: the header"),
        (table(GOOD) + b"one,two\n", "line 3: there are 2 cells"),
        (table(GOOD) + b'"open', "is no CSV"),
        (table(GOOD) + b"\xff\n", "line 3: byte 0xff is not UTF-8"),
    ],
)
def test_a_broken_file_is_told(data: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        parse_table(data, FINDINGS, "t.csv")


# A busy machine must not fail a test of what is read.
patiently = settings(deadline=None)


def read_or_refuse(data: bytes) -> None:
    """Reading either gives a table in order or says what is wrong; nothing else may happen."""
    with contextlib.suppress(InputError):
        frame = parse_table(data, FINDINGS, "t.csv")
        assert frame.columns == list(FINDINGS.columns)
        assert frame["key"].is_unique().all()


@patiently
@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_clearly(data: bytes) -> None:
    read_or_refuse(data)
    read_or_refuse(table() + data)


CELLS = st.dictionaries(
    st.sampled_from(list(FINDINGS.columns)), st.text(max_size=20) | st.floats().map(str), max_size=4
)


@patiently
@given(st.lists(CELLS, max_size=3))
def test_arbitrary_cells_are_refused_clearly(rows: list[dict[str, str]]) -> None:
    read_or_refuse(table(*(GOOD | row for row in rows)))


@patiently
@given(st.integers(0, len(table(GOOD)) - 1), st.binary(max_size=3))
def test_a_cut_or_overwritten_file_is_refused_clearly(place: int, garbage: bytes) -> None:
    whole = table(GOOD)
    read_or_refuse(whole[:place] + garbage)
    read_or_refuse(whole[:place] + garbage + whole[place + len(garbage) :])
