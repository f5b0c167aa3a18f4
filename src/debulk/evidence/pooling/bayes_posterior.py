"""Posterior distributions by deterministic integration over the deviation between studies.

Given the standard deviation tau between studies, all else is normal in closed form. What is left is
one integral, taken by Gauss-Legendre rules on panels that are halved until halving changes nothing.
A posterior is then a mixture of normal distributions, one a node.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from debulk.core.errors import InputError
from debulk.evidence.pooling.pooled import Limits

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

NODES, SHARES = np.polynomial.legendre.leggauss(20)
HALVED_SHARE = 1e-13
"""Of the whole integral: a panel is fine enough when halving it moves the integral by less."""
LONGEST_MOVE = 8.0
"""Standard deviations that a normal may move over one panel: its twenty then overlap to a sum that
is smooth to rounding."""
SMALLEST_SHARE = 1e-16
"""Of a panel whose normals matter."""
ROUNDING = 2e-15
"""Of the largest logarithm: below, halving tells rounding only."""
MOST_PANELS = 4000
ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
NEGLIGIBLE = 50.0
"""Logarithm below the highest density from which on the posterior is cut: 2e-22 of the peak."""
REACH = 12.0
"""Standard deviations from a normal's mean beyond which nothing is left in double precision."""


@dataclass(frozen=True, slots=True)
class PosteriorSummary:
    """A posterior distribution in numbers.

    Attributes
    ----------
    mean, median, sd : float
        Centre and spread.
    lower, upper : float
        Interval with equal tails.
    shortest : Limits
        Shortest interval with the same probability.
    """

    mean: float
    median: float
    sd: float
    lower: float
    upper: float
    shortest: Limits


@dataclass(frozen=True, eq=False)
class Heterogeneity:
    """Posterior of the standard deviation between studies, by panels.

    Attributes
    ----------
    left, right : float64 array, shape (panels,)
        Ends of the panels, rising.
    log_density : callable
        Logarithm of the joint density of data and tau.
    log_total : float
        Logarithm of its integral: the marginal likelihood.
    """

    left: Floats
    right: Floats
    log_density: Callable[[Floats], Floats]
    log_total: float

    @property
    def nodes(self) -> Floats:
        """Points of the integration, shape (panels x 20,)."""
        return _points(self.left, self.right).ravel()

    @property
    def weights(self) -> Floats:
        """Posterior probability that each point stands for; their sum is 1."""
        half = (self.right - self.left)[:, None] / 2.0
        parts = (half * SHARES * self.density(_points(self.left, self.right))).ravel()
        return np.asarray(parts / parts.sum())

    def density(self, tau: Floats) -> Floats:
        """Posterior density."""
        return np.asarray(np.exp(self.log_density(tau) - self.log_total))

    def summary(self, conf_level: float) -> PosteriorSummary:
        """Mean, median, spread and intervals."""
        nodes, weights = self.nodes, self.weights
        mean = float(weights @ nodes)
        each = weights.reshape(len(self.left), -1).sum(axis=1)
        below = np.concatenate([[0.0], np.cumsum(each)])

        def cdf(tau: float) -> float:
            panel = min(int(np.searchsorted(self.right, tau)), len(self.left) - 1)
            start = self.left[panel]
            points = start + (tau - start) * (NODES + 1.0) / 2.0
            part = float((tau - start) / 2.0 * (SHARES @ self.density(points)))
            return float(below[panel]) + part

        return summarised(
            mean,
            float(np.sqrt(weights @ (nodes - mean) ** 2)),
            cdf,
            lambda tau: float(self.density(np.array([tau]))[0]),
            (float(self.left[0]), float(self.right[-1])),
            conf_level,
        )


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of normal distributions.

    Attributes
    ----------
    weights, means, sds : float64 array, shape (parts,)
        Weights sum to 1.
    """

    weights: Floats
    means: Floats
    sds: Floats

    def cdf(self, x: float) -> float:
        """Probability of lying below."""
        return float(self.weights @ ndtr((x - self.means) / self.sds))

    def density(self, x: float) -> float:
        """Density."""
        z = (x - self.means) / self.sds
        return float(self.weights @ (np.exp(-0.5 * z * z) / (ROOT_TWO_PI * self.sds)))

    def summary(self, conf_level: float) -> PosteriorSummary:
        """Mean, median, spread and intervals."""
        mean = float(self.weights @ self.means)
        spread = self.weights @ (self.sds**2 + (self.means - mean) ** 2)
        ends = (
            float(np.min(self.means - REACH * self.sds)),
            float(np.max(self.means + REACH * self.sds)),
        )
        return summarised(mean, float(np.sqrt(spread)), self.cdf, self.density, ends, conf_level)


def integrated(
    log_density: Callable[[Floats], Floats],
    normals: Callable[[Floats], tuple[Floats, Floats]],
    first: float,
    last: float,
) -> Heterogeneity:
    """Integrate a joint density of data and tau over tau.

    Parameters
    ----------
    log_density : callable
        Logarithm of the density at an array of any shape.
    normals : callable
        Means and standard deviations, one more dimension last, of what is normal given tau.
    first : float
        Width of the first panel; the density is smooth on that scale near 0.
    last : float
        The density is 0 or falls fast from here on.

    Raises
    ------
    InputError
        If halving does not come to an end.
    """
    edges = np.concatenate([[0.0], np.geomspace(first, last, 2 + int(np.log2(last / first)))])
    left, right = edges[:-1], edges[1:]
    heights = log_density(_points(left, right)).max(axis=1)
    counting = np.flatnonzero(heights > heights.max() - NEGLIGIBLE)
    # One panel more on each side: a narrow peak can stand just beyond the highest point looked at.
    kept = slice(max(int(counting[0]) - 1, 0), int(counting[-1]) + 2)
    left, right = left[kept], right[kept]
    while True:
        middle = (left + right) / 2.0
        logs = [
            log_density(_points(*ends)) for ends in ((left, right), (left, middle), (middle, right))
        ]
        peak = max(float(each.max()) for each in logs)
        areas = [(right - left) / 2.0 * (np.exp(each - peak) @ SHARES) for each in logs]
        whole, halves = areas[0], (areas[1] + areas[2]) / 2.0
        total = float(halves.sum())
        matters = halves > SMALLEST_SHARE * total
        share = max(HALVED_SHARE, ROUNDING * abs(peak))
        rough = np.abs(whole - halves) > share * total
        rough |= matters & (_move(normals, left, right) > LONGEST_MOVE)
        if not rough.any():
            return Heterogeneity(left, right, log_density, peak + math.log(total))
        if len(left) > MOST_PANELS:
            found = "studies and prior are so far at odds that their posterior cannot be integrated"
            raise InputError("tau_prior", found, "Give a prior that allows studies to differ more")
        left = np.sort(np.concatenate([left, middle[rough]]))
        right = np.sort(np.concatenate([right, middle[rough]]))


def _move(
    normals: Callable[[Floats], tuple[Floats, Floats]], left: Floats, right: Floats
) -> Floats:
    """How far the normals move over each panel, the furthest of them, in standard deviations."""
    (before, narrow), (after, wide) = normals(left), normals(right)
    return np.asarray(np.max(np.abs(after - before) / np.minimum(narrow, wide), axis=-1))


def summarised(
    mean: float,
    sd: float,
    cdf: Callable[[float], float],
    density: Callable[[float], float],
    ends: tuple[float, float],
    conf_level: float,
) -> PosteriorSummary:
    """Summary of a distribution from its distribution function and density between two ends."""
    scale = ends[1] - ends[0]

    def quantile(probability: float) -> float:
        if cdf(ends[0]) >= probability:
            return ends[0]
        if cdf(ends[1]) <= probability:
            return ends[1]
        root = brentq(lambda x: cdf(x) - probability, *ends, xtol=1e-15 * scale, rtol=1e-14)
        return float(root)

    tail = (1.0 - conf_level) / 2.0
    lower = _shortest_start(quantile, density, conf_level)
    return PosteriorSummary(
        mean=mean,
        median=quantile(0.5),
        sd=sd,
        lower=quantile(tail),
        upper=quantile(1.0 - tail),
        shortest=Limits(quantile(lower), quantile(lower + conf_level)),
    )


def _shortest_start(
    quantile: Callable[[float], float], density: Callable[[float], float], conf_level: float
) -> float:
    """Probability below the shortest interval: there the densities at its ends are equal."""
    below = (1.0 - conf_level) * np.linspace(0.0, 1.0, 21)
    lengths = [quantile(each + conf_level) - quantile(each) for each in below]
    best = int(np.argmin(lengths))

    def difference(probability: float) -> float:
        return density(quantile(probability)) - density(quantile(probability + conf_level))

    start, end = below[max(best - 1, 0)], below[min(best + 1, len(below) - 1)]
    if difference(start) >= 0.0:  # densest at the lower end, as a deviation near 0 can be
        return float(start)
    if difference(end) <= 0.0:
        return float(end)
    return float(brentq(difference, start, end, xtol=1e-14, rtol=1e-13))


def _points(left: Floats, right: Floats) -> Floats:
    middle, half = (left + right)[:, None] / 2.0, (right - left)[:, None] / 2.0
    return np.asarray(middle + half * NODES)
