"""What became of a decided case: treated as decided, alive or dead at a month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData

from debulk.board.records.refusals import day_of
from debulk.board.records.reviews import AS_DECIDED
from debulk.core.errors import InputError
from debulk.core.strings import entries, text
from debulk.web.board.case_form.fields import Field
from debulk.web.board.case_form.values import Wrong, read_value
from debulk.web.board.decision_record import signed_decisions
from debulk.web.board.posted import posted, words_of
from debulk.web.pages import BOARD_MEMBERS, BOARD_READERS, Moved, Page, Pages
from debulk.web.security.reads import log_read
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

_MONTHS = {
    name: Field(name, "number", 0.0, 1_200.0) for name in ("last_months", "progression_months")
}
_ASKED = ("as_decided", "last_months", "dead", "progression_months", "cause", "next_review")


@pages.page("/board/decisions/{case_id}", "What became of a decided case.", roles=BOARD_READERS)
def outcome(request: Request, case_id: str) -> Page:
    """The decision in short, what was recorded since, and the form for more."""
    return _page(request, case_id, {})


@pages.form("/board/decisions/{case_id}", "Record what became of a decided case.")
def record_outcome(
    request: Request, case_id: str, form: Annotated[FormData, Depends(posted)]
) -> Page | Moved:
    """Store it, or say what is wrong."""
    signed = _signed(request, case_id)
    typed = {name: value for name, value in words_of(form) if name in _ASKED}
    board = float(signed.content.get("board_months") or 0.0) if signed else 0.0
    values, errors = _read(typed, board)
    if errors or signed is None:
        return _page(request, case_id, typed, errors, status=422)
    request.app.state.records.reviews.add(
        signed.case_id,
        signed.sitting,
        as_decided=values.pop("as_decided"),
        next_review_date=values.pop("next_review"),
        content=values,
        by=visitor_of(request).acting(*BOARD_MEMBERS),
    )
    return Moved(f"/board/decisions/{signed.case_id}", text("board_list.later.said"))


def _signed(request: Request, case_id: str) -> Any:
    """The latest decision of a case, or None."""
    return next(iter(signed_decisions(request, case_id)), None)


def _read(typed: Mapping[str, str], board: float) -> tuple[dict[str, Any], dict[str, str]]:
    """Values of the form, and messages by field."""
    errors: dict[str, str] = {}
    months = {name: _months(name, typed, errors) for name in _MONTHS}
    for name, known in (("as_decided", AS_DECIDED), ("dead", ("yes", "no"))):
        if typed.get(name) not in known:
            errors[name] = _wrong("choice")
    cause = typed.get("cause") or None
    if cause is not None and cause not in entries("board_list.later.causes"):
        errors["cause"] = _wrong("choice")
    elif cause is not None and typed.get("dead") == "no":
        errors["cause"] = _wrong("cause_alive")
    last, progression = months["last_months"], months["progression_months"]
    if last is None:
        errors.setdefault("last_months", _wrong("needed"))
    elif last < board:
        errors["last_months"] = _wrong("before_board", found=f"{last:g}", board=f"{board:g}")
    elif progression is not None and progression > last:
        words = _wrong("before_progression", found=f"{progression:g}", last=f"{last:g}")
        errors["progression_months"] = words
    day = typed.get("next_review", "").strip()
    try:
        day_of(day)
    except InputError:
        errors["next_review"] = _wrong("day", found=day[:40])
    values = {"as_decided": typed.get("as_decided"), "next_review": day, "cause": cause}
    return {**values, **months, "dead": typed.get("dead") == "yes"}, errors


def _months(name: str, typed: Mapping[str, str], errors: dict[str, str]) -> float | None:
    try:
        value: float | None = read_value(_MONTHS[name], typed.get(name, ""))
    except Wrong as wrong:
        errors[name] = _wrong("number", found=str(wrong.found)[:40])
        return None
    return value


def _wrong(problem: str, **values: object) -> str:
    return text(f"board_list.later.wrong.{problem}", count=None, **values)


def _page(
    request: Request,
    case_id: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Page:
    signed = _signed(request, case_id)
    stored = request.app.state.records.reviews.of_case(case_id)
    case_id = request.app.state.records.cases.summary(case_id)["id"]
    log_read(request, case_id, "outcome")
    data = {
        "state": "empty" if signed is None else "error" if errors else "done",
        "case_id": case_id,
        "decision": None
        if signed is None
        else {"sitting": signed.sitting, "text": str(signed.content.get("text", signed.chosen))},
        "reviews": [_shown(each) for each in stored],
        "typed": dict(typed),
    }
    view = {
        "answers": _choices("board_list.decided.answers", AS_DECIDED),
        "causes": _choices("board_list.later.causes", tuple(entries("board_list.later.causes"))),
        "may_change": visitor_of(request).may(*BOARD_MEMBERS),
    }
    title = text("board_list.later.title", case_id=case_id)
    return Page("board/decisions_outcome.html", title, data, view, status, errors or {})


def _choices(key: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    words = entries(key)
    return [(name, str(words[name])) for name in names]


def _shown(review: Mapping[str, Any]) -> dict[str, Any]:
    content = review["content"]
    words = text(
        "board_list.later.earlier_row",
        as_decided=entries("board_list.decided.answers")[review["as_decided"]],
        state=text(f"board_list.later.{'dead' if content.get('dead') else 'alive'}"),
        month=f"{content.get('last_months') or 0.0:g}",
    )
    return {
        "number": review["number"],
        "as_decided": review["as_decided"],
        "text": words,
        **{name: content.get(name) for name in ("last_months", "dead", "progression_months")},
        "cause": content.get("cause"),
        "next_review_date": review["next_review_date"],
    }
