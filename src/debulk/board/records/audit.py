"""The log of who read or changed what: a chain in which each row seals all before it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from debulk.board.records.actors import Actor
from debulk.board.records.database import Database
from debulk.board.records.pages import Page, page_of
from debulk.board.records.refusals import clean_text
from debulk.board.records.tables import AUDIT, json_line

FIRST = "0" * 64
"""What the first row of the chain follows."""

EXPORTED = "decisions exported"

_SEALED = ("number", "at", "who", "role", "action", "case_id", "detail", "previous")
_LONGEST_WORD = 200


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What the chain says when every row is hashed again.

    Attributes
    ----------
    rows : int
        Rows read.
    broken_at : int or None
        Number of the first row that was changed, put in, or follows one that was taken out.
    head : str
        Hash of the last row. Rows cut off at the end leave a sound chain behind: who notes the head
        elsewhere, as a backup does, can tell.
    """

    rows: int
    broken_at: int | None
    head: str

    @property
    def sound(self) -> bool:
        """Whether the chain is whole."""
        return self.broken_at is None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "rows": self.rows,
            "sound": self.sound,
            "broken_at": self.broken_at,
            "head": self.head,
        }


def note(
    connection: Connection,
    at: str,
    by: Actor,
    action: str,
    case_id: str | None = None,
    **detail: int | str | bool | None,
) -> None:
    """Add a row in a writer's transaction, so that it stands or falls with what it tells of.

    Parameters
    ----------
    connection : Connection
        Of `Database.writing`, which lets one writer in at a time.
    at : str
    by : Actor
    action : str
        One of the strings' ``records.actions``.
    case_id : str, optional
    **detail : int, str, bool or None
        Numbers of versions, names of accounts and the like; never a patient's values.
    """
    last = connection.execute(
        select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)
    ).first()
    number, previous = (last.number + 1, last.hash) if last else (1, FIRST)
    row = {
        "number": number,
        "at": at,
        "who": by.name,
        "role": by.role,
        "action": action,
        "case_id": case_id,
        "detail": detail,
        "previous": previous,
    }
    connection.execute(AUDIT.insert().values(**row, hash=_seal(row)))


def check_chain(rows: Iterable[Mapping[str, Any]]) -> AuditCheck:
    """Hash rows of the log again, in the order of their numbers."""
    previous, count = FIRST, 0
    for row in rows:
        count += 1
        if row["number"] != count or row["previous"] != previous or row["hash"] != _seal(row):
            return AuditCheck(count, int(row["number"]), str(row["hash"]))
        previous = row["hash"]
    return AuditCheck(count, None, previous)


class AuditLog:
    """The log, read and checked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self, action: str, by: Actor, case_id: str | None = None, **detail: int | str | bool | None
    ) -> None:
        """Log something that changes nothing stored: a print, an export, a sign-in page refused."""
        action = clean_text(action, "action", most=_LONGEST_WORD, needed=True)
        short = {
            name: clean_text(value, name, most=_LONGEST_WORD) if isinstance(value, str) else value
            for name, value in detail.items()
        }
        with self._database.writing() as connection:
            note(connection, self._database.now(), by, action, case_id, **short)

    def page(
        self,
        *,
        who: str | None = None,
        case_id: str | None = None,
        action: str | None = None,
        since: str | None = None,
        until: str | None = None,
        page: int = 1,
        size: int = 50,
    ) -> Page:
        """Rows of the log, newest first.

        Parameters
        ----------
        who, case_id, action : str, optional
            Only these; of a case also the exports of decisions that held it, which name none.
        since, until : str, optional
            Only from this moment or day on, and before that one (``2026-11-26`` or longer).
        page, size : int
            From 1; rows a page.

        Returns
        -------
        Page
            Rows with number, at, who, role, action, case_id, detail.
        """
        wanted = [
            column == clean_text(value, column.name, most=_LONGEST_WORD)
            for column, value in ((AUDIT.c.who, who), (AUDIT.c.action, action))
            if value
        ]
        case_id = clean_text(case_id, "case_id", most=_LONGEST_WORD) if case_id else None
        if since:
            wanted.append(AUDIT.c.at >= clean_text(since, "since", most=_LONGEST_WORD))
        if until:
            wanted.append(AUDIT.c.at < clean_text(until, "until", most=_LONGEST_WORD))
        columns = [AUDIT.c[name] for name in _SEALED if name != "previous"]
        with self._database.reading() as connection:
            if case_id:
                held = AUDIT.c.number.in_(_exports_of(connection, case_id))
                wanted.append((AUDIT.c.case_id == case_id) | held)
            rows = select(*columns).where(*wanted).order_by(AUDIT.c.number.desc())
            return page_of(connection, rows, page=page, size=size)

    def verify(self) -> AuditCheck:
        """Hash every row again and say whether the chain is whole."""
        with self._database.reading() as connection:
            return check_chain(rows_in_order(connection))

    def __len__(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(AUDIT)).scalar_one()


def last_number(connection: Connection) -> int:
    """Number of the last row; 0 where there is none."""
    return int(connection.execute(select(func.max(AUDIT.c.number))).scalar() or 0)


def _exports_of(connection: Connection, case_id: str) -> list[int]:
    """Rows of exports of decisions that held a case: signed by then, and not withdrawn.

    An export is one row, not one a case: of a thousand cases it would be a thousand. It tells up to
    which row of the log it had seen.
    """
    moments = select(AUDIT.c.action, func.min(AUDIT.c.number)).where(AUDIT.c.case_id == case_id)
    marks = AUDIT.c.action.in_(("decision signed", "case withdrawn"))
    rows = connection.execute(moments.where(marks).group_by(AUDIT.c.action))
    found = {action: number for action, number in rows}
    if "decision signed" not in found:
        return []
    exports = select(AUDIT.c.number, AUDIT.c.detail).where(
        # No case, and so found by the index of the cases.
        AUDIT.c.case_id.is_(None),
        AUDIT.c.number > found["decision signed"],
        AUDIT.c.action == EXPORTED,
    )
    seen = {row.number: row.detail.get("seen", row.number) for row in connection.execute(exports)}
    gone = found.get("case withdrawn", math.inf)
    return [n for n, last in seen.items() if found["decision signed"] <= last < gone]


def rows_in_order(connection: Connection) -> Iterator[dict[str, Any]]:
    """Every row of the log by its number."""
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.number)).mappings():
        yield dict(row)


def _seal(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json_line({name: row[name] for name in _SEALED}).encode()).hexdigest()
