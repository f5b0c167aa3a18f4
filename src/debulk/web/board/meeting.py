"""The case as it is shown to the meeting, on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from debulk.core.strings import text
from debulk.web.board.futures_state import futures_state
from debulk.web.board.meeting_case import shown_case
from debulk.web.board.meeting_panel import rule_of
from debulk.web.board.meeting_patient import drawn_body, organ_rows
from debulk.web.board.meeting_short import (
    answers_by_trial,
    missing_fields,
    trials_that_may_fit,
)
from debulk.web.board.meeting_tables import (
    lesion_rows,
    plan_columns,
    plan_notes,
    plan_rows,
    trials_to_show,
)
from debulk.web.board.meeting_view import case_data, case_view
from debulk.web.board.parts.equipoise import four_panels
from debulk.web.board.parts.futures import futures_view
from debulk.web.pages import BOARD_READERS, Page, Pages

pages = Pages("board", patient=True)

_SHOWN_TRIALS = 6
_SHOWN_STUDIES = 6


@pages.page("/board/cases/{case_id}", "Show the case to the meeting.", roles=BOARD_READERS)
def case_page(request: Request, case_id: str, at: str = "now") -> Page:
    """The meeting's screen."""
    shown = shown_case(request, case_id, part="case", at=at)
    futures = futures_state(request, shown)
    data = case_data(request, shown, futures)
    short = data["in_short"]
    plans, trials = shown.result["plans"], trials_to_show(data["trials"], least=_SHOWN_TRIALS)
    organs = organ_rows(data["lesions"], at)
    opened = futures_view(futures)
    drawn = opened["drawn"]
    return Page(
        "board/case.html",
        text("meeting.title", case=shown.record.case_id),
        data,
        {
            **case_view(request, shown),
            "short": short,
            "missing": missing_fields(shown),
            "by_trial": answers_by_trial(shown),
            "may_fit": trials_that_may_fit(shown),
            "organs": organs,
            "rule": rule_of(data["lesions"]),
            "body": drawn_body(organs, shown.address),
            "trials_counted": short["trials"],
            "four": four_panels(shown, data["equipoise"]),
            "draws": None if drawn is None else drawn["draws"],
            "leans_at": f"{shown.seen.settings.leans_at:g}",
            "lesions": lesion_rows(data["lesions"], at),
            "plans": plan_rows(plans),
            "plan_columns": plan_columns(plans),
            "plan_notes": plan_notes(plans, shown.result["lesions"]),
            "trials": trials,
            "trials_hidden": len(data["trials"]) - len(trials),
            "most_studies": _SHOWN_STUDIES,
            **opened,
            "typed": {},
            "spoken": _spoken(short, data["equipoise"]),
        },
    )


def _spoken(short: Mapping[str, str], equipoise: Mapping[str, str]) -> str:
    """What the status line says when the page opens: extent, treatable, would you randomise."""
    said: dict[str, Any] = {name: short[name] for name in ("extent", "treatable", "trials")}
    return text("meeting.said", **said, equipoise=equipoise["in_short"])
