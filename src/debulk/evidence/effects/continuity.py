"""The continuity correction of empty cells: how much, and to which studies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from debulk.core.errors import InputError
from debulk.evidence.effects.effect import require_number

Corrected = Literal["affected", "all", "all if any", "none"]
"""Which studies get the continuity correction: those with an empty cell, every study, every study
if one of them has an empty cell, or none."""

CORRECTED: tuple[Corrected, ...] = ("affected", "all", "all if any", "none")


@dataclass(frozen=True, slots=True)
class Correction:
    """The continuity correction: what is added to each cell, and to which studies.

    Attributes
    ----------
    amount : float
        Added to each cell, above 0.
    corrected : {"affected", "all", "all if any", "none"}
        Which studies get it.
    """

    amount: float = 0.5
    corrected: Corrected = "affected"

    def __post_init__(self) -> None:
        if self.corrected not in CORRECTED:
            raise InputError(
                "corrected", f"{self.corrected!r} is no policy", f"Give one of {CORRECTED}"
            )
        if require_number("correction", self.amount) <= 0.0:
            found = f"{self.amount:g} is not above 0"
            raise InputError("correction", found, "Give 0.5, or correct no study")

    def applies(self, empty: Sequence[bool]) -> list[bool]:
        """Which studies are corrected, given which have an empty cell."""
        return [self.amount_for(each, any(empty)) > 0.0 for each in empty]

    def amount_for(self, empty: bool, anywhere: bool) -> float:
        """What is added to the cells of a study.

        Parameters
        ----------
        empty : bool
            Whether it has an empty cell.
        anywhere : bool
            Whether any study has one.
        """
        counts = {"affected": empty, "all": True, "all if any": anywhere, "none": False}
        return self.amount if counts[self.corrected] else 0.0

    @property
    def remark(self) -> str:
        """What was added, in words."""
        return f"Continuity correction: {self.amount:g} added to each cell"
