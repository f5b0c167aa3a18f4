"""First views at one sitting of the board, and the moment the futures were opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select

from debulk.board.records.actors import Actor
from debulk.board.records.audit import note
from debulk.board.records.case_rows import case_row
from debulk.board.records.database import Database
from debulk.board.records.refusals import clean_text, refusal, whole_number
from debulk.board.records.tables import DECISIONS, SITTINGS, VOTES

_FIRST_VIEW = "first view"
"""Moment under which a view is kept; votes are part of the decision that is signed."""

_LONGEST_WORD, _MOST_VIEWS = 80, 100


class Votes:
    """What members thought before they saw the futures.

    A case comes to the board once or more often; each time is a sitting, counted from 1, and
    signing a decision ends it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def note_first_view(
        self, case_id: str, discipline: str, choices: Mapping[str, int], *, by: Actor
    ) -> None:
        """Store the first views that one person enters for a discipline, in place of earlier ones.

        Parameters
        ----------
        case_id : str
        discipline : str
        choices : mapping of str to int
            Members by view: ``{"randomise": 1}`` of one member, or the counts of a table of
            members where one person enters for all.
        by : Actor

        Raises
        ------
        InputError
            If the futures were opened before, or a count is none.
        """
        discipline = clean_text(discipline, "discipline", most=_LONGEST_WORD, needed=True)
        counts = {
            clean_text(name, "choice", most=_LONGEST_WORD, needed=True): _views(n)
            for name, n in choices.items()
        }
        with self._database.writing() as connection:
            row = case_row(connection, case_id, open_only=True)
            sitting, now = sitting_of(connection, row["id"]), self._database.now()
            opened = _opened_at(connection, row["id"], sitting)
            if opened is not None:
                raise refusal("records.refusals.futures_open", case_id=row["id"], at=opened[:16])
            mine = {
                "case_id": row["id"],
                "sitting": sitting,
                "moment": _FIRST_VIEW,
                "member": by.name,
                "discipline": discipline,
            }
            connection.execute(delete(VOTES).where(*(VOTES.c[k] == v for k, v in mine.items())))
            for name, count in counts.items():
                if count:
                    connection.execute(
                        VOTES.insert().values(**mine, choice=name, count=count, at=now)
                    )
            note(connection, now, by, "first view noted", row["id"], sitting=sitting)

    def open_futures(self, case_id: str, *, by: Actor) -> str:
        """Open the futures of the running sitting; returns when they were first opened."""
        with self._database.writing() as connection:
            row = case_row(connection, case_id, open_only=True)
            sitting, now = sitting_of(connection, row["id"]), self._database.now()
            opened = _opened_at(connection, row["id"], sitting)
            if opened is not None:
                return opened
            connection.execute(
                SITTINGS.insert().values(
                    case_id=row["id"], sitting=sitting, futures_opened_at=now, opened_by=by.name
                )
            )
            note(connection, now, by, "futures opened", row["id"], sitting=sitting)
            return now

    def tally(self, case_id: str, sitting: int | None = None) -> dict[str, Any]:
        """The first views of a sitting, by default the running one, without who noted them.

        Returns
        -------
        dict
            ``sitting``, ``futures_opened_at`` (or None) and ``first_views``: ``members``,
            ``by_choice`` {choice: n}, ``by_discipline`` {discipline: {choice: n}}.
        """
        with self._database.reading() as connection:
            row = case_row(connection, case_id)
            sitting = sitting or sitting_of(connection, row["id"])
            mine = {"case_id": row["id"], "sitting": sitting, "moment": _FIRST_VIEW}
            found = connection.execute(
                select(VOTES.c.discipline, VOTES.c.choice, func.sum(VOTES.c.count))
                .where(*(VOTES.c[name] == value for name, value in mine.items()))
                .group_by(VOTES.c.discipline, VOTES.c.choice)
                .order_by(VOTES.c.discipline, VOTES.c.choice)
            ).all()
            opened = _opened_at(connection, row["id"], sitting)
        return {"sitting": sitting, "futures_opened_at": opened, "first_views": _summed(found)}


def sitting_of(connection: Connection, case_id: str) -> int:
    """The running sitting of a case: one more than were signed."""
    signed = connection.execute(
        select(func.max(DECISIONS.c.sitting)).where(DECISIONS.c.case_id == case_id)
    ).scalar()
    return int(signed or 0) + 1


def _opened_at(connection: Connection, case_id: str, sitting: int) -> str | None:
    found = connection.execute(
        select(SITTINGS.c.futures_opened_at).where(
            SITTINGS.c.case_id == case_id, SITTINGS.c.sitting == sitting
        )
    ).scalar()
    return None if found is None else str(found)


def _views(count: Any) -> int:
    views = whole_number(count, "views", least=0)
    if views > _MOST_VIEWS:
        raise refusal("records.refusals.many_views", found=views, most=_MOST_VIEWS)
    return views


def _summed(rows: Iterable[Any]) -> dict[str, Any]:
    by_choice: dict[str, int] = {}
    by_discipline: dict[str, dict[str, int]] = {}
    for discipline, name, count in rows:
        by_choice[name] = by_choice.get(name, 0) + int(count)
        by_discipline.setdefault(discipline, {})[name] = int(count)
    return {
        "members": sum(by_choice.values()),
        "by_choice": by_choice,
        "by_discipline": by_discipline,
    }
