"""The table of studies that a selection chooses: effect, interval, verified, role, bias."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from debulk.board.alike.effects import PrintedEffect, printed_effects
from debulk.core.strings import text
from debulk.evidence.answers.selecting import without_any
from debulk.evidence.keys import Keys, slug
from debulk.evidence.record import findings_by_key
from debulk.evidence.schema import RISKS
from debulk.evidence.tables import studies
from debulk.web.evidence.selection import Selection, is_randomised


@dataclass(frozen=True, slots=True)
class StudyShown:
    """One row of the table.

    Attributes
    ----------
    study, address, design, role : str
    randomised : bool
    year, n : int or None
    effects : tuple of PrintedEffect
        What it prints on the outcome asked for; empty where it prints none.
    verified : {"yes", "partial"}
        Whether all of the rows behind its effects were seen in their source.
    risks : dict of str to str
        Level of each bias.
    """

    study: str
    address: str
    design: str
    role: str
    randomised: bool
    year: int | None
    n: int | None
    effects: tuple[PrintedEffect, ...]
    verified: str
    risks: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {"effects": [each.to_dict() for each in self.effects]}


@lru_cache(maxsize=256)
def studies_shown(selection: Selection) -> tuple[StudyShown, ...]:
    """Studies of a selection that print a number on its outcome, in the order of the tables."""
    asked: dict[str, Any] = dict(selection.codes())
    if selection.design:
        asked["design"] = [selection.design]
    comparison = without_any([selection.comparison] if selection.comparison else None)
    if comparison:
        asked["comparison"] = comparison
    found = []
    for row in studies(**asked).iter_rows(named=True):
        effects = printed_effects(row["study"], selection.outcome)
        if effects and selection.in_years(row["year"]):
            found.append(_shown(row, effects))
    return tuple(found)


def _shown(row: dict[str, Any], effects: tuple[PrintedEffect, ...]) -> StudyShown:
    verified = {findings_by_key()[each.key].verified for each in effects}
    return StudyShown(
        study=row["study"],
        address=address_of(row["study"]),
        design=row["design"],
        role=row["role"],
        randomised=is_randomised(row["design"]),
        year=row["year"],
        n=row["n"],
        effects=effects,
        verified="yes" if verified == {"yes"} else "partial",
        risks={risk: row[risk] for risk in RISKS},
    )


def address_of(study: str) -> str:
    """Address of a study's page."""
    return f"/evidence/{names()[study]}"


@cache
def names() -> dict[str, str]:
    """Each study with the name that stands in its address."""
    keys = Keys()
    # The pooling laboratory has this address already.
    keys.claim("pool")
    return {study: keys.claim(slug(study)) for study in studies()["study"]}


def verified_words(verified: str) -> str:
    """Whether the rows were seen in their source, in a word."""
    return text(f"evidence.verified.{verified}")
