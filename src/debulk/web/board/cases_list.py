"""The list of cases: due for review, found by number or extent, in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query, Request

from debulk.board.example_cases import example_cases
from debulk.board.records.case_rows import STATUSES
from debulk.board.records.cases import extent_words
from debulk.board.records.identifiers import is_part_of_case_id
from debulk.core.errors import InputError, nearest
from debulk.core.moments import today
from debulk.core.strings import choices, text
from debulk.patients import EXTENTS
from debulk.protocols import packaged_protocols
from debulk.web.board.case_form.keeping import listed_of
from debulk.web.board.meeting_short import trial_name
from debulk.web.pages import BOARD_MEMBERS, BOARD_READERS, Moved, Page, Pages
from debulk.web.paging import pager
from debulk.web.security.bodies import form_of
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

ROWS_A_PAGE = 50
_MOST_DUE = 10


@pages.page("/board", "Find or start a case.", roles=BOARD_READERS)
def cases(
    request: Request,
    search: Annotated[str, Query(max_length=60)] = "",
    status: str = "",
    extent: str = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    trial: Annotated[str, Query(alias="for", max_length=60)] = "",
) -> Page:
    """Cases due for review, and those that were asked for; to be held against a trial, or not."""
    _known("for", trial, packaged_protocols())
    _known("status", status, STATUSES)
    _known("extent", extent, EXTENTS)
    store = request.app.state.records.cases
    errors = _unsearchable(search)
    sought = "" if errors else search
    found = store.page(
        search=sought, status=status or None, extent=extent or None, page=page, size=ROWS_A_PAGE
    )
    due = store.page(due=today(), page=1, size=_MOST_DUE)
    asked = {"search": search, "status": status, "extent": extent, "for": trial}
    data = {
        "state": "done" if found.total else "empty",
        "asked": asked,
        **found.to_dict(),
        "rows": [_shown(row, trial) for row in found.rows],
        "due": {"total": due.total, "rows": [_shown(row, trial) for row in due.rows]},
    }
    view = {
        "statuses": choices("board_list.statuses", STATUSES),
        "extents": choices("facts.extents", EXTENTS),
        "may_change": visitor_of(request).may(*BOARD_MEMBERS),
        "is_new": not any(store.counts().values()),
        "pager": pager(page, found.pages, asked | {"search": sought}),
        "is_filtered": any(asked.values()),
        "trial_name": trial_name(trial),
    }
    title, code = text("board_list.title"), 422 if errors else 200
    return Page("board/list.html", title, data, view, status=code, errors=errors)


@pages.form("/board", "Load the packaged synthetic cases into a board without cases.")
def load_examples(request: Request) -> Moved | Page:
    """The twelve invented cases, where the board has none of its own yet."""
    action = form_of(request).get("action")
    if action != "examples":
        raise InputError("action", f"{action!r:.40}", nearest("", ["examples"]))
    records = request.app.state.records
    if any(records.cases.counts().values()):
        return Moved("/board", text("board_list.empty.full"))
    ready = [(case.to_dict(), listed_of(case)) for case in example_cases()]
    records.cases.create_all(ready, by=visitor_of(request).acting(*BOARD_MEMBERS))
    return Moved("/board", text("board_list.empty.loaded"))


def _known(name: str, value: str, known: Sequence[str]) -> None:
    if value and value not in known:
        raise InputError(name, f"{value!r:.40}", nearest(value[:60], known))


def _unsearchable(search: str) -> dict[str, str]:
    """A message where the words are no part of what is searched: a name has no place here."""
    if not search.strip() or is_part_of_case_id(search):
        return {}
    if any(extent_words(search) in extent for extent in EXTENTS):
        return {}
    return {"search": text("board_list.search.not_searchable")}


def _shown(row: Mapping[str, Any], trial: str) -> dict[str, Any]:
    """A row of the list with its words; it leads to the case, or to a trial held against it."""
    extent, address = row["extent"], f"/board/cases/{row['id']}"
    return {
        **row,
        "extent_text": text(f"facts.extents.{extent}") if extent else text("page.unknown"),
        "status_text": text(f"board_list.statuses.{row['status']}"),
        "address": f"{address}/trials#trial-{trial}" if trial else address,
    }
