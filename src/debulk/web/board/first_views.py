"""First views: what members think before the futures are opened, and the opening."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from debulk.core.strings import entries, text
from debulk.web.visitor import visitor_of

VIEWS = ("randomise", "treat", "not_treat")
"""What a first view may be: randomise, treat locally, do not treat locally."""


def disciplines() -> list[tuple[str, str]]:
    """Disciplines at the table with their words."""
    return [(name, str(words)) for name, words in entries("decision.disciplines").items()]


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
    votes.cast(case_id, "first view", form["discipline"], {form["view"]: 1}, by=by)
    if do == "note_and_open":
        votes.open_futures(case_id, by=by)
        return text("meeting.futures.noted_and_opened"), {}
    return text("meeting.futures.noted"), {}


def _errors(form: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    if form.get("view") not in VIEWS:
        errors["view"] = text("meeting.futures.choose_view")
    if form.get("discipline") not in dict(disciplines()):
        errors["discipline"] = text("meeting.futures.choose_discipline")
    return errors
