"""The border: tables as a user has them become tables of a cohort, or a message says why not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.patients.columns import TABLES, Column, schema

MISSING_WORDS = ("", "NA", "NaN", "nan", "null")
"""What stands for unknown in a text field."""

_TRUE, _FALSE = ("true", "yes", "1", "1.0"), ("false", "no", "0", "0.0")
_MISSPELT = 0.88  # likeness at which an unknown column is taken for a misspelt one
_SHOWN = 40
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,15})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE]-?\d{1,2})?", re.ASCII)


@dataclass
class Problems:
    """What is wrong with the tables, in the order found; ends in one message."""

    names: Mapping[str, str]
    first_row: Mapping[str, int]
    found: list[InputError] = field(default_factory=list)

    def add(self, table: str, column: str, row: int | None, found: str, remedy: str) -> None:
        """Note one problem; `row` counts from 0."""
        where = self.names.get(table, f"table {table}")
        if row is not None:
            first = self.first_row.get(table, 1)
            where += f", {'line' if first > 1 else 'row'} {row + first}"
        if column:
            where += f", column {column}"
        self.found.append(InputError(where, found, remedy))

    def raise_first(self) -> None:
        """Raise the first problem, with the count of the others, if there is any."""
        if self.found:
            first, more = self.found[0], len(self.found) - 1
            others = f" (and {more} more problem{'s' if more > 1 else ''})" if more else ""
            raise InputError(first.where, first.found + others, first.remedy) from None


def frame_of(table: str, given: object, problems: Problems) -> pl.DataFrame:
    """Make a frame of whatever table was given: a frame, a list of rows, a dict of columns."""
    if isinstance(given, pl.LazyFrame):
        given = given.collect()
    if isinstance(given, pl.DataFrame):
        return given
    columns = _columns_of(given)
    if columns is None:
        try:
            return pl.DataFrame(cast(Any, given))
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
            problems.add(table, "", None, f"is no table ({error})", "Give rows or columns")
            problems.raise_first()
            raise
    if len({len(values) for values in columns.values()}) > 1:
        problems.add(table, "", None, "its columns differ in length", "Fill missing with None")
        problems.raise_first()
    return pl.DataFrame([_series(name, values) for name, values in columns.items()])


def _columns_of(given: object) -> dict[str, list[Any]] | None:
    if isinstance(given, Mapping):
        if all(isinstance(each, Sequence) and not isinstance(each, str) for each in given.values()):
            return {str(name): list(values) for name, values in given.items()}
        return None
    if isinstance(given, Sequence) and all(isinstance(row, Mapping) for row in given):
        names = dict.fromkeys(str(name) for row in given for name in row)
        return {name: [row.get(name) for row in given] for name in names}
    return None


def _series(name: str, values: list[Any]) -> pl.Series:
    try:
        return pl.Series(name, values, strict=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        # Mixed types: as text, so that the complaint can quote what does not fit.
        return pl.Series(name, [None if each is None else str(each) for each in values], pl.String)


def admitted(table: str, given: pl.DataFrame, problems: Problems) -> pl.DataFrame:
    """One table with its columns in place and typed; what does not fit goes to `problems`."""
    known = TABLES[table]
    bare = [name.strip() for name in given.columns]
    for name in bare:
        if bare.count(name) > 1:
            problems.add(table, name, None, "the column comes twice", "Keep one")
            problems.raise_first()
    given = given.rename(dict(zip(given.columns, bare, strict=True)))
    _check_names(table, given.columns, known, problems)
    columns: list[pl.Series] = []
    for name, column in known.items():
        if name in given.columns:
            columns.append(_typed(table, given[name], column, problems))
        else:
            columns.append(pl.Series(name, [None] * given.height, dtype=column.dtype))
    extra = [_extra(given[name]) for name in given.columns if name not in known]
    return pl.DataFrame(columns + extra)


def filled(table: str, given: pl.DataFrame) -> pl.DataFrame:
    """One table whose rows are trusted: missing columns are added, types cast, nothing checked.

    Raises
    ------
    InputError
        If a required column is missing or a column's type cannot be cast.
    """
    known, types, held = TABLES[table], schema(table), given.schema
    for name, column in known.items():
        if column.required and name not in held:
            raise InputError(f"table {table}", f"column {name!r} is missing", f"Add {name}")
    steps = []
    for name, dtype in types.items():
        if name not in held:
            steps.append(pl.lit(None, dtype=dtype).alias(name))
        elif name != "patient_id" and held[name] != dtype:
            steps.append(pl.col(name).cast(dtype))
    try:
        return given.with_columns(steps) if steps else given
    except pl.exceptions.PolarsError as error:
        raise InputError(f"table {table}", f"{error}", "Give the column its type") from error


def _check_names(
    table: str, names: Iterable[str], known: Mapping[str, Column], problems: Problems
) -> None:
    given = list(names)
    absent = [name for name in known if name not in given]
    for name in given:
        close = difflib.get_close_matches(name, absent, n=1, cutoff=_MISSPELT)
        if name not in known and close:
            problems.add(
                table, name, None, "looks like a misspelt name", f"Did you mean {close[0]!r}?"
            )
    for name in absent:
        if known[name].required:
            others = [each for each in given if each not in known]
            near = difflib.get_close_matches(name, others, n=1, cutoff=0.5)
            remedy = f"Rename {near[0]!r} to {name!r}" if near else f"Add a column {name}"
            problems.add(table, name, None, "the column is missing", remedy)


def _typed(table: str, given: pl.Series, column: Column, problems: Problems) -> pl.Series:
    name = given.name
    values = _without_nan(given)
    if column.kind == "list":
        typed = _as_list(values)
    elif isinstance(values.dtype, pl.List | pl.Array | pl.Struct | pl.Object | pl.Binary):
        typed = None
    else:
        typed = _as_kind(values, column)
    if typed is None:
        found = f"holds {given.dtype}"
        problems.add(table, name, None, found, f"Give {_wanted(column)}")
        return pl.Series(name, [None] * given.len(), dtype=column.dtype)
    if column.kind == "list":
        # No name in a list and no list are one thing: a CSV file cannot tell them apart.
        listed = pl.DataFrame([typed]).select(pl.when(pl.col(name).list.len() > 0).then(name))
        return listed.to_series()
    _report(table, values, values.is_not_null() & typed.is_null(), column, problems)
    if column.kind in ("whole", "number"):
        low = typed <= column.least if column.above else typed < column.least
        outside = (low | (typed > column.most) | typed.is_infinite()).fill_null(value=False)
        _report(table, values, outside, column, problems)
    if column.required:
        empty = values.is_null()
        for row in empty.arg_true()[:1]:
            more = f" (and in {empty.sum() - 1} more rows)" if empty.sum() > 1 else ""
            problems.add(table, name, row, f"is empty{more}", f"Give {_wanted(column)}")
    # Not strict: a whole number beyond the type was reported above.
    return typed.cast(column.dtype, strict=False).alias(name)


def _without_nan(given: pl.Series) -> pl.Series:
    """NaN compares as true, so it becomes null here; so do the words for missing."""
    if given.dtype.is_float():
        return given.fill_nan(None)
    if isinstance(given.dtype, pl.Enum | pl.Categorical):
        given = given.cast(pl.String)
    if given.dtype == pl.String:
        bare = given.str.strip_chars()
        return bare.set(bare.is_in(MISSING_WORDS).fill_null(value=False), None)
    return given


def _as_kind(values: pl.Series, column: Column) -> pl.Series | None:
    """The values in the column's type, null where one does not fit; None if the type is wrong."""
    if values.dtype == pl.Null:
        return values.cast(column.dtype)
    if column.kind == "text":
        # A whole number may serve as an identifier; a float, a truth or a date would change text.
        fits = values.dtype == pl.String or values.dtype.is_integer()
        return values.cast(pl.String) if fits else None
    if column.kind == "words":
        fits = values.dtype == pl.String
        return values.cast(column.dtype, strict=False) if fits else None
    if column.kind == "truth":
        return _as_truth(values)
    if values.dtype == pl.Boolean or values.dtype.is_temporal():
        return None
    numbers = values.cast(pl.Float64, strict=False).fill_nan(None)
    if column.kind == "whole":
        numbers = numbers.set((numbers != numbers.floor()).fill_null(value=False), None)
    return numbers


def _as_truth(values: pl.Series) -> pl.Series | None:
    if values.dtype == pl.Boolean:
        return values
    if values.dtype.is_numeric():
        values = values.cast(pl.Float64).cast(pl.String)
    if values.dtype != pl.String:
        return None
    lower = values.str.to_lowercase()
    truth = pl.Series(values.name, [None] * values.len(), dtype=pl.Boolean)
    truth = truth.set(lower.is_in(_TRUE).fill_null(value=False), True)
    return truth.set(lower.is_in(_FALSE).fill_null(value=False), False)


def _as_list(values: pl.Series) -> pl.Series | None:
    if values.dtype == pl.Null:
        return values.cast(pl.List(pl.String))
    if values.dtype == pl.String:
        parts = values.str.split(";").list.eval(pl.element().str.strip_chars())
        return parts.list.eval(pl.element().filter(pl.element() != ""))
    if isinstance(values.dtype, pl.List) and values.dtype.inner in (pl.String, pl.Null):
        return values.cast(pl.List(pl.String)).list.drop_nulls()
    return None


def _report(
    table: str, values: pl.Series, wrong: pl.Series, column: Column, problems: Problems
) -> None:
    rows = wrong.arg_true()
    if rows.len() == 0:
        return
    value = values[int(rows[0])]
    more = f" (and {rows.len() - 1} more rows)" if rows.len() > 1 else ""
    shown = str(value) if len(str(value)) <= _SHOWN else str(value)[:_SHOWN] + "..."
    remedy = f"Give {_wanted(column)}, or leave it empty"
    if column.kind == "words":
        remedy += f". {nearest(str(value), column.words)}"
    problems.add(table, values.name, int(rows[0]), f"found {shown!r}{more}", remedy)


def _wanted(column: Column) -> str:
    if column.kind == "words":
        return f"one of {', '.join(column.words)}"
    if column.kind == "truth":
        return "true or false (or 1 or 0)"
    if column.kind == "list":
        return "identifiers joined by ;"
    if column.kind == "text":
        return "text"
    number = "a whole number" if column.kind == "whole" else "a number"
    low, high = column.least, column.most
    if low == float("-inf"):
        return number
    start = f"above {low:g}" if column.above else f"from {low:g}"
    return f"{number} {start}" + (f" to {high:g}" if high != float("inf") else "")


def _extra(given: pl.Series) -> pl.Series:
    """A column of the user's own: text that is all numbers or truths becomes such."""
    values = _without_nan(given)
    if values.dtype != pl.String:
        return values
    known = values.drop_nulls()
    if known.len() == 0:
        return values
    if known.is_in(["true", "false"]).all():
        return values == "true"
    # 007 is a code and not a number.
    if all(_WHOLE.fullmatch(each) for each in known.unique()):
        return values.cast(pl.Int64)
    if all(_DECIMAL.fullmatch(each) for each in known.unique()):
        return values.cast(pl.Float64)
    return values


def typed_column(given: pl.Series, column: Column, table: str) -> pl.Series:
    """A column of the user's own in the type that is asked of it.

    Raises
    ------
    InputError
        On the first value that does not fit: table, row, column, what was found, the remedy.
    """
    problems = Problems({}, {})
    typed = _typed(table, given, column, problems)
    problems.raise_first()
    return typed.alias(given.name)
