"""A user's table of follow-up, read with messages that name file, row and column."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.files import read_utf8
from debulk.core.provenance import sha256_of

EXAMPLES = ("colon",)
"""Names of the packaged examples."""

_MISSING = frozenset({"", "na", "nan", "null", "none", "n/a", "."})
_EVENT_WORDS = {"true": "1", "false": "0"}


@dataclass(frozen=True, eq=False)
class FollowUpTable:
    """One row a subject: time, event and, where asked for, group.

    Attributes
    ----------
    name : str
        File name without its folder, or the example's name.
    sha256 : str
        Of the file's bytes.
    time, event, group : Series
        Checked columns; `group` is None where none was asked for.
    without_group : int
        Rows left out because their group is missing.
    columns : dict of str to str
        Role (time, event, group) to the column's name in the file.
    remarks : tuple of str
        What a reader must know about the table.
    packaged : bool
        Whether it is an example, so that its columns are not the user's choice.
    """

    name: str
    sha256: str
    time: pl.Series
    event: pl.Series
    group: pl.Series | None
    without_group: int
    columns: dict[str, str]
    remarks: tuple[str, ...] = ()
    packaged: bool = False


def read_table(path: Path, *, time: str, event: str, group: str | None = None) -> FollowUpTable:
    """Read a CSV or Parquet file with one row a subject.

    Parameters
    ----------
    path : Path
        A file whose name ends in .csv or .parquet.
    time, event, group : str
        Names of the columns. Times are numbers of at least 0; events are 0 or 1 (or true, false).
        Rows without a group are left out and counted; a missing time or event is an error.

    Raises
    ------
    InputError
        With file, row and column: no such file, not UTF-8, not a table, empty, unknown column,
        a value that does not fit, no event, or one group only.
    """
    frame, offset = _read_frame(path)
    columns = {"time": time, "event": event} | ({} if group is None else {"group": group})
    for column in columns.values():
        if column not in frame.columns:
            known = [each for each in frame.columns if each != _ROW]
            remedy = nearest(column, known)
            raise InputError(str(path), f"there is no column {column!r}", remedy)
    if frame.height == 0:
        raise InputError(str(path), "the table has no rows", "Give one row a subject")
    dropped = 0
    if group is not None:
        present = [not _is_missing(value) for value in frame[group].to_list()]
        dropped = len(present) - sum(present)
        frame = frame.filter(pl.Series(present))
        if frame.height == 0:
            where = f"{path}, column {group!r}"
            raise InputError(where, "every value is missing", "Choose another column")
    rows = [int(row) + offset for row in frame[_ROW].to_list()]
    times = _numbers(frame[time], rows, f"{path}", time, words={})
    events = _numbers(frame[event], rows, f"{path}", event, words=_EVENT_WORDS)
    _check_values(times, events, rows, path, columns)
    groups = None if group is None else _groups(frame[group], f"{path}, column {group!r}")
    return FollowUpTable(
        name=path.name,
        sha256=sha256_of(path),
        time=times,
        event=events == 1,
        group=groups,
        without_group=dropped,
        columns=columns,
    )


def example_table(name: str) -> FollowUpTable:
    """Read a packaged example, ready to compare.

    Raises
    ------
    InputError
        If no example has that name.
    """
    if name not in EXAMPLES:
        raise InputError("--example", f"there is no example {name!r}", nearest(name, EXAMPLES))
    content = resources.files("debulk.data").joinpath("examples", "colon.csv").read_bytes()
    deaths = pl.read_csv(io.BytesIO(content), null_values="NA").filter(pl.col("etype") == 2)
    return FollowUpTable(
        name="colon.csv (packaged)",
        sha256=sha256_of(content),
        time=deaths["time"].cast(pl.Float64),
        event=deaths["status"] == 1,
        group=deaths["rx"].cast(pl.Enum(["Obs", "Lev", "Lev+5FU"])),
        without_group=0,
        columns={"time": "time", "event": "status", "group": "rx"},
        remarks=(
            "Example colon: death (etype 2) by treatment (rx), time in days. Adjuvant chemotherapy "
            "after resection of stage B/C colon cancer, so no metastases (Moertel 1990; data of "
            "the R package survival, LGPL).",
        ),
        packaged=True,
    )


_ROW = "\x00row"


def _read_frame(path: Path) -> tuple[pl.DataFrame, int]:
    """The table with a column of row numbers, and what to add to get the number users see."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet"):
        found = f"a file name ending in {path.suffix!r}" if path.suffix else "a name without ending"
        raise InputError(str(path), found, "Give a .csv or .parquet file")
    try:
        if kind == ".csv":
            # Everything as text first: a value that is no number is then reported with its row.
            text = read_utf8(path)
            if "\x00" in text:
                raise InputError(str(path), "holds a null character", "Save the file as plain CSV")
            frame = pl.read_csv(io.StringIO(text), infer_schema=False, row_index_name=_ROW)
            columns = [name for name in frame.columns if name != _ROW]
            frame = frame.filter(~pl.all_horizontal(pl.col(columns).is_null()))
            return frame, 2
        if not path.is_file():
            raise InputError(str(path), "there is no such file", "Check the path")
        return pl.read_parquet(path).with_row_index(_ROW), 1
    except pl.exceptions.NoDataError:
        raise InputError(str(path), "the file is empty", "Give a table with a header") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "unknown format"
        raise InputError(
            str(path), f"cannot be read as {kind[1:].upper()} ({reason})", "Check the file's format"
        ) from None


def _is_missing(value: Any) -> bool:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and value.strip().lower() in _MISSING


def _numbers(
    column: pl.Series, rows: list[int], file: str, name: str, words: dict[str, str]
) -> pl.Series:
    """Finite numbers; `words` maps text that stands for a number to that number."""
    if column.dtype == pl.String:
        text = column.str.strip_chars()
        if words:
            text = text.str.to_lowercase().replace(words)
        found = text.cast(pl.Float64, strict=False)
    elif column.dtype.is_numeric() or (column.dtype == pl.Boolean and words):
        found = column.cast(pl.Float64)
    else:
        where = f"{file}, column {name!r}"
        raise InputError(where, f"holds {column.dtype} values, not numbers", "Give numbers")
    good = found.is_finite().fill_null(False)
    if not good.all():
        index = int((~good).arg_max() or 0)
        value = column[index]
        where = f"{file}, row {rows[index]}, column {name!r}"
        if _is_missing(value):
            raise InputError(where, "the value is missing", "Complete the row or drop it")
        reason = "is not a number" if found[index] is None else "is not finite"
        raise InputError(where, f"{value!r} {reason}", "Give a finite number")
    return found


def _check_values(
    times: pl.Series, events: pl.Series, rows: list[int], path: Path, columns: dict[str, str]
) -> None:
    checks = (
        ("time", times, times < 0, "is negative", "Times run from 0 on"),
        (
            "event",
            events,
            (events != 0) & (events != 1),
            "is neither 0 nor 1",
            "1 marks an event, 0 a censored time",
        ),
    )
    for role, values, bad, found, remedy in checks:
        if bad.any():
            index = int(bad.arg_max() or 0)
            where = f"{path}, row {rows[index]}, column {columns[role]!r}"
            raise InputError(where, f"{values[index]:g} {found}", remedy)
    if not (events == 1).any():
        where = f"{path}, column {columns['event']!r}"
        remedy = "Check which value marks an event; it must be 1"
        raise InputError(where, "no subject has the event", remedy)


def _groups(column: pl.Series, where: str) -> pl.Series:
    """Labels; text that holds nothing but numbers is ordered as numbers."""
    if isinstance(column.dtype, pl.Enum | pl.Categorical):
        labels = column
    elif column.dtype == pl.String:
        text = column.str.strip_chars()
        numeric = text.cast(pl.Float64, strict=False)
        all_numbers = numeric.is_not_null().all() and numeric.is_finite().all()
        labels = numeric if all_numbers else text
    elif column.dtype.is_numeric() or column.dtype == pl.Boolean:
        labels = column
    elif column.dtype.is_nested() or column.dtype in (pl.Object, pl.Binary):
        raise InputError(where, f"holds {column.dtype} values", "Give text or numbers")
    else:
        labels = column.cast(pl.String)
    if labels.n_unique() < 2:
        only = str(labels.to_list()[0])
        raise InputError(where, f"holds one group only ({only!r})", "Leave --by out, or check it")
    if labels.n_unique() > _MOST_GROUPS:
        found = f"holds {labels.n_unique()} groups"
        remedy = f"Give a column with at most {_MOST_GROUPS} groups"
        raise InputError(where, found, remedy)
    return labels


_MOST_GROUPS = 20
