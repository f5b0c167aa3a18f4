"""Decisions: signed, amended in a new version with its reason, never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select, update

from debulk.board.records.actors import Actor
from debulk.board.records.audit import EXPORTED, last_number, note
from debulk.board.records.case_rows import Conflict, case_row, version_of
from debulk.board.records.database import Database
from debulk.board.records.identifiers import case_id_of
from debulk.board.records.pages import Page, page_of
from debulk.board.records.refusals import (
    clean_json,
    clean_text,
    day_of,
    missing,
    refusal,
    whole_number,
)
from debulk.board.records.reviews import AS_DECIDED, last_reviews
from debulk.board.records.tables import CASE_VERSIONS, CASES, DECISIONS, REVIEWS
from debulk.board.records.votes import sitting_of

_LONGEST_WORD = 80


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """One version of a decision.

    Attributes
    ----------
    case_id : str
    sitting : int
        Which time the board discussed the case, from 1.
    version : int
        From 1; higher ones amend.
    case_version : int
        The version of the case that the board saw.
    chosen : str
        The option chosen, by its name.
    content : dict
        The decision as its form has it.
    signed_by, role, signed_at, reason : str
        Who signed, when (UTC), and why it was amended.
    review_date : str or None
        The day on which to look again, ``2026-11-26``.
    """

    case_id: str
    sitting: int
    version: int
    case_version: int
    chosen: str
    content: dict[str, Any]
    signed_by: str
    role: str
    signed_at: str
    reason: str
    review_date: str | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class Decisions:
    """The decisions of a board."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sign(
        self,
        case_id: str,
        content: Mapping[str, Any],
        *,
        chosen: str,
        case_version: int,
        sitting: int,
        by: Actor,
        review_date: str | date | None = None,
    ) -> SignedDecision:
        """Sign the decision of the running sitting; when this returns it is on disk.

        Parameters
        ----------
        case_id : str
        content : mapping
            As `debulk.board.decisions.Decision.to_dict` writes it, with ``case_id`` at the least.
        chosen : str
            The option chosen, by its name.
        case_version : int
            The version of the case that the board saw.
        sitting : int
            The sitting that is decided, as `Votes.tally` tells it.
        by : Actor
        review_date : str or date, optional
            The day on which to look again.

        Raises
        ------
        Conflict
            If the case was changed since, or the sitting was signed by another; nothing is written.
        NoSuchRecord, InputError
            If there is no such case or it was withdrawn, the date is none, or the content is no
            decision on this case.
        """
        values = _values(content, case_id, chosen, review_date)
        sitting = whole_number(sitting, "sitting")
        case_version = whole_number(case_version, "case_version")
        with self._database.writing() as connection:
            row = case_row(connection, case_id, open_only=True)
            running = sitting_of(connection, row["id"])
            if sitting < running:
                stored = decision_of(connection, row["id"], sitting)
                raise Conflict(stored, values["content"])
            if sitting > running:
                raise refusal("records.refusals.later_sitting", found=sitting, running=running)
            if case_version != row["version"]:
                newest = version_of(connection, row["id"])
                base = version_of(connection, row["id"], case_version)
                raise Conflict(newest, values["content"], base.content)
            values |= {"case_version": case_version, "version": 1, "reason": ""}
            return self._store(connection, row["id"], sitting, values, by, "decision signed")

    def amend(
        self,
        case_id: str,
        sitting: int,
        content: Mapping[str, Any],
        *,
        chosen: str,
        based_on: int,
        reason: str,
        by: Actor,
        review_date: str | date | None = None,
    ) -> SignedDecision:
        """Sign a new version of a decision; those before it stay.

        Raises
        ------
        Conflict
            If another amended it meanwhile; nothing is written.
        NoSuchRecord, InputError
            If there is no such decision, the case was withdrawn, no reason is given, or the content
            is no decision on this case.
        """
        values = _values(content, case_id, chosen, review_date)
        reason = clean_text(reason, "reason", needed=True)
        based_on = whole_number(based_on, "based_on")
        with self._database.writing() as connection:
            row = case_row(connection, case_id, open_only=True)
            stored = decision_of(connection, row["id"], sitting)
            if stored.version != based_on:
                base = decision_of(connection, row["id"], sitting, based_on)
                raise Conflict(stored, values["content"], base.content)
            values |= {
                "case_version": stored.case_version,
                "version": stored.version + 1,
                "reason": reason,
            }
            return self._store(connection, row["id"], sitting, values, by, "decision amended")

    def of_case(self, case_id: str) -> list[SignedDecision]:
        """Every version of every decision on a case, newest first."""
        with self._database.reading() as connection:
            row = case_row(connection, case_id)
            found = connection.execute(
                select(DECISIONS)
                .where(DECISIONS.c.case_id == row["id"])
                .order_by(DECISIONS.c.sitting.desc(), DECISIONS.c.version.desc())
            ).mappings()
            return [SignedDecision(**each) for each in found]

    def page(self, *, chosen: str | None = None, page: int = 1, size: int = 50) -> Page:
        """A page of decisions as they stand now, last signed first.

        Returns
        -------
        Page
            Rows with the attributes of `SignedDecision`.
        """
        rows = _standing().order_by(DECISIONS.c.signed_at.desc(), DECISIONS.c.case_id)
        if chosen:
            rows = rows.where(DECISIONS.c.chosen == clean_text(chosen, "chosen"))
        with self._database.reading() as connection:
            return page_of(connection, rows, page=page, size=size)

    def counts(self) -> dict[str, Any]:
        """Decisions as they stand, counted.

        Returns
        -------
        dict
            ``decisions``, ``by_option`` {name: n}, ``as_decided`` {answer of the last review: n},
            ``not_reviewed``.
        """
        standing = _standing().subquery()
        last = last_reviews()
        with self._database.reading() as connection:
            options = connection.execute(
                select(standing.c.chosen, func.count())
                .group_by(standing.c.chosen)
                .order_by(standing.c.chosen)
            ).all()
            answers = connection.execute(
                select(last.c.as_decided, func.count())
                .join(
                    standing,
                    (standing.c.case_id == last.c.case_id) & (standing.c.sitting == last.c.sitting),
                )
                .group_by(last.c.as_decided)
            ).all()
        by_option = {str(name): int(n) for name, n in options}
        as_decided = {str(name): int(n) for name, n in answers}
        total = sum(by_option.values())
        return {
            "decisions": total,
            "by_option": by_option,
            "as_decided": {name: as_decided.get(name, 0) for name in AS_DECIDED},
            "not_reviewed": total - sum(as_decided.values()),
        }

    def registry(self, *, by: Actor) -> list[dict[str, Any]]:
        """Every decision as it stands, with the case the board saw and its reviews; logged.

        Returns
        -------
        list of dict
            ``decision`` (attributes of `SignedDecision`), ``case`` (content), ``reviews``.
        """
        standing = _standing().subquery()
        shown = (CASE_VERSIONS.c.case_id == standing.c.case_id) & (
            CASE_VERSIONS.c.version == standing.c.case_version
        )
        # Read beside who writes: cases of years are decoded here. Only the note waits for a turn.
        with self._database.reading() as connection:
            seen = last_number(connection)
            found = connection.execute(
                select(standing, CASE_VERSIONS.c.content.label("case"))
                .join(CASE_VERSIONS, shown)
                .order_by(standing.c.signed_at, standing.c.case_id, standing.c.sitting)
            ).mappings()
            decisions = [dict(each) for each in found]
            reviews: dict[tuple[str, int], list[dict[str, Any]]] = {}
            for row in connection.execute(select(REVIEWS).order_by(REVIEWS.c.at)).mappings():
                reviews.setdefault((row["case_id"], row["sitting"]), []).append(dict(row))
        rows = [
            {
                "case": each.pop("case"),
                "decision": each,
                "reviews": reviews.get((each["case_id"], each["sitting"]), []),
            }
            for each in decisions
        ]
        with self._database.writing() as connection:
            note(connection, self._database.now(), by, EXPORTED, rows=len(rows), seen=seen)
        return rows

    def _store(
        self,
        connection: Connection,
        case_id: str,
        sitting: int,
        values: dict[str, Any],
        by: Actor,
        action: str,
    ) -> SignedDecision:
        signed = SignedDecision(
            case_id=case_id,
            sitting=sitting,
            signed_by=by.name,
            role=by.role,
            signed_at=self._database.now(),
            **values,
        )
        connection.execute(DECISIONS.insert().values(asdict(signed)))
        change = update(CASES).where(CASES.c.id == case_id)
        changes = {"status": "decided", "changed_at": signed.signed_at}
        if sitting == sitting_of(connection, case_id) - 1:
            changes["review_date"] = values["review_date"]
        connection.execute(change.values(changes))
        detail = {"sitting": sitting, "version": signed.version}
        note(connection, signed.signed_at, by, action, case_id, **detail)
        return signed


def _values(
    content: Mapping[str, Any], case_id: str, chosen: str, review_date: str | date | None
) -> dict[str, Any]:
    """What is stored of a decision; on no case, or another, it would make its case unreadable."""
    if not isinstance(content, Mapping):
        raise refusal("records.refusals.no_decision_content", found=f"{content!r:.60}")
    if content.get("case_id") != case_id_of(case_id):
        found = f"{content.get('case_id')!r:.60}"
        raise refusal("records.refusals.decision_of_another", found=found, case_id=case_id)
    return {
        "content": clean_json(dict(content), "decision"),
        "chosen": clean_text(chosen, "chosen", most=_LONGEST_WORD, needed=True),
        "review_date": day_of(review_date),
    }


def decision_of(
    connection: Connection, case_id: str, sitting: int, version: int | None = None
) -> SignedDecision:
    """A version of a decision, by default the newest.

    Raises
    ------
    NoSuchRecord
        If there is none.
    """
    sitting = whole_number(sitting, "sitting")
    rows = select(DECISIONS).where(DECISIONS.c.case_id == case_id, DECISIONS.c.sitting == sitting)
    if version is not None:
        rows = rows.where(DECISIONS.c.version == version)
    found = connection.execute(rows.order_by(DECISIONS.c.version.desc()).limit(1)).mappings()
    row = found.first()
    if row is None:
        raise missing("records.refusals.no_decision", case_id=case_id, sitting=sitting)
    return SignedDecision(**row)


def _standing() -> Select[Any]:
    """The last version of each decision: asked row by row, so that a page reads no more rows.

    Withdrawn cases are left out: one that was entered twice would count twice.
    """
    later = DECISIONS.alias("later")
    amended = exists().where(
        later.c.case_id == DECISIONS.c.case_id,
        later.c.sitting == DECISIONS.c.sitting,
        later.c.version > DECISIONS.c.version,
    )
    kept = exists().where(CASES.c.id == DECISIONS.c.case_id, CASES.c.status != "withdrawn")
    return select(DECISIONS).where(~amended, kept)
