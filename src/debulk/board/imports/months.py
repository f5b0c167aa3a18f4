"""Dates of a file become months since the diagnosis of the bowel cancer, and are dropped."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from debulk.board.imports.refusals import column_at, refusal, row_of
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients import TABLES
from debulk.patients.readers.dates import read_dates
from debulk.patients.readers.notes import Notes

Rows = list[dict[str, Any]]

_ZERO = ("diagnosis_date", "primary_diagnosis_date", "date_of_diagnosis", "diagnosed_date")
_DATE = re.compile(r"(?:^|_)date(?:$|_)")
_MOMENT = {"assessments": "time_months", "judgements": "time_months"}


def dates_to_months(tables: dict[str, Rows]) -> tuple[dict[str, Rows], list[str], list[str]]:
    """Replace columns of dates by columns of months.

    Parameters
    ----------
    tables : dict of str to list of dict
        Rows with text cells. ``start_date`` becomes ``start_months``, ``date`` of an assessment
        ``time_months``, and so on; ``diagnosis_date`` of the patients is time zero.

    Returns
    -------
    tables, converted, dropped : dict, list of str, list of str
        The tables without a date; the columns that became months; the columns of dates that have no
        column of months and were left out.

    Raises
    ------
    InputError
        If a date cannot be read, lies before time zero, or there is no time zero.
    """
    zero = _zero(tables)
    converted: list[str] = []
    dropped: list[str] = []
    told: dict[str, Rows] = {}
    for table, rows in tables.items():
        columns = list(dict.fromkeys(name for row in rows for name in row))
        dates = [name for name in columns if _DATE.search(name.casefold())]
        told[table] = [{k: v for k, v in row.items() if k not in dates} for row in rows]
        for name in dates:
            months = _months_column(table, name)
            if name.casefold() in _ZERO or months is None:
                dropped += [] if name.casefold() in _ZERO else [f"{table}.{name}"]
                continue
            _fill(table, name, months, rows, told[table], zero)
            converted.append(f"{table}.{name}")
    return told, converted, dropped


def _months_column(table: str, name: str) -> str | None:
    stem = re.sub(r"_?date(?:_of)?_?", "", name.casefold())
    wanted = f"{stem}_months" if stem else _MOMENT.get(table, "")
    return wanted if wanted in TABLES.get(table, {}) else _MOMENT.get(table)


def _zero(tables: dict[str, Rows]) -> dict[str, Any]:
    """The day of the diagnosis by patient; for a file of one patient, under every name."""
    rows = tables.get("patients", [])
    for row in rows:
        for name in row:
            if name.casefold() in _ZERO:
                dates = _read("patients", name, [each.get(name) for each in rows])
                names = [str(each.get("patient_id")) for each in rows]
                return dict(zip(names, dates, strict=True))
    return {}


def _read(table: str, name: str, values: list[Any]) -> list[Any]:
    texts = pl.Series(name, [None if each is None else str(each) for each in values], pl.String)
    return read_dates(texts, f"{table}, column {name}", Notes()).to_list()


def _fill(table: str, name: str, months: str, rows: Rows, told: Rows, zero: dict[str, Any]) -> None:
    only = next(iter(zero.values())) if len(zero) == 1 else None
    for place, (row, day) in enumerate(
        zip(rows, _read(table, name, [row.get(name) for row in rows]), strict=True)
    ):
        if day is None or told[place].get(months) is not None:
            continue
        start = zero.get(str(row.get("patient_id")), only)
        where = column_at(row_of(table, place + 1), name)
        if start is None:
            raise refusal(where, "no_diagnosis")
        since = (day - start).days / DAYS_PER_MONTH
        if since < 0.0:
            raise refusal(where, "before_diagnosis", months=-since)
        told[place][months] = round(since, 2)
