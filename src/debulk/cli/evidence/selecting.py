"""Which studies a command pools, and the words that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from debulk.core.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from debulk.evidence.effects.study_effects import StudyEffects

_MIXING = ("domain", "organ", "modality", "line", "extent", "design")
"""Columns whose values tell populations and questions apart."""

_FEWER = "Ask for less, or see debulk evidence list"


@dataclass(frozen=True)
class Filters:
    """What the options of a command choose.

    Attributes
    ----------
    table : Path or None
        A table of one's own, instead of the packaged findings.
    outcome, design, domain, organ, modality, line, study, measure, own, favours
        As the options.
    """

    table: Path | None = None
    outcome: str | None = None
    design: list[str] | None = None
    domain: list[str] | None = None
    organ: list[str] | None = None
    modality: list[str] | None = None
    line: list[str] | None = None
    study: list[str] | None = None
    measure: str | None = None
    own: list[Path] | None = None
    favours: str | None = None


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


def filtered_findings(own: Sequence[Path], **filters: Any) -> pl.DataFrame:
    """Packaged findings and one's own that filters leave; a filter that is empty asks nothing.

    Raises
    ------
    InputError
        That names the option, if a word does not exist, or if nothing is left.
    """
    from debulk.cli.evidence.options import naming_filters
    from debulk.evidence.tables import findings

    asked = {name: value for name, value in filters.items() if value}
    with naming_filters():
        rows = findings(own=own, **asked)
    if rows.is_empty():
        given = ", ".join(f"--{name} {_typed(value)}" for name, value in asked.items())
        raise InputError(given or "evidence", "no finding has all of these", _FEWER)
    return rows


def _typed(value: Any) -> str:
    values = value if isinstance(value, list | tuple) else [value]
    return " or ".join(repr(each) for each in values)
