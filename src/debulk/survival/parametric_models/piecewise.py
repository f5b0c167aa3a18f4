"""Piecewise exponential survival times: a constant hazard in each of several intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.parametric_models.families import Fitting, Parameter, as_it_is
from debulk.survival.parametric_models.jets import Jet, exp
from debulk.survival.subjects import Bools, Floats, as_array, numbers


@dataclass(frozen=True)
class PiecewiseExponential:
    """A hazard that is constant between cuts (Friedman 1982, Ann Stat 10:101).

    Parameters
    ----------
    cuts : sequence of float
        Rising times above 0 at which the hazard may change, in the unit of the data. An interval
        holds its right end: with cuts (6, 12) the rates hold on (0, 6], (6, 12] and (12, inf).
    """

    cuts: tuple[float, ...]

    def __init__(self, cuts: Any) -> None:
        found = numbers(np.atleast_1d(as_array(cuts, "cuts")), "cuts")
        if found.size and not (found[0] > 0 and (np.diff(found) > 0).all()):
            shown = ", ".join(f"{each:g}" for each in found)
            raise InputError("cuts", f"({shown}) do not rise from above 0", "Sort them, each once")
        object.__setattr__(self, "cuts", tuple(found.tolist()))


@dataclass(frozen=True)
class PiecewiseFamily:
    """The family of a piecewise exponential model.

    Attributes
    ----------
    cuts : tuple of float
        Inner borders of the intervals.
    empty : tuple of bool
        Intervals without an event, whose rate is estimated as exactly 0.
    """

    cuts: tuple[float, ...]
    empty: tuple[bool, ...]
    name: str = "piecewise exponential"
    location: str | None = None
    effect: str = "log hazard ratio"

    @property
    def needs_log_time(self) -> bool:
        """The density at 0 is the first rate."""
        return False

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for the rate of each interval."""
        return tuple(f"rate {each}" for each in interval_names(self.cuts))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The rates that are above 0."""
        pairs = zip(self.labels, self.empty, strict=True)
        return tuple(Parameter(label, "log") for label, empty in pairs if not empty)

    @property
    def intercepts(self) -> tuple[float, ...]:
        """Every log rate moves along."""
        return (1.0,) * len(self.parameters)

    def hazards(self, time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
        """H is the sum over intervals of rate times the time spent there."""
        borders = np.array([0.0, *self.cuts, np.inf])
        interval = np.searchsorted(np.array(self.cuts), time, side="left")
        log_hazard, cumulative = (
            Jet(np.where(np.array(self.empty)[interval], -np.inf, 0.0)),
            Jet(0.0),
        )
        place = 0
        for j, empty in enumerate(self.empty):
            if empty:
                continue
            inside = np.where(interval == j, 1.0, 0.0)
            spent = np.clip(time, borders[j], borders[j + 1]) - borders[j]
            log_hazard = log_hazard + ancillary[place] * inside
            cumulative = cumulative + exp(location + ancillary[place]) * spent
            place += 1
        return log_hazard + location, cumulative

    def start(self, typical: float) -> Floats:
        """One rate for all intervals."""
        return np.full(len(self.parameters), -math.log(typical))

    def ready(self, time: Floats, event: Bools, exposed_from: Floats | None) -> Fitting:
        """Find intervals without events; refuse intervals in which nobody is observed."""
        borders = np.array([0.0, *self.cuts, np.inf])
        names = interval_names(self.cuts)
        start = np.zeros_like(time) if exposed_from is None else exposed_from
        for j, name in enumerate(names):
            if not ((time > borders[j]) & (start < borders[j + 1])).any():
                raise InputError(
                    "cuts", f"nobody is observed in the interval {name}", "Leave that cut out"
                )
        interval = np.searchsorted(np.array(self.cuts), time[event], side="left")
        counts = np.bincount(interval, minlength=len(names))
        family = PiecewiseFamily(self.cuts, tuple((counts == 0).tolist()))
        return as_it_is(
            family,
            tuple(
                f"No event in {name}: its rate is estimated as 0, without a standard error."
                for name, count in zip(names, counts, strict=True)
                if count == 0
            ),
        )


def interval_names(cuts: tuple[float, ...]) -> tuple[str, ...]:
    """The intervals between the cuts as text, such as ``(6, 12]``."""
    ends = ["0", *(f"{each:.10g}" for each in cuts)]
    closed = [f"({left}, {right}]" for left, right in pairwise(ends)]
    return (*closed, f"({ends[-1]}, inf)")
