"""Q as a function of the variance between studies, and the intervals that follow from it.

Viechtbauer (2007), Stat Med 26:37: Q at the true variance has a chi-square distribution with k - p
degrees of freedom, so the variances at which Q is not extreme form an exact confidence interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri

from debulk.evidence.pooling.inverse_variance import weighted_fit

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def variance_at_q(estimates: Floats, variances: Floats, design: Floats, q: float) -> float:
    """Variance between studies at which Q takes a value; 0 where it lies below that from 0 on.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies,)
        Effects and their variances within studies.
    design : float64 array, shape (studies, columns)
        Intercept and moderators.
    q : float
        Above 0.

    Notes
    -----
    Q falls as the variance rises, and is at most the unweighted residual sum of squares over the
    variance, which bounds the root.
    """

    def excess(tau2: float) -> float:
        return weighted_fit(estimates, variances, design, tau2).q - q

    if excess(0.0) <= 0.0:
        return 0.0
    residuals = weighted_fit(estimates, np.ones_like(variances), design).residuals
    last = 1.01 * float(residuals @ residuals) / q
    while excess(last) > 0.0:  # by rounding alone
        last *= 2.0
    return float(brentq(excess, 0.0, last, xtol=1e-300, rtol=1e-14, maxiter=500))


def variance_limits(
    estimates: Floats, variances: Floats, design: Floats, conf_level: float
) -> tuple[float, float]:
    """Q-profile limits of the variance between studies.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies,)
        Effects and their variances within studies.
    design : float64 array, shape (studies, columns)
        Intercept and moderators; more studies than columns.
    conf_level : float
        Between 0 and 1.

    Returns
    -------
    lower, upper : float
        Both 0 where studies agree more than chance would let them.
    """
    freedom = float(design.shape[0] - design.shape[1])
    tail = (1.0 - conf_level) / 2.0
    high, low = float(chdtri(freedom, tail)), float(chdtri(freedom, 1.0 - tail))
    lower = variance_at_q(estimates, variances, design, high)
    return lower, variance_at_q(estimates, variances, design, low)
