"""One published score: its formula, its accuracy elsewhere, and a calculator that keeps nothing."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from debulk.web.evidence.calculator import read, result_of
from debulk.web.evidence.scores_page import formula_of, known_score
from debulk.web.pages import Page, Pages
from debulk.web.visitor import ROLES

pages = Pages("scores", patient=True)
"""What is typed may be a patient's: as on their pages, no browser keeps it."""


async def typed_form(request: Request) -> dict[str, str]:
    """The fields of the form as they were typed; which there are is the score's to say."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


@pages.page("/scores/{name}", "One score: formula, source, accuracy elsewhere, published survival.")
def score(request: Request, name: str) -> Page:
    """Show a score and its empty calculator."""
    del request
    chosen = known_score(name)
    data, view = formula_of(chosen.name)
    view = {**view, "typed": {}}
    return Page("scores/one.html", chosen.title, {**data, "result": None}, view)


@pages.form("/scores/{name}", "Points of the values typed; nothing is stored.", roles=ROLES)
def calculate(
    request: Request, name: str, typed: Annotated[dict[str, str], Depends(typed_form)]
) -> Page:
    """Show the points of what was typed, or what is wrong with it."""
    del request
    chosen = known_score(name)
    data, view = formula_of(chosen.name)
    values, errors = read(chosen, typed)
    result = None if errors else result_of(chosen, values)
    kept = {each.name: typed.get(each.name, "")[:40] for each in view["fields"]}
    return Page(
        "scores/one.html",
        chosen.title,
        {**data, "result": result},
        {**view, "typed": kept},
        status=422 if errors else 200,
        errors=errors,
    )
