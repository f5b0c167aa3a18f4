"""A CSV or Parquet file as a frame whose rows know their number in the file."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.files import read_utf8

ROW = "\x00row"
"""Column with the number of each row, from 0; no column of a file can have this name."""


def read_frame(path: Path) -> tuple[pl.DataFrame, int]:
    """The table with a column of row numbers, and what to add to get the number users see.

    Raises
    ------
    InputError
        With the file: no such file, another ending, empty, not UTF-8, not a table.
    """
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
            frame = pl.read_csv(io.StringIO(text), infer_schema=False, row_index_name=ROW)
            columns = [name for name in frame.columns if name != ROW]
            frame = frame.filter(~pl.all_horizontal(pl.col(columns).is_null()))
            return frame, 2
        if not path.is_file():
            raise InputError(str(path), "there is no such file", "Check the path")
        return pl.read_parquet(path).with_row_index(ROW), 1
    except pl.exceptions.NoDataError:
        raise InputError(str(path), "the file is empty", "Give a table with a header") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "unknown format"
        raise InputError(
            str(path), f"cannot be read as {kind[1:].upper()} ({reason})", "Check the file's format"
        ) from None


def check_columns(frame: pl.DataFrame, columns: list[str], path: Path) -> None:
    """Refuse a table that lacks one of the columns, or has no rows.

    Raises
    ------
    InputError
        With the names that come near the missing one.
    """
    for column in columns:
        if column not in frame.columns or column == ROW:
            known = [each for each in frame.columns if each != ROW]
            remedy = nearest(column, known)
            raise InputError(str(path), f"there is no column {column!r}", remedy)
    if frame.height == 0:
        raise InputError(str(path), "the table has no rows", "Give one row a subject")
