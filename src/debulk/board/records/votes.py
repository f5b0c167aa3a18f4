"""First views and votes at one sitting of the board, and the moment the futures were opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select

from debulk.board.records.actors import Actor
from debulk.board.records.audit import note
from debulk.board.records.case_rows import case_row
from debulk.board.records.database import Database
from debulk.board.records.refusals import choice, clean_text, refusal, whole_number
from debulk.board.records.tables import DECISIONS, SITTINGS, VOTES
from debulk.core.moments import to_the_minute

MOMENTS = ("first view", "vote")
"""A first view is noted before the futures of the case are opened, a vote at its discussion."""

_LONGEST_WORD, _MOST_VOTES = 80, 100


class Votes:
    """What members thought before and after seeing the futures.

    A case comes to the board once or more often; each time is a sitting, counted from 1, and
    signing a decision ends it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def cast(
        self, case_id: str, moment: str, discipline: str, choices: Mapping[str, int], *, by: Actor
    ) -> None:
        """Store the votes that one person enters for a discipline; the same person's replace them.

        Parameters
        ----------
        case_id : str
        moment : str
            Out of `MOMENTS`.
        discipline : str
        choices : mapping of str to int
            Votes by choice: ``{"randomise": 1}`` of one member, or the counts of a table of
            members where one person enters for all.
        by : Actor

        Raises
        ------
        InputError
            If a first view comes after the futures were opened, or a count is none.
        """
        moment = choice(moment, "moment", MOMENTS)
        discipline = clean_text(discipline, "discipline", most=_LONGEST_WORD, needed=True)
        counts = {
            clean_text(name, "choice", most=_LONGEST_WORD, needed=True): _votes(n)
            for name, n in choices.items()
        }
        with self._database.writing() as connection:
            row = case_row(connection, case_id, open_only=True)
            sitting, now = sitting_of(connection, row["id"]), self._database.now()
            opened = _opened_at(connection, row["id"], sitting)
            if moment == "first view" and opened is not None:
                at = to_the_minute(opened)
                raise refusal("records.refusals.futures_open", case_id=row["id"], at=at)
            mine = {
                "case_id": row["id"],
                "sitting": sitting,
                "moment": moment,
                "member": by.name,
                "discipline": discipline,
            }
            connection.execute(delete(VOTES).where(*(VOTES.c[k] == v for k, v in mine.items())))
            for name, count in counts.items():
                if count:
                    connection.execute(
                        VOTES.insert().values(**mine, choice=name, count=count, at=now)
                    )
            note(connection, now, by, f"{moment} noted", row["id"], sitting=sitting)

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
        """The votes of a sitting, by default the running one, without who cast them.

        Returns
        -------
        dict
            ``sitting``, ``futures_opened_at`` (or None), and for ``first_views`` and ``votes``:
            ``members``, ``by_choice`` {choice: n}, ``by_discipline`` {discipline: {choice: n}}.
        """
        with self._database.reading() as connection:
            row = case_row(connection, case_id)
            sitting = sitting or sitting_of(connection, row["id"])
            found = connection.execute(
                select(VOTES.c.moment, VOTES.c.discipline, VOTES.c.choice, func.sum(VOTES.c.count))
                .where(VOTES.c.case_id == row["id"], VOTES.c.sitting == sitting)
                .group_by(VOTES.c.moment, VOTES.c.discipline, VOTES.c.choice)
                .order_by(VOTES.c.discipline, VOTES.c.choice)
            ).all()
            opened = _opened_at(connection, row["id"], sitting)
        return {
            "sitting": sitting,
            "futures_opened_at": opened,
            "first_views": _summed([each[1:] for each in found if each[0] == "first view"]),
            "votes": _summed([each[1:] for each in found if each[0] == "vote"]),
        }


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


def _votes(count: Any) -> int:
    votes = whole_number(count, "votes", least=0)
    if votes > _MOST_VOTES:
        raise refusal("records.refusals.many_votes", found=votes, most=_MOST_VOTES)
    return votes


def _summed(rows: list[Any]) -> dict[str, Any]:
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
