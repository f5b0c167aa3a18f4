"""Readings of a case that the store does not log itself."""

from __future__ import annotations

from fastapi import Request

from debulk.web.pages import BOARD_READERS
from debulk.web.visitor import visitor_of


def log_read(request: Request, case_id: str, part: str = "case") -> None:
    """Log that the visitor read a part of a case.

    `Records.cases.read` logs by itself; this is for what is read without it, such as what became
    of a patient.

    Parameters
    ----------
    request : Request
    case_id : str
    part : str
        Which part: "outcome" and the like.
    """
    by = visitor_of(request).acting(*BOARD_READERS)
    request.app.state.records.audit.note("case read", by, case_id, part=part)
