"""The first page, help, and what the program is."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import Request

from debulk import __version__
from debulk.core.moments import today
from debulk.core.strings import entries, text
from debulk.web.jobs.words import named
from debulk.web.pages import BOARD_READERS, Page, Pages
from debulk.web.visitor import visitor_of

pages = Pages("home")

PAGES = (pages,)

_QUESTIONS = {
    "patient": "/board",
    "next_trial": "/trials/design",
    "known": "/evidence",
    "true": "/disease",
    "trusted": "/retrodiction",
}
_MOST_SHOWN = 10


@pages.page("/", "Choose the question you came with.")
def first_page(request: Request) -> Page:
    """The five questions; for who may read cases, those due for review and the runs going on."""
    questions = [
        {"question": text(f"home.questions.{name}"), "address": address}
        for name, address in _QUESTIONS.items()
    ]
    data: dict[str, Any] = {"questions": questions, "version": __version__, "due": [], "jobs": []}
    if visitor_of(request).may(*BOARD_READERS):
        # Cases stand on it now, and a browser must keep none of them.
        request.state.patient_page = True
        records = request.app.state.records
        due = records.cases.page(due=today(), size=_MOST_SHOWN)
        data["due"] = [
            {"case_id": each["id"], "review_date": each["review_date"]} for each in due.rows
        ]
        running = records.jobs.page(states=("queued", "running"), size=_MOST_SHOWN)
        data["jobs"] = [
            {"address": f"/jobs/{each['id']}", "kind": each["kind"], "named": named(each["kind"])}
            for each in running.rows
        ]
    return Page("home/first.html", text("home.title"), data)


@pages.page("/help", "How to read each chart, and where each limit lies.")
def help_page(request: Request) -> Page:
    """The same help in the same place on every page."""
    del request
    return Page("home/text.html", text("help.title"), _sections("help"))


@pages.page("/about", "What the program is, whose it is, and what it cannot do.")
def about(request: Request) -> Page:
    """Limits first."""
    del request
    return Page("home/text.html", text("about.title"), _sections("about"))


@cache
def _sections(area: str) -> dict[str, Any]:
    """Sections of a page of text: heading and paragraphs."""
    return {
        "updated": text(f"{area}.updated"),
        "sections": [
            {
                "id": name,
                "heading": text(f"{area}.sections.{name}.heading"),
                "paragraphs": [
                    text(f"{area}.sections.{name}.text.{each}")
                    for each in entries(f"{area}.sections.{name}.text")
                ],
            }
            for name in entries(f"{area}.sections")
        ],
    }
