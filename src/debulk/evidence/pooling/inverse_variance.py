"""Weighted least squares with known variances: the algebra under every estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeightedFit:
    """A fit at one variance between studies.

    Attributes
    ----------
    coefficients : float64 array, shape (columns,)
        Weighted least squares.
    covariance : float64 array, shape (columns, columns)
        Their model-based covariance.
    weights : float64 array, shape (studies,)
        1 / (variance within + variance between).
    projection : float64 array, shape (studies, studies)
        P with P y the weighted residuals, so that y' P y is Q at this variance.
    """

    coefficients: Floats
    covariance: Floats
    weights: Floats
    projection: Floats


def weighted_fit(estimates: Floats, variances: Floats, design: Floats, tau2: float) -> WeightedFit:
    """Fit by weighted least squares.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies,)
        Effects and their variances within studies.
    design : float64 array, shape (studies, columns)
        Intercept and moderators.
    tau2 : float
        Variance between studies.
    """
    weights = 1.0 / (variances + tau2)
    weighted = design * weights[:, None]
    covariance = np.linalg.inv(design.T @ weighted)
    covariance = (covariance + covariance.T) / 2.0
    projection = np.diag(weights) - weighted @ covariance @ weighted.T
    return WeightedFit(
        covariance @ (weighted.T @ estimates), covariance, weights, (projection + projection.T) / 2
    )


def q_statistic(estimates: Floats, variances: Floats, design: Floats, tau2: float = 0.0) -> float:
    """Weighted sum of squared residuals at a variance between studies."""
    fit = weighted_fit(estimates, variances, design, tau2)
    residuals = estimates - design @ fit.coefficients
    return float(np.sum(fit.weights * residuals**2))
