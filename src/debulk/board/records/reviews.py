"""What became of decisions: whether they were followed, and when to look again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Subquery, func, select, update

from debulk.board.records.actors import Actor
from debulk.board.records.audit import note
from debulk.board.records.case_rows import case_row
from debulk.board.records.database import Database
from debulk.board.records.refusals import (
    choice,
    clean_json,
    day_of,
    missing,
    refusal,
    whole_number,
)
from debulk.board.records.tables import CASES, DECISIONS, REVIEWS
from debulk.board.records.votes import sitting_of

AS_DECIDED = ("yes", "partly", "no", "unknown")
"""Whether the patient was treated as decided, as a review found."""


class Reviews:
    """The reviews of decisions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        case_id: str,
        sitting: int,
        *,
        as_decided: str,
        content: Mapping[str, Any],
        by: Actor,
        next_review_date: str | date | None = None,
        based_on: int | None = None,
    ) -> dict[str, Any]:
        """Note what became of a decision, and when to look again; the last review holds.

        Parameters
        ----------
        case_id : str
        sitting : int
        as_decided : str
            Out of `AS_DECIDED`.
        content : mapping
            What was found, as its form has it.
        by : Actor
        next_review_date : str or date, optional
        based_on : int, optional
            Number of the review that this one goes on from, 0 for none: another's is not replaced
            unseen.

        Raises
        ------
        NoSuchRecord, InputError
            If there is no such decision, its case was withdrawn, another was added since
            `based_on`, or a value is none.
        """
        as_decided = choice(as_decided, "as_decided", AS_DECIDED)
        due = day_of(next_review_date)
        content = clean_json(dict(content), "review")
        with self._database.writing() as connection:
            row = case_row(connection, case_id, open_only=True)
            _must_be_signed(connection, row["id"], sitting)
            here = (REVIEWS.c.case_id == row["id"], REVIEWS.c.sitting == sitting)
            numbers = select(func.max(REVIEWS.c.number)).where(*here)
            last = int(connection.execute(numbers).scalar() or 0)
            if based_on is not None and based_on != last:
                raise refusal("records.refusals.reviewed_meanwhile", case_id=row["id"])
            review = {
                "case_id": row["id"],
                "sitting": sitting,
                "number": last + 1,
                "as_decided": as_decided,
                "content": content,
                "author": by.name,
                "role": by.role,
                "at": self._database.now(),
                "next_review_date": due,
            }
            connection.execute(REVIEWS.insert().values(review))
            if sitting == sitting_of(connection, row["id"]) - 1:
                # The day of a later sitting stands, whatever becomes known of an earlier one.
                change = update(CASES).where(CASES.c.id == row["id"])
                connection.execute(change.values(review_date=due))
            at = str(review["at"])
            note(connection, at, by, "decision reviewed", row["id"], sitting=sitting)
            return review

    def of_case(self, case_id: str) -> list[dict[str, Any]]:
        """Every review of a case's decisions, newest first."""
        with self._database.reading() as connection:
            row = case_row(connection, case_id)
            found = connection.execute(
                select(REVIEWS).where(REVIEWS.c.case_id == row["id"]).order_by(REVIEWS.c.at.desc())
            ).mappings()
            return [dict(each) for each in found]


def _must_be_signed(connection: Connection, case_id: str, sitting: int) -> None:
    here = (DECISIONS.c.case_id == case_id, DECISIONS.c.sitting == whole_number(sitting, "sitting"))
    if connection.execute(select(DECISIONS.c.version).where(*here).limit(1)).first() is None:
        raise missing("records.refusals.no_decision", case_id=case_id, sitting=sitting)


def last_reviews() -> Subquery:
    """The answer of the last review of each decision that has one."""
    last = (
        select(REVIEWS.c.case_id, REVIEWS.c.sitting, func.max(REVIEWS.c.number).label("number"))
        .group_by(REVIEWS.c.case_id, REVIEWS.c.sitting)
        .subquery()
    )
    return (
        select(REVIEWS.c.case_id, REVIEWS.c.sitting, REVIEWS.c.as_decided)
        .join(
            last,
            (REVIEWS.c.case_id == last.c.case_id)
            & (REVIEWS.c.sitting == last.c.sitting)
            & (REVIEWS.c.number == last.c.number),
        )
        .subquery()
    )
