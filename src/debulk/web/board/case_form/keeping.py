"""A case of the form in the store: read, saved, listed."""

from __future__ import annotations

from typing import Any

from debulk.board.case import BoardCase
from debulk.board.records import Actor, Listed, NoSuchRecord, Records
from debulk.core.strings import text
from debulk.web.errors import NotThere


def listed_of(case: BoardCase, settings: dict[str, Any]) -> Listed:
    """What the list of cases shows of a case, by the department's k of extent."""
    extent = "extent_k4" if settings.get("extent_k") == 4 else "extent_k2"
    asked = (extent, "organs_involved", "lesions")
    row = case.cohort.features(moment="now", only=asked).row(0, named=True)
    return Listed(*(row[name] for name in asked))


def stored_version(records: Records, case_id: str, *, by: Actor, version: int | None = None) -> Any:
    """A version of a case to be edited; its reading is logged.

    Raises
    ------
    NotThere
        If there is none.
    """
    try:
        return records.cases.read(case_id, version, by=by, part="form")
    except NoSuchRecord as error:
        raise NotThere(text("board_list.case"), error.remedy) from None
