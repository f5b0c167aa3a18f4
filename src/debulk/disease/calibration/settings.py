"""Sizes of a calibration and what it assumes about errors, checked before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from debulk.core.errors import InputError


@dataclass(frozen=True, slots=True)
class CalibrationSettings:
    """How a calibration is run.

    Attributes
    ----------
    members : int
        Parameter sets of a wave, 10 or more.
    waves : int
        Waves of the ensemble smoother, 1 or more.
    refinements : int
        True waves at draws of the emulated posterior, 1 or more; the later half gives the draws.
    draws : int
        Equally weighted draws of each structure, 1 or more.
    checked : int
        Draws of each structure run again under a fresh seed; 0 for none.
    seed : int
        Of everything random, 0 to 2**63 - 1.
    tail_degrees : float
        Degrees of freedom of the targets' Student-t errors, 1 or more; infinite for normal ones.
    implausible : float
        Runs whose second largest standardised misfit is beyond it teach the emulator nothing.
    effective_share : float
        Effective share of the candidates that the final weights must leave, above 0 and below 1;
        they are tempered until they do.
    directions : int
        Of the quadratic part of the emulator, 0 or more.
    chain_steps : int
        Steps that each chain on the emulator keeps, 50 or more.
    weigh_structures : bool
        Whether structures get draws in proportion to their evidence instead of equal numbers.
    """

    members: int = 80
    waves: int = 2
    refinements: int = 5
    draws: int = 100
    checked: int = 20
    seed: int = 1
    tail_degrees: float = 5.0
    implausible: float = 4.0
    effective_share: float = 0.2
    directions: int = 6
    chain_steps: int = 2000
    weigh_structures: bool = False

    def __post_init__(self) -> None:
        limits = {
            "members": (10, 100_000),
            "waves": (1, 50),
            "refinements": (1, 50),
            "draws": (1, 1_000_000),
            "checked": (0, 1_000_000),
            "seed": (0, 2**63 - 1),
            "directions": (0, 100),
            "chain_steps": (50, 1_000_000),
        }
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                remedy = f"Give a whole number from {least:,} to {most:,}"
                raise InputError(name, f"{value!r} is out of range", remedy)
        ranges = {
            "tail_degrees": (1.0, float("inf"), "1 or more; inf for normal errors"),
            "implausible": (0.5, float("inf"), "0.5 or more"),
            "effective_share": (0.01, 0.99, "0.01 to 0.99"),
        }
        for name, (low, high, words) in ranges.items():
            value = getattr(self, name)
            if not isinstance(value, int | float) or not low <= value <= high:
                raise InputError(name, f"{value!r} is out of range", f"Give {words}")

    @property
    def evaluations(self) -> int:
        """Runs of the simulator for each structure."""
        return (self.waves + self.refinements) * self.members + min(self.checked, self.draws)

    def quick(self) -> CalibrationSettings:
        """Sizes for a try: the answer is rough."""
        return replace(
            self, members=50, waves=1, refinements=3, draws=30, checked=10, chain_steps=600
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON; no limit on tails is ``"inf"``."""
        found = {name: getattr(self, name) for name in self.__slots__}
        for name in ("tail_degrees", "implausible"):
            if found[name] == float("inf"):
                found[name] = "inf"
        return found
