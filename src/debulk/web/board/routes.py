"""Pages of the board: its cases, what is entered, shown and decided."""

from __future__ import annotations

from debulk.web.board import (
    cases_list,
    decision,
    decisions_list,
    history,
    importing,
    meeting,
    outcome,
    printing,
)
from debulk.web.board.case_form import pages as case_form
from debulk.web.board.parts import evidence, futures, trials
from debulk.web.pages import Pages

PAGES: tuple[Pages, ...] = (
    cases_list.pages,
    importing.pages,
    decisions_list.pages,
    outcome.pages,
    case_form.pages,
    trials.pages,
    evidence.pages,
    futures.pages,
    decision.pages,
    printing.pages,
    history.pages,
    meeting.pages,
)
"""The form of a new case comes before the pages of a case, or "new" would be taken for its name."""
