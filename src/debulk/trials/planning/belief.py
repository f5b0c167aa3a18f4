"""The mean of a power function over a mixture of normals and points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import ndtr

NODES = 20
REACH = 8.5  # standard deviations; beyond lies 2e-17 of a normal
PANEL = 2.0  # width of a panel in units of theta, over which a power curve is smooth
FLAT = 1e-14  # a monotone function that differs less between two edges is constant there
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)


def average_over(
    components: Sequence[tuple[float, float, float]],
    function: Callable[[float], float],
    *,
    above: float = -math.inf,
) -> float:
    """Mean of a monotone function times the indicator of exceeding a value.

    Parameters
    ----------
    components : sequence of (weight, mean, standard deviation)
        The mixture; a standard deviation of 0 is a point.
    function : callable
        Monotone, and smooth over a distance of about 1, as the power of a design is.
    above : float
        Only arguments strictly above count.

    Returns
    -------
    float
    """
    total = 0.0
    for weight, mean, spread in components:
        if spread == 0.0:
            total += weight * (function(mean) if mean > above else 0.0)
            continue
        low, high = max(above, mean - REACH * spread), mean + REACH * spread
        if high > low:
            total += weight * _normal_mean(function, mean, spread, low, high)
    return total


def _normal_mean(
    function: Callable[[float], float], mean: float, spread: float, low: float, high: float
) -> float:
    # Halve until a panel is narrow; leave out of the quadrature what is flat, however wide.
    widest = min(PANEL, 1.5 * spread)
    open_panels = [(low, high, function(low), function(high))]
    total = 0.0
    while open_panels:
        left, right, at_left, at_right = open_panels.pop()
        if abs(at_right - at_left) < FLAT:
            mass = float(ndtr((right - mean) / spread) - ndtr((left - mean) / spread))
            total += at_left * mass
        elif right - left <= widest:
            total += _panel(function, mean, spread, left, right)
        else:
            middle = 0.5 * (left + right)
            at_middle = function(middle)
            open_panels.append((left, middle, at_left, at_middle))
            open_panels.append((middle, right, at_middle, at_right))
    return total


def _panel(
    function: Callable[[float], float], mean: float, spread: float, left: float, right: float
) -> float:
    half, middle = 0.5 * (right - left), 0.5 * (right + left)
    total = 0.0
    for point, weight in zip(_POINTS, _WEIGHTS, strict=True):
        theta = middle + half * float(point)
        density = math.exp(-0.5 * ((theta - mean) / spread) ** 2)
        total += float(weight) * density * function(theta)
    return total * half / (spread * math.sqrt(2.0 * math.pi))
