"""Tables written as .csv or .parquet, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from debulk.core.errors import InputError

if TYPE_CHECKING:
    import polars as pl

TABLES = (".csv", ".parquet")


def check_path(option: str, path: Path | None, endings: tuple[str, ...] = TABLES) -> None:
    """Refuse, before anything is computed, a path at which nothing can be written.

    Raises
    ------
    InputError
        If the ending is not known, the folder does not exist, or the path is a folder.
    """
    if path is None:
        return
    where = f"{option} {path}"
    if path.suffix.lower() not in endings:
        found = f"ends in {path.suffix!r}" if path.suffix else "has no ending"
        raise InputError(where, found, f"End it in {' or '.join(endings)}")
    if path.is_dir() or not path.parent.is_dir():
        lacks = "is a folder" if path.is_dir() else "its folder does not exist"
        raise InputError(where, lacks, "Give a file in an existing folder")


def write_table(path: Path, table: pl.DataFrame) -> None:
    """Write a table; in .csv a cell that holds several words has them joined by "|".

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    import polars as pl
    import polars.selectors as cs

    from debulk.core.files import write_text, write_with

    if path.suffix.lower() == ".parquet":
        write_with(path, table.write_parquet)
    else:
        lists = cs.by_dtype(pl.List(pl.String))
        write_text(path, table.with_columns(lists.list.join("|")).write_csv())
