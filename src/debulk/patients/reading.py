"""Cohorts read from a folder of CSV or Parquet files."""

from __future__ import annotations

import csv
import io
from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.files import path_of, read_utf8
from debulk.patients.cohort import Cohort, checked
from debulk.patients.columns import REQUIRED_FILES, TABLES
from debulk.patients.reading_record import read_record

_ENDINGS = (".csv", ".parquet")


def read_cohort(path: str | Path) -> Cohort:
    """Read a cohort from a folder, as `Cohort.write` makes it.

    Parameters
    ----------
    path : str or Path
        A folder with ``patients.csv`` or ``patients.parquet`` and ``followup``, and, where there
        are any, ``lesions``, ``treatments``, ``assessments`` and ``judgements``. CSV is UTF-8
        with commas; an empty field, NA, NaN or null is unknown; lists are joined by ``;``.

    Returns
    -------
    Cohort
        Validated: types, allowed words, possible sizes and times, unique identifiers, no row of
        an unknown patient.

    Raises
    ------
    InputError
        On the first thing that does not fit: file, line, column, what was found, the remedy, and
        how many further problems there are.
    """
    folder = path_of(path, "path")
    if folder.is_file():
        raise InputError(str(folder), "is a file, not a folder", "Name the folder it lies in")
    if not folder.is_dir():
        raise InputError(str(folder), "there is no such folder", "Check the path")
    files = cohort_files(folder)
    tables: dict[str, object] = {
        table: _read_csv(file) if file.suffix == ".csv" else read_parquet(file)
        for table, file in files.items()
    }
    names = {table: str(file) for table, file in files.items()}
    # The first row of a CSV file stands on its second line.
    first_row = {table: 2 if file.suffix == ".csv" else 1 for table, file in files.items()}
    return checked(tables, names, first_row, record=read_record(folder))


def example_cohort() -> Cohort:
    """The small packaged cohort, for trying commands out; its patients are invented."""
    with example_folder() as folder:
        return read_cohort(folder)


def example_folder() -> AbstractContextManager[Path]:
    """The folder of the packaged cohort, as a context manager."""
    return resources.as_file(resources.files("debulk.data").joinpath("examples", "cohort"))


def cohort_files(folder: Path) -> dict[str, Path]:
    """The file of each table that a cohort's folder holds.

    Raises
    ------
    InputError
        If a required table is missing, a table is there twice, or the folder cannot be read.
    """
    found: dict[str, Path] = {}
    try:
        present = sorted(each.name for each in folder.iterdir())
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(str(folder), f"cannot be read ({reason})", "Check the path") from error
    for table in TABLES:
        files = [folder / f"{table}{end}" for end in _ENDINGS if f"{table}{end}" in present]
        if len(files) > 1:
            raise InputError(
                str(folder), f"holds {table} twice", "Keep the CSV or the Parquet file"
            )
        if files:
            found[table] = files[0]
        elif table in REQUIRED_FILES:
            near = nearest(f"{table}.csv", present) if present else "The folder is empty."
            raise InputError(str(folder), f"{table}.csv or .parquet is missing", near)
    return found


def _read_csv(file: Path) -> pl.DataFrame:
    text = read_utf8(file)
    header = _header(file, text)
    try:
        return pl.read_csv(
            io.BytesIO(text.encode("utf-8")), infer_schema=False, raise_if_empty=False
        )
    except pl.exceptions.PolarsError as error:
        line = str(error).splitlines()[0]
        remedy = f"Give each line {len(header)} fields, separated by commas"
        raise InputError(str(file), f"is no CSV table ({line})", remedy) from None


def _header(file: Path, text: str) -> list[str]:
    if not text.strip():
        raise InputError(str(file), "is empty", "Give at least the line of column names")
    if "\0" in text:
        raise InputError(str(file), "holds a NUL character", "Save it as a plain CSV file")
    try:
        header = [name.strip() for name in next(csv.reader(io.StringIO(text)))]
    except (csv.Error, StopIteration):
        raise InputError(f"{file}, line 1", "no column names", "Save it as CSV") from None
    if len(header) == 1 and ";" in header[0]:
        raise InputError(f"{file}, line 1", "fields are separated by ;", "Separate them by commas")
    for name in header:
        if not name:
            raise InputError(f"{file}, line 1", "a column has no name", "Name every column")
        if header.count(name) > 1:
            raise InputError(f"{file}, line 1", f"column {name!r} comes twice", "Keep one")
    return header


def read_parquet(file: Path) -> pl.DataFrame:
    """A Parquet file as a table; what is none is refused by its name."""
    try:
        return pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException) as error:
        line = str(error).splitlines()[0] if str(error) else "cannot be read"
        raise InputError(str(file), f"is no Parquet table ({line})", "Save it again") from None
