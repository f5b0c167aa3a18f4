"""Columns of a user's table as numbers or labels, checked, with messages that name the row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.errors import InputError
from debulk.survival.table_files import ROW

MISSING = ("", "na", "nan", "null", "none", "n/a", ".")
"""Text that stands for a missing value, in small letters."""

EVENT_WORDS = {"true": "1", "false": "0"}
"""Text that stands for an event."""

MOST_GROUPS = 20
MOST_CAUSES = 20

_REMEDY = {
    "event": "1 marks an event, 0 a censored time",
    "cause": "0 marks a censored time, 1, 2, ... the cause",
}


@dataclass(frozen=True, eq=False)
class Columns:
    """A frame, the file it came from, and what to add to its row numbers.

    Attributes
    ----------
    frame : DataFrame
        With the column of row numbers.
    path : Path
        For messages.
    offset : int
        What to add to a row number to get the one a user sees.
    """

    frame: pl.DataFrame
    path: Path
    offset: int

    def numbers(self, name: str, words: dict[str, str] | None = None) -> pl.Series:
        """Finite numbers; `words` maps text that stands for a number to that number.

        Raises
        ------
        InputError
            With the row of the first value that is missing, no number, or not finite.
        """
        column = self.frame[name]
        found = _as_numbers(column, words or {})
        if found is None:
            where = f"{self.path}, column {name!r}"
            raise InputError(where, f"holds {column.dtype} values, not numbers", "Give numbers")
        good = found.is_finite().fill_null(False)
        if not good.all():
            index = int((~good).arg_max() or 0)
            where = self.place(index, name)
            if missing(column)[index]:
                raise InputError(where, "the value is missing", "Complete the row or drop it")
            reason = "is not a number" if found[index] is None else "is not finite"
            raise InputError(where, f"{column[index]!r} {reason}", "Give a finite number")
        return found

    def times(self, name: str) -> pl.Series:
        """Times of at least 0."""
        times = self.numbers(name)
        self.refuse(times < 0, times, name, "is negative", "Times run from 0 on")
        return times

    def events(self, name: str) -> pl.Series:
        """Whether follow-up ended with the event."""
        events = self.numbers(name, EVENT_WORDS)
        wrong = (events != 0) & (events != 1)
        self.refuse(wrong, events, name, "is neither 0 nor 1", _REMEDY["event"])
        return events == 1

    def causes(self, name: str) -> pl.Series:
        """Why follow-up ended: 0 censored, 1, 2, ... the cause."""
        causes = self.numbers(name, EVENT_WORDS)
        wrong = (causes < 0) | (causes != causes.floor())
        self.refuse(wrong, causes, name, "is no cause", _REMEDY["cause"])
        if causes.n_unique() > MOST_CAUSES + 1:
            found = f"holds {causes.n_unique()} causes"
            remedy = f"Give a column with at most {MOST_CAUSES} causes"
            raise InputError(f"{self.path}, column {name!r}", found, remedy)
        return causes.cast(pl.Int64)

    def entries(self, name: str, times: pl.Series) -> pl.Series:
        """Start of observation, below the row's time."""
        entries = self.numbers(name)
        found = "is not below the row's time"
        self.refuse(entries >= times, entries, name, found, "Entry precedes exit")
        return entries

    def weights(self, name: str) -> pl.Series:
        """Weights of at least 0."""
        weights = self.numbers(name)
        self.refuse(weights < 0, weights, name, "is negative", "Weights are 0 or more")
        return weights

    def refuse(self, bad: pl.Series, values: pl.Series, name: str, found: str, remedy: str) -> None:
        """Raise on the first row for which `bad` is true.

        Raises
        ------
        InputError
            With the row and its value.
        """
        if bad.any():
            index = int(bad.arg_max() or 0)
            raise InputError(self.place(index, name), f"{values[index]:g} {found}", remedy)

    def place(self, index: int, name: str) -> str:
        """File, row as the user counts, and column."""
        return f"{self.path}, row {self.frame[ROW][index] + self.offset}, column {name!r}"

    def labels(self, name: str) -> pl.Series:
        """Labels; text that holds nothing but numbers is ordered as numbers.

        Raises
        ------
        InputError
            If the values are no labels.
        """
        column = self.frame[name]
        if isinstance(column.dtype, pl.Enum | pl.Categorical):
            return column
        if column.dtype == pl.String:
            text = column.str.strip_chars()
            numeric = text.cast(pl.Float64, strict=False)
            all_numbers = numeric.is_not_null().all() and numeric.is_finite().all()
            return numeric if all_numbers else text
        if column.dtype.is_numeric() or column.dtype == pl.Boolean:
            return column
        if column.dtype.is_nested() or column.dtype in (pl.Object, pl.Binary):
            where = f"{self.path}, column {name!r}"
            raise InputError(where, f"holds {column.dtype} values", "Give text or numbers")
        return column.cast(pl.String)

    def groups(self, name: str) -> pl.Series:
        """Labels of at least two and at most 20 groups."""
        labels = self.labels(name)
        where = f"{self.path}, column {name!r}"
        count = labels.n_unique()
        if count < 2:
            only = str(labels[0])
            raise InputError(
                where, f"holds one group only ({only!r})", "Leave --by out, or check it"
            )
        if count > MOST_GROUPS:
            remedy = f"Give a column with at most {MOST_GROUPS} groups"
            raise InputError(where, f"holds {count} groups", remedy)
        return labels

    def covariate(self, name: str) -> pl.Series:
        """Numbers where every value is one, else labels; missing values stay missing.

        Raises
        ------
        InputError
            If a number is infinite, or the values are neither numbers nor labels.
        """
        column = self.frame[name]
        absent = missing(column)
        if isinstance(column.dtype, pl.Enum | pl.Categorical):
            return column
        found = _as_numbers(column, {})
        if column.dtype == pl.Boolean:
            found = column.cast(pl.Float64)
        if found is not None and bool((found.is_not_null() | absent).all()):
            endless = found.is_infinite().fill_null(False)
            self.refuse(endless, found, name, "is not finite", "Give a finite number")
            return _blanked(found, absent)
        return _blanked(self.labels(name).cast(pl.String), absent)


def missing(column: pl.Series) -> pl.Series:
    """Where a value is missing: null, NaN, or text that says so."""
    absent = column.is_null()
    if column.dtype == pl.String:
        return absent | column.str.strip_chars().str.to_lowercase().is_in(MISSING).fill_null(False)
    if isinstance(column.dtype, pl.Enum | pl.Categorical):
        text = column.cast(pl.String)
        return absent | text.str.strip_chars().str.to_lowercase().is_in(MISSING).fill_null(False)
    if column.dtype.is_float():
        return absent | column.is_nan().fill_null(False)
    return absent


def _as_numbers(column: pl.Series, words: dict[str, str]) -> pl.Series | None:
    """Numbers, null where text is none; None where the column's kind cannot be numbers."""
    if column.dtype == pl.String:
        text = column.str.strip_chars()
        if words:
            text = text.str.to_lowercase().replace(words)
        return text.cast(pl.Float64, strict=False)
    if column.dtype.is_numeric() or (column.dtype == pl.Boolean and words):
        return column.cast(pl.Float64)
    return None


def _blanked(values: pl.Series, absent: pl.Series) -> pl.Series:
    """The values with null where `absent` is true."""
    frame = pl.DataFrame({"values": values, "absent": absent})
    picked = frame.select(pl.when(~pl.col("absent")).then(pl.col("values")))
    result: Any = picked.to_series().alias(values.name)
    return result  # type: ignore[no-any-return]
