"""The further questions of trials: criteria that no field of the form answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from debulk.board.case import case_of_entry
from debulk.board.matching.board_trials import BoardTrial, packaged_trials
from debulk.board.matching.stored_trials import Words, read_trials, words_of
from debulk.board.records import Records
from debulk.patients import Criterion, states

_KEPT_CASES = 256


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


def shown_trials(records: Records) -> tuple[BoardTrial, ...]:
    """Trials that a case is matched against: the packaged ones, and those imported."""
    return _shown(words_of(records.trials.current()))


def trials_still_open(records: Records, content: Mapping[str, Any]) -> frozenset[str]:
    """Names of the trials of which a stored case fails no criterion that its columns tell."""
    imported = words_of(records.trials.current())
    return _still_open(json.dumps(content, sort_keys=True), imported)


def _shown(imported: Words) -> tuple[BoardTrial, ...]:
    return (*packaged_trials(), *read_trials(imported)[0])


@lru_cache(maxsize=_KEPT_CASES)
def _still_open(content: str, imported: Words) -> frozenset[str]:
    """By the words of both, so that no change can be missed."""
    trials = _shown(imported)
    rules: dict[tuple[str | None, str], Criterion] = {}
    for each in (each for trial in trials for v in trial.versions for each in v.criteria):
        if each.rule is not None:
            asked = Criterion(f"rule {len(rules)}", "", each.judged, each.rule)
            rules.setdefault((each.rule, each.judged), asked)
    found = states(rules.values(), case_of_entry(json.loads(content)).cohort)
    failed = {key for key, each in rules.items() if found[each.id][0] is False}
    return frozenset(
        trial.name
        for trial in trials
        if any(
            failed.isdisjoint((each.rule, each.judged) for each in version.criteria)
            for version in trial.versions
        )
    )


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


def trials_that_ask(column: str, trials: Iterable[BoardTrial]) -> tuple[str, ...]:
    """Names of the trials of which a rule reads a column."""
    return tuple(
        trial.name
        for trial in trials
        if any(
            column in rule.names
            for version in trial.versions
            for each in version.criteria
            if (rule := each.parsed()) is not None
        )
    )


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
