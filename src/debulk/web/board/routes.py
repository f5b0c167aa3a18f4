"""Pages of board."""

from __future__ import annotations

from debulk.web.board import cases_list, decisions_list, importing, outcome
from debulk.web.board.case_form import pages as case_form
from debulk.web.pages import Pages

PAGES: tuple[Pages, ...] = (
    cases_list.pages,
    importing.pages,
    decisions_list.pages,
    outcome.pages,
    case_form.pages,
)
"""The form of a new case comes before the pages of a case, or "new" would be taken for its name."""
