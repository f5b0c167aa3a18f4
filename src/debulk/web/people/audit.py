"""The log of who did and read what: filtered, in pages, and its chain checked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request

from debulk.core.strings import entries, text
from debulk.web.pages import ADMINISTRATORS, Page, Pages
from debulk.web.paging import pager

pages = Pages("people", patient=True)

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
    """Entries of the log that fit every filter."""
    filters = {"who": who, "action": action, "case_id": case, "since": since, "until": until}
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
    filters = {name: value.strip() for name, value in filters.items()}
    found = request.app.state.records.audit.page(**filters, page=page)
    data: dict[str, Any] = found.to_dict() | {"filters": {k: v for k, v in filters.items() if v}}
    if not found.rows:
        data["state"] = "empty"
    can_filter = address == "/admin/audit"
    shown = {"case" if name == "case_id" else name: value for name, value in filters.items()}
    kept = {name: value for name, value in shown.items() if value and can_filter}
    view = {
        "address": address,
        "filters": shown,
        "pager": pager(page, found.pages, kept),
        "actions": entries("records.actions"),
        "can_filter": can_filter,
    }
    return Page("people/audit.html", title, data, view)
