"""Probability of stopping at each look, whatever the expected Z there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from debulk.core.compiled import kernel
from debulk.trials.boundaries.bounds import Boundaries
from debulk.trials.boundaries.recursion import above, below, density, grid, panel_width, region
from debulk.trials.survival_designs.event_probabilities import Floats

_EXACT = 1e-14
MOST_DRIFT = 60.0
"""Expected Z beyond which no power is sought."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Probabilities of stopping at each look.

    Attributes
    ----------
    efficacy, futility, opposite : array, shape (k,)
        At or above the efficacy boundary; for futility or harm; at or below the mirrored
        boundary of a two-sided test.
    """

    efficacy: Floats
    futility: Floats
    opposite: Floats


@dataclass(frozen=True)
class Stopping:
    """Looks and boundaries.

    Attributes
    ----------
    information : array, shape (k,)
        Shares of the final events, rising to 1.
    upper, futility, harm : array, shape (k,)
        Boundaries on the Z scale, inf or -inf where there is none. In a two-sided design futility
        is a distance from 0 within which the trial stops.
    z_alpha : float
        Critical value of a single look at the same level.
    sided : int
        1, or 2: the trial also stops at the negative of `upper`.
    """

    information: Floats
    upper: Floats
    futility: Floats
    harm: Floats
    z_alpha: float
    sided: int

    @cached_property
    def lower(self) -> Floats:
        """At or below which the trial stops."""
        return -self.upper if self.sided == 2 else np.maximum(self.futility, self.harm)

    @cached_property
    def inner(self) -> Floats:
        """Distance from 0 within which a two-sided trial stops for futility; 0 for none."""
        return np.maximum(self.futility, 0.0) if self.sided == 2 else np.zeros(self.looks)

    @property
    def looks(self) -> int:
        """Number of analyses."""
        return len(self.information)

    def crossing(self, means: Floats) -> Crossing:
        """Probabilities of stopping at each look.

        Parameters
        ----------
        means : array, shape (k,)
            Expected Z at each look.
        """
        if self.looks == 1:
            up, down = np.asarray(ndtr(means - self.upper)), np.asarray(ndtr(self.lower - means))
            around = np.zeros(1)
        else:
            down, around, up = _crossing(
                self.information, self.lower, self.inner, self.upper, means
            )
        return Crossing(up, around, down) if self.sided == 2 else Crossing(up, down, around)

    def power(self, drift: float) -> float:
        """Probability of crossing the efficacy boundary under proportional hazards.

        Parameters
        ----------
        drift : float
            Expected Z at the final analysis.
        """
        return float(self.crossing(drift * np.sqrt(self.information)).efficacy.sum())

    def drift_for(self, power: float) -> float:
        """Drift that gives a power under proportional hazards.

        Parameters
        ----------
        power : float
            Strictly between 0 and 1.
        """
        if self.looks == 1:
            return float(self.upper[0] + ndtri(power))
        if power not in self._drifts:
            self._drifts[power] = float(
                brentq(lambda drift: self.power(drift) - power, 0.0, MOST_DRIFT, rtol=_EXACT)
            )
        return self._drifts[power]

    @cached_property
    def _drifts(self) -> dict[float, float]:
        """Drifts found before, by power: searches over months ask again and again."""
        return {}


def one_look(z_alpha: float, sided: int) -> Stopping:
    """A single analysis.

    Parameters
    ----------
    z_alpha : float
        Critical value.
    sided : int
        1 or 2.
    """
    none = np.array([-math.inf])
    return Stopping(np.ones(1), np.array([z_alpha]), none, none, z_alpha, sided)


def stopping_of(boundaries: Boundaries) -> Stopping:
    """The looks and boundaries of a group-sequential design.

    Parameters
    ----------
    boundaries : Boundaries
        Futility and harm count as followed, binding or not.
    """
    information = np.asarray(boundaries.information, dtype=np.float64)
    none = np.full(len(information), -math.inf)
    futility = none if boundaries.futility_z is None else boundaries.futility_z
    futility = np.where(np.isnan(futility), -math.inf, futility)
    harm = none if boundaries.harm_z is None else boundaries.harm_z
    z_alpha = float(-ndtri(boundaries.alpha / boundaries.sided))
    return Stopping(information, boundaries.efficacy_z, futility, harm, z_alpha, boundaries.sided)


@kernel
def _crossing(
    information: Floats, lower: Floats, inner: Floats, upper: Floats, means: Floats
) -> tuple[Floats, Floats, Floats]:
    """Stop at or below `lower`, within `inner` of 0, at or above `upper`, for Z of these means."""
    looks = information.size
    down, around, up = np.zeros(looks), np.zeros(looks), np.zeros(looks)
    nodes, mass = np.zeros(1), np.ones(1)
    before, score_before = 0.0, 0.0
    for k in range(looks):
        now = information[k]
        score = means[k] * math.sqrt(now)
        theta = (score - score_before) / (now - before)
        up[k] = above(nodes, mass, before, now, theta, upper[k])
        down[k] = below(nodes, mass, before, now, theta, lower[k])
        if inner[k] > 0.0:
            outside = above(nodes, mass, before, now, theta, inner[k])
            around[k] = above(nodes, mass, before, now, theta, -inner[k]) - outside
        if k + 1 < looks:
            start, end = region(lower[k], upper[k], means[k])
            z, weights = grid(
                start, min(end, -inner[k]) if inner[k] > 0.0 else end, panel_width(information, k)
            )
            if inner[k] > 0.0:
                right, more = grid(max(start, inner[k]), end, panel_width(information, k))
                z, weights = np.concatenate((z, right)), np.concatenate((weights, more))
            mass = weights * density(nodes, mass, before, now, theta, z)
            nodes = z
        before, score_before = now, score
    return down, around, up
