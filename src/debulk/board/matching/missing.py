"""Which answers would change what the board sees, those that change most first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from debulk.board.facts.lesion_table import LesionRow
from debulk.board.fields import label
from debulk.board.matching.otherwise import Change, WhatIf
from debulk.board.matching.trial_match import TrialMatch
from debulk.core.strings import entries, text
from debulk.treatments import Lesion, feasible, load_modalities

FUTURES_NEED = frozenset({"patients.who_ps"})
"""Fields without which no virtual patients are matched to the case."""

_SEEN = ("extent_k2", "extent_k4")
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """An unknown field and what an answer to it would change.

    Attributes
    ----------
    field : str
        Where the form asks for it; a group stands for every lesion without it.
    fields : tuple of str
        The fields of the group, or the one field.
    label : str
        What it is called.
    changes : tuple of str
        What an answer would change.
    weight : int
        How many things on the page it would change: trials, extent, treatable share, futures,
        scores, lesions.
    trials : tuple of str
        Trials whose fit would change.
    """

    field: str
    fields: tuple[str, ...]
    label: str
    changes: tuple[str, ...]
    weight: int
    trials: tuple[str, ...]

    @property
    def by_hand(self) -> bool:
        """Whether no field of the form holds it: a criterion that only the board can answer."""
        return self.field.startswith("answers.")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "field": self.field,
            "fields": list(self.fields),
            "label": self.label,
            "what_it_would_change": ", ".join(self.changes),
            "weight": self.weight,
            "trials": list(self.trials),
            "by_hand": self.by_hand,
        }


def missing_answers(
    seen: WhatIf,
    trials: Sequence[TrialMatch],
    lesions: Sequence[LesionRow],
    *,
    scores_need: Mapping[str, Collection[str]] | None = None,
    futures_need: Collection[str] = FUTURES_NEED,
) -> tuple[MissingAnswer, ...]:
    """Unknown fields whose answer would change what the board sees, widest first.

    Parameters
    ----------
    seen : WhatIf
        The case with the answers that were tried.
    trials : sequence of TrialMatch
        Trials held against all of them.
    lesions : sequence of LesionRow
        The lesions now.
    scores_need : mapping of str to collection of str, optional
        By score that is not computed, the patient's columns it lacks.
    futures_need : collection of str
        Fields without which futures are not shown.
    """
    tried: dict[str, list[int]] = {}
    for place, each in enumerate(seen.changes):
        if each.kind == "answer":
            tried.setdefault(each.place, []).append(place)
    found = [
        _of_field(field, places, seen, trials, lesions, scores_need or {}, futures_need)
        for field, places in tried.items()
    ]
    found += _by_hand(trials)
    # Sorting keeps the form's order among answers that change as much.
    return tuple(sorted((e for e in found if e.weight), key=lambda each: -each.weight))


def summary(missing: Sequence[MissingAnswer]) -> str:
    """How many answers would change what the board sees."""
    if not missing:
        return text("missing.nothing")
    return text("missing.summary", count=len(missing))


def _of_field(
    field: str,
    places: list[int],
    seen: WhatIf,
    trials: Sequence[TrialMatch],
    lesions: Sequence[LesionRow],
    scores_need: Mapping[str, Collection[str]],
    futures_need: Collection[str],
) -> MissingAnswer:
    changes, weight = [], 0
    members = _members(field, [seen.changes[place] for place in places])
    fit = tuple(each.trial.name for each in trials if _fit_changes(each, places))
    if fit:
        named = ", ".join(each.upper() for each in fit[:_MOST_NAMED]) + (
            ", ..." if len(fit) > _MOST_NAMED else ""
        )
        changes.append(text("missing.would_change.fit", count=len(fit), trials=named))
        weight += len(fit)
    if any(_differs(seen, name, places) for name in _SEEN):
        changes.append(text("missing.would_change.extent"))
        weight += 1
    if _differs(seen, "treatable_share", places):
        changes.append(text("missing.would_change.treatable"))
        weight += 1
    if field in futures_need or any(each in futures_need for each in members):
        changes.append(text("missing.would_change.futures"))
        weight += 1
    column = field.partition(".")[2]
    scores = [name for name, needs in scores_need.items() if column in needs]
    if scores:
        joined = ", ".join(each.replace("_", " ") for each in scores)
        changes.append(text("missing.would_change.scores", count=len(scores), scores=joined))
        weight += len(scores)
    told_apart = [each for each in lesions if _decides_modality(each, field)]
    if told_apart:
        changes.append(text("missing.would_change.feasible", count=len(told_apart)))
        weight += len(told_apart)
    groups = entries("missing.groups")
    name = str(groups[field]) if field in groups else label(field)
    return MissingAnswer(field, members, name, tuple(changes), weight, fit)


def _fit_changes(trial: TrialMatch, places: list[int]) -> bool:
    return any(
        version.fits_if[place] != version.fit for version in trial.versions for place in places
    )


def _differs(seen: WhatIf, feature: str, places: list[int]) -> bool:
    for table in seen.features.values():
        values = table[feature]
        if any(values[place + 1] != values[0] for place in places):
            return True
    return False


def _members(field: str, changes: Sequence[Change]) -> tuple[str, ...]:
    """The fields that a group stands for: those of each lesion that an answer would fill."""
    table, _, column = field.partition(".")
    if table != "lesions" or "." in column:
        return (field,)
    lesions = dict.fromkeys(lesion for each in changes for lesion in each.lesions)
    return tuple(f"lesions.{lesion}.{column}" for lesion in lesions)


def _decides_modality(lesion: LesionRow, field: str) -> bool:
    """Whether some modality's answer for a lesion waits for a field, or turns on it."""
    if lesion.state != "visible":
        return False
    if field == "patients.liver_remnant_share":
        return any(
            each.state == "unknown" and load_modalities()[each.modality].minimal_remnant
            for each in lesion.modalities
        )
    if field not in (f"lesions.{lesion.lesion_id}.near_vessel", "lesions.near_vessel"):
        return False
    away, beside = (
        Lesion(lesion.organ, lesion.diameter_mm, near_vessel) for near_vessel in (False, True)
    )
    cards = [each for each in load_modalities().values() if each.debulking]
    return any(feasible(away, each).state != feasible(beside, each).state for each in cards)


def _by_hand(trials: Sequence[TrialMatch]) -> list[MissingAnswer]:
    """Questions that no column can answer, of trials that may still fit."""
    found = []
    for trial in trials:
        if all(version.fit == "does not fit" for version in trial.versions):
            continue
        for each in trial.in_force.criteria:
            field = f"answers.{trial.trial.name}/{each.id}"
            if each.state != "unknown" or each.field != field:
                continue
            acronym = trial.trial.name.upper()
            name = text("missing.by_hand", protocol=acronym, text=each.text)
            change = text("missing.would_change.fit", count=1, trials=acronym)
            found.append(MissingAnswer(field, (field,), name, (change,), 1, (trial.trial.name,)))
    return found
