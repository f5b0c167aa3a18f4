"""Record what was decided and why: one form, signed, amended in a new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import Request

from debulk.board.decisions.decision import ABSTAINS, OTHER
from debulk.board.decisions.views import Views, views_of_counts
from debulk.board.records import Conflict
from debulk.board.records.decisions import SignedDecision
from debulk.core.errors import InputError
from debulk.core.strings import choices, text
from debulk.web.board.decision_form import (
    DISSENTS,
    FREE_TEXTS,
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
from debulk.web.pages import BOARD_MEMBERS, BOARD_READERS, Moved, Page, Pages
from debulk.web.typed_numbers import typed_whole
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

_ADDRESS = "/board/cases/{case_id}/decision"
_LONGEST_UNKNOWN = 120
_BASE = ("case_version", "sitting", "amended_sitting", "based_on")
"""What a form is opened on: a new decision sends the first two, an amendment the others."""


@pages.page(_ADDRESS, "The decision on a case, or the form that records it.", roles=BOARD_READERS)
def decision_page(request: Request, case_id: str, amend: bool = False, again: bool = False) -> Page:
    """The decision as it stands; its form where there is none, or it is to be amended."""
    signed = signed_decisions(request, case_id)
    amends = amend and not again and visitor_of(request).may(*BOARD_MEMBERS)
    amended = signed[0] if amends and signed else None
    shown = _shown(request, case_id, amended)
    view = case_view(request, shown)
    if view["may_change"] and amended:
        typed = typed_of_content(amended.content) | {"amend_reason": ""}
        return _form(request, shown, typed, amended)
    if view["may_change"] and (not signed or again):
        return _form(request, shown, {"meeting_date": _today(), "considered": []})
    data = _data(request, shown) | {"decisions": [told(each) for each in signed]}
    title = text("decision_page.title", case=shown.record.case_id)
    return Page("board/decision.html", title, data, view)


@pages.form(_ADDRESS, "Sign a decision, or amend one with a reason.")
def sign_decision(request: Request, case_id: str) -> Moved | Page:
    """Store a signed decision; with errors beside their fields, and all that was typed, if not."""
    typed = typed_of(request.state.form)
    base = _base_of(typed)
    signed = signed_decisions(request, case_id)
    amending = "amend_reason" in typed and bool(signed)
    amended = _newest_of(signed, base["amended_sitting"]) if amending else None
    lost = amending and amended is None
    amended = signed[0] if lost else amended
    shown = _shown(request, case_id, amended)
    again = partial(_form, request, shown, amended=amended, base=base)
    if typed.get("do") == "more":
        return again(typed | {"rows": str(rows_of(typed)), "do": ""})
    if lost:
        return again(typed, conflict=Conflict(signed[0], {}))
    found = filled(
        typed,
        plans=shown.result["plans"],
        case_id=shown.record.case_id,
        case_version=shown.record.version,
        board_months=shown.seen.case.board_months,
        unknown=_unknown(shown, amended),
        version=amended.version + 1 if amended else 1,
        first_views=_first_views(request, shown, base["sitting"], amended),
    )
    if found.errors:
        return again(typed, errors=found.errors)
    try:
        _store(request, shown, typed, found, base, amended)
    except Conflict as conflict:
        return again(typed, conflict=conflict)
    except InputError as error:
        # A case withdrawn meanwhile, a full disk: what was typed stays in the form.
        return again(typed, errors={"taken": str(error)})
    return Moved(f"{shown.address}/decision", text("decision_page.signed"))


def _shown(request: Request, case_id: str, amended: SignedDecision | None) -> ShownCase:
    """The case as it is; to amend, as the board saw it, whatever was entered since."""
    version = amended.case_version if amended else None
    return shown_case(request, case_id, part="decision", version=version)


def _base_of(typed: Mapping[str, Any]) -> dict[str, int]:
    """What the form was opened on; what has come since, once somebody says it was looked at."""
    newest = "newest_" if typed.get("sign_now") else ""
    return {name: typed_whole(str(typed.get(newest + name, ""))) or 0 for name in _BASE}


def _newest_base(
    request: Request, shown: ShownCase, amended: SignedDecision | None
) -> dict[str, int]:
    if amended:
        return {"amended_sitting": amended.sitting, "based_on": amended.version}
    tally = request.app.state.records.votes.tally(shown.record.case_id)
    return {"case_version": shown.record.version, "sitting": tally["sitting"]}


def _newest_of(signed: Sequence[SignedDecision], sitting: int) -> SignedDecision | None:
    """The decision of a sitting as it stands; the list begins with the newest."""
    return next((each for each in signed if each.sitting == sitting), None)


def _first_views(
    request: Request, shown: ShownCase, sitting: int, amended: SignedDecision | None
) -> Views | None:
    """What was noted before the futures were opened, at the sitting that is decided."""
    sitting = amended.sitting if amended else sitting
    tally = request.app.state.records.votes.tally(shown.record.case_id, sitting)
    return views_of_counts(tally["first_views"]["by_choice"])


def _store(
    request: Request,
    shown: ShownCase,
    typed: Mapping[str, Any],
    found: FilledForm,
    base: Mapping[str, int],
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
        newest = {name: base[name] for name in ("case_version", "sitting")}
        decisions.sign(shown.record.case_id, content, **newest, **same)
    else:
        decisions.amend(
            shown.record.case_id,
            amended.sitting,
            content,
            based_on=base["based_on"],
            reason=typed["amend_reason"],
            **same,
        )


def _form(
    request: Request,
    shown: ShownCase,
    typed: Mapping[str, Any],
    amended: SignedDecision | None = None,
    *,
    base: Mapping[str, int] | None = None,
    errors: Mapping[str, str] | None = None,
    conflict: Conflict | None = None,
) -> Page:
    errors = errors or {}
    newest = _newest_base(request, shown, amended)
    outcomes = choices("decision.outcomes")
    options = [*offered(shown.result["plans"]), (OTHER, text("decision_page.other"))]
    abstains = (ABSTAINS, text("decision.votes.abstains"))
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
        "base": {name: base[name] for name in newest} if base else newest,
        "newest": newest,
        "confirmable": needs_confirming(typed, FREE_TEXTS, errors),
        "amending": amended is not None,
        "conflict": _both(conflict),
        "unknown": _unknown(shown, amended),
    }
    title = text("decision_page.title", case=shown.record.case_id)
    status = 409 if conflict else 422 if errors else 200
    data = _data(request, shown)
    if conflict:
        data |= {"conflict": view["conflict"], "newest": newest}
    return Page("board/decision_form.html", title, data, view, status=status, errors=errors)


def _data(request: Request, shown: ShownCase) -> dict[str, Any]:
    return {
        "case_id": shown.record.case_id,
        "case_version": shown.record.version,
        "question": shown.result["question"],
        "guideline": shown.stored_settings["guideline"],
        "decision": decision_state(signed_decisions(request, shown.record.case_id)),
    }


def _both(conflict: Conflict | None) -> dict[str, Any] | None:
    """What is stored beside what was typed; nothing was overwritten."""
    if conflict is None:
        return None
    stored = conflict.stored
    if isinstance(stored, SignedDecision):
        return {"kind": "decision", "stored": told(stored)}
    return {"kind": "case", "stored": {"version": stored.version, "at": stored.at}}


def _unknown(shown: ShownCase, amended: SignedDecision | None) -> list[str]:
    """What was not known when it was decided: an amendment does not ask that anew."""
    if amended:
        return list(amended.content.get("unknown_at_the_time") or ())
    return [each[:_LONGEST_UNKNOWN] for each in unknown_words(shown)]


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
