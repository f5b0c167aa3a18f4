"""Probability to cross bounds at several looks, for drifts that change from look to look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from debulk.core.errors import InputError
from debulk.survival.options import one_number, shown
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.requests import Request

_REACH = 9.0  # a normal number lies beyond once in 1e19
_STEP = 1.5  # of a panel, in the smaller of two spreads
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True)
class Bounds:
    """Looks and their bounds on the Z scale.

    Attributes
    ----------
    fractions : tuple of float
        Events at each look / events at the last; rising, the last 1.
    efficacy : tuple of float
        Benefit is claimed at or above; infinite where it cannot be.
    futility : tuple of float
        The trial stops without benefit below; minus infinity where it cannot.
    harm : tuple of float
        It stops for harm at or below: a two-sided test's other side, or a bound of its own.
    """

    fractions: tuple[float, ...]
    efficacy: tuple[float, ...]
    futility: tuple[float, ...]
    harm: tuple[float, ...]

    def lower(self) -> Floats:
        """The trial goes on above."""
        found: Floats = np.maximum(self.futility, self.harm)
        return found


def read_bounds(boundaries: Any, request: Request) -> Bounds:
    """Bounds as `group_sequential` gives them; one analysis without.

    Raises
    ------
    InputError
        On an object without bounds, with other levels than the design's, or with futility on two
        sides.
    """
    if boundaries is None:
        return one_look(request.critical_z)
    for name in ("information", "efficacy_z"):
        if not hasattr(boundaries, name):
            remedy = "Give what group_sequential returns"
            raise InputError("boundaries", f"have no {name}", remedy)
    for name in ("alpha", "sided"):
        theirs, ours = getattr(boundaries, name, None), getattr(request, name)
        if theirs is not None and theirs != ours:
            found = f"were made for {name} {theirs:g}, the design has {ours:g}"
            raise InputError("boundaries", found, f"Give the same {name} twice")
    fractions = read_fractions(boundaries.information, "boundaries, information")
    looks = len(fractions)
    efficacy = _bounds(boundaries.efficacy_z, looks, math.inf, "efficacy_z")
    futility = _bounds(getattr(boundaries, "futility_z", None), looks, -math.inf, "futility_z")
    harm = _bounds(getattr(boundaries, "harm_z", None), looks, -math.inf, "harm_z")
    if request.sided == 2:
        if any(math.isfinite(each) for each in futility[:-1]):
            found = "hold futility within two sides, which is not planned here"
            raise InputError("boundaries", found, "Plan one-sided, or without futility")
        harm = tuple(max(each, -bound) for each, bound in zip(harm, efficacy, strict=True))
    return Bounds(fractions, efficacy, futility, harm)


def one_look(bound: float) -> Bounds:
    """A single analysis."""
    return Bounds((1.0,), (bound,), (-math.inf,), (-math.inf,))


def read_fractions(given: Any, where: str) -> tuple[float, ...]:
    """Shares of the final events at the looks.

    Raises
    ------
    InputError
        If they do not rise from above 0 to 1.
    """
    if isinstance(given, np.ndarray) and given.ndim == 0:
        given = None
    if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str) or len(given) == 0:
        raise InputError(where, "is no list of fractions", "Give rising fractions, as (0.5, 1.0)")
    found = tuple(one_number(each, where) for each in given)
    rising = all(a < b for a, b in zip((0.0, *found[:-1]), found, strict=True))
    if not rising or abs(found[-1] - 1.0) > 1e-12:
        text = ", ".join(f"{each:g}" for each in found)
        raise InputError(where, f"{text} do not rise from above 0 to 1", "Give (0.5, 0.75, 1.0)")
    return found


def _bounds(given: Any, looks: int, none: float, name: str) -> tuple[float, ...]:
    if given is None:
        return (none,) * looks
    if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str):
        remedy = "Give one value a look"
        raise InputError(f"boundaries, {name}", f"{shown(given)} is no list", remedy)
    found = tuple(_bound(each, none, name) for each in given)
    if len(found) != looks:
        text = f"has {len(found)} values for {looks} looks"
        raise InputError(f"boundaries, {name}", text, "Give one value a look")
    return found


def _bound(given: Any, none: float, name: str) -> float:
    if given is None:
        return none
    number = isinstance(given, int | float | np.integer | np.floating)
    if not number or isinstance(given, bool):
        remedy = "Give numbers, or None where there is no bound"
        raise InputError(f"boundaries, {name}", f"{shown(given)} is no number", remedy)
    return none if math.isnan(given) else float(given)


def first_crossings(bounds: Bounds, means: Floats, information: Floats) -> Floats:
    """Probability to cross the efficacy bound first at each look.

    Parameters
    ----------
    bounds : Bounds
    means : array, shape (looks,)
        Expected Z at each look.
    information : array, shape (looks,)
        Rising; the correlation of two looks is the root of the ratio of theirs.

    Notes
    -----
    Armitage, McPherson and Rowe (1969), Journal of the Royal Statistical Society A: the density of
    the sum of those that went on, look after look, here integrated by Gauss-Legendre panels.
    """
    root, lower = np.sqrt(information), bounds.lower()
    found = np.empty(means.size)
    nodes, mass = np.zeros(1), np.ones(1)
    before, drift_before = 0.0, 0.0
    for k, mean in enumerate(means.tolist()):
        # On the scale of the score S = Z sqrt(I), whose steps are independent.
        spread = math.sqrt(information[k] - before)
        drift = mean * root[k]
        centre = nodes + (drift - drift_before)
        high, low = bounds.efficacy[k] * root[k], lower[k] * root[k]
        found[k] = float(mass @ ndtr((centre - high) / spread))
        if k + 1 == means.size:
            break
        low = max(low, drift - _REACH * root[k])
        high = min(high, drift + _REACH * root[k])
        if not low < high:
            found[k + 1 :] = 0.0
            break
        following, weights = _panels(low, high, _STEP * min(spread, root[k]))
        steps = (following[:, None] - centre[None, :]) / spread
        density = np.exp(-0.5 * steps * steps) / (spread * math.sqrt(2.0 * math.pi))
        nodes, mass = following, weights * (density @ mass)
        before, drift_before = float(information[k]), drift
    return found


def _panels(low: float, high: float, step: float) -> tuple[Floats, Floats]:
    count = max(1, math.ceil((high - low) / step))
    edges = np.linspace(low, high, count + 1)
    half = 0.5 * (edges[1] - edges[0])
    nodes = ((edges[:-1] + half)[:, None] + half * _NODES).reshape(-1)
    return nodes, np.tile(half * _WEIGHTS, count)
