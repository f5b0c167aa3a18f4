"""Settings of a department: where its board draws lines. Shown on every case."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from debulk.core.errors import InputError

EXTENT_KS = (2, 4)
"""Least extrahepatic lesions of multi-organ disease that are told side by side."""


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """Lines that a department draws; none is a fact of medicine.

    Attributes
    ----------
    extent_k : {2, 4}
        Least extrahepatic lesions of multi-organ disease; the other one is always shown beside it.
    delta_months : float
        Months over `horizon_months` below which a difference counts as little.
    horizon_months : float
        Time over which months of life are added up.
    leans_at : int
        Of 100 parameter draws, how many must agree before the model is said to lean to an option.
    minimum_effective : int
        Fewest effective virtual patients for which futures are shown.
    widest_disagreement : float
        Width of an interval, of 100 patients, above which variants of the model that disagree in
        sign are not shown.
    panel_draws : int
        Points of the distribution of panels by which their difference is described.
    shrink_by : float
        Share by which diameters are taken to shrink in the plan after further response, where the
        case itself shows no response.

    Raises
    ------
    InputError
        If a setting is outside what it can be.
    """

    extent_k: int = 2
    delta_months: float = 3.0
    horizon_months: float = 60.0
    leans_at: int = 90
    minimum_effective: int = 200
    widest_disagreement: float = 30.0
    panel_draws: int = 101
    shrink_by: float = 0.3

    def __post_init__(self) -> None:
        if self.extent_k not in EXTENT_KS:
            raise InputError("extent_k", f"{self.extent_k!r} is no choice", "Give 2 or 4")
        for name, least, most in (
            ("delta_months", 0.0, 120.0),
            ("horizon_months", 1.0, 240.0),
            ("leans_at", 51, 100),
            ("minimum_effective", 1, 100_000),
            ("widest_disagreement", 0.0, 100.0),
            ("panel_draws", 11, 1_001),
            ("shrink_by", 0.0, 0.95),
        ):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or not least <= value <= most:
                raise InputError(name, f"{value!r}", f"Give a number from {least:g} to {most:g}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)
