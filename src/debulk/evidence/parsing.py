"""A packaged table read from its bytes, and refused where a cell does not fit its schema."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from typing import Any

import polars as pl

from debulk.core.errors import InputError
from debulk.evidence.plausibility import finding_complaint
from debulk.evidence.schema import FINDINGS, Kind, Schema

REMEDY = "Restore the table by installing debulk again, or build it anew from its sources"
DTYPES: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "flag": pl.Boolean(),
    "list": pl.List(pl.String()),
}


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
        listed = [cell.split(";") if kind == "list" else [cell] for cell in cells]
        _check_words(listed, lines, column, schema, name)
        values = cells if kind == "text" else _values(cells, kind, lines, name, column)
        columns[column] = pl.Series(column, values, dtype=DTYPES[kind])
    frame = pl.DataFrame(columns)
    _check_unique(frame, schema, lines, name)
    if schema is FINDINGS:
        for row, line in zip(frame.iter_rows(named=True), lines, strict=True):
            if complaint := finding_complaint(row):
                raise InputError(_place(name, line, complaint[0]), complaint[1], REMEDY)
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
    cells: list[list[str]], lines: list[int], column: str, schema: Schema, name: str
) -> None:
    words = schema.words.get(column, ())
    needed = column in schema.filled
    allowed = set(words) if needed else {*words, ""}
    if not words and not needed:
        return
    for listed, line in zip(cells, lines, strict=True):
        for cell in listed:
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
    "list": lambda cell: cell.split(";"),
}


def _check_unique(frame: pl.DataFrame, schema: Schema, lines: list[int], name: str) -> None:
    twice = frame[schema.unique].is_duplicated().arg_true()
    if len(twice):
        first, second = twice[0], twice[-1]
        cell = frame[schema.unique][first]
        found = f"{cell!r} stands in more than one line, the last of such is line {lines[second]}"
        raise InputError(f"{name}, line {lines[first]}, column {schema.unique}", found, REMEDY)
