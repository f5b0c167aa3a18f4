"""Which studies a command pools, and the words that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from debulk.evidence.effects.study_effects import StudyEffects

_MIXING = ("domain", "organ", "modality", "line", "extent", "design")
"""Columns whose values tell populations and questions apart."""


@dataclass(frozen=True)
class Chosen:
    """Effects with the words around them.

    Attributes
    ----------
    effects : StudyEffects
    title : str
        Of figures and pages.
    outcome : str
        What happened to patients, where that is known.
    favours : tuple of str
        What lies left and right of no effect; empty: not said.
    inputs : dict of str to str
        Name of each file read, and the SHA-256 of its bytes.
    """

    effects: StudyEffects
    title: str
    outcome: str
    favours: tuple[str, str]
    inputs: dict[str, str]

    def words(self) -> dict[str, Any]:
        """What the answer says beside its numbers."""
        from debulk.core.results import plain

        return {
            "title": self.title,
            "outcome": self.outcome,
            "measure": self.effects.measure,
            "scale": self.effects.scale,
            "no_effect": self.effects.no_effect,
            "favours": list(self.favours),
            "mixed": mixed(self.effects),
            "remarks": list(self.effects.remarks),
            "exclusions": [plain(each) for each in self.effects.exclusions],
            "inputs": self.inputs,
        }


def mixed(effects: StudyEffects) -> list[dict[str, Any]]:
    """Columns in which the studies differ, with how many studies have each value."""
    found = []
    for name in _MIXING:
        counts: dict[str, int] = {}
        for value in effects.groups.get(name, ()):
            shown = "not known" if value in (None, "") else str(value)
            counts[shown] = counts.get(shown, 0) + 1
        if len(counts) > 1:
            found.append({"column": name, "values": counts})
    return found
