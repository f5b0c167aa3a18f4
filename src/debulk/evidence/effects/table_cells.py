"""Cells of a user's table of studies, each read with its file, row and column at hand."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.errors import InputError, nearest, number_remedy
from debulk.evidence.effects.effect import EFFECT
from debulk.survival.table_columns import MISSING
from debulk.survival.table_files import ROW, read_frame

MOST_ROWS = 200_000
"""A table with more is one of patients, or is read by pieces: each row is checked cell by cell."""
NOT_A_NUMBER = "nan"
BOUND = re.compile(r"[<>\u2264\u2265]\s*(\d*\.?\d+)")


@dataclass(frozen=True, slots=True)
class Cells:
    """One row.

    Attributes
    ----------
    file, row : str
        File, and row as a user counts it.
    values : mapping of str to Any
        Recognised name of a column to its cell.
    columns : mapping of str to str
        Recognised name to the column's name in the file.
    """

    file: str
    row: str
    values: Mapping[str, Any]
    columns: Mapping[str, str]

    @property
    def place(self) -> str:
        """File and row."""
        return f"{self.file}, {self.row}"

    def where(self, name: str) -> str:
        """File, row and column."""
        return f"{self.place}, column {self.columns.get(name, name)!r}"

    def text(self, name: str) -> str:
        """A cell as text; empty where it is missing."""
        value = self.values.get(name)
        return "" if value is None or is_missing(value) else str(value).strip()

    def number(self, name: str) -> float | None:
        """A cell as a number; None where it is missing.

        Raises
        ------
        InputError
            If it is text, NaN or infinite.
        """
        value = self.values.get(name)
        if value is None or is_missing(value):
            return None
        try:
            found = float(value)
        except (TypeError, ValueError):
            bound = BOUND.fullmatch(str(value).strip())
            remedy = (
                "Give a number"
                if bound is None
                else (f"Give the exact value, or {bound[1]} as the bound that it is")
            )
            told = f"{value!r} is not a number"
            raise InputError(self.where(name), told, number_remedy(value, remedy)) from None
        if isinstance(value, bool) or not math.isfinite(found):
            raise InputError(self.where(name), f"{value!r} is no finite number", "Give a number")
        return found

    @contextmanager
    def placed(self, columns: Mapping[str, str]) -> Iterator[None]:
        """Let errors about an argument name the file, the row and the column it came from.

        Parameters
        ----------
        columns : mapping of str to str
            Argument to recognised column.
        """
        try:
            yield
        except InputError as error:
            if error.where.startswith(self.place):
                raise
            whole = error.where == EFFECT
            where = self.place if whole else self.where(columns.get(error.where, error.where))
            raise type(error)(where, error.found, error.remedy) from None


def is_missing(value: object) -> bool:
    """Whether a cell says that nothing is known; NaN is no such word here, but an error."""
    if value is None:
        return True
    text = str(value).strip().casefold() if isinstance(value, str) else "."
    return isinstance(value, str) and text in MISSING and text != NOT_A_NUMBER


def read_cells(
    table: Path | str | pl.DataFrame, columns: Mapping[str, str] | None
) -> tuple[list[Cells], list[str], str]:
    """Every row of a table, its recognised names of columns, and how messages call it.

    Parameters
    ----------
    table : Path, str or polars.DataFrame
        A .csv or .parquet file, or a frame.
    columns : mapping of str to str, optional
        Recognised name to the name in the table.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, lacks a column that is mapped, or two columns have one
        recognised name.
    """
    if isinstance(table, pl.DataFrame):
        name, frame, offset, rows = "table", table, 1, list(range(table.height))
    else:
        _refuse_other_separators(Path(table))
        read, offset = read_frame(Path(table))
        name, frame, rows = str(table), read.drop(ROW), read[ROW].to_list()
    if frame.height == 0:
        raise InputError(name, "the table has no rows", "Give one row a study")
    if frame.height > MOST_ROWS:
        told = f"{frame.height:,} rows are more than {MOST_ROWS:,}"
        remedy = "Give one row a study, not a patient; debulk.evidence.pool takes longer arrays"
        raise InputError(name, told, remedy)
    known = _names(frame.columns, dict(columns or {}), name)
    frame = frame.rename({column: each for each, column in known.items()})
    found = [
        Cells(name, f"row {row + offset}", values, known)
        for row, values in zip(rows, frame.iter_rows(named=True), strict=True)
    ]
    return found, list(known), name


def _refuse_other_separators(path: Path) -> None:
    """Name what stands between the cells of a file that would be read as a single column."""
    if path.suffix.lower() != ".csv" or not path.is_file():
        return
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        header = file.readline().strip()
    if "," in header:
        return
    for mark, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if mark in header:
            found = f"its cells are separated by {called} ({header!r:.60})"
            remedy = "Save it with commas between cells and points in decimal numbers"
            raise InputError(str(path), found, remedy)


def _names(headers: list[str], mapped: dict[str, str], where: str) -> dict[str, str]:
    """Recognised name to header; capitals, blanks and hyphens in headers do not matter."""
    for name, header in mapped.items():
        if header not in headers:
            found = f"there is no column {header!r} (for {name})"
            raise InputError(where, found, nearest(header, headers))
    taken = set(mapped.values())
    names = dict(mapped)
    for header in headers:
        if header in taken:
            continue
        name = re.sub(r"[\s\-]+", "_", header.strip().casefold())
        if name in mapped:
            # The user chose another column for this name; this one stays under its own.
            name = header
        if name in names:
            found = f"columns {names[name]!r} and {header!r} are both {name!r}"
            raise InputError(where, found, "Rename one of them")
        names[name] = header
    return names
