"""Rows out of CSV files: one table, or a zip of several."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import PurePosixPath
from typing import Any

from debulk.board.imports.kinds import LARGEST_BYTES, text_of
from debulk.board.imports.refusals import line_of, refusal
from debulk.core.errors import nearest
from debulk.core.strings import text as string
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
        raise refusal(name, "no_rows")
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
            raise refusal(name, "table_twice", table=table)
        # A table without rows says that there are none, as in a cohort this program wrote.
        unpacked = _unpacked(name, archive, member, left)
        left -= len(unpacked)
        found[table] = _rows(file, text_of(file, unpacked))[0]
    if not any(found.values()):
        tables = ", ".join(f"{each}.csv" for each in TABLES)
        raise refusal(name, "no_table", tables=tables)
    return {table: rows for table, rows in found.items() if rows}, ignored


def _archive(name: str, content: bytes) -> zipfile.ZipFile:
    if len(content) > LARGEST_BYTES:
        raise refusal(name, "too_large", size=len(content), most=LARGEST_BYTES)
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise refusal(name, "no_zip", error=error) from None


def _members(name: str, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [each for each in archive.infolist() if not each.is_dir()]
    names = [each.filename for each in members]
    if any(each.startswith("xl/") for each in names):
        raise refusal(name, "excel")
    if len(members) > MOST_MEMBERS:
        raise refusal(name, "many_files", count=len(members), most=MOST_MEMBERS)
    for each in members:
        path = PurePosixPath(each.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in each.filename:
            raise refusal(name, "path", path=each.filename)
        if each.flag_bits & 0x1:
            raise refusal(name, "encrypted", name=path.name)
    if sum(each.file_size for each in members) > LARGEST_BYTES:
        raise refusal(name, "unpacks", most=LARGEST_BYTES)
    return [each for each in members if not each.filename.startswith("__MACOSX/")]


def _unpacked(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    """The bytes of a member, at most those left to it; its header's size is not believed."""
    try:
        with archive.open(member) as opened:
            content = opened.read(left + 1)
    except Exception as error:  # zipfile's, zlib's and lzma's own have no common ancestor
        raise refusal(name, "not_unpacked", name=member.filename, error=error) from None
    if len(content) > left:
        raise refusal(name, "unpacks_with", name=member.filename, most=LARGEST_BYTES)
    return content


def _rows(name: str, text: str) -> tuple[Rows, list[str]]:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise refusal(name, "no_csv", error=error) from None
    while lines and not any(each.strip() for each in lines[-1]):
        lines.pop()
    if not lines:
        raise refusal(name, "no_words")
    header = [each.strip() for each in lines[0]]
    _check_header(name, header)
    rows: Rows = []
    for place, fields in enumerate(lines[1:], start=2):
        if len(fields) != len(header):
            where = line_of(name, place)
            raise refusal(where, "ragged", found=len(fields), wanted=len(header))
        if any(len(each) > LONGEST_FIELD for each in fields):
            raise refusal(line_of(name, place), "long_field", most=LONGEST_FIELD)
        rows.append({key: _cell(each) for key, each in zip(header, fields, strict=True)})
    if len(rows) > MOST_ROWS:
        raise refusal(name, "many_rows", count=len(rows))
    return rows, header


def _check_header(name: str, header: list[str]) -> None:
    where = line_of(name, 1)
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise refusal(where, "no_commas")
    if len(header) > MOST_COLUMNS:
        raise refusal(where, "many_columns", count=len(header), most=MOST_COLUMNS)
    seen: set[str] = set()
    for each in header:
        if not each:
            raise refusal(where, "no_name")
        if each in seen:
            raise refusal(where, "column_twice", column=each)
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
        near = nearest(stem, TABLES) if stem else string("imports.places.call_it")
        raise refusal(line_of(name, 1), "no_column", near=near)
    return best
