"""Cases: made, saved in versions that are never overwritten, found again, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, update

from debulk.board.records.actors import Actor
from debulk.board.records.audit import note
from debulk.board.records.case_rows import (
    STATUSES,
    CaseVersion,
    Conflict,
    Listed,
    case_row,
    version_of,
)
from debulk.board.records.database import Database
from debulk.board.records.identifiers import new_case_id
from debulk.board.records.pages import Page, page_of
from debulk.board.records.refusals import (
    choice,
    clean_json,
    clean_text,
    day_of,
    refusal,
    whole_number,
)
from debulk.board.records.settings import current
from debulk.board.records.tables import CASE_VERSIONS, CASES

_TRIES = 50


class Cases:
    """The cases of a board."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, content: Mapping[str, Any], *, by: Actor, listed: Listed | None = None
    ) -> CaseVersion:
        """Store a new case under a random identifier, which also replaces the content's own.

        Parameters
        ----------
        content : mapping
            As `BoardCase.to_dict` gives it.
        by : Actor
        listed : Listed, optional
            What the list shows; unknown where it is not given.
        """
        return self.create_all([(content, listed or Listed())], by=by)[0]

    def create_all(
        self, cases: list[tuple[Mapping[str, Any], Listed]], *, by: Actor
    ) -> list[CaseVersion]:
        """Store several new cases, all or none: an import that fails changes nothing."""
        ready = [(_checked(content), listed) for content, listed in cases]
        with self._database.writing() as connection:
            now = self._database.now()
            return [self._create(connection, content, listed, by, now) for content, listed in ready]

    def save(
        self,
        case_id: str,
        content: Mapping[str, Any],
        *,
        based_on: int,
        by: Actor,
        listed: Listed | None = None,
        reason: str = "",
    ) -> CaseVersion:
        """Add a version to a case.

        Parameters
        ----------
        case_id : str
        content : mapping
        based_on : int
            The version that was edited.
        by : Actor
        listed : Listed, optional
        reason : str
            Why it was changed.

        Raises
        ------
        Conflict
            If another version was saved meanwhile; nothing is written.
        NoSuchRecord, InputError
            If there is no such case, or it was withdrawn.
        """
        based_on = whole_number(based_on, "based_on")
        content, reason = _checked(content), clean_text(reason, "reason")
        with self._database.writing() as connection:
            row = case_row(connection, case_id, open_only=True)
            if row["version"] != based_on:
                base = version_of(connection, row["id"], based_on)
                raise Conflict(version_of(connection, row["id"]), content, base.content)
            now, version = self._database.now(), based_on + 1
            _add_version(connection, row["id"], version, content, by, now, reason)
            shown = listed or Listed()
            changes = {"version": version, "changed_at": now, **asdict(shown)}
            connection.execute(update(CASES).where(CASES.c.id == row["id"]).values(changes))
            note(connection, now, by, "case saved", row["id"], version=version)
            return version_of(connection, row["id"])

    def read(
        self, case_id: str, version: int | None = None, *, by: Actor, part: str = "case"
    ) -> CaseVersion:
        """A version of a case, by default the newest; the reading is logged.

        Parameters
        ----------
        case_id : str
        version : int, optional
        by : Actor
        part : str
            What is shown of it, for the log: ``"case"``, ``"print"``, ``"history"`` ...

        Raises
        ------
        NoSuchRecord
            If there is no such case or version.
        """
        part = clean_text(part, "part", most=40)
        with self._database.writing() as connection:
            found = version_of(connection, case_id, version)
            now = self._database.now()
            note(connection, now, by, "case read", found.case_id, version=found.version, part=part)
            return found

    def opened(self, case_id: str, version: int | None = None) -> CaseVersion:
        """A version that somebody edits, to hold what was typed against; nothing of it is shown.

        Its reading was logged when the form was opened with `read`.

        Raises
        ------
        NoSuchRecord
            If there is no such case or version.
        """
        with self._database.reading() as connection:
            return version_of(connection, case_id, version)

    def versions(self, case_id: str) -> list[dict[str, Any]]:
        """Every version of a case, newest first, without its content."""
        columns = [each for each in CASE_VERSIONS.c if each.name != "content"]
        with self._database.reading() as connection:
            row = case_row(connection, case_id)
            found = connection.execute(
                select(*columns)
                .where(CASE_VERSIONS.c.case_id == row["id"])
                .order_by(CASE_VERSIONS.c.version.desc())
            ).mappings()
            return [dict(each) for each in found]

    def changes(self, case_id: str, *, by: Actor, page: int = 1, size: int = 20) -> Page:
        """A page of the versions with what stood before each; reading them is one entry of the log.

        Returns
        -------
        Page
            Rows, newest first, with the columns of `versions`, ``content`` and ``before``, the
            content of the version before it (None for the first). From beyond the end, none.
        """
        first, size = whole_number(page, "page"), whole_number(size, "size")
        with self._database.writing() as connection:
            case = case_row(connection, case_id)
            high = case["version"] - (first - 1) * size
            low = max(1, high - size + 1)
            found = connection.execute(
                select(CASE_VERSIONS)
                .where(CASE_VERSIONS.c.case_id == case["id"])
                .where(CASE_VERSIONS.c.version.between(low - 1, high))
                .order_by(CASE_VERSIONS.c.version.desc())
            ).mappings()
            contents = {row["version"]: dict(row) for row in found}
            rows = tuple(
                {**row, "before": contents.get(version - 1, {}).get("content")}
                for version, row in contents.items()
                if version >= low
            )
            seen = f"{low} to {high}" if low < high else f"{high}" if rows else "none"
            now = self._database.now()
            note(connection, now, by, "case read", case["id"], part="history", versions=seen)
            return Page(rows, case["version"], page, -(-case["version"] // size))

    def summary(self, case_id: str) -> dict[str, Any]:
        """The list's row of one case."""
        with self._database.reading() as connection:
            row = case_row(connection, case_id)
            return dict(
                connection.execute(_listed(connection, CASES.c.id == row["id"])).mappings().one()
            )

    def page(
        self,
        *,
        search: str = "",
        status: str | None = None,
        extent: str | None = None,
        due: str | date | None = None,
        page: int = 1,
        size: int = 50,
    ) -> Page:
        """A page of the list of cases, last changed first.

        Parameters
        ----------
        search : str
            Part of an identifier or of an extent.
        status : str, optional
            Out of `STATUSES`. Without one, every case that was not withdrawn.
        extent : str, optional
        due : str or date, optional
            Only cases whose review is due on this day (``2026-11-26``) or was before; earliest
            first.
        page, size : int

        Returns
        -------
        Page
            Rows with id, status, version, extent, organs, lesions, created_at, changed_at,
            review_date.
        """
        order = [CASES.c.review_date] if due else [CASES.c.changed_at.desc()]
        with self._database.reading() as connection:
            wanted = _filters(_extent(connection), search, status, extent, due)
            rows = _listed(connection, *wanted).order_by(*order, CASES.c.id)
            return page_of(connection, rows, page=page, size=size)

    def changed_last(self, size: int) -> list[dict[str, Any]]:
        """Contents of the open cases that changed last, for the program to compute with.

        Nobody is shown them, so no read is logged.
        """
        newest = CASE_VERSIONS.c.version == CASES.c.version
        rows = (
            select(CASE_VERSIONS.c.content)
            .join(CASES, (CASES.c.id == CASE_VERSIONS.c.case_id) & newest)
            .where(CASES.c.status == "preparing")
            .order_by(CASES.c.changed_at.desc())
            .limit(whole_number(size, "size"))
        )
        with self._database.reading() as connection:
            return [dict(each.content) for each in connection.execute(rows)]

    def counts(self) -> dict[str, int]:
        """How many cases there are in each status."""
        query = select(CASES.c.status, func.count()).group_by(CASES.c.status)
        with self._database.reading() as connection:
            found = {status: n for status, n in connection.execute(query)}
        return {status: found.get(status, 0) for status in STATUSES}

    def withdraw(self, case_id: str, reason: str, *, by: Actor) -> None:
        """Take a case out of the list; it stays stored, and in the log, with the reason."""
        reason = clean_text(reason, "reason", needed=True)
        with self._database.writing() as connection:
            row = case_row(connection, case_id, open_only=True)
            latest = version_of(connection, row["id"])
            version, now = latest.version + 1, self._database.now()
            _add_version(connection, row["id"], version, latest.content, by, now, reason)
            changes = {"version": version, "status": "withdrawn", "changed_at": now}
            connection.execute(update(CASES).where(CASES.c.id == row["id"]).values(changes))
            note(connection, now, by, "case withdrawn", row["id"], status="withdrawn")

    def _create(
        self, connection: Connection, content: dict[str, Any], listed: Listed, by: Actor, now: str
    ) -> CaseVersion:
        case_id = _free_id(connection)
        connection.execute(
            CASES.insert().values(
                id=case_id,
                status="preparing",
                version=1,
                created_at=now,
                changed_at=now,
                **asdict(listed),
            )
        )
        _add_version(connection, case_id, 1, content, by, now, "")
        note(connection, now, by, "case created", case_id, version=1)
        return version_of(connection, case_id)


def _add_version(
    connection: Connection,
    case_id: str,
    version: int,
    content: Mapping[str, Any],
    by: Actor,
    now: str,
    reason: str,
) -> None:
    row = {
        "case_id": case_id,
        "version": version,
        "content": {**content, "case_id": case_id},
        "author": by.name,
        "role": by.role,
        "at": now,
        "reason": reason,
    }
    connection.execute(CASE_VERSIONS.insert().values(row))


def _free_id(connection: Connection) -> str:
    for _ in range(_TRIES):
        case_id = new_case_id()
        if connection.execute(select(CASES.c.id).where(CASES.c.id == case_id)).first() is None:
            return case_id
    raise refusal("records.refusals.no_free_id")


def _checked(content: Mapping[str, Any]) -> dict[str, Any]:
    checked = clean_json(content if isinstance(content, dict) else dict(content), "case")
    if not isinstance(checked.get("tables"), dict):
        raise refusal("records.refusals.no_content")
    return dict(checked)


def _extent(connection: Connection) -> ColumnElement[str | None]:
    """The extent by the k that the department chose."""
    return CASES.c[f"extent_k{current(connection)['extent_k']}"]


def _listed(connection: Connection, *wanted: ColumnElement[bool]) -> Select[Any]:
    """Cases as the list shows them."""
    columns = [each for each in CASES.c if not each.name.startswith("extent_")]
    return select(*columns, _extent(connection).label("extent")).where(*wanted)


def extent_words(typed: str) -> str:
    """Words of an extent as its name has them: ``multi-organ`` is ``multi_organ``."""
    return "_".join(typed.lower().replace("-", " ").replace("_", " ").split())


def _filters(
    listed: ColumnElement[str | None],
    search: str,
    status: str | None,
    extent: str | None,
    due: str | date | None,
) -> list[ColumnElement[bool]]:
    wanted = [CASES.c.status != "withdrawn"]
    if status:
        wanted = [CASES.c.status == choice(status, "status", STATUSES)]
    if extent:
        wanted.append(listed == clean_text(extent, "extent", most=60))
    if due:
        wanted.append(CASES.c.review_date <= day_of(due))
    sought = clean_text(search, "search", most=60)
    if sought:
        bare = "".join(each for each in sought.upper() if each.isalnum())
        wanted.append(
            or_(
                func.replace(CASES.c.id, "-", "").contains(bare, autoescape=True)
                if bare
                else CASES.c.id == sought,
                listed.contains(extent_words(sought), autoescape=True),
            )
        )
    return wanted
