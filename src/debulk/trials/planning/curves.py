"""Survival of the control arm as a plan states it: piecewise hazards, with or without cure."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.checks import number, sequence

Floats = npt.NDArray[np.float64]

PANELS_A_SEGMENT = 400
"""Simpson panels between two changes of hazard: the error is below 1e-9 of a probability."""


@dataclass(frozen=True, slots=True)
class ControlCurve:
    """Survival of the control arm: ``S(t) = cured + (1 - cured) exp(-sum of hazard x time)``.

    Attributes
    ----------
    hazards : tuple of (start month, hazard per month)
        Piecewise hazard of those who are not cured; the first start is 0, the last piece goes on.
    cured : float
        Share who never have the event, from 0 up to below 1.
    """

    hazards: tuple[tuple[float, float], ...]
    cured: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no survival curve."""
        object.__setattr__(self, "hazards", _checked_hazards(self.hazards))
        object.__setattr__(self, "cured", number(self.cured, "cured", at_least=0.0, below=1.0))

    def cumulative_uncured(self, months: npt.ArrayLike) -> Floats:
        """Cumulative hazard of those who are not cured.

        Parameters
        ----------
        months : array-like of float
            Times since randomisation.

        Returns
        -------
        numpy.ndarray
        """
        times = np.asarray(months, dtype=np.float64)
        starts = np.array([start for start, _ in self.hazards])
        ends = np.append(starts[1:], np.inf)
        total = np.zeros(times.shape)
        for start, end, (_, hazard) in zip(starts, ends, self.hazards, strict=True):
            total += hazard * np.clip(times - start, 0.0, end - start)
        return total

    def survival(self, months: npt.ArrayLike) -> Floats:
        """Share without the event at each time.

        Parameters
        ----------
        months : array-like of float
            Times since randomisation.

        Returns
        -------
        numpy.ndarray
        """
        uncured: Floats = np.exp(-self.cumulative_uncured(months))
        return self.cured + (1.0 - self.cured) * uncured

    def quantile_months(self, survival: float) -> float:
        """Time at which survival falls to a level; infinity where it never does.

        Parameters
        ----------
        survival : float
            The level, between 0 and 1.

        Returns
        -------
        float
        """
        if survival <= self.cured:
            return math.inf
        left = -math.log((survival - self.cured) / (1.0 - self.cured))
        for place, (start, hazard) in enumerate(self.hazards):
            last = place == len(self.hazards) - 1
            width = math.inf if last else self.hazards[place + 1][0] - start
            if hazard > 0.0 and (last or hazard * width >= left):
                return start + left / hazard
            left -= 0.0 if hazard == 0.0 else hazard * width
        return math.inf

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        return plain({"hazards": self.hazards, "cured": self.cured})  # type: ignore[no-any-return]


def exponential_curve(median_months: Any, *, cured: Any = 0.0) -> ControlCurve:
    """Curve of one constant hazard with the stated median, after a share that is cured.

    Parameters
    ----------
    median_months : float
        Median of everybody, the cured included.
    cured : float
        Share who never have the event, below one half.

    Returns
    -------
    ControlCurve

    Raises
    ------
    InputError
        If at least half are cured: the median is then not reached.
    """
    median = number(median_months, "median_months", above=0.0, at_most=1e6)
    share = number(cured, "cured", at_least=0.0, below=1.0)
    if share >= 0.5:
        raise InputError(
            "cured", f"with {share:g} cured the median is never reached", "Give hazards instead"
        )
    return ControlCurve(((0.0, -math.log((0.5 - share) / (1.0 - share)) / median),), share)


def as_curve(control: Any, where: str = "control") -> ControlCurve:
    """A curve, from a curve or from a median in months (one constant hazard).

    Parameters
    ----------
    control : float or ControlCurve
        Median survival in months, or the curve.
    where : str
        Name of the argument.

    Returns
    -------
    ControlCurve
    """
    if isinstance(control, ControlCurve):
        return control
    return exponential_curve(number(control, where, above=0.0, at_most=1e6))


def restricted_mean(curve: ControlCurve, hazard_ratio: float, tau_months: float) -> float:
    """Mean survival within `tau_months` when the curve's hazard is multiplied by a ratio.

    Parameters
    ----------
    curve : ControlCurve
        Survival at ratio 1.
    hazard_ratio : float
        Multiplies the marginal hazard at every time.
    tau_months : float
        Horizon.

    Returns
    -------
    float
    """
    total = 0.0
    for times in segments(curve, tau_months):
        total += simpson(curve.survival(times) ** hazard_ratio, times)
    return total


def segments(curve: ControlCurve, until: float, breaks: tuple[float, ...] = ()) -> list[Floats]:
    """Grids of times between the changes of hazard, each with an even number of panels."""
    cuts = {0.0, until, *breaks, *(start for start, _ in curve.hazards)}
    edges = [0.0]
    # Cuts that rounding has parted would make a segment without width.
    edges += [cut for cut in sorted(cuts) if 1e-9 * until < cut < until * (1.0 - 1e-9)]
    edges = [cut for n, cut in enumerate(edges) if n == 0 or cut - edges[n - 1] > 1e-9 * until]
    edges.append(until)
    return [
        np.linspace(first, last, PANELS_A_SEGMENT + 1) for first, last in itertools.pairwise(edges)
    ]


def simpson(values: Floats, times: Floats) -> float:
    """Simpson's rule on an even grid."""
    step = (times[-1] - times[0]) / (times.size - 1)
    inner = 4.0 * values[1:-1:2].sum() + 2.0 * values[2:-1:2].sum()
    return float(step / 3.0 * (values[0] + inner + values[-1]))


def solve(function: Any, low: float, high: float) -> float:
    """Root of a monotone function between two arguments that enclose it."""
    return float(brentq(function, low, high, xtol=1e-13, rtol=1e-13))


def _checked_hazards(hazards: Any) -> tuple[tuple[float, float], ...]:
    remedy = "Give ((0, hazard), (month, hazard), ...) with rising months"
    pieces = []
    for place, piece in enumerate(sequence(hazards, "hazards")):
        pair = sequence(piece, f"hazards[{place}]")
        if len(pair) != 2:
            raise InputError(f"hazards[{place}]", f"{len(pair)} entries", remedy)
        start = number(pair[0], f"hazards[{place}] start", at_least=0.0, at_most=1e6)
        hazard = number(pair[1], f"hazards[{place}] hazard", at_least=0.0, at_most=1e3)
        pieces.append((start, hazard))
    starts = [start for start, _ in pieces]
    if starts[0] != 0.0:
        raise InputError("hazards", f"the first piece starts at month {starts[0]:g}", remedy)
    if any(later <= earlier for earlier, later in itertools.pairwise(starts)):
        raise InputError("hazards", f"the months {starts} do not rise", remedy)
    if all(hazard == 0.0 for _, hazard in pieces):
        raise InputError("hazards", "every hazard is 0, so that no event comes", remedy)
    return tuple(pieces)
