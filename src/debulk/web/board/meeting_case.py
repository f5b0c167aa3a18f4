"""A stored case with all that the board sees of it, computed once for each version of the case."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast, get_args

from fastapi import Request

from debulk.board.case import case_of_entry
from debulk.board.discussion import Discussion, discuss
from debulk.board.facts.facts_of_case import Facts
from debulk.board.facts.lesion_table import lesion_table
from debulk.board.futures.known import Known, Obstacle, known_of
from debulk.board.matching.stored_trials import (
    UnreadableTrial,
    Words,
    read_trials,
    words_of,
)
from debulk.board.records import NoSuchRecord, Records
from debulk.board.records.case_rows import CaseVersion
from debulk.board.settings import BoardSettings
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.errors import NotThere
from debulk.web.visitor import visitor_of

At = Literal["now", "entry"]

_KEPT_CASES = 256

_SOME_AT_A_TIME = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))
"""As many as there are cores: more at once would each take as long as all together. A case that is
made ready, or another that somebody opens, does not hold up the one opened beside it."""


@dataclass(frozen=True, slots=True)
class ShownCase:
    """What every page of a case starts from.

    Attributes
    ----------
    record : CaseVersion
        As stored.
    at : {"now", "entry"}
        Moment the facts are shown for.
    seen : Discussion
        What `debulk.board.discuss` made of it, without futures.
    result : mapping
        The same as plain values.
    known : Known or None
        What the futures start from; None where not enough is known.
    obstacles : tuple of Obstacle
        What is not known for them.
    stored_settings : mapping
        The department's text and lines, with their date.
    unreadable : tuple of UnreadableTrial
        Imported trials that cannot be read, so that the case is not held against them.
    """

    record: CaseVersion
    at: At
    seen: Discussion
    result: Mapping[str, Any]
    known: Known | None
    obstacles: tuple[Obstacle, ...]
    stored_settings: Mapping[str, Any]
    unreadable: tuple[UnreadableTrial, ...]

    @property
    def facts(self) -> Facts:
        """Facts at the moment that is shown."""
        return self.seen.now if self.at == "now" else self.seen.at_entry

    @property
    def lesions(self) -> Sequence[Mapping[str, Any]]:
        """Each metastasis at the moment that is shown."""
        if self.at == "now":
            return self.result["lesions"]  # type: ignore[no-any-return]
        return [each.to_dict() for each in lesion_table(self.seen.case, self.at)]

    @property
    def address(self) -> str:
        """Of the case's page."""
        return f"/board/cases/{self.record.case_id}"

    @property
    def withdrawn(self) -> bool:
        """Whether it can only be read."""
        return self.record.status == "withdrawn"


def shown_case(
    request: Request,
    case_id: str,
    *,
    part: str | None,
    at: str = "now",
    version: int | None = None,
) -> ShownCase:
    """Read a case, which is logged, and what the board sees of it.

    Parameters
    ----------
    request : Request
    case_id : str
    part : str or None
        What is shown of it, for the log; None where the page logs by itself what it shows.
    at : {"now", "entry"}
    version : int, optional
        By default the newest.

    Raises
    ------
    NotThere
        If there is no such case.
    InputError
        If the moment is none.
    """
    if at not in get_args(At):
        raise InputError("at", repr(at), text("meeting.moments.remedy"))
    records = request.app.state.records
    try:
        if part is None:
            record = records.cases.opened(case_id, version)
        else:
            by = visitor_of(request).acting()
            record = records.cases.read(case_id, version, by=by, part=part)
    except NoSuchRecord as error:
        raise NotThere(text("meeting.case"), error.remedy) from None
    settings = records.settings.current()
    imported = words_of(records.trials.current())
    seen, result, known, obstacles = _seen(record.content, settings, imported)
    _, unreadable = read_trials(imported)
    return ShownCase(record, cast(At, at), seen, result, known, obstacles, settings, unreadable)


def make_ready(records: Records, content: Mapping[str, Any]) -> None:
    """Discuss a case before somebody opens it; it is shown to nobody, so no read is logged."""
    _seen(content, records.settings.current(), words_of(records.trials.current()))


def _seen(
    content: Mapping[str, Any], settings: Mapping[str, Any], imported: Words
) -> tuple[Discussion, dict[str, Any], Known | None, tuple[Obstacle, ...]]:
    asked = (
        _line(content),
        _line(BoardSettings.of_department(settings).to_dict()),
        imported,
    )
    # Who opens a case that another is just opening waits for that one's work.
    with _opening(*asked):
        return _discussed(*asked)


@lru_cache(maxsize=_KEPT_CASES)
def _opening(content: str, settings: str, imported: Words) -> threading.Lock:
    del content, settings, imported
    return threading.Lock()


@lru_cache(maxsize=_KEPT_CASES)
def _discussed(
    content: str, settings: str, imported: Words
) -> tuple[Discussion, dict[str, Any], Known | None, tuple[Obstacle, ...]]:
    """A pure function of its words, so that no change of a case can be missed."""
    trials, _ = read_trials(imported)
    with _SOME_AT_A_TIME:
        seen = discuss(
            case_of_entry(json.loads(content)),
            settings=BoardSettings(**json.loads(settings)),
            with_futures=False,
            registry_trials=trials,
        )
        known, obstacles = known_of(seen.case, seen.settings)
    return seen, seen.to_dict(), known, tuple(obstacles)


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
