"""The board's decisions seen together, what became of them, and their export as a registry."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from debulk.board.decisions.decision import OTHER
from debulk.board.records import Records
from debulk.core.strings import entries, text
from debulk.web.board.decided_cases import cohort_of_decisions
from debulk.web.pages import BOARD_MEMBERS, BOARD_READERS, Page, Pages
from debulk.web.paging import pager
from debulk.web.visitor import visitor_of

pages = Pages("board", patient=True)

ROWS_A_PAGE = 50
AGREEMENT_OVER = 200
"""Decisions, the last signed, over which agreement is told; so the page stays quick."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


@pages.page("/board/decisions", "The board's decisions together.", roles=BOARD_READERS)
def decisions(
    request: Request,
    option: Annotated[str, Query(max_length=80)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Page:
    """Counts by option, agreement, treated as decided, and the decisions."""
    records: Records = request.app.state.records
    counts = records.decisions.counts()
    found = records.decisions.page(chosen=option or None, page=page, size=ROWS_A_PAGE)
    data = {
        "state": "done" if counts["decisions"] else "empty",
        "asked": {"option": option},
        **counts,
        "agreement": _agreement(records),
        **found.to_dict(),
        "rows": [_shown(row) for row in found.rows],
    }
    view = {
        "titles": {name: _fixed_title(name) for name in counts["by_option"]},
        "pager": pager(page, found.pages, {"option": option}),
        "may_export": visitor_of(request).may(*BOARD_MEMBERS),
    }
    return Page("board/decisions.html", text("board_list.decided.title"), data, view)


@pages.form("/board/decisions", "Export the decided cases as the tables of a cohort (zip).")
def export(request: Request) -> Response:
    """A zip of the cohort's CSV files; the export is logged."""
    records: Records = request.app.state.records
    rows = records.decisions.registry(by=visitor_of(request).acting(*BOARD_MEMBERS))
    cohort = cohort_of_decisions(rows)
    with tempfile.TemporaryDirectory() as folder:
        cohort.write(Path(folder) / "cohort")
        content = _zipped(Path(folder) / "cohort")
    headers = {
        "Content-Disposition": 'attachment; filename="board-decisions.zip"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/zip", headers=headers)


def _zipped(folder: Path) -> bytes:
    """The files of a folder; the same bytes for the same files."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name, _EPOCH), file.read_bytes())
    return kept.getvalue()


def _agreement(records: Records) -> dict[str, Any] | None:
    """Share of the votes for what was decided: mean, least, most, of the last decisions."""
    rows = records.decisions.page(page=1, size=AGREEMENT_OVER).rows
    shares = [
        float(share) for row in rows if (share := row["content"].get("agreement")) is not None
    ]
    if not shares:
        return None
    return {
        "decisions": len(shares),
        "mean": sum(shares) / len(shares),
        "least": min(shares),
        "most": max(shares),
    }


def _fixed_title(option: str) -> str:
    """What an option is called over all cases: a board's own words are about one patient."""
    plans = entries("facts.plans")
    if option == OTHER:
        return text("decision_page.other")
    if option in entries("decision.outcomes"):
        return text(f"decision.outcomes.{option}")
    if isinstance(plans.get(option), Mapping):
        return text(f"facts.plans.{option}.title")
    return option.replace("_", " ")


def _title(row: Mapping[str, Any]) -> str:
    """What the option taken was called in this decision."""
    taken = row["chosen"]
    titles = {each["option"]: each["title"] for each in row["content"].get("options") or ()}
    return str(titles.get(taken) or _fixed_title(taken))


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A decision in one row: of its free texts only what the option taken is called."""
    return {
        "case_id": row["case_id"],
        "sitting": row["sitting"],
        "version": row["version"],
        "option": row["chosen"],
        "option_text": _title(row),
        "signed_at": row["signed_at"],
        "agreement": row["content"].get("agreement"),
        "review_date": row["review_date"],
        "address": f"/board/cases/{row['case_id']}",
        "outcome_address": f"/board/decisions/{row['case_id']}",
    }
