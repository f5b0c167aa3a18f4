"""First views: what members think before the futures are opened, and the opening."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from debulk.board.decisions.views import VIEWS
from debulk.core.strings import entries, text
from debulk.web.visitor import visitor_of


def note_and_open(
    request: Request, case_id: str, form: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Note a view and open the futures, or one of both: what to say, or what was wrong.

    Parameters
    ----------
    request : Request
    case_id : str
    form : mapping
        ``do``: ``note``, ``note_and_open`` or ``open``; ``view`` and ``discipline``.
    """
    votes, by = request.app.state.records.votes, visitor_of(request).acting()
    do = form.get("do")
    if do == "open":
        votes.open_futures(case_id, by=by)
        return text("meeting.futures.opened"), {}
    errors = _errors(form)
    if errors:
        return "", errors
    votes.note_first_view(case_id, form["discipline"], {form["view"]: 1}, by=by)
    if do == "note_and_open":
        votes.open_futures(case_id, by=by)
        return text("meeting.futures.noted_and_opened"), {}
    return text("meeting.futures.noted"), {}


def _errors(form: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    if form.get("view") not in VIEWS:
        errors["view"] = text("meeting.futures.choose_view")
    if form.get("discipline") not in entries("decision.disciplines"):
        errors["discipline"] = text("meeting.futures.choose_discipline")
    return errors
