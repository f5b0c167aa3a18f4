"""Rows out of CSV files: one table, or a zip of several."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import PurePosixPath
from typing import Any

from debulk.board.imports.kinds import LARGEST_BYTES, text_of
from debulk.core.errors import InputError, nearest
from debulk.patients import TABLES
from debulk.patients.border import MISSING_WORDS

MOST_MEMBERS = 20
MOST_ROWS = 20_000
MOST_COLUMNS = 500
LONGEST_FIELD = 2_000

Rows = list[dict[str, Any]]


def tables_of_csv(name: str, content: bytes) -> dict[str, Rows]:
    """The rows of one CSV file, under the table that its name or its columns tell."""
    rows, header = _rows(name, text_of(name, content))
    if not rows:
        raise InputError(name, "the table has no rows", "Give at least one")
    return {_table_of(name, header): rows}


def tables_of_zip(name: str, content: bytes) -> tuple[dict[str, Rows], list[str]]:
    """The rows of a zip of CSV files by table, and the members that were ignored.

    Raises
    ------
    InputError
        If it is no zip, is an Excel file, is encrypted, holds a path that leads elsewhere, too many
        members or too many bytes, or a table twice.
    """
    archive = _archive(name, content)
    found: dict[str, Rows] = {}
    ignored: list[str] = []
    left = LARGEST_BYTES
    for member in _members(name, archive):
        file = PurePosixPath(member.filename).name
        table = file.rpartition(".")[0].casefold()
        if not file.lower().endswith(".csv") or table not in TABLES:
            ignored.append(file)
            continue
        if table in found:
            raise InputError(name, f"holds {table}.csv twice", "Keep one")
        # A table without rows says that there are none, as in a cohort this program wrote.
        unpacked = _unpacked(name, archive, member, left)
        left -= len(unpacked)
        found[table] = _rows(file, text_of(file, unpacked))[0]
    if not any(found.values()):
        remedy = f"Put {', '.join(f'{each}.csv' for each in TABLES)} into it"
        raise InputError(name, "the zip holds no table of a cohort with a row", remedy)
    return {table: rows for table, rows in found.items() if rows}, ignored


def _archive(name: str, content: bytes) -> zipfile.ZipFile:
    if len(content) > LARGEST_BYTES:
        found = f"{len(content):,} bytes"
        raise InputError(name, found, f"Give a file of at most {LARGEST_BYTES:,} bytes")
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise InputError(name, f"no zip that can be read ({error})", "Make it again") from None


def _members(name: str, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [each for each in archive.infolist() if not each.is_dir()]
    names = [each.filename for each in members]
    if any(each.startswith("xl/") for each in names):
        remedy = "Save each sheet as CSV and put the files into a zip"
        raise InputError(name, "an Excel file, which is not read", remedy)
    if len(members) > MOST_MEMBERS:
        found = f"the zip holds {len(members)} files"
        raise InputError(name, found, f"Give at most {MOST_MEMBERS}")
    for each in members:
        path = PurePosixPath(each.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in each.filename:
            found = f"a file with the path {each.filename!r:.60}"
            raise InputError(name, found, "Put the files themselves into the zip")
        if each.flag_bits & 0x1:
            raise InputError(name, f"{path.name} is encrypted", "Make the zip without a password")
    if sum(each.file_size for each in members) > LARGEST_BYTES:
        found = "more bytes unpacked than a patient's rows can have"
        raise InputError(name, found, f"Give at most {LARGEST_BYTES:,} bytes")
    return [each for each in members if not each.filename.startswith("__MACOSX/")]


def _unpacked(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    """The bytes of a member, at most those left to it; its header's size is not believed."""
    try:
        with archive.open(member) as opened:
            content = opened.read(left + 1)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        found = f"{member.filename!r:.60} cannot be unpacked ({error})"
        raise InputError(name, found, "Make the zip again") from None
    except Exception as error:  # zlib.error and lzma's own have no common ancestor
        found = f"{member.filename!r:.60} cannot be unpacked ({error})"
        raise InputError(name, found, "Make the zip again") from None
    if len(content) > left:
        found = f"with {member.filename!r:.60} it unpacks to more than {LARGEST_BYTES:,} bytes"
        raise InputError(name, found, "Give a smaller file")
    return content


def _rows(name: str, text: str) -> tuple[Rows, list[str]]:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(name, f"is no CSV table ({error})", "Export it again") from None
    while lines and not any(each.strip() for each in lines[-1]):
        lines.pop()
    if not lines:
        raise InputError(name, "the table has no words", "Give a line of columns, then rows")
    header = [each.strip() for each in lines[0]]
    _check_header(name, header)
    rows: Rows = []
    for place, fields in enumerate(lines[1:], start=2):
        if len(fields) != len(header):
            found = f"{len(fields)} fields where the first line has {len(header)}"
            raise InputError(f"{name}, line {place}", found, "Give each line as many fields")
        if any(len(each) > LONGEST_FIELD for each in fields):
            found = f"a field of more than {LONGEST_FIELD:,} characters"
            raise InputError(f"{name}, line {place}", found, "Shorten it")
        rows.append({key: _cell(each) for key, each in zip(header, fields, strict=True)})
    if len(rows) > MOST_ROWS:
        raise InputError(name, f"{len(rows):,} rows", "Give the rows of a few patients")
    return rows, header


def _check_header(name: str, header: list[str]) -> None:
    where = f"{name}, line 1"
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise InputError(where, "fields are not separated by commas", "Separate them by commas")
    if len(header) > MOST_COLUMNS:
        raise InputError(where, f"{len(header):,} columns", f"Give at most {MOST_COLUMNS}")
    seen: set[str] = set()
    for each in header:
        if not each:
            raise InputError(where, "a column has no name", "Name every column")
        if each in seen:
            raise InputError(where, f"column {each!r:.60} comes twice", "Keep one")
        seen.add(each)


def _cell(field: str) -> str | None:
    return None if field.strip() in MISSING_WORDS else field.strip()


def _table_of(name: str, header: list[str]) -> str:
    stem = PurePosixPath(name.replace("\\", "/")).name.rpartition(".")[0].casefold()
    if stem in TABLES:
        return stem
    # The columns that tables share, such as patient_id, tell nothing.
    shared = {
        column
        for columns in TABLES.values()
        for column in columns
        if sum(column in other for other in TABLES.values()) > 1
    }
    known = {table: len((set(columns) - shared) & set(header)) for table, columns in TABLES.items()}
    best = max(known, key=lambda table: known[table])
    if not known[best]:
        remedy = nearest(stem, TABLES) if stem else "Call it patients.csv or lesions.csv"
        raise InputError(f"{name}, line 1", "no column of a cohort's table", remedy)
    return best
