"""Full and restricted likelihood of the variance between studies, and where they are highest.

Where studies differ much in precision the restricted likelihood can have more than one maximum, and
Fisher scoring ends at the nearest, or in a cycle. Here the sign of its slope is taken on a grid
which covers all variances at which there can be a maximum; each maximum so enclosed is found as a
root of the slope, and the highest one counts, the edge at 0 among them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from debulk.evidence.pooling.inverse_variance import WeightedFit, weighted_fit

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

GRID_STEP = 1.5
"""Ratio of neighbours on the grid: the slope bends over factors of several, not below."""
GRID_START = 1.0 / 64.0
"""First point above 0, as a share of the smallest variance within studies."""


def log_likelihoods(fit: WeightedFit, design: Floats) -> dict[str, float]:
    """Full (``ml``) and restricted (``reml``) log likelihood of a fit, with all constants.

    Parameters
    ----------
    fit : WeightedFit
        At the variance between studies of interest.
    design : float64 array, shape (studies, columns)
        Intercept and moderators.
    """
    k, columns = design.shape
    shared = 0.5 * (float(np.sum(np.log(fit.weights))) - fit.q)
    ml = shared - 0.5 * k * math.log(2.0 * math.pi)
    unweighted = float(np.linalg.slogdet(design.T @ design)[1])
    correction = 0.5 * (unweighted - fit.log_determinant + columns * math.log(2.0 * math.pi))
    return {"ml": ml, "reml": ml + correction}


def most_likely(estimates: Floats, variances: Floats, design: Floats, *, restricted: bool) -> float:
    """Variance between studies at which the likelihood is highest.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies,)
        Effects and their variances within studies.
    design : float64 array, shape (studies, columns)
        Intercept and moderators.
    restricted : bool
        Whether the restricted likelihood is meant.
    """

    def slope(tau2: float) -> float:
        fit = weighted_fit(estimates, variances, design, tau2)
        return fit.squared_pull - (fit.trace() if restricted else float(fit.weights.sum()))

    def height(tau2: float) -> float:
        fit = weighted_fit(estimates, variances, design, tau2)
        return log_likelihoods(fit, design)["reml" if restricted else "ml"]

    grid = search_grid(estimates, variances, design)
    slopes = [slope(each) for each in grid]
    maxima = [0.0] if slopes[0] <= 0.0 else []
    for left, right, before, after in zip(
        grid[:-1], grid[1:], slopes[:-1], slopes[1:], strict=True
    ):
        if before > 0.0 >= after:
            maxima.append(float(brentq(slope, left, right, xtol=1e-300, rtol=1e-14)))
    return maxima[0] if len(maxima) == 1 else max(maxima, key=height)


def search_grid(estimates: Floats, variances: Floats, design: Floats) -> list[float]:
    """Variances from 0 to the last at which a likelihood can rise.

    The slope is negative where (largest variance + t) / (smallest + t)^2 is below
    (studies - columns) / residual sum of squares, hence from twice their quotient on once t is
    above the largest variance.
    """
    residuals = weighted_fit(estimates, np.ones_like(variances), design).residuals
    freedom = design.shape[0] - design.shape[1]
    last = 1.01 * max(float(variances.max()), 2.0 * float(residuals @ residuals) / freedom)
    grid = [0.0, GRID_START * float(variances.min())]
    while grid[-1] < last:
        grid.append(grid[-1] * GRID_STEP)
    return grid
