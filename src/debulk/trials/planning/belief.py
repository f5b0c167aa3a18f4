"""The mean of a smooth function of the effect over a mixture of normals and points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

NODES = 20
REACH = 8.5  # standard deviations; beyond lies 2e-17 of a normal
PANEL = 2.0  # width of a panel in units of theta, over which a power curve is smooth
MOST_PANELS = 60
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)


def average_over(
    components: Sequence[tuple[float, float, float]],
    function: Callable[[float], float],
    *,
    above: float = -math.inf,
) -> float:
    """Mean of `function` times the indicator of exceeding a value.

    Parameters
    ----------
    components : sequence of (weight, mean, standard deviation)
        The mixture; a standard deviation of 0 is a point.
    function : callable
        Smooth over a distance of about 1.
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
        if high <= low:
            continue
        step = min(PANEL, 1.5 * spread)
        panels = min(MOST_PANELS, max(1, math.ceil((high - low) / step)))
        width = 0.5 * (high - low) / panels
        for panel in range(panels):
            middle = low + width * (2 * panel + 1)
            for point, share in zip(_POINTS, _WEIGHTS, strict=True):
                theta = middle + width * float(point)
                density = math.exp(-0.5 * ((theta - mean) / spread) ** 2)
                if density > 1e-17:
                    factor = float(share) * width * density / (spread * math.sqrt(2.0 * math.pi))
                    total += weight * factor * function(theta)
    return total
