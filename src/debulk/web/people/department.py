"""The department's own guideline text and thresholds, in dated versions."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.free_texts import look_for_identifying, needs_confirming
from debulk.web.pages import ADMINISTRATORS, Moved, Page, Pages
from debulk.web.people.forms import beside, field, wrong
from debulk.web.typed_numbers import NoNumber, typed_number
from debulk.web.visitor import ROLES, visitor_of

pages = Pages("people", patient=False)

_NUMBERS = ("delta_months", "leans_at", "extent_k")
_FREE_TEXTS = ("guideline", "reason")
_CONFIRMED = tuple(f"confirm.{name}" for name in _FREE_TEXTS)


@pages.page("/admin/settings", "Guideline text and thresholds of the department.", roles=ROLES)
def department(request: Request) -> Page:
    """What holds now and what held before; everybody may read it, an administrator change it."""
    return _page(request, None, {})


@pages.form("/admin/settings", "Change guideline text and thresholds.", roles=ADMINISTRATORS)
def change(request: Request) -> Page | Moved:
    """A new version, dated, with its reason; what is as before makes none."""
    settings = request.app.state.records.settings
    typed = {name: field(request, name) for name in (*_NUMBERS, *_FREE_TEXTS, *_CONFIRMED)}
    errors: dict[str, str] = {}
    wanted = {name: _number(name, typed[name], errors) for name in _NUMBERS}
    wanted["guideline"] = typed["guideline"].replace("\r\n", "\n").strip()
    now = settings.current()
    changes = {name: value for name, value in wanted.items() if value != now[name]}
    if not errors and not changes:
        errors["reason"] = text("people.department.nothing")
    look_for_identifying(typed, _FREE_TEXTS, errors)
    if not errors:
        with beside(errors, "guideline", *_NUMBERS, "reason"):
            by = visitor_of(request).acting(*ADMINISTRATORS)
            made = settings.change(changes, by=by, reason=typed["reason"])
    if errors:
        return _page(request, typed, errors)
    return Moved("/admin/settings", text("people.department.said", version=made["version"]))


def _number(name: str, typed: str, errors: dict[str, str]) -> Any:
    try:
        value = float(typed_number(typed))
    except NoNumber as error:
        found = text(f"people.department.{error.problem}", found=f"{typed:.40}")
        remedy = text("people.department.give_number")
        errors[name] = wrong(InputError(name, found, remedy))
        return None
    return int(value) if value.is_integer() else value


def _page(request: Request, typed: dict[str, str] | None, errors: dict[str, str]) -> Page:
    settings = request.app.state.records.settings
    now = settings.current()
    shown = {"guideline": now["guideline"], "reason": ""}
    shown |= {name: f"{now[name]:g}" for name in _NUMBERS}
    data = {"now": now, "versions": settings.versions()}
    typed = typed or shown
    confirmable = needs_confirming(typed, _FREE_TEXTS, errors)
    view = {
        "typed": typed,
        "confirmable": confirmable,
        "may_change": visitor_of(request).may(*ADMINISTRATORS),
    }
    status, title = 422 if errors else 200, text("people.department.title")
    return Page("people/department.html", title, data, view, status=status, errors=errors)
