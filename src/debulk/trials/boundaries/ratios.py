"""From theta to a hazard ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import one_number, shown


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """A hazard ratio, experimental to control, with its interval.

    Attributes
    ----------
    hazard_ratio, lower, upper : float
    conf_level : float
    """

    hazard_ratio: float
    lower: float
    upper: float
    conf_level: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return plain({name: getattr(self, name) for name in self.__slots__})  # type: ignore[no-any-return]


def ratio_of(
    theta: tuple[float, float, float], conf_level: float, events: float, allocation: float
) -> RatioEstimate:
    """Hazard ratios of theta and its limits.

    Parameters
    ----------
    theta : tuple of float
        Estimate, lower and upper limit.
    conf_level : float
    events : float
        Planned events at information 1.
    allocation : float
        Experimental to control.

    Raises
    ------
    InputError
        If events or allocation are not above 0.
    """
    for value, name in ((events, "events"), (allocation, "allocation")):
        if not one_number(value, name) > 0.0:
            raise InputError(name, f"{shown(value)} is not above 0", "Give more than 0")
    r = float(allocation)
    scale = (1.0 + r) / math.sqrt(float(events) * r)
    estimate, lower, upper = (math.exp(min(-each * scale, 700.0)) for each in theta)
    return RatioEstimate(estimate, upper, lower, conf_level)
