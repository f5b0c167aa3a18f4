"""The first page: the question one came with."""

from __future__ import annotations

from fastapi import Request

from debulk.core.strings import text
from debulk.web.pages import Page, Pages

pages = Pages("home")

PAGES = (pages,)

_QUESTIONS = {
    "patient": "/board",
    "next_trial": "/trials/design",
    "known": "/evidence",
    "true": "/disease",
    "trusted": "/retrodiction",
}


@pages.page("/", "Choose the question you came with.")
def first_page(request: Request) -> Page:
    """The five questions."""
    del request
    questions = [
        {"question": text(f"home.questions.{name}"), "address": address}
        for name, address in _QUESTIONS.items()
    ]
    return Page("home/first.html", text("home.title"), {"questions": questions})
