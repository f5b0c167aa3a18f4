"""Evidence for patients like this one, in full, with its flags."""

from __future__ import annotations

from fastapi import Request

from debulk.core.strings import text
from debulk.web.board.futures_state import futures_state
from debulk.web.board.meeting_case import shown_case
from debulk.web.board.meeting_view import case_data, case_view
from debulk.web.pages import BOARD_READERS, Page, Pages

pages = Pages("board", patient=True)


@pages.page(
    "/board/cases/{case_id}/evidence",
    "Published studies of patients like this one, with their bias flags.",
    roles=BOARD_READERS,
)
def evidence_page(request: Request, case_id: str) -> Page:
    """Randomised trials, then series, never mixed."""
    shown = shown_case(request, case_id, part="evidence")
    return Page(
        "board/evidence.html",
        text("meeting.evidence.title", case=shown.record.case_id),
        case_data(request, shown, futures_state(request, shown)),
        case_view(request, shown),
    )
