"""A smooth line through scattered points, with its pointwise band."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

Floats = npt.NDArray[np.float64]

_KNOTS = 5
"""A natural cubic spline with five knots has four degrees of freedom beside the constant."""
_POINTS = 80


def spline_smooth(
    x: Floats, y: Floats, conf_level: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    """Least-squares natural cubic spline of `y` on `x`, with pointwise limits.

    Parameters
    ----------
    x, y : array, shape (n,)
        Finite values.
    conf_level : float
        Level of the limits, between 0 and 1.

    Returns
    -------
    points, fit, lower, upper : array, shape (80,)
        Points spread evenly over the range of `x`; the limits are those of the mean, from the
        variance of the residuals and Student's distribution. Four empty arrays where fewer than
        ten points or fewer than three distinct `x` are given: too few for a smooth line.

    Notes
    -----
    Knots lie at quantiles of `x`, the outer ones at its ends; the basis is that of truncated
    cubes held linear beyond the outer knots (Durrleman and Simon 1989, Stat Med 8:551).
    """
    empty = np.zeros(0)
    if x.size < 10 or np.unique(x).size < 3:
        return empty, empty, empty, empty
    knots = np.unique(np.quantile(x, np.linspace(0.0, 1.0, _KNOTS)))
    points = np.linspace(float(x.min()), float(x.max()), _POINTS)
    basis = _basis(x, knots)
    inverse = np.linalg.pinv(basis.T @ basis)
    beta = inverse @ (basis.T @ y)
    left = x.size - np.linalg.matrix_rank(basis)
    variance = float(np.sum((y - basis @ beta) ** 2)) / left
    at = _basis(points, knots)
    fit = at @ beta
    se = np.sqrt(variance * np.einsum("ij,jk,ik->i", at, inverse, at))
    width = float(stdtrit(left, 0.5 + conf_level / 2)) * se
    return points, fit, fit - width, fit + width


def _basis(x: Floats, knots: Floats) -> Floats:
    """Constant, line, and truncated cubes that are linear beyond the outer knots."""
    low, high = float(knots[0]), float(knots[-1])
    scaled, inner = (x - low) / (high - low), (knots - low) / (high - low)
    columns = [np.ones(x.size), scaled]

    def cube(knot: float) -> Floats:
        return np.maximum(scaled - knot, 0.0) ** 3

    end, before = inner[-1], inner[-2]
    for knot in inner[:-2]:
        share = (end - knot) / (end - before)
        rest = (before - knot) / (end - before)
        columns.append(cube(knot) - share * cube(before) + rest * cube(end))
    return np.column_stack(columns)
