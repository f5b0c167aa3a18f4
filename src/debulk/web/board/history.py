"""Who changed or read a case, when, and what each version changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request

from debulk.core.strings import entries, text
from debulk.web.board.case_form.versions_apart import differences
from debulk.web.board.decision_record import signed_decisions, told
from debulk.web.board.meeting_case import ShownCase, shown_case
from debulk.web.board.meeting_view import case_view
from debulk.web.free_texts import look_for_identifying, needs_confirming
from debulk.web.pages import BOARD_MEMBERS, Moved, Page, Pages
from debulk.web.paging import pager
from debulk.web.templating import moment
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

_ADDRESS = "/board/cases/{case_id}/history"
_PageNumber = Annotated[int, Query(ge=1, le=100_000)]


@pages.page(_ADDRESS, "Versions, reads and exports of a case.", roles=BOARD_MEMBERS)
def history_page(
    request: Request, case_id: str, page: _PageNumber = 1, versions: _PageNumber = 1
) -> Page:
    """Versions with their differences, decisions, and the log, the first and last in pages."""
    return _page(request, shown_case(request, case_id, part=None), page, versions)


@pages.form(_ADDRESS, "Withdraw a case, with the reason; it stays in the log.")
def withdraw(request: Request, case_id: str) -> Moved | Page:
    """Take a case out of the lists."""
    shown = shown_case(request, case_id, part=None)
    typed = {name: str(request.state.form.get(name, "")) for name in ("reason", "confirm.reason")}
    reason, errors = typed["reason"].strip(), dict[str, str]()
    if not reason:
        errors["reason"] = text("meeting.withdraw.no_reason")
    look_for_identifying(typed, ("reason",), errors)
    if errors:
        return _page(request, shown, typed=typed, errors=errors)
    by = visitor_of(request).acting()
    request.app.state.records.cases.withdraw(shown.record.case_id, reason, by=by)
    return Moved(shown.address, text("meeting.withdraw.done"))


def _page(
    request: Request,
    shown: ShownCase,
    page: int = 1,
    versions: int = 1,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Page:
    typed, errors = typed or {"reason": ""}, errors or {}
    records, by = request.app.state.records, visitor_of(request).acting()
    changes = records.cases.changes(shown.record.case_id, by=by, page=versions)
    log = records.audit.page(case_id=shown.record.case_id, page=page).to_dict()
    data = {
        "case_id": shown.record.case_id,
        "version": shown.record.version,
        "versions": [_version(each) for each in changes.rows],
        "pages_of_versions": changes.pages,
        "decisions": [told(each) for each in signed_decisions(request, shown.record.case_id)],
        "log": log,
    }
    view = {
        **case_view(request, shown),
        "pager": pager(page, log["pages"], {"versions": _beyond_first(versions)}),
        "versions_pager": pager(
            versions, changes.pages, {"page": _beyond_first(page)}, name="versions"
        ),
        "rows_of": {
            each["version"]: [list(row.values()) for row in each["differences"]]
            for each in data["versions"]
        },
        "log_rows": [_log_row(each) for each in log["rows"]],
        "typed": typed,
        "confirmable": needs_confirming(typed, ("reason",), errors),
    }
    title = text("meeting.history.title", case=shown.record.case_id)
    status = 422 if errors else 200
    return Page("board/history.html", title, data, view, status=status, errors=errors)


def _beyond_first(page: int) -> str:
    return f"{page}" if page > 1 else ""


def _log_row(row: Mapping[str, Any]) -> list[str]:
    detail = ", ".join(f"{name} {value}" for name, value in row["detail"].items())
    action = str(entries("records.actions").get(row["action"], row["action"]))
    return [
        moment(row["at"]),
        row["who"],
        row["role"],
        f"{action} ({detail})" if detail else action,
    ]


def _version(row: Mapping[str, Any]) -> dict[str, Any]:
    """A version with what it changed."""
    before, content = row["before"], row["content"]
    found = [] if before is None else differences(content, before, before)
    return {
        **{name: row[name] for name in ("version", "author", "role", "at", "reason")},
        "first": row["version"] == 1,
        "differences": [{"field": e.label, "before": e.before, "after": e.yours} for e in found],
    }
