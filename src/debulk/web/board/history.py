"""Who changed or read a case, when, and what each version changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from fastapi import Query, Request

from debulk.core.strings import entries, text
from debulk.reports.words import DASH
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
_MOST_VERSIONS = 20
_ROWS_BY = {"lesions": "lesion_id"}


@pages.page(_ADDRESS, "Versions, reads and exports of a case.", roles=BOARD_MEMBERS)
def history_page(
    request: Request, case_id: str, page: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> Page:
    """Versions with their differences, decisions, and the log."""
    return _page(request, shown_case(request, case_id, part="history"), page)


@pages.form(_ADDRESS, "Withdraw a case, with the reason; it stays in the log.")
def withdraw(request: Request, case_id: str) -> Moved | Page:
    """Take a case out of the lists."""
    shown = shown_case(request, case_id, part="history")
    typed = {name: str(request.state.form.get(name, "")) for name in ("reason", "confirm.reason")}
    reason, errors = typed["reason"].strip(), dict[str, str]()
    if not reason:
        errors["reason"] = text("meeting.withdraw.no_reason")
    look_for_identifying(typed, ("reason",), errors)
    if errors:
        return _page(request, shown, 1, typed=typed, errors=errors)
    by = visitor_of(request).acting()
    request.app.state.records.cases.withdraw(shown.record.case_id, reason, by=by)
    return Moved(shown.address, text("meeting.withdraw.done"))


def _page(
    request: Request,
    shown: ShownCase,
    page: int,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Page:
    typed, errors = typed or {"reason": ""}, errors or {}
    log = request.app.state.records.audit.page(case_id=shown.record.case_id, page=page).to_dict()
    data = {
        "case_id": shown.record.case_id,
        "version": shown.record.version,
        "versions": list(_versions(request, shown)),
        "decisions": [told(each) for each in signed_decisions(request, shown.record.case_id)],
        "log": log,
    }
    view = {
        **case_view(request, shown),
        "pager": pager(page, log["pages"]),
        "log_rows": [_log_row(each) for each in log["rows"]],
        "typed": typed,
        "confirmable": needs_confirming(typed, ("reason",), errors),
    }
    title = text("meeting.history.title", case=shown.record.case_id)
    status = 422 if errors else 200
    return Page("board/history.html", title, data, view, status=status, errors=errors)


def _log_row(row: Mapping[str, Any]) -> list[str]:
    detail = ", ".join(f"{name} {value}" for name, value in row["detail"].items())
    action = str(entries("records.actions").get(row["action"], row["action"]))
    return [
        moment(row["at"]),
        row["who"],
        row["role"],
        f"{action} ({detail})" if detail else action,
    ]


def _versions(request: Request, shown: ShownCase) -> Iterator[dict[str, Any]]:
    """Each version, newest first, with what it changed; reading each of them is logged."""
    cases, case_id = request.app.state.records.cases, shown.record.case_id
    by = visitor_of(request).acting()
    listed = cases.versions(case_id)[:_MOST_VERSIONS]
    contents = {
        each["version"]: cases.read(case_id, each["version"], by=by, part="history").content
        for each in listed
    }
    for each in listed:
        before = contents.get(each["version"] - 1)
        found = [] if before is None else differences(before, contents[each["version"]])
        yield {
            **{name: each[name] for name in ("version", "author", "role", "at", "reason")},
            "first": each["version"] == 1,
            "differences": [{"field": f, "before": b, "after": a} for f, b, a in found],
            "rows": [[f, b, a] for f, b, a in found],
        }


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Fields that two versions of a case differ in, with both values in words."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    names = [*old, *(each for each in new if each not in old)]
    return [
        (name, _shown(old.get(name)), _shown(new.get(name)))
        for name in names
        if old.get(name) != new.get(name)
    ]


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with the path to it; rows are named by their lesion, else by their place."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(each, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        table = name.rpartition(".")[2]
        for place, each in enumerate(value):
            row = each.get(_ROWS_BY.get(table, ""), place + 1)
            yield from _leaves(
                each, f"{table}.{row}" if name.startswith("tables") else f"{name}.{row}"
            )
    else:
        yield name, value


def _shown(value: Any) -> str:
    if value is None:
        return DASH
    if isinstance(value, bool):
        return text("page.yes" if value else "page.no")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or DASH
    return f"{value:g}" if isinstance(value, float) else str(value)
