"""The log of who did and read what: filtered, in pages, and its chain checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Query, Request

from debulk.board.records import case_id_of
from debulk.board.records.refusals import day_of
from debulk.core.strings import entries, text
from debulk.web.pages import ADMINISTRATORS, Page, Pages
from debulk.web.paging import pager
from debulk.web.people.forms import beside

pages = Pages("people", patient=True)

_READ: Mapping[str, Callable[[str], str | None]] = {
    "case": case_id_of,
    "since": day_of,
    "until": day_of,
}
_CALLED = {"case": "case_id"}
"""What the log calls a filter of the page."""

_Filter = Annotated[str, Query(max_length=80)]


@pages.page("/admin/audit", "Who did and read what, newest first.", roles=ADMINISTRATORS)
def audit(
    request: Request,
    who: _Filter = "",
    action: _Filter = "",
    case: _Filter = "",
    since: _Filter = "",
    until: _Filter = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Page:
    """Entries of the log that fit every filter; one that nothing can fit is not applied."""
    filters = {"who": who, "action": action, "case": case, "since": since, "until": until}
    return log_page(request, text("people.audit.title"), "/admin/audit", filters, page)


@pages.page("/admin/audit/check", "Whether the log is whole.", roles=ADMINISTRATORS)
def check(request: Request) -> Page:
    """Hash every entry again."""
    data = request.app.state.records.audit.verify().to_dict()
    return Page("people/check.html", text("people.check.title"), data)


def log_page(
    request: Request, title: str, address: str, filters: dict[str, str], page: int
) -> Page:
    """A page of the log."""
    typed = {name: value.strip() for name, value in filters.items()}
    errors: dict[str, str] = {}
    sought = {name: _sought(name, value, errors) for name, value in typed.items()}
    found = request.app.state.records.audit.page(
        **{_CALLED.get(name, name): value for name, value in sought.items()}, page=page
    )
    applied = {name: value for name, value in sought.items() if value}
    data: dict[str, Any] = found.to_dict() | {"filters": applied}
    if not found.rows:
        data["state"] = "empty"
    can_filter = address == "/admin/audit"
    view = {
        "address": address,
        "filters": typed,
        "pager": pager(page, found.pages, applied if can_filter else {}),
        "actions": entries("records.actions"),
        "can_filter": can_filter,
    }
    status = 422 if errors else 200
    return Page("people/audit.html", title, data, view, status=status, errors=errors)


def _sought(name: str, typed: str, errors: dict[str, str]) -> str | None:
    """A filter as the log has it; None where it is not typed, or refused beside its field."""
    with beside(errors, name):
        return _READ[name](typed) if typed and name in _READ else typed or None
    return None
