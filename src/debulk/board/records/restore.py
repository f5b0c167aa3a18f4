"""Restoring: everything from a backup, after its seal was checked, all or nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, delete, inspect, text

from debulk.board.records.actors import PROGRAM, Actor
from debulk.board.records.append_only import guard, release
from debulk.board.records.audit import check_chain, note, rows_in_order
from debulk.board.records.backup import (
    SEAL_TABLE,
    STORED,
    Backup,
    copy_rows,
    counts_of,
    digest_of,
    write_copy,
)
from debulk.board.records.database import Database
from debulk.board.records.location import data_folder
from debulk.board.records.refusals import refusal
from debulk.board.records.schema import HEAD, move_to, revision_of
from debulk.board.records.tables import APPEND_ONLY, METADATA
from debulk.core.files import path_of, writing_errors


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes
    ----------
    backup : Backup
        The seal of the backup.
    aside : str or None
        Where a backup of what was overwritten lies.
    audit_sound : bool
        Whether the restored log is a whole chain.
    """

    backup: Backup
    aside: str | None
    audit_sound: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def restore_backup(
    database: Database, path: str | Path, *, force: bool = False, by: Actor = PROGRAM
) -> Restored:
    """Take everything over from a backup of either kind of database.

    Parameters
    ----------
    database : Database
    path : str or Path
        The backup; it is read only.
    force : bool
        Overwrite a database that holds something, after writing a backup of it aside.
    by : Actor

    Raises
    ------
    InputError
        If the file is no backup, was changed since it was sealed, comes from a newer debulk, or the
        database holds something and `force` is not given. Nothing is changed then.
    """
    file = path_of(path, "path")
    with tempfile.TemporaryDirectory(prefix="debulk-restore-") as folder:
        copy = Database(URL.create("sqlite", database=str(_copied(file, Path(folder)))))
        try:
            seal = _checked(copy, file)
            with copy.reading() as source, database.writing() as target:
                aside = _make_way(database, target, force=force)
                _replace(source, target)
                sound = check_chain(rows_in_order(target)).sound
                rows = sum(seal.rows.values())
                note(target, database.now(), by, "backup restored", made_at=seal.made_at, rows=rows)
        finally:
            copy.close()
    return Restored(seal, aside, sound)


def _copied(file: Path, folder: Path) -> Path:
    copy = folder / "backup.sqlite"
    if not file.is_file():
        raise refusal("records.refusals.no_file", path=file)
    with writing_errors(file):
        shutil.copyfile(file, copy)
    copy.chmod(0o600)
    return copy


def _checked(copy: Database, file: Path) -> Backup:
    """The seal, after every row was hashed again; an older schema is moved up afterwards."""
    try:
        with copy.reading() as connection:
            names = inspect(connection).get_table_names()
            if SEAL_TABLE not in names:
                raise refusal("records.refusals.no_backup", path=file)
            line = connection.execute(text(f"SELECT seal FROM {SEAL_TABLE}")).scalar()
            seal = Backup(**json.loads(line or ""))
            found = revision_of(connection)
            whole = set(seal.rows) <= set(names) and found == seal.revision
            if not whole or digest_of(connection, seal.rows) != seal.digest:
                raise refusal("records.refusals.broken_seal", path=file)
    except (OSError, TypeError, LookupError, json.JSONDecodeError) as error:
        raise refusal("records.refusals.broken_seal", path=file) from error
    if found != HEAD:
        move_to(copy, HEAD)
    return seal


def _make_way(database: Database, target: Connection, *, force: bool) -> str | None:
    """Where the backup of what is there lies; None where nothing is."""
    rows = sum(counts_of(target).values())
    if rows == 0:
        return None
    if not force:
        raise refusal("records.refusals.not_empty", place=database.shown, rows=rows)
    stamp = "".join(each for each in database.now()[:19] if each.isdigit())
    file = Path(str(database.url.database)) if database.on_sqlite else data_folder() / "board"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = file.with_name(f"{file.name}.before-restore-{stamp}")
    # The writer's lock is held: nobody can add to what this copies.
    write_copy(database, aside)
    return str(aside)


def _replace(source: Connection, target: Connection) -> None:
    guarded = [table.name for table in APPEND_ONLY]
    release(target, guarded)
    for table in reversed(METADATA.sorted_tables):
        target.execute(delete(table))
    copy_rows(source, target, STORED)
    guard(target, guarded)
