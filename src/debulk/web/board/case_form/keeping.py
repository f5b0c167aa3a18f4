"""A case of the form in the store: read, saved, listed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from debulk.board.case import BoardCase
from debulk.board.records import Actor, Listed, Records
from debulk.web.board.case_form.reading import Reading, read_typed
from debulk.web.board.case_form.typed import typed_of_content

_KEPT = 256


def reading_of_stored(content: Mapping[str, Any]) -> Reading:
    """What the form says of a stored case, its cross-checks above all; not to be changed."""
    return _reading(json.dumps(content, sort_keys=True))


@lru_cache(maxsize=_KEPT)
def _reading(content: str) -> Reading:
    """By the words of the content, so that no change of a case can be missed."""
    stored = json.loads(content)
    return read_typed(typed_of_content(stored), case_id=stored["case_id"], stored=stored)


def listed_of(case: BoardCase) -> Listed:
    """What the list of cases shows of a case."""
    asked = ("extent_k2", "extent_k4", "organs_involved", "lesions")
    return Listed.of(case.cohort.features(moment="now", only=asked).row(0, named=True))


def stored_version(records: Records, case_id: str, *, by: Actor, version: int | None = None) -> Any:
    """A version of a case to be shown; its reading is logged.

    Raises
    ------
    NoSuchRecord
        If there is none.
    """
    return records.cases.read(case_id, version, by=by, part="form")


def edited_version(records: Records, case_id: str, *, version: int | None = None) -> Any:
    """The version that a form was opened with: logged then, not with each of its buttons.

    Raises
    ------
    NoSuchRecord
        If there is none.
    """
    return records.cases.opened(case_id, version)
