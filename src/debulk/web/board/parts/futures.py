"""Futures in full: first views, the run, three layers of uncertainty, method and inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from debulk.core.strings import choices, text
from debulk.web.board.first_views import note_and_open
from debulk.web.board.futures_state import FuturesState, compute, futures_state
from debulk.web.board.meeting_case import ShownCase, shown_case
from debulk.web.board.meeting_view import case_data, case_view
from debulk.web.board.parts.equipoise import below, model_shares
from debulk.web.board.parts.futures_drawings import drawings
from debulk.web.pages import BOARD_READERS, Moved, Page, Pages

pages = Pages("board", patient=True)

_ADDRESS = "/board/cases/{case_id}/futures"
_LAYERS = ("chance", "knowledge", "model")


@pages.page(_ADDRESS, "Simulated futures of the patient under each option.", roles=BOARD_READERS)
def futures_page(request: Request, case_id: str) -> Page:
    """What is known of the futures, by state."""
    shown = shown_case(request, case_id, part="futures")
    return _page(request, shown)


@pages.form(_ADDRESS, "Note a first view, open the futures, or start their computation.")
def act_on_futures(request: Request, case_id: str) -> Moved | Page:
    """Take what the part's forms ask for."""
    shown = shown_case(request, case_id, part="futures")
    form = {name: str(value) for name, value in request.state.form.items()}
    if form.get("do") == "compute":
        compute(request, shown)
        return Moved(f"{shown.address}/futures", text("meeting.futures.computing"))
    said, errors = note_and_open(request, shown.record.case_id, form)
    if errors:
        return _page(request, shown, typed=form, errors=errors)
    if form.get("do") in ("open", "note_and_open"):
        _compute_if_needed(request, shown)
    return Moved(f"{shown.address}/futures", said)


def _compute_if_needed(request: Request, shown: ShownCase) -> None:
    if futures_state(request, shown).state in ("not_computed", "stale"):
        compute(request, shown)


def _page(
    request: Request,
    shown: ShownCase,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Page:
    futures = futures_state(request, shown)
    computing = futures.state == "computing" and futures.opened
    data = case_data(request, shown, futures)
    if computing and futures.job is not None:
        data |= {"state": "computing", "job": futures.job.address}
    return Page(
        "board/futures.html",
        text("meeting.futures.title", case=shown.record.case_id),
        data,
        {**case_view(request, shown), **futures_view(futures), "typed": typed or {}},
        status=422 if errors else 202 if computing else 200,
        errors=errors or {},
    )


def futures_view(futures: FuturesState) -> dict[str, Any]:
    """What the templates of the futures need."""
    shown = futures.result if futures.shown else None
    return {
        "futures": futures,
        "futures_words": futures.in_short,
        "result": shown,
        "shares": model_shares(futures) or {},
        "drawn": drawings(shown) if shown is not None else None,
        "layers": _layers(shown["text"]) if shown is not None else [],
        "views": choices("meeting.views"),
        "disciplines": choices("decision.disciplines"),
    }


def _layers(said: Mapping[str, str]) -> list[tuple[str, str]]:
    """The three layers of uncertainty, always in this order, each with its head."""
    heads = ((name, text(f"meeting.futures.layer.{name}")) for name in _LAYERS)
    return [(head, below(head, said[name])) for name, head in heads]
