"""Pages of board."""

from __future__ import annotations

from debulk.web.board import decision, history, meeting, printing
from debulk.web.board.parts import evidence, futures, trials
from debulk.web.pages import Pages

PAGES: tuple[Pages, ...] = (
    trials.pages,
    evidence.pages,
    futures.pages,
    decision.pages,
    printing.pages,
    history.pages,
    meeting.pages,
)
