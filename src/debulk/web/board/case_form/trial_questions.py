"""The further questions of trials: criteria that no field of the form answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from debulk.board.matching.board_trials import BoardTrial, packaged_trials
from debulk.board.matching.registry_trials import registry_trial
from debulk.board.records import Records

Imported = tuple[tuple[str, str, str], ...]

_KEPT = 64


@dataclass(frozen=True, slots=True)
class TrialQuestion:
    """A criterion that no field answers, asked once for all trials that word it alike.

    Attributes
    ----------
    text : str
        The requirement.
    keys : tuple of str
        ``"protocol/criterion"`` of each.
    trials : tuple of str
        Their names.
    """

    text: str
    keys: tuple[str, ...]
    trials: tuple[str, ...]


def imported_words(records: Records) -> Imported:
    """Registration, record and curated criteria of each imported trial, as text."""
    return tuple(
        (each.registration, json.dumps(each.record, sort_keys=True), each.criteria)
        for each in records.trials.current()
    )


def imported_trials(words: Imported) -> tuple[BoardTrial, ...]:
    """The imported trials of their words."""
    return tuple(_imported(*each) for each in words)


def shown_trials(records: Records) -> tuple[BoardTrial, ...]:
    """Trials that a case is matched against: the packaged ones, and those imported."""
    return (*packaged_trials(), *imported_trials(imported_words(records)))


@lru_cache(maxsize=_KEPT)
def _imported(registration: str, record: str, criteria: str) -> BoardTrial:
    """By its words, so that no new version can be missed."""
    return registry_trial(record, criteria, name=registration).trial


def trial_questions(
    trials: Iterable[BoardTrial], answers: Mapping[str, str]
) -> list[TrialQuestion]:
    """The further questions; those of the same words but other answers so far stay apart."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for words, key, trial in _by_hand(trials):
        groups.setdefault((words, answers.get(key, "")), []).append((key, trial))
    return [
        TrialQuestion(
            words,
            tuple(dict.fromkeys(key for key, _ in found)),
            tuple(dict.fromkeys(trial for _, trial in found)),
        )
        for (words, _), found in groups.items()
    ]


def known_keys(trials: Iterable[BoardTrial]) -> frozenset[str]:
    """Keys of every criterion that is answered by hand."""
    return frozenset(key for _, key, _ in _by_hand(trials))


def _by_hand(trials: Iterable[BoardTrial]) -> Iterator[tuple[str, str, str]]:
    """Words, key and trial of each criterion that has no rule.

    One that other wordings word otherwise is asked in the words in force: it has one answer.
    """
    for trial in trials:
        seen: set[str] = set()
        for each in (each for version in trial.versions for each in version.criteria):
            if each.rule is None and each.id not in seen:
                seen.add(each.id)
                yield " ".join(each.text.split()), f"{trial.name}/{each.id}", trial.name
