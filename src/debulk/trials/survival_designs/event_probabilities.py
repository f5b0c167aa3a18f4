"""Probability of an event under piecewise constant hazards and drop-out, in closed form.

With hazard a_j and drop-out g_j = a_j + c on the j-th piece, S(u) the probability to be still
under observation and F(u) the probability of an observed event within u months,

    F(u) = F_j + S_j a_j v h1(g_j v),                  h1(x) = (1 - exp(-x)) / x,
    G(u) = G_j + F_j v + S_j a_j v^2 h2(g_j v),        h2(x) = (1 - h1(x)) / x,

where v = u - start_j and G is the integral of F from 0. A patient who enters uniformly between
months a and b has had an event by month t with probability (G(t - a) - G(t - b)) / (b - a).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.trials.survival_designs.assumptions import Pieces

Floats = npt.NDArray[np.float64]

_SERIES_BELOW = 0.02
"""Below this h2 loses digits to cancellation; its series to x^6 is then exact to 1e-17."""


@dataclass(frozen=True)
class TimeOnStudy:
    """One arm of one stratum: observed events by time since randomisation.

    Attributes
    ----------
    starts : array, shape (m,)
        Months since randomisation at which the pieces begin; the first 0.
    hazards : array, shape (m,)
        What is accumulated, per month: the hazard, or the hazard times a weight.
    leaving : array, shape (m,)
        Hazard of leaving observation, by event or drop-out.
    observed, happened, area : array, shape (m,)
        S, F and G at the starts of the pieces.
    """

    starts: Floats
    hazards: Floats
    leaving: Floats
    observed: Floats
    happened: Floats
    area: Floats

    def probability(self, months: Floats) -> Floats:
        """F: probability of an observed event within so many months; 0 before 0."""
        piece, since, x = self._place(months)
        gained = self.observed[piece] * self.hazards[piece] * since * _h1(x)
        return np.asarray(np.where(months > 0.0, self.happened[piece] + gained, 0.0))

    def integral(self, months: Floats) -> Floats:
        """G: the integral of F from 0; 0 before 0."""
        piece, since, x = self._place(months)
        gained = self.observed[piece] * self.hazards[piece] * since * since * _h2(x)
        total = self.area[piece] + self.happened[piece] * since + gained
        return np.asarray(np.where(months > 0.0, total, 0.0))

    @property
    def limit(self) -> float:
        """Probability of an observed event however long one waits."""
        last = self.leaving[-1]
        rest = self.hazards[-1] / last if last > 0.0 else 0.0
        return float(self.happened[-1] + self.observed[-1] * rest)

    def _place(self, months: Floats) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
        piece = np.maximum(np.searchsorted(self.starts, months, side="right") - 1, 0)
        since = np.maximum(months - self.starts[piece], 0.0)
        return piece, since, self.leaving[piece] * since


def time_on_study(hazard: Pieces, dropout: float, weight: Pieces | None = None) -> TimeOnStudy:
    """Prepare the closed forms for one arm of one stratum.

    Parameters
    ----------
    hazard : pieces
        Hazard of the event per month, by time since randomisation.
    dropout : float
        Hazard of being lost per month.
    weight : pieces or None
        Each event counts for this much, by the time at which it happens; None counts 1.

    Returns
    -------
    TimeOnStudy
    """
    counted = hazard if weight is None else product(hazard, weight)
    starts = merged_starts(hazard, counted)
    hazards = np.array([value_at(counted, start) for start in starts])
    leaving = np.array([value_at(hazard, start) for start in starts]) + dropout
    size = len(starts)
    observed, happened, area = np.ones(size), np.zeros(size), np.zeros(size)
    for j in range(size - 1):
        length = starts[j + 1] - starts[j]
        x = np.float64(leaving[j] * length)
        rate = observed[j] * hazards[j] * length
        observed[j + 1] = observed[j] * math.exp(-x)
        happened[j + 1] = happened[j] + rate * float(_h1(x))
        area[j + 1] = area[j] + happened[j] * length + rate * length * float(_h2(x))
    return TimeOnStudy(np.array(starts), hazards, leaving, observed, happened, area)


def value_at(pieces: Pieces, month: float) -> float:
    """Value of a step function at a time at or after 0.

    Parameters
    ----------
    pieces : pieces
        ((start month, value), ...).
    month : float
        Months since randomisation.
    """
    return [value for start, value in pieces if start <= month][-1]


def merged_starts(*functions: Pieces) -> tuple[float, ...]:
    """Every month at which one of several step functions changes.

    Parameters
    ----------
    *functions : pieces
        Step functions of the time since randomisation.
    """
    return tuple(sorted({start for pieces in functions for start, _ in pieces}))


def product(first: Pieces, second: Pieces) -> Pieces:
    """Product of two step functions.

    Parameters
    ----------
    first, second : pieces
        Step functions of the time since randomisation.
    """
    starts = merged_starts(first, second)
    return tuple((at, value_at(first, at) * value_at(second, at)) for at in starts)


def _h1(x: Floats | np.float64) -> Floats:
    safe = np.where(x > 0.0, x, 1.0)
    return np.asarray(np.where(x > 0.0, -np.expm1(-safe) / safe, 1.0))


def _h2(x: Floats | np.float64) -> Floats:
    small = x < _SERIES_BELOW
    safe = np.where(small, 1.0, x)
    ratio = (1.0 + np.expm1(-safe) / safe) / safe
    low = np.where(small, x, 0.0)
    series = 1 / 2 - low * (
        1 / 6 - low * (1 / 24 - low * (1 / 120 - low * (1 / 720 - low * (1 / 5040 - low / 40320))))
    )
    return np.asarray(np.where(small, series, ratio))
