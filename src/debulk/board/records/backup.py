"""A backup: every row of one moment, in a SQLite file with a seal, whatever the database is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, func, insert, select, text

from debulk import __version__
from debulk.board.records.actors import PROGRAM, Actor
from debulk.board.records.audit import FIRST, note
from debulk.board.records.database import Database
from debulk.board.records.identifiers import new_token
from debulk.board.records.refusals import refusal
from debulk.board.records.schema import HEAD, move_to
from debulk.board.records.tables import AUDIT, METADATA, NOT_BACKED_UP
from debulk.core.files import path_of, writing_errors

STORED = tuple(each for each in METADATA.sorted_tables if each not in NOT_BACKED_UP)
"""Tables of a backup, each after those it refers to."""

SEAL_TABLE = "backup_seal"
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds, as its seal says.

    Attributes
    ----------
    made_at : str
    program : str
        Version of debulk that wrote it.
    revision : str
        Of the schema.
    rows : dict of str to int
        By table.
    digest : str
        SHA-256 over every row of every table.
    audit_head : str
        Hash of the last row of the log at that moment.
    """

    made_at: str
    program: str
    revision: str
    rows: dict[str, int]
    digest: str
    audit_head: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def write_backup(database: Database, path: str | Path, *, by: Actor = PROGRAM) -> Backup:
    """Write a backup, whole or not at all; others read and write meanwhile.

    Parameters
    ----------
    database : Database
    path : str or Path
        Of the file to write; an existing backup is replaced once the new one is complete.
    by : Actor

    Returns
    -------
    Backup
        The seal.

    Raises
    ------
    InputError
        If the file cannot be written, or is anything but a backup: a database above all, which
        a slip of the hand would destroy.
    """
    seal = write_copy(database, path_of(path, "path"))
    with database.writing() as connection:
        rows = sum(seal.rows.values())
        note(connection, database.now(), by, "backup written", rows=rows)
    return seal


def write_copy(database: Database, path: Path) -> Backup:
    """Write the sealed copy alone: aside, to disk, then renamed; its owner alone may read it."""
    _check_replaceable(database, path)
    aside = path.with_name(f".{path.name}.{new_token()[:8]}")
    with writing_errors(path):
        try:
            _probe(aside)
            seal = _fill(database, aside)
            _to_disk(aside)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        _to_disk(path.parent)
    return seal


def copy_rows(source: Connection, target: Connection, tables: Iterable[Table]) -> None:
    """Copy tables from one database into another, in the two open transactions."""
    for table in tables:
        found = source.execute(select(table)).mappings()
        for some in found.partitions(_ROWS_AT_ONCE):
            target.execute(insert(table), [dict(row) for row in some])


def digest_of(connection: Connection, tables: Iterable[str]) -> str:
    """SHA-256 over the rows of tables of a SQLite file as they lie in it, at any revision."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        for row in connection.execute(text(f'SELECT * FROM "{name}" ORDER BY rowid')):
            digest.update(f"{name} {json.dumps(list(row))}\n".encode())
    return digest.hexdigest()


def counts_of(connection: Connection) -> dict[str, int]:
    """Rows by table, of those that a backup holds."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in STORED
    }


def _fill(database: Database, aside: Path) -> Backup:
    copy = Database(URL.create("sqlite", database=str(aside)))
    try:
        move_to(copy, HEAD)
        with database.reading() as source, copy.writing() as target:
            copy_rows(source, target, STORED)
            seal = _seal(target, database.now())
            target.execute(text(f"CREATE TABLE {SEAL_TABLE} (seal TEXT NOT NULL)"))
            line = {"seal": json.dumps(asdict(seal))}
            target.execute(text(f"INSERT INTO {SEAL_TABLE} VALUES (:seal)"), line)
    finally:
        copy.close()
    return seal


def _seal(copied: Connection, made_at: str) -> Backup:
    counts = counts_of(copied)
    head = copied.execute(select(AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)).scalar()
    digest = digest_of(copied, counts)
    return Backup(made_at, __version__, HEAD, counts, digest, head or FIRST)


def _check_replaceable(database: Database, path: Path) -> None:
    """Refuse to replace a file that is no backup, or that the database itself consists of."""
    own = str(Path(str(database.url.database)).resolve()) if database.on_sqlite else ""
    if own and str(path.resolve()) in {f"{own}{each}" for each in ("", "-wal", "-shm", "-journal")}:
        raise refusal("records.refusals.not_replaced", path=path)
    if not path.is_file():
        return
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        ) as file:
            file.execute(f"SELECT seal FROM {SEAL_TABLE}")
    except sqlite3.Error:
        raise refusal("records.refusals.not_replaced", path=path) from None


def _probe(aside: Path) -> None:
    # What the operating system says about the folder is clearer than what SQLite makes of it.
    os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
