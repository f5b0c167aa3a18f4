"""Predictive intervals over simulated trials, and how well their ends are known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.results import plain

LEVEL = 0.95
"""Level of every predictive interval."""

WIDEST = 2.0
"""A useful interval is at most this many times as wide as the published one, on the log scale."""

NULL_WORLD = (
    "Null world: the same patients with the control arm's systemic and local treatment "
    "in both arms."
)
"""What the null world is, where its interval is shown."""

FEWEST = 40
"""Simulated trials from which on one at least is expected beyond each limit of an interval."""


@dataclass(frozen=True)
class Spread:
    """Median and central 95 % of a quantity over simulated trials.

    Attributes
    ----------
    median, lower, upper : float or None
        None where not reached.
    lower_error, upper_error : float or None
        Monte Carlo standard errors of the limits: half the distance between the order statistics
        one binomial standard deviation below and above the limit's place.
    trials : int
        Trials that have the quantity.
    """

    median: float | None
    lower: float | None
    upper: float | None
    lower_error: float | None
    upper_error: float | None
    trials: int

    def holds(self, value: float | None) -> bool | None:
        """Whether a published value lies inside; None where there is nothing to tell."""
        return holds(self.lower, self.upper, value)

    def near(self, value: float | None) -> bool:
        """Whether a value lies within two Monte Carlo errors of a limit, so that chance decides."""
        ends = ((self.lower, self.lower_error), (self.upper, self.upper_error))
        return value is not None and any(
            limit is not None and error is not None and abs(value - limit) <= 2.0 * error
            for limit, error in ends
        )

    @property
    def few(self) -> bool:
        """Whether so few trials have the quantity that extreme ones are its limits."""
        return self.trials < FEWEST

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(plain(vars(self)))


def holds(lower: float | None, upper: float | None, value: float | None) -> bool | None:
    """Whether an interval holds a value; an upper limit of None is later than all.

    None where there is no value or no interval.
    """
    if value is None or lower is None:
        return None
    return lower <= value and (upper is None or value <= upper)


def spread_of(values: npt.NDArray[np.float64], *, late: bool = False) -> Spread:
    """Median and central 95 % of a quantity over trials.

    Parameters
    ----------
    values : float64[trials]
        NaN where a trial has none.
    late : bool
        Whether NaN means "not reached", later than all others; else such trials are left out.
    """
    known = np.where(np.isnan(values), np.inf, values) if late else values[~np.isnan(values)]
    known = np.sort(known)
    size = known.size
    if size == 0:
        return Spread(None, None, None, None, None, 0)
    tail = (1.0 - LEVEL) / 2.0
    return Spread(
        _at(known, 0.5),
        _at(known, tail),
        _at(known, 1.0 - tail),
        _error(known, tail),
        _error(known, 1.0 - tail),
        size,
    )


def few_words(trials: int) -> str:
    """Warning that intervals rest on too few simulated trials; empty where they do not.

    Parameters
    ----------
    trials : int
        Simulated for each prediction.
    """
    if trials >= FEWEST:
        return ""
    return (
        f"{trials} simulated trial{'' if trials == 1 else 's'} a prediction: below {FEWEST}, less "
        "than one is expected beyond each 95 % limit, so the limits are the most extreme trials. "
        "This shows how the command works; no number of it is a result."
    )


def place_among(values: npt.NDArray[np.float64], value: float) -> float:
    """Share of trials below a value, those equal to it counted by half."""
    known = values[~np.isnan(values)]
    return float(((known < value).sum() + 0.5 * (known == value).sum()) / known.size)


def _at(ordered: npt.NDArray[np.float64], probability: float) -> float | None:
    place = probability * (ordered.size - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    if not math.isfinite(high):
        return None
    return float(low + (place - math.floor(place)) * (high - low))


def _error(ordered: npt.NDArray[np.float64], probability: float) -> float | None:
    size = ordered.size
    reach = math.sqrt(probability * (1.0 - probability) / size)
    low, high = (_at(ordered, min(1.0, max(0.0, probability + s * reach))) for s in (-1, 1))
    return None if low is None or high is None else (high - low) / 2.0
