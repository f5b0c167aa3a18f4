"""The further questions of trials: criteria that no field of the form answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from debulk.board.matching.board_trials import BoardTrial, packaged_trials
from debulk.board.matching.stored_trials import read_trials, words_of
from debulk.board.records import Records


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
    imported, _ = read_trials(words_of(records.trials.current()))
    return (*packaged_trials(), *imported)


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
