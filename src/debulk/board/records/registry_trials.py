"""Trials imported from a registry, with the criteria that somebody curated for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from debulk.board.records.actors import Actor
from debulk.board.records.audit import note
from debulk.board.records.database import Database
from debulk.board.records.refusals import clean_json, clean_text, missing, whole_number
from debulk.board.records.tables import REGISTRY_TRIALS


@dataclass(frozen=True, slots=True)
class ImportedRecord:
    """A trial as it was imported.

    Attributes
    ----------
    registration : str
        Number in its registry, such as ``NCT01792934``.
    version : int
        From 1; importing the trial again adds one.
    record : dict
        The registry's own record.
    criteria : str
        Curated criteria, the text of a YAML file.
    author, at : str
    withdrawn : bool
        Whether it is no longer matched.
    """

    registration: str
    version: int
    record: dict[str, Any]
    criteria: str
    author: str
    at: str
    withdrawn: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class RegistryTrials:
    """The trials a department imported."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def store(
        self, registration: str, record: Mapping[str, Any], criteria: str, *, by: Actor
    ) -> ImportedRecord:
        """Store a trial, or a new version of one."""
        registration = clean_text(registration, "registration", most=40, needed=True)
        record = clean_json(dict(record), "record")
        criteria = clean_text(criteria, "criteria", most=500_000)
        with self._database.writing() as connection:
            version = self._add(connection, registration, record, criteria, by, withdrawn=False)
        return self.read(registration, version)

    def withdraw(self, registration: str, *, by: Actor) -> ImportedRecord:
        """Stop matching a trial; its versions stay stored."""
        registration = clean_text(registration, "registration", most=40)
        with self._database.writing() as connection:
            # What another imported in between is what is withdrawn.
            last = _stored(connection, registration)
            version = self._add(
                connection, registration, last.record, last.criteria, by, withdrawn=True
            )
        return self.read(registration, version)

    def read(self, registration: str, version: int | None = None) -> ImportedRecord:
        """A version of a trial, by default the newest.

        Raises
        ------
        NoSuchRecord
            If there is none.
        """
        registration = clean_text(registration, "registration", most=40)
        number = None if version is None else whole_number(version, "version")
        with self._database.reading() as connection:
            return _stored(connection, registration, number)

    def current(self) -> list[ImportedRecord]:
        """The newest version of every trial that is still matched, by registration."""
        columns = REGISTRY_TRIALS.c
        last = (
            select(columns.registration, func.max(columns.version).label("version"))
            .group_by(columns.registration)
            .subquery()
        )
        rows = (
            select(REGISTRY_TRIALS)
            .join(
                last,
                (columns.registration == last.c.registration) & (columns.version == last.c.version),
            )
            .where(columns.withdrawn == 0)
            .order_by(columns.registration)
        )
        with self._database.reading() as connection:
            return [_trial(row) for row in connection.execute(rows)]

    def _add(
        self,
        connection: Connection,
        registration: str,
        record: Mapping[str, Any],
        criteria: str,
        by: Actor,
        *,
        withdrawn: bool,
    ) -> int:
        """Add a version; returns its number."""
        version, now = _last_version(connection, registration) + 1, self._database.now()
        connection.execute(
            REGISTRY_TRIALS.insert().values(
                registration=registration,
                version=version,
                record=record,
                criteria=criteria,
                author=by.name,
                at=now,
                withdrawn=int(withdrawn),
            )
        )
        action = "trial withdrawn" if withdrawn else "trial imported"
        note(connection, now, by, action, registration=registration, version=version)
        return version


def _stored(
    connection: Connection, registration: str, version: int | None = None
) -> ImportedRecord:
    columns = REGISTRY_TRIALS.c
    rows = select(REGISTRY_TRIALS).where(columns.registration == registration)
    if version is not None:
        rows = rows.where(columns.version == version)
    row = connection.execute(rows.order_by(columns.version.desc())).first()
    if row is None:
        raise missing("records.refusals.no_trial", found=f"{registration!r:.40}")
    return _trial(row)


def _last_version(connection: Connection, registration: str) -> int:
    found = connection.execute(
        select(func.max(REGISTRY_TRIALS.c.version)).where(
            REGISTRY_TRIALS.c.registration == registration
        )
    ).scalar()
    return int(found or 0)


def _trial(row: Any) -> ImportedRecord:
    return ImportedRecord(
        registration=row.registration,
        version=row.version,
        record=row.record,
        criteria=row.criteria,
        author=row.author,
        at=row.at,
        withdrawn=bool(row.withdrawn),
    )
