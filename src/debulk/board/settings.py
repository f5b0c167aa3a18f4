"""Settings of a department: where its board draws lines. Shown on every case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from debulk.core.errors import InputError

EXTENT_KS = (2, 4)
"""Least extrahepatic lesions of multi-organ disease that are told side by side."""

HORIZON_MONTHS = 120
"""How long virtual patients are followed: medians beyond five years can be told."""

_RANGES: Mapping[str, tuple[float, float]] = {
    "delta_months": (0.0, HORIZON_MONTHS),
    "horizon_months": (1.0, HORIZON_MONTHS),
    "leans_at": (51, 100),
    "minimum_effective": (1, 100_000),
    "widest_disagreement": (0.0, 100.0),
    "panel_draws": (11, 1_001),
    "shrink_by": (0.0, 0.95),
}
_WHOLE = frozenset({"leans_at", "minimum_effective", "panel_draws"})


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
        if type(self.extent_k) is not int or self.extent_k not in EXTENT_KS:
            raise InputError("extent_k", f"{self.extent_k!r:.60} is no choice", "Give 2 or 4")
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            whole = name in _WHOLE
            if not _is_number(value) or not least <= value <= most or (whole and value % 1):
                kind = "whole number" if whole else "number"
                remedy = f"Give a {kind} from {least:g} to {most:g}"
                raise InputError(name, f"{value!r:.60}", remedy)

    @classmethod
    def of_department(cls, stored: Mapping[str, Any]) -> BoardSettings:
        """Settings as a department stored them; what it did not choose is the packaged one.

        Parameters
        ----------
        stored : mapping of str to value
            Names of attributes; others are passed over. A share of `leans_at` up to 1 is taken of
            100.

        Raises
        ------
        InputError
            If a setting is outside what it can be.
        """
        known = {each.name for each in fields(cls)}
        chosen = {name: value for name, value in stored.items() if name in known}
        leans = chosen.get("leans_at")
        if isinstance(leans, float) and leans <= 1.0:
            chosen["leans_at"] = round(100.0 * leans)
        return cls(**chosen)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
