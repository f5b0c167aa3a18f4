"""Two correlated standard normal statistics."""

from __future__ import annotations

import math

from scipy.special import ndtr, owens_t


def both_below(first: float, second: float, correlation: float) -> float:
    """P(X <= first, Y <= second) for standard normals, by Owen's T function (Owen 1956).

    Parameters
    ----------
    first, second : float
        Limits; infinite ones are allowed.
    correlation : float
        From -1 to 1.

    Returns
    -------
    float
    """
    if first == -math.inf or second == -math.inf:
        return 0.0
    if first == math.inf or second == math.inf:
        return float(ndtr(min(first, second)))
    if correlation >= 1.0:
        return float(ndtr(min(first, second)))
    if correlation <= -1.0:
        return max(0.0, float(ndtr(first)) - float(ndtr(-second)))
    if first == 0.0 and second == 0.0:
        return 0.25 + math.asin(correlation) / (2.0 * math.pi)
    root = math.sqrt((1.0 - correlation) * (1.0 + correlation))
    lowest, highest = min(first, second), max(first, second)
    opposite = lowest < 0.0 <= highest
    total = 0.5 * (float(ndtr(first)) + float(ndtr(second))) - (0.5 if opposite else 0.0)
    total -= _half(first, second, correlation, root) + _half(second, first, correlation, root)
    return min(max(total, 0.0), 1.0)


def both_above(first: float, second: float, correlation: float) -> float:
    """P(X > first, Y > second) for standard normals.

    Parameters
    ----------
    first, second : float
        Limits.
    correlation : float
        From -1 to 1.

    Returns
    -------
    float
    """
    return both_below(-first, -second, correlation)


def _half(limit: float, other: float, correlation: float, root: float) -> float:
    if limit == 0.0:
        return math.copysign(0.25, other)
    return float(owens_t(limit, (other / limit - correlation) / root))
