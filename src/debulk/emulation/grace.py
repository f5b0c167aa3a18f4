"""The two strategies compared: no local treatment, and local treatment within a grace period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from debulk.core.errors import InputError
from debulk.survival.options import one_number, shown, whole_number

Timing = Literal["natural", "uniform"]
"""When strategy 1 treats inside its grace period: as usual care does, and the rest at the last
visit; or evenly over the visits (Cain and others 2010). The two have different truths."""

TIMINGS: tuple[Timing, ...] = ("natural", "uniform")

MOST_VISITS = 600
"""Visits of a grace period: 50 years of months."""

NO_LOCAL, LOCAL = "no_local", "local"
"""Names of the two strategies where a protocol gives none."""


@dataclass(frozen=True, slots=True)
class GracePeriod:
    """Local treatment at one of the visits 0 ... G - 1 unless progression or death comes first.

    Whoever progresses, dies or is lost untreated inside the grace period has followed the
    strategy. The other strategy is no local treatment at these visits and usual care after.

    Attributes
    ----------
    timing : {"natural", "uniform"}
        When inside the grace period; it has no default, since the two have different truths.
    visits : int
        G, at least 1.
    minimum_share : float
        Share of lesions to be treated by the end of the grace period (a staged strategy); 0 asks
        for one local treatment of any kind.
    names : tuple of str
        Names of the two strategies, the one without local treatment first.
    """

    timing: Timing
    visits: int = 6
    minimum_share: float = 0.0
    names: tuple[str, str] = (NO_LOCAL, LOCAL)

    def __post_init__(self) -> None:
        if not isinstance(self.timing, str) or self.timing not in TIMINGS:
            found = f"{self.timing!r} is no timing"
            raise InputError("timing", found, "Say 'natural' or 'uniform'; their truths differ")
        whole_number(self.visits, "grace period, visits", 1, MOST_VISITS)
        if not 0.0 <= one_number(self.minimum_share, "minimum_share") <= 1.0:
            found = f"minimum share {self.minimum_share!r}"
            raise InputError("grace period", found, "Give a share from 0 to 1")
        named = isinstance(self.names, tuple) and all(isinstance(each, str) for each in self.names)
        if not named or len(set(self.names)) != 2 or len(self.names) != 2:
            found = f"{shown(self.names)} are not the names of two strategies"
            raise InputError("names", found, "Give two different names")

    @property
    def deadline(self) -> int:
        """The last visit of the grace period."""
        return self.visits - 1

    @property
    def staged(self) -> bool:
        """Whether a share of the lesions must be reached, not only a first treatment."""
        return self.minimum_share > 0.0
