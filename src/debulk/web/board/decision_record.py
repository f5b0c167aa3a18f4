"""The decision on a case as it stands, in words and as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request

from debulk.board.decisions.decision import Decision, decision_from_dict
from debulk.board.decisions.views import table_words
from debulk.board.records import NoSuchRecord
from debulk.board.records.decisions import SignedDecision
from debulk.core.results import plain
from debulk.core.strings import text
from debulk.web.errors import NotThere


def signed_decisions(request: Request, case_id: str) -> list[SignedDecision]:
    """Every version of every decision on the case, newest first.

    Raises
    ------
    NotThere
        If there is no such case.
    """
    try:
        found: list[SignedDecision] = request.app.state.records.decisions.of_case(case_id)
    except NoSuchRecord as error:
        raise NotThere(text("meeting.case"), error.remedy) from None
    return found


def decision_state(signed: Sequence[SignedDecision]) -> dict[str, Any]:
    """The newest of the decisions on a case, or that there is none."""
    if not signed:
        return {"signed": False, "text": text("meeting.decision.none")}
    return told(signed[0])


def told(signed: SignedDecision) -> dict[str, Any]:
    """A signed decision as plain values, with its sentences."""
    decision = decision_of(signed.content)
    return {
        "signed": True,
        "text": decision.text,
        "sitting": signed.sitting,
        "version": signed.version,
        "case_version": signed.case_version,
        "signed_at": signed.signed_at,
        "signed_by": signed.signed_by,
        "reason": signed.reason,
        "review_date": signed.review_date,
        "meeting_date": signed.content.get("meeting_date"),
        "taken": decision.title_of(decision.taken),
        "options": [{"option": e.option, "title": e.title} for e in decision.options],
        "considered": [each.title for each in decision.options],
        "votes": votes_by_discipline(decision),
        "views": plain(decision.views),
        "first_views": plain(decision.first_views),
        "at_table": table_words(decision.views, decision.first_views),
        "dissent": [
            {"discipline": text(f"decision.disciplines.{each.discipline}"), "text": each.text}
            for each in decision.dissent
        ],
        "reasons": decision.reasons,
        "patients_wish": decision.patients_wish,
        "guideline_text": decision.guideline_text,
        "review_trigger": decision.review_trigger
        and text(f"decision.triggers.{decision.review_trigger}"),
        "unknown_at_the_time": list(decision.unknown_at_the_time),
        "signed_role": decision.signed_role and text(f"decision.roles.{decision.signed_role}"),
    }


def decision_of(content: Mapping[str, Any]) -> Decision:
    """The decision in stored content."""
    return decision_from_dict(content)


def votes_by_discipline(decision: Decision) -> list[dict[str, Any]]:
    """Votes counted by discipline and choice, without names; those who would randomise beside."""
    counted: dict[tuple[str, str], list[bool | None]] = {}
    for each in decision.votes:
        counted.setdefault((each.discipline, each.vote), []).append(each.randomise)
    return [
        {
            "discipline": text(f"decision.disciplines.{discipline}"),
            "vote": decision.title_of(vote),
            "count": len(views),
            "would_randomise": sum(view is True for view in views),
            "asked": sum(view is not None for view in views),
        }
        for (discipline, vote), views in counted.items()
    ]
