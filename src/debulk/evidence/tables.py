"""The packaged tables of evidence: read once, checked against their schema, filtered."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.evidence.schema import FINDINGS, STUDIES, Kind, Schema

REMEDY = "Restore the table by installing debulk again, or build it anew from its sources"
DTYPES: dict[Kind, type[pl.DataType]] = {
    "text": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "flag": pl.Boolean,
}
TYPES: dict[Kind, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "flag": (bool,),
}


def findings(**filters: Any) -> pl.DataFrame:
    """Published findings, one row each, from every packaged table.

    Parameters
    ----------
    **filters
        Column to the value its cells must equal, or to a list of values of which they must equal
        one; None asks for empty cells. Columns are those of the table, see Returns.

    Returns
    -------
    polars.DataFrame
        key, table, kind ("number", "text", "criterion"), study, year, n, population, quantity,
        group, value, lower, upper (the printed limits), unit, statistic (what value and limits
        are), text (the printed form where it is no plain number), note, source (DOI, PMID, PMCID
        or registry numbers joined by "|"; an address where none is known), work (author, journal,
        year), seen_at (addresses that show it), secondary (whether only an address is known),
        verified ("yes" or "partial"), role (see `Role`), role_note. Empty numbers are null, empty
        words are "". Rows are in the order of the tables, then of their files.

    Raises
    ------
    InputError
        If a column or one of its words does not exist, or a value has the wrong type.

    Examples
    --------
    >>> from debulk.evidence import findings
    >>> findings(study="CLOCC", quantity="hazard ratio for death")["value"].to_list()
    [0.58]
    """
    return _filtered(_findings(), FINDINGS, filters, "evidence findings")


def studies(**filters: Any) -> pl.DataFrame:
    """Trials, series and other works that the findings come from, one row each.

    Parameters
    ----------
    **filters
        As for `findings`.

    Returns
    -------
    polars.DataFrame
        study, table, title, question, design, population, n, year (of the report), first_author,
        journal, published (year of the cited work), doi, pmid, registry (joined by "|"), role (of
        its first finding; the role of each finding decides what that finding may be used for).

    Raises
    ------
    InputError
        If a column or one of its words does not exist, or a value has the wrong type.
    """
    return _filtered(_studies(), STUDIES, filters, "evidence studies")


@cache
def _findings() -> pl.DataFrame:
    return _packaged("findings.csv", FINDINGS)


@cache
def _studies() -> pl.DataFrame:
    return _packaged("studies.csv", STUDIES)


def _packaged(name: str, schema: Schema) -> pl.DataFrame:
    data = resources.files("debulk.data").joinpath("evidence", name).read_bytes()
    return parse_table(data, schema, name)


def parse_table(data: bytes, schema: Schema, name: str) -> pl.DataFrame:
    """Read the bytes of a table of evidence, and refuse what does not fit its schema.

    Parameters
    ----------
    data : bytes
        A CSV file, UTF-8, with a header.
    schema : Schema
        What it must hold.
    name : str
        How messages call it.

    Returns
    -------
    polars.DataFrame
        Typed columns in the order of the schema.

    Raises
    ------
    InputError
        With the line and the column of the first cell that does not fit.
    """
    rows, lines = _rows(data, list(schema.columns), name)
    columns: dict[str, pl.Series] = {}
    for position, (column, kind) in enumerate(schema.columns.items()):
        cells = [row[position] for row in rows]
        _check_words(cells, lines, column, schema, name)
        values = cells if kind == "text" else _values(cells, kind, lines, name, column)
        columns[column] = pl.Series(column, values, dtype=DTYPES[kind])
    frame = pl.DataFrame(columns)
    _check_unique(frame, schema, lines, name)
    if schema is FINDINGS:
        _check_findings(frame, lines, name)
    return frame


def _rows(data: bytes, columns: list[str], name: str) -> tuple[list[list[str]], list[int]]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte {data[error.start]:#04x} is not UTF-8"
        raise InputError(f"{name}, line {line}", found, REMEDY) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, lines = [], []
    try:
        header = next(reader, [])
        if header != columns:
            found = f"the header is {','.join(header)!r}, not {','.join(columns)!r}"
            raise InputError(f"{name}, line 1", found, REMEDY)
        for row in reader:
            if len(row) != len(columns):
                found = f"there are {len(row)} cells, not {len(columns)}"
                raise InputError(f"{name}, line {reader.line_num}", found, REMEDY)
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        found = f"is no CSV ({error})"
        raise InputError(f"{name}, line {reader.line_num}", found, REMEDY) from None
    return rows, lines


def _check_words(
    cells: list[str], lines: list[int], column: str, schema: Schema, name: str
) -> None:
    words = schema.words.get(column, ())
    needed = column in schema.filled
    allowed = set(words) if needed else {*words, ""}
    for cell, line in zip(cells, lines, strict=True) if words or needed else ():
        if needed and not cell.strip():
            raise InputError(_place(name, line, column), "the cell is empty", REMEDY)
        if words and cell not in allowed:
            found = f"{cell!r} is none of {', '.join(words)}"
            raise InputError(_place(name, line, column), found, REMEDY)


def _values(cells: list[str], kind: Kind, lines: list[int], name: str, column: str) -> list[Any]:
    values: list[Any] = []
    for cell, line in zip(cells, lines, strict=True):
        try:
            values.append(READ[kind](cell) if cell else None)
        except (KeyError, ValueError, OverflowError):
            found = f"{cell!r} is no {kind} that fits"
            raise InputError(_place(name, line, column), found, REMEDY) from None
    return values


def _place(name: str, line: int, column: str) -> str:
    return f"{name}, line {line}, column {column}"


def _integer(cell: str) -> int:
    value = int(cell)
    if abs(value) >= 2**63:
        raise OverflowError
    return value


def _number(cell: str) -> float:
    value = float(cell)
    if not math.isfinite(value):
        raise OverflowError
    return value


READ: dict[Kind, Callable[[str], Any]] = {
    "integer": _integer,
    "number": _number,
    "flag": {"true": True, "false": False}.__getitem__,
}


def _check_unique(frame: pl.DataFrame, schema: Schema, lines: list[int], name: str) -> None:
    twice = frame[schema.unique].is_duplicated().arg_true()
    if len(twice):
        first, second = twice[0], twice[-1]
        cell = frame[schema.unique][first]
        found = f"{cell!r} stands in more than one line, the last of such is line {lines[second]}"
        raise InputError(f"{name}, line {lines[first]}, column {schema.unique}", found, REMEDY)


def _check_findings(frame: pl.DataFrame, lines: list[int], name: str) -> None:
    rules = (
        ("key", pl.col("key").str.starts_with(pl.col("table") + ":"), "does not name its table"),
        ("upper", pl.col("lower") <= pl.col("upper"), "is below the lower limit"),
        (
            "value",
            (pl.col("kind") == "number")
            == pl.any_horizontal(pl.col("value", "lower", "upper").is_not_null()),
            "does not agree with the kind of the finding",
        ),
        ("text", (pl.col("kind") == "number") | (pl.col("text") != ""), "is empty"),
    )
    for column, rule, found in rules:
        broken = frame.select(~rule.fill_null(value=True)).to_series().arg_true()
        if len(broken):
            cell = frame[column][broken[0]]
            where = f"{name}, line {lines[broken[0]]}, column {column}"
            raise InputError(where, f"{cell!r} {found}", REMEDY)


def _filtered(
    frame: pl.DataFrame, schema: Schema, filters: dict[str, Any], where: str
) -> pl.DataFrame:
    rules = []
    for column, wanted in filters.items():
        if column not in schema.columns:
            remedy = nearest(column, schema.columns)
            raise InputError(where, f"there is no column {column!r}", remedy)
        several = wanted if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
        values = [_wanted(each, column, schema, where) for each in several]
        rules.append(pl.col(column).is_in(values, nulls_equal=True))
    # A copy, so that a caller who changes it in place does not change what others read.
    return frame.filter(*rules) if rules else frame.clone()


def _wanted(value: Any, column: str, schema: Schema, where: str) -> Any:
    kind, words = schema.columns[column], schema.words.get(column)
    if value is None:
        return "" if kind == "text" else None
    mistaken = isinstance(value, bool) and kind != "flag"
    if mistaken or not isinstance(value, TYPES[kind]):
        remedy = f"Give a {kind}" if kind != "flag" else "Give True or False"
        raise InputError(f"{where}, filter {column}", f"{value!r} is no {kind}", remedy)
    if words is not None and value not in words:
        raise InputError(f"{where}, filter {column}", f"{value!r}", nearest(str(value), words))
    return value
