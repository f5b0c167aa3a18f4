"""A quantity over parameter draws: its mean, what the draws differ by, and what is only chance.

Each draw has few virtual patients, so its figure is noisy. The scatter of the noisy figures is that
of the true ones plus the noise; `debulk.core.shrinkage.without_noise` takes the second part out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from debulk.board.futures.alike import Alike
from debulk.core.shrinkage import without_noise
from debulk.core.streams import normal_quantile

Floats = npt.NDArray[np.float64]

INTERVAL = (0.05, 0.95)
"""Quantiles over parameter draws that an interval goes between: 90 of 100 draws lie in it."""

_POINTS = 21
_RANKS = (np.arange(_POINTS) + 0.5) / _POINTS
_NORMAL = np.array([normal_quantile(float(each)) for each in _RANKS])


@dataclass(frozen=True)
class Interval:
    """A figure, the limits of 90 of 100 parameter draws, and its Monte Carlo error.

    Attributes
    ----------
    estimate, lower, upper : float
        Infinite where not reached.
    monte_carlo_se : float
        Standard error from the limited number of virtual patients; NaN where it is not estimated.
    """

    estimate: float
    lower: float
    upper: float
    monte_carlo_se: float = float("nan")

    def cut(self, least: float, most: float) -> Interval:
        """The same with limits inside what can be, such as 0 to 100 of 100."""
        lower, upper = (min(max(each, least), most) for each in (self.lower, self.upper))
        return Interval(min(max(self.estimate, least), most), lower, upper, self.monte_carlo_se)

    def to_dict(self) -> dict[str, float | None]:
        """Plain numbers, ready for JSON; not reached is None."""
        names = ("estimate", "lower", "upper", "monte_carlo_se")
        values = ((name, float(getattr(self, name))) for name in names)
        return {name: value if np.isfinite(value) else None for name, value in values}


@dataclass(frozen=True)
class Spread:
    """One quantity, or one at each of some times, by parameter draw.

    Attributes
    ----------
    by_draw : float64[draws] or float64[draws, times]
        Means over each draw's virtual patients.
    noise : the same shape
        Variances of their errors.
    """

    by_draw: Floats
    noise: Floats

    @property
    def mean(self) -> Floats:
        """Mean over the draws, which count the same."""
        return np.asarray(self.by_draw.mean(axis=0))

    @property
    def monte_carlo_se(self) -> Floats:
        """Standard error of the mean from the limited number of virtual patients."""
        return np.asarray(np.sqrt(self.noise.mean(axis=0) / self.by_draw.shape[0]))

    @cached_property
    def true(self) -> Floats:
        """The draws' figures without their noise: they scatter as true figures would."""
        return _denoised(self.by_draw, self.noise)

    @property
    def noise_share(self) -> float:
        """Share of the scatter of the figures that is noise, 0 to 1."""
        total = float(self.by_draw.var(ddof=1)) if self.by_draw.size > 1 else 0.0
        return min(1.0, float(self.noise.mean()) / total) if total > 0.0 else 0.0

    @cached_property
    def uncertain(self) -> Floats:
        """The draws' true figures with the error of their mean: rows are draws times points.

        The noise of single draws is taken out of their scatter; where their mean lies stays
        uncertain, and each figure is repeated at points of that normal error.
        """
        error = _NORMAL.reshape(-1, *[1] * self.by_draw.ndim) * self.monte_carlo_se
        shifted = self.true + error
        return np.asarray(shifted.reshape(-1, *self.by_draw.shape[1:]))

    def interval(self) -> Interval:
        """The mean and the limits of the draws, the error of the mean included."""
        lower, upper = np.quantile(self.uncertain, INTERVAL)
        return Interval(float(self.mean), float(lower), float(upper), float(self.monte_carlo_se))

    def limits(self) -> tuple[Floats, Floats]:
        """Limits of the draws at each time."""
        lower, upper = np.quantile(self.uncertain, INTERVAL, axis=0)
        return lower, upper

    def within(self, groups: npt.NDArray[np.integer]) -> Interval:
        """The mean and the limits of the draws' distance from the mean of their own group."""
        centre = self.group_means(groups)[groups]
        lower, upper = np.quantile(_denoised(self.by_draw - centre, self.noise), INTERVAL)
        mean = float(self.mean)
        return Interval(mean, mean + float(lower), mean + float(upper))

    def group_means(self, groups: npt.NDArray[np.integer]) -> Floats:
        """Mean over the draws of each group."""
        counts = np.bincount(groups)
        return np.asarray(np.bincount(groups, weights=self.by_draw) / counts)

    def group_errors(self, groups: npt.NDArray[np.integer]) -> Floats:
        """Standard error of each group's mean from the limited number of virtual patients."""
        counts = np.bincount(groups)
        return np.asarray(np.sqrt(np.bincount(groups, weights=self.noise)) / counts)


def spread_of(values: npt.NDArray[np.generic], who: Alike, among: Floats | None = None) -> Spread:
    """Weighted means by parameter draw, and the variances of their errors.

    Parameters
    ----------
    values : float64[n] or float64[n, times]
        Of each virtual patient.
    who : Alike
    among : float64[n], optional
        Factor on the weights: 0 leaves a patient out.

    Notes
    -----
    The variance of a weighted mean m is ``sum w^2 (x - m)^2 / (sum w)^2``, times k / (k - 1) with
    the effective number k of the draw, since m comes from the same patients. Draws in which nobody
    is left are left out.
    """
    x = values.astype(np.float64)
    x = x[:, None] if x.ndim == 1 else x
    weight = who.weight if among is None else who.weight * among
    draws = who.trials.size
    total = np.bincount(who.draw, weights=weight, minlength=draws)
    squares = np.bincount(who.draw, weights=weight**2, minlength=draws)
    full = total > 0.0
    starts = np.searchsorted(who.draw, np.arange(draws))
    share = np.divide(weight, total[who.draw], out=np.zeros(weight.size), where=weight > 0.0)
    mean = np.add.reduceat(share[:, None] * x, starts, axis=0)
    noise = np.add.reduceat((share[:, None] * (x - mean[who.draw])) ** 2, starts, axis=0)
    number = np.divide(total**2, squares, out=np.ones(draws), where=full)
    noise *= (number / np.maximum(number - 1.0, 0.5))[:, None]
    mean, noise = mean[full], noise[full]
    if values.ndim == 1:
        return Spread(mean[:, 0], noise[:, 0])
    return Spread(mean, noise)


def _denoised(values: Floats, noise: Floats) -> Floats:
    """Figures drawn towards their mean, a column at a time.

    How much of the scatter is noise is itself known only within its sampling error, about
    ``total * sqrt(2 / (draws - 1))``: one such error less is taken out, so that ranges err on the
    wide side.
    """
    if values.ndim == 1:
        return _column(values, noise)
    columns = [_column(values[:, each], noise[:, each]) for each in range(values.shape[1])]
    return np.stack(columns, axis=1)


def _column(values: Floats, noise: Floats) -> Floats:
    if values.size < 2:
        return values
    error = float(values.var(ddof=1)) * math.sqrt(2.0 / (values.size - 1))
    return without_noise(values, max(0.0, float(noise.mean()) - error))
