"""One column of somebody's table turned into one of the cohort's: dates, units, codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.patients.columns import TABLES, Column
from debulk.patients.readers.dates import months_from, read_dates
from debulk.patients.readers.mapping_schema import ColumnEntry
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.table_files import texts_of
from debulk.patients.readers.units import factor_to, unit_of


@dataclass(frozen=True, slots=True)
class Origin:
    """Where values come from.

    Attributes
    ----------
    where : str
        How complaints call the source's column.
    in_mapping : str
        How complaints call the line of the mapping.
    lines : polars.Series
        Line of each value in its file.
    zero : polars.Series or None
        Date of time zero of each row.
    decimal : str
        Decimal mark of the file.
    dates : sequence of str
        Formats that dates are written in, where the column names none.
    """

    where: str
    in_mapping: str
    lines: pl.Series
    zero: pl.Series | None
    decimal: str
    dates: Sequence[str]


def column_of(
    table: str, column: str, entry: ColumnEntry, given: pl.Series, origin: Origin, notes: Notes
) -> pl.Series:
    """Values of one column of a cohort.

    Parameters
    ----------
    table, column : str
        The cohort's.
    entry : ColumnEntry
        What the mapping says of it.
    given : polars.Series
        The source's values, without its codes for missing.
    origin : Origin
    notes : Notes

    Raises
    ------
    InputError
        On the first value that is not what the mapping says.
    """
    known = TABLES[table].get(column)
    if entry.value is not None:
        return pl.Series(column, [entry.value] * origin.lines.len(), dtype=pl.String)
    if entry.date:
        formats = origin.dates if entry.date is True else entry.date
        days = read_dates(given, origin.where, notes, formats=formats, lines=origin.lines)
        return pl.select(months_from(pl.lit(days), pl.lit(origin.zero)).alias(column)).to_series()
    if entry.codes is not None:
        given = _decoded(given, entry.codes, origin)
    if known is not None and known.kind in ("number", "whole"):
        return _numbers(given, known, entry, column, origin, notes)
    if entry.unit is not None:
        raise InputError(
            origin.in_mapping, f"unit {entry.unit!r}: it holds no number", "Remove unit:"
        )
    if known is not None and known.kind in ("words", "truth"):
        _check_words(given, known, origin)
    if known is not None and known.kind == "truth":
        return texts_of(given).str.to_lowercase().is_in(["true", "yes", "1"]).alias(column)
    return texts_of(given).alias(column)


def _decoded(given: pl.Series, codes: dict[str, str], origin: Origin) -> pl.Series:
    texts = texts_of(given)
    unknown = (texts.is_not_null() & ~texts.is_in(list(codes))).arg_true()
    if unknown.len():
        row = int(unknown[0])
        raise InputError(
            f"{origin.where}, line {origin.lines[row]}",
            f"code {texts[row]!r} is not in the mapping ({unknown.len()} rows)",
            f"Add it under codes:, or to missing:. Known: {', '.join(codes)}",
        )
    return texts.replace_strict(codes, default=None, return_dtype=pl.String)


def _numbers(
    given: pl.Series, known: Column, entry: ColumnEntry, column: str, origin: Origin, notes: Notes
) -> pl.Series:
    texts = given
    if given.dtype == pl.String and origin.decimal == ",":
        # A point only between thousands; any other would make 12.5 into 125.
        grouped = given.str.contains(r"^-?\d{1,3}(\.\d{3})+(,\d+)?$")
        texts = given.set((given.str.contains(r"\.") & ~grouped).fill_null(value=False), None)
        texts = texts.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    numbers = texts.cast(pl.Float64, strict=False).fill_nan(None)
    _refuse(given, given.is_not_null() & numbers.is_null(), origin,
            "is no number", _number_remedy(given))  # fmt: skip
    ours = unit_of(column)
    if ours is None and entry.unit is not None:
        raise InputError(
            origin.in_mapping, f"unit {entry.unit!r}: {column} has none", "Remove unit:"
        )
    if ours is not None:
        if entry.unit is None:
            notes.decide(
                f"{origin.where}: no unit is named, taken as {ours}", numbers.drop_nulls().len()
            )
        numbers = numbers * factor_to(ours, entry.unit or ours, origin.in_mapping)
    # Times may lie before time zero here; plausibility deals with them.
    low = numbers < (float("-inf") if column.endswith("_months") else known.least)
    if known.above:
        low = low | (numbers == known.least)
    outside = (low | (numbers > known.most)).fill_null(value=False)
    bound = f"{known.least:g} to {known.most:g}" if known.least > -1e9 else f"up to {known.most:g}"
    unit = f" {ours}" if ours else ""
    _refuse(given, outside, origin, f"is outside {bound}{unit}",
            f"Correct it, or the unit{f' ({entry.unit})' if entry.unit else ''}")  # fmt: skip
    return numbers.alias(column)


def _number_remedy(given: pl.Series) -> str:
    commas = given.dtype == pl.String and bool(given.str.contains(r"^-?\d+,\d+$").any())
    if commas:
        return "Write decimal: ',' in the mapping"
    return "Correct it, or add it to missing: in the mapping"


def _check_words(given: pl.Series, known: Column, origin: Origin) -> None:
    if known.kind == "truth":
        allowed = ["true", "false", "yes", "no", "1", "0"]
        texts = texts_of(given).str.to_lowercase()
    else:
        allowed, texts = list(known.words), given.cast(pl.String)
    wrong = texts.is_not_null() & ~texts.is_in(allowed)
    for row in wrong.arg_true()[:1]:
        value = str(texts[row])
        raise InputError(
            f"{origin.where}, line {origin.lines[row]}",
            f"{value!r} is none of {', '.join(allowed)}",
            f"Write what it means under codes: in the mapping. {nearest(value, allowed)}",
        )


def _refuse(given: pl.Series, wrong: pl.Series, origin: Origin, what: str, remedy: str) -> None:
    rows = wrong.arg_true()
    if rows.len():
        row = int(rows[0])
        more = f" ({rows.len()} rows)" if rows.len() > 1 else ""
        raise InputError(
            f"{origin.where}, line {origin.lines[row]}", f"{str(given[row])!r} {what}{more}", remedy
        )
