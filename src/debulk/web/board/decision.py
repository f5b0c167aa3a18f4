"""Record what was decided and why: one form, signed, amended in a new version."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Request

from debulk.board.decisions.decision import ABSTAINS
from debulk.board.records import Conflict
from debulk.board.records.decisions import SignedDecision
from debulk.core.errors import InputError
from debulk.core.moments import today
from debulk.core.strings import choices, entries, text
from debulk.web.board.decision_form import (
    DISSENTS,
    FREE_TEXTS,
    OTHER,
    FilledForm,
    filled,
    offered,
    rows_of,
    typed_of,
    typed_of_content,
)
from debulk.web.board.decision_record import decision_state, signed_decisions, told
from debulk.web.board.meeting_case import ShownCase, shown_case
from debulk.web.board.meeting_short import unknown_words
from debulk.web.board.meeting_view import case_view
from debulk.web.free_texts import needs_confirming
from debulk.web.pages import BOARD_READERS, Moved, Page, Pages
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

_ADDRESS = "/board/cases/{case_id}/decision"
_LONGEST_UNKNOWN = 120


@pages.page(_ADDRESS, "The decision on a case, or the form that records it.", roles=BOARD_READERS)
def decision_page(request: Request, case_id: str, amend: bool = False, again: bool = False) -> Page:
    """The decision as it stands; its form where there is none, or it is to be amended."""
    shown = shown_case(request, case_id, part="decision")
    signed = signed_decisions(request, shown.record.case_id)
    view = case_view(request, shown)
    if view["may_change"] and (not signed or again):
        return _form(request, shown, {"meeting_date": today(), "considered": []}, signed)
    if view["may_change"] and amend:
        typed = typed_of_content(signed[0].content) | {"amend_reason": ""}
        return _form(request, _as_decided(request, signed[0]), typed, signed, signed[0])
    data = _data(request, shown) | {"decisions": [told(each) for each in signed]}
    title = text("decision_page.title", case=shown.record.case_id)
    return Page("board/decision.html", title, data, view)


@pages.form(_ADDRESS, "Sign a decision, or amend one with a reason.")
def sign_decision(request: Request, case_id: str) -> Moved | Page:
    """Store a signed decision; with errors beside their fields, and all that was typed, if not."""
    shown = shown_case(request, case_id, part="decision")
    typed = typed_of(request.state.form)
    signed = signed_decisions(request, shown.record.case_id)
    amended = signed[0] if "amend_reason" in typed and signed else None
    if amended:
        shown = _as_decided(request, amended)
    again = partial(_form, request, shown, signed=signed, amended=amended)
    if typed.get("do") == "more":
        return again(typed | {"rows": str(rows_of(typed)), "do": ""})
    found = filled(
        typed,
        plans=shown.result["plans"],
        case_id=shown.record.case_id,
        case_version=shown.record.version,
        board_months=shown.seen.case.board_months,
        unknown=_unknown(shown, amended),
        version=amended.version + 1 if amended else 1,
    )
    if found.errors:
        return again(typed, errors=found.errors)
    try:
        _store(request, shown, typed, found, amended)
    except Conflict as conflict:
        return again(typed, conflict=conflict)
    except InputError as error:
        # A case withdrawn meanwhile, a full disk: what was typed stays in the form.
        return again(typed, errors={"taken": str(error)})
    return Moved(f"{shown.address}/decision", text("decision_page.signed"))


def _store(
    request: Request,
    shown: ShownCase,
    typed: Mapping[str, Any],
    found: FilledForm,
    amended: SignedDecision | None,
) -> None:
    decision = found.decision
    assert decision is not None
    dates = {"meeting_date": found.meeting_date, "review_date": found.review_date}
    content = decision.to_dict() | dates
    decisions, by = request.app.state.records.decisions, visitor_of(request).acting()
    same: dict[str, Any] = {
        "chosen": decision.taken,
        "by": by,
        "review_date": found.review_date,
    }
    if amended is None:
        case_version, sitting = (_number(typed, name) for name in ("case_version", "sitting"))
        decisions.sign(
            shown.record.case_id, content, case_version=case_version, sitting=sitting, **same
        )
    else:
        decisions.amend(
            shown.record.case_id,
            amended.sitting,
            content,
            based_on=_number(typed, "based_on"),
            reason=typed["amend_reason"],
            **same,
        )


def _form(
    request: Request,
    shown: ShownCase,
    typed: Mapping[str, Any],
    signed: list[SignedDecision],
    amended: SignedDecision | None = None,
    *,
    errors: Mapping[str, str] | None = None,
    conflict: Conflict | None = None,
) -> Page:
    errors = errors or {}
    tally = request.app.state.records.votes.tally(shown.record.case_id)
    outcomes = [(name, str(words)) for name, words in entries("decision.outcomes").items()]
    options = [*offered(shown.result["plans"]), (OTHER, text("decision_page.other"))]
    abstains = (ABSTAINS, text("decision.votes.abstains"))
    seen = None if conflict else typed.get("case_version")
    based_on = {
        "case_version": seen or shown.record.version,
        "sitting": typed.get("sitting") or tally["sitting"],
        "based_on": typed.get("based_on") or (signed[0].version if signed else 0),
    }
    view = {
        **case_view(request, shown),
        "typed": typed,
        "options": options,
        "outcomes": outcomes,
        "choices": [*options, *outcomes, abstains],
        "disciplines": choices("decision.disciplines"),
        "triggers": choices("decision.triggers"),
        "roles": choices("decision.roles"),
        "rows": rows_of(typed),
        "dissents": DISSENTS,
        "based_on": based_on,
        "confirmable": needs_confirming(typed, FREE_TEXTS, errors),
        "amending": "amend_reason" in typed,
        "conflict": _both(conflict),
        "unknown": _unknown(shown, amended),
    }
    title = text("decision_page.title", case=shown.record.case_id)
    status = 409 if conflict else 422 if errors else 200
    data = _data(request, shown) | ({"conflict": view["conflict"]} if conflict else {})
    return Page("board/decision_form.html", title, data, view, status=status, errors=errors)


def _data(request: Request, shown: ShownCase) -> dict[str, Any]:
    return {
        "case_id": shown.record.case_id,
        "case_version": shown.record.version,
        "question": shown.result["question"],
        "guideline": shown.stored_settings["guideline"],
        "decision": decision_state(signed_decisions(request, shown.record.case_id)),
        "votes_before": request.app.state.records.votes.tally(shown.record.case_id)["first_views"],
    }


def _both(conflict: Conflict | None) -> dict[str, Any] | None:
    """What is stored beside what was typed; nothing was overwritten."""
    if conflict is None:
        return None
    stored = conflict.stored
    if isinstance(stored, SignedDecision):
        return {"kind": "decision", "stored": told(stored)}
    return {"kind": "case", "stored": {"version": stored.version, "at": stored.at}}


def _as_decided(request: Request, signed: SignedDecision) -> ShownCase:
    """The case as the board saw it when it decided, whatever was entered since."""
    return shown_case(request, signed.case_id, part="decision", version=signed.case_version)


def _unknown(shown: ShownCase, amended: SignedDecision | None) -> list[str]:
    """What was not known when it was decided: an amendment does not ask that anew."""
    if amended:
        return list(amended.content.get("unknown_at_the_time") or ())
    return [each[:_LONGEST_UNKNOWN] for each in unknown_words(shown)]


def _number(typed: Mapping[str, Any], name: str) -> int:
    given = str(typed.get(name, ""))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
