"""Trials in full: each criterion with its state, what was found, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from debulk.core.strings import text
from debulk.web.board.futures_state import futures_state
from debulk.web.board.meeting_case import ShownCase, shown_case
from debulk.web.board.meeting_short import anchor, in_short
from debulk.web.board.meeting_tables import trials_in_order
from debulk.web.board.meeting_view import case_data, case_view
from debulk.web.pages import BOARD_READERS, Moved, Page, Pages
from debulk.web.typed_numbers import typed_whole
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

_ADDRESS = "/board/cases/{case_id}/trials"
_ANSWERS: Mapping[str, bool | None] = {"yes": True, "no": False, "unknown": None}


@pages.page(_ADDRESS, "Trials held against the case, criterion by criterion.", roles=BOARD_READERS)
def trials_page(request: Request, case_id: str) -> Page:
    """Every trial with its criteria."""
    shown = shown_case(request, case_id, part="trials")
    return _page(request, shown)


@pages.form(_ADDRESS, "Answer a criterion by hand.")
def keep_answer(request: Request, case_id: str) -> Moved | Page:
    """Keep the board's answer to a criterion that no column can answer, as a new version."""
    shown = shown_case(request, case_id, part="trials")
    form = request.state.form
    key, answer = str(form.get("criterion", "")), str(form.get("answer", ""))
    if key not in _open_criteria(shown) or answer not in _ANSWERS:
        field = anchor(f"answers.{key}")
        return _page(request, shown, errors={field: text("meeting.trials.choose_answer")})
    content = dict(shown.record.content)
    content["answers"] = dict(content.get("answers") or {}) | {key: _ANSWERS[answer]}
    request.app.state.records.cases.save(
        shown.record.case_id,
        content,
        based_on=typed_whole(str(form.get("version", ""))) or 0,
        by=visitor_of(request).acting(),
        listed=_listed(shown),
        reason=text("meeting.trials.answer_reason", criterion=key),
    )
    trial = key.partition("/")[0]
    return Moved(f"{shown.address}/trials#trial-{trial}", text("meeting.trials.answer_kept"))


def _page(request: Request, shown: ShownCase, *, errors: Mapping[str, str] | None = None) -> Page:
    futures = futures_state(request, shown)
    return Page(
        "board/trials.html",
        text("meeting.trials.title", case=shown.record.case_id),
        case_data(request, shown, futures),
        {
            **case_view(request, shown),
            "trials": trials_in_order(shown.result["trials"]),
            "summary": in_short(shown, futures)["trials"],
            "anchor": anchor,
            "open_criteria": _open_criteria(shown),
        },
        status=422 if errors else 200,
        errors=errors or {},
    )


def _open_criteria(shown: ShownCase) -> set[str]:
    """Criteria that only a person can answer, or did."""
    return {
        f"{trial['protocol']}/{each['id']}"
        for trial in shown.result["trials"]
        for each in trial["criteria"]
        if each["answered_by_hand"] or str(each["field"] or "").startswith("answers.")
    }


def _listed(shown: ShownCase) -> Any:
    from debulk.board.records import Listed

    return Listed.of(shown.result["now"])
