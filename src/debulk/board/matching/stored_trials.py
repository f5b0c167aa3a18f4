"""Trials that a department imported, as they are matched; those that cannot be read are named.

A record that an earlier version took may not be one that this version reads: it shuts no case.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from debulk.board.matching.board_trials import BoardTrial
from debulk.board.matching.registry_trials import registry_trial
from debulk.core.errors import InputError
from debulk.core.strings import text

if TYPE_CHECKING:
    from debulk.board.records.registry_trials import ImportedRecord

Words = tuple[tuple[str, str, str], ...]
"""Registration, record and curated criteria of each imported trial."""

_KEPT = 64


@dataclass(frozen=True, slots=True)
class UnreadableTrial:
    """An imported trial that no case is held against, since it cannot be read.

    Attributes
    ----------
    registration, why : str
        Its number, and what is wrong.
    """

    registration: str
    why: str

    def to_dict(self) -> dict[str, str]:
        """Plain values, ready for JSON."""
        return {"registration": self.registration, "why": self.why}


def words_of(stored: Iterable[ImportedRecord]) -> Words:
    """What decides how imported trials are matched, as text that can be compared."""
    return tuple(
        (each.registration, json.dumps(each.record, sort_keys=True), each.criteria)
        for each in stored
    )


def read_trials(words: Words) -> tuple[tuple[BoardTrial, ...], tuple[UnreadableTrial, ...]]:
    """Imported trials: those to match, and those that cannot be read."""
    found = [read_trial(*each) for each in words]
    return (
        tuple(each for each in found if isinstance(each, BoardTrial)),
        tuple(each for each in found if isinstance(each, UnreadableTrial)),
    )


@lru_cache(maxsize=_KEPT)
def read_trial(registration: str, record: str, criteria: str) -> BoardTrial | UnreadableTrial:
    """An imported trial of its words, so that no new version can be missed."""
    criteria_name = text("matching.registry.criteria_of", registration=registration)
    try:
        found = registry_trial(record, criteria, name=registration, criteria_name=criteria_name)
    except InputError as error:
        return UnreadableTrial(registration, str(error))
    if found.trial.name != registration:
        other = text("matching.registry.other_record", registration=found.trial.name)
        return UnreadableTrial(registration, other)
    return found.trial
