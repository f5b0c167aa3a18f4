"""The tables of an OMOP database behind SQL: Polars lazily, or DuckDB where they beat the memory.

Both engines answer the same plain queries. DuckDB reads a database file, or CSV and Parquet as
views; only rows of the cohort's persons ever reach this process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from debulk.core.errors import InputError
from debulk.patients.readers.notes import Notes

OMOP_TABLES = (
    "person", "observation_period", "death", "condition_occurrence", "procedure_occurrence",
    "drug_exposure", "measurement", "episode", "concept",
)  # fmt: skip
"""Tables that are read where they are there; person and condition_occurrence must be."""

BIG_BYTES = 2 * 1024**3
"""Folders beyond this size are read through DuckDB, if it is installed."""

_ENDINGS = (".csv", ".parquet")
_EXTRA = "Install it: pip install 'debulk[registries]'"


class Database(Protocol):
    """Tables that can be asked in SQL."""

    columns: dict[str, set[str]]

    def ask(self, query: str) -> pl.DataFrame:
        """The answer to a query, every column as text."""
        ...

    def keep(self, name: str, query: str) -> None:
        """Keep the answer to a query as a table of its own."""
        ...


def open_database(path: Path, notes: Notes, memory_limit: str | None = None) -> Database:
    """Open a folder of tables or a DuckDB file.

    Parameters
    ----------
    path : Path
        A folder with ``person.csv`` or ``.parquet`` and so on, or a ``.duckdb`` file.
    notes : Notes
    memory_limit : str, optional
        Such as ``"2GB"``: read through DuckDB, which spills to disk beyond it.

    Raises
    ------
    InputError
        If a required table is missing, or DuckDB is needed and not installed.
    """
    if path.is_file():
        return _DuckDB(path, {}, notes, memory_limit)
    files = _files(path, notes)
    size = sum(each.stat().st_size for each in files.values())
    if memory_limit is not None or (size > BIG_BYTES and _has_duckdb()):
        return _DuckDB(None, files, notes, memory_limit)
    return _Polars(files)


def need(database: Database, table: str, columns: Sequence[str], where: str) -> None:
    """Refuse a database that lacks a table or column.

    Raises
    ------
    InputError
        Naming the table and the column.
    """
    if table not in database.columns:
        raise InputError(where, f"table {table} is missing", "Export it with the others")
    for column in columns:
        if column not in database.columns[table]:
            remedy = f"Export {table} whole, as the OMOP CDM has it"
            raise InputError(f"{where}, table {table}", f"column {column} is missing", remedy)


def _files(folder: Path, notes: Notes) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        name = file.stem.lower()
        if file.suffix.lower() not in _ENDINGS:
            continue
        if name not in OMOP_TABLES:
            notes.ignore(f"file {file.name}")
        elif name in files:
            raise InputError(str(folder), f"holds {name} twice", "Keep the CSV or the Parquet file")
        elif file.stat().st_size == 0:
            raise InputError(str(file), "is empty", "Export the table again")
        else:
            files[name] = file
            notes.read(file)
    return files


def _has_duckdb() -> bool:
    from importlib.util import find_spec

    return find_spec("duckdb") is not None


class _Polars:
    """Tables scanned lazily: only the rows and columns that a query needs are read."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.context = pl.SQLContext()
        self.columns: dict[str, set[str]] = {}
        for name, file in files.items():
            try:
                frame = (
                    pl.scan_csv(file, infer_schema=False, encoding="utf8")
                    if file.suffix.lower() == ".csv"
                    else pl.scan_parquet(file)
                )
                names = frame.collect_schema().names()
            except (pl.exceptions.PolarsError, OSError) as error:
                raise _unreadable(file, error) from None
            frame = frame.rename({each: each.strip().lower() for each in names})
            self.context.register(name, frame)
            self.columns[name] = {each.strip().lower() for each in names}

    def ask(self, query: str) -> pl.DataFrame:
        try:
            return self.context.execute(query, eager=True).cast(pl.String)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _unreadable(Path("OMOP tables"), error) from None

    def keep(self, name: str, query: str) -> None:
        self.context.register(name, self.ask(query).lazy())


class _DuckDB:
    """Tables in a DuckDB file, or files as its views, within a limit of memory."""

    def __init__(
        self, file: Path | None, files: dict[str, Path], notes: Notes, memory_limit: str | None
    ) -> None:
        try:
            import duckdb
        except ImportError:
            raise InputError(str(file or "OMOP tables"), "needs DuckDB", _EXTRA) from None
        self.errors: type[Exception] = duckdb.Error
        try:
            self.connection: Any = duckdb.connect()
            # Else what does not fit would be laid down in the user's working folder.
            self.connection.execute("SET temp_directory = ?", [tempfile.gettempdir()])
            if memory_limit is not None:
                self.connection.execute("SET memory_limit = ?", [memory_limit])
            if file is not None:
                notes.read(file)
                self.connection.execute(f"ATTACH '{_quoted(str(file))}' AS given (READ_ONLY)")
                self.connection.execute("USE given")
            for name, each in files.items():
                scan = "read_parquet" if each.suffix.lower() == ".parquet" else "read_csv"
                more = "" if scan == "read_parquet" else ", all_varchar = true, header = true"
                self.connection.execute(
                    f"CREATE VIEW {name} AS SELECT * FROM {scan}('{_quoted(str(each))}'{more})"
                )
            told = self.connection.execute(
                "SELECT lower(table_name), lower(column_name) FROM information_schema.columns"
            ).fetchall()
        except duckdb.Error as error:
            raise _unreadable(file or Path("OMOP tables"), error) from None
        self.columns: dict[str, set[str]] = {}
        for name, column in told:
            self.columns.setdefault(name, set()).add(column)

    def ask(self, query: str) -> pl.DataFrame:
        try:
            answer = self.connection.execute(query)
            names = [each[0] for each in answer.description]
            rows = answer.fetchall()
        except self.errors as error:
            raise _unreadable(Path("OMOP tables"), error) from None
        texts = [[None if each is None else str(each) for each in row] for row in rows]
        return pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")

    def keep(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE TEMP TABLE {name} AS {query}")
        self.columns[name] = set()


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _unreadable(file: Path, error: Exception) -> InputError:
    line = str(error).splitlines()[0] if str(error) else type(error).__name__
    remedy = "Export the tables again"
    if "Out of Memory" in line:
        remedy = "Give a larger memory_limit"
    return InputError(str(file), f"cannot be read ({line})", remedy)
