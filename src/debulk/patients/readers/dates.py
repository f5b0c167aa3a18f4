"""Dates as files write them; none is guessed where it could be two days."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.readers.notes import Notes

DATE_FORMATS: dict[str, tuple[str, str]] = {
    "yyyy-mm-dd": (r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"),
    "yyyy/mm/dd": (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    "yyyymmdd": (r"\d{8}", "%Y%m%d"),
    "dd/mm/yyyy": (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
    "mm/dd/yyyy": (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"),
    "dd-mm-yyyy": (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    "mm-dd-yyyy": (r"\d{1,2}-\d{1,2}-\d{4}", "%m-%d-%Y"),
    "dd.mm.yyyy": (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    "ddmonyyyy": (r"\d{2}[A-Za-z]{3}\d{4}", "%d%b%Y"),
    "yyyy-mm": (r"\d{4}-\d{2}", "%Y-%m-%d"),
    "yyyy": (r"\d{4}", "%Y-%m-%d"),
}
"""Names of the formats; with each the shape of a value and how it is parsed."""

_FILLED = {"yyyy-mm": "-15", "yyyy": "-07-01"}
"""What a partial date is completed with: the middle of what is left open."""

_CLOCK = re.compile(r"[T ]\d{1,2}(:\d{2}){0,2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$")
_ISO = ("yyyy-mm-dd", "yyyy-mm", "yyyy")


def read_dates(
    values: pl.Series,
    where: str,
    notes: Notes,
    *,
    formats: Sequence[str] = (),
    lines: pl.Series | None = None,
    strict: bool = True,
) -> pl.Series:
    """Turn texts into dates.

    Parameters
    ----------
    values : polars.Series
        Texts, or dates already. A time of day is dropped. Empty is unknown.
    where : str
        How complaints call the column: file and column.
    notes : Notes
        Receives the count of each format where there are several, and of partial dates.
    formats : sequence of str
        The formats that may stand in the column, names of `DATE_FORMATS`. Without any, every
        format is tried, and a value that would be two different days is refused.
    lines : polars.Series, optional
        The line of each value in its file; without it the second line is the first value's.
    strict : bool
        False: what is no date becomes null and is counted, for formats that promise ISO 8601.

    Returns
    -------
    polars.Series
        Dates; 2020-03 becomes the 15th, 2020 the first of July, both counted.

    Raises
    ------
    InputError
        If a value is in none of the formats, or could be two different days.
    """
    if values.dtype.is_temporal():
        return values.cast(pl.Date)
    for name in formats:
        if name not in DATE_FORMATS:
            raise InputError(where, f"{name!r} is no date format", nearest(name, DATE_FORMATS))
    texts = values.cast(pl.String).str.strip_chars()
    texts = texts.set((texts == "").fill_null(value=False), None)
    days: dict[str, object] = {}
    found: dict[str, int] = {}
    for text, line, count in _distinct(texts, lines):
        name, day = _one_day(text, formats, f"{where}, line {line}", strict=strict)
        if day is None:
            notes.decide(f"{where}: what is no ISO 8601 date is unknown", count)
            continue
        found[name] = found.get(name, 0) + count
        days[text] = day
    _tell(found, where, notes)
    return texts.replace_strict(days, default=None, return_dtype=pl.Date).alias(values.name)


def iso_dates(values: pl.Series, where: str, notes: Notes) -> pl.Series:
    """Dates of a column that promises ISO 8601, complete or partial; the rest is counted."""
    return read_dates(values, where, notes, formats=_ISO, strict=False)


def months_from(days: str | pl.Expr, zero: str | pl.Expr) -> pl.Expr:
    """Months to some dates, `days`, from others, `zero`: columns or expressions."""
    end, start = (pl.col(each) if isinstance(each, str) else each for each in (days, zero))
    return (end - start).dt.total_days() / DAYS_PER_MONTH


def _distinct(texts: pl.Series, lines: pl.Series | None) -> list[tuple[str, int, int]]:
    """Each text once, with the line it first stands on and how often it comes."""
    numbers = lines if lines is not None else pl.Series(range(2, texts.len() + 2), dtype=pl.Int64)
    rows = pl.DataFrame({"text": texts, "line": numbers}).drop_nulls("text")
    counted = rows.group_by("text", maintain_order=True).agg(pl.col("line").first(), pl.len())
    return counted.rows()


def _one_day(
    text: str, formats: Sequence[str], place: str, *, strict: bool
) -> tuple[str, object | None]:
    """The format and the day of a text; refused where it is two days, or none and `strict`."""
    matching = _matching(_CLOCK.sub("", text), formats or tuple(DATE_FORMATS))
    if len({day for _, day in matching}) > 1:
        names = " and ".join(name for name, _ in matching)
        remedy = f"Name the column's format in the mapping, as in dates: [{matching[0][0]}]"
        raise InputError(place, f"{text!r} could be {names}", remedy)
    if matching:
        return matching[0]
    if strict:
        remedy = f"Name its format; known: {', '.join(DATE_FORMATS)}"
        found = f"{text!r} is no date in {', '.join(formats) or 'a known format'}"
        raise InputError(place, found, remedy)
    return "", None


def _matching(text: str, formats: Sequence[str]) -> list[tuple[str, object]]:
    matching: list[tuple[str, object]] = []
    for name in formats:
        shape, code = DATE_FORMATS[name]
        if re.fullmatch(shape, text):
            day = _day(text + _FILLED.get(name, ""), code)
            if day is not None:
                matching.append((name, day))
    return matching


def _day(text: str, code: str) -> object:
    from datetime import datetime

    try:
        return datetime.strptime(text, code).date()
    except ValueError:
        return None


def _tell(found: dict[str, int], where: str, notes: Notes) -> None:
    for name, count in found.items():
        if name in _FILLED:
            middle = "the 15th" if name == "yyyy-mm" else "1 July"
            notes.decide(f"{where}: dates known as {name} alone were put on {middle}", count)
    whole = {name: count for name, count in found.items() if name not in _FILLED}
    if len(whole) > 1:
        for name, count in whole.items():
            notes.decide(f"{where}: dates written {name}", count)


def formats_of(values: pl.Series) -> list[str]:
    """Formats that the values of a column are written in; empty where one of them is no date.

    A whole number is none: a year alone or 20200304 may be anything.
    """
    if values.dtype.is_temporal():
        return ["yyyy-mm-dd"]
    if values.dtype != pl.String:
        return []
    names = [name for name in DATE_FORMATS if name not in ("yyyymmdd", "yyyy")]
    texts = {_CLOCK.sub("", each.strip()) for each in values.drop_nulls()} - {""}
    found = [{name for name, _ in _matching(text, names)} for text in texts]
    if not found or not all(found):
        return []
    # A value that fits one format decides for those that fit two.
    sure = {next(iter(each)) for each in found if len(each) == 1}
    needed = sure.union(*(each for each in found if not each & sure))
    return [name for name in DATE_FORMATS if name in needed]
