"""Step functions of time: hazards and hazard ratios that are constant between given months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.trials.randomisation.checks import number

Floats = npt.NDArray[np.float64]

LARGEST_HAZARD = 100.0
"""Per month; a larger one is a slip of unit."""

LARGEST_RATIO = 1000.0

_LATEST_START_MONTHS = 1200.0
_MOST_STEPS = 1000


@dataclass(frozen=True)
class Steps:
    """A function of time that is constant between its steps; the last value holds for ever.

    Made by `hazard_steps` and `ratio_steps`, which check what a user gives.

    Attributes
    ----------
    starts : tuple of float
        Months at which each value begins to hold, the first 0, rising.
    values : tuple of float
        The values, none below 0.
    """

    starts: tuple[float, ...]
    values: tuple[float, ...]

    @cached_property
    def _edges(self) -> tuple[Floats, Floats, Floats]:
        """Starts, values, and the integral from 0 to each start."""
        starts, values = np.array(self.starts), np.array(self.values)
        cumulative = np.concatenate([[0.0], np.cumsum(values[:-1] * np.diff(starts))])
        return starts, values, cumulative

    def at(self, months: Floats) -> Floats:
        """Values at some times.

        Parameters
        ----------
        months : float64 array
            At least 0.
        """
        starts, values, _ = self._edges
        found: Floats = values[np.searchsorted(starts, months, side="right") - 1]
        return found

    def cumulative(self, months: Floats) -> Floats:
        """Integral from 0 to some times.

        Parameters
        ----------
        months : float64 array
            At least 0 and finite.
        """
        starts, values, cumulative = self._edges
        step = np.searchsorted(starts, months, side="right") - 1
        found: Floats = cumulative[step] + values[step] * (months - starts[step])
        return found

    def time_at(self, amount: Floats) -> Floats:
        """The first time at which the integral from 0 reaches an amount; infinite for never.

        Parameters
        ----------
        amount : float64 array
            At least 0; exponential numbers of mean 1 give times with this hazard.
        """
        starts, values, cumulative = self._edges
        step = np.maximum(np.searchsorted(cumulative, amount, side="left") - 1, 0)
        more, rate = amount - cumulative[step], values[step]
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Floats = np.where(more > 0.0, starts[step] + more / rate, starts[step])
        return found

    def times(self, other: Steps) -> Steps:
        """The product of two step functions.

        Parameters
        ----------
        other : Steps
            Such as a hazard ratio.
        """
        starts = np.union1d(np.array(self.starts), np.array(other.starts))
        values = self.at(starts) * other.at(starts)
        return Steps(tuple(starts.tolist()), tuple(values.tolist()))

    def plain(self) -> float | list[list[float]]:
        """One number, or pairs of start and value."""
        if len(self.values) == 1:
            return self.values[0]
        return [[start, value] for start, value in zip(self.starts, self.values, strict=True)]


ONE = Steps((0.0,), (1.0,))
"""The hazard ratio 1."""

StepsLike = Steps | float | Sequence[Sequence[float]]
"""A number that always holds, or pairs of (start in months, value): ((0, 1.3), (6, 0.7))."""


def hazard_steps(given: Any, where: str) -> Steps:
    """A hazard per month, from a number or from (start month, hazard) pairs.

    Parameters
    ----------
    given : StepsLike
        At least 0 and not 0 throughout; at most 100 per month.
    where : str
        The argument's name, for complaints.

    Raises
    ------
    InputError
        If it is neither.
    """
    steps = _steps(given, where, LARGEST_HAZARD, above=False)
    if not any(steps.values):
        raise InputError(where, "is 0 throughout", "Give a hazard above 0, or leave it out")
    return steps


def ratio_steps(given: Any, where: str) -> Steps:
    """A hazard ratio, from a number or from (start month, ratio) pairs.

    Parameters
    ----------
    given : StepsLike
        Above 0, at most 1000.
    where : str
        The argument's name, for complaints.

    Raises
    ------
    InputError
        If it is neither.
    """
    return _steps(given, where, LARGEST_RATIO, above=True)


def _steps(given: Any, where: str, most: float, *, above: bool) -> Steps:
    if isinstance(given, Steps):
        given = list(zip(given.starts, given.values, strict=True))
    if isinstance(given, np.ndarray) and given.ndim > 0:
        given = given.tolist()
    if not isinstance(given, list | tuple):
        return Steps((0.0,), (number(given, where, 0.0, most, above=above),))
    if not 1 <= len(given) <= _MOST_STEPS:
        raise InputError(where, f"has {len(given)} steps", f"Give 1 to {_MOST_STEPS}")
    starts, values = [], []
    for place, pair in enumerate(given):
        here = f"{where}, step {place + 1}"
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise InputError(
                here, f"{pair!r:.60} is no pair", "Give (start in months, value) for each step"
            )
        starts.append(number(pair[0], f"{here}, start", 0.0, _LATEST_START_MONTHS))
        values.append(number(pair[1], f"{here}, value", 0.0, most, above=above))
        if place == 0 and starts[0] != 0.0:
            raise InputError(here, f"starts at {starts[0]:g}", "Let the first step start at 0")
        if place > 0 and starts[-1] <= starts[-2]:
            raise InputError(here, f"starts at {starts[-1]:g}", "Let the starts rise")
    return Steps(tuple(starts), tuple(values))
