"""Estimators of the variance between studies, with or without moderators.

Closed forms: DerSimonian and Laird (1986), Hedges, Hunter and Schmidt, Sidik and Jonkman (2005).
Solved for: Paule and Mandel (1982), empirical Bayes (Morris 1983), full and restricted maximum
likelihood (Viechtbauer 2005, J Educ Behav Stat 30:261).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from debulk.evidence.pooling.inverse_variance import WeightedFit, weighted_fit
from debulk.evidence.pooling.likelihood import most_likely
from debulk.evidence.pooling.q_profile import variance_at_q

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.evidence.pooling.pooled import Method

    Floats = npt.NDArray[np.float64]


def variance_between(estimates: Floats, variances: Floats, design: Floats, method: Method) -> float:
    """Variance between studies, never below 0.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies,)
        Effects and their variances within studies.
    design : float64 array, shape (studies, columns)
        Intercept and moderators; more studies than columns.
    method : Method
        Estimator.
    """
    data = (estimates, variances, design)
    if method == "ee":
        return 0.0
    if method in ("pm", "eb"):
        # Both solve Q(tau2) = k - p; empirical Bayes only words it otherwise.
        return variance_at_q(*data, float(design.shape[0] - design.shape[1]))
    if method in ("ml", "reml"):
        return most_likely(*data, restricted=method == "reml")
    fit, divisor = _moments(*data, method)
    if divisor == 0.0:
        return 0.0
    # The expectation of y' P y without variance between studies; Sidik and Jonkman's start has it.
    expected = 0.0 if method == "sj" else fit.trace(variances)
    if method == "hs":
        expected = float(len(estimates))
    return max(0.0, (fit.q - expected) / divisor)


def variance_between_se(
    estimates: Floats, variances: Floats, design: Floats, method: Method, tau2: float
) -> float | None:
    """Standard error of the variance between studies, as the package metafor gives it.

    For the closed forms that of a quadratic form y' P y under the variance estimated; for
    likelihoods from the expected information.

    Returns
    -------
    float or None
        None for equal effects, and where the standard error is not defined.
    """
    k, columns = design.shape
    if method == "ee":
        return None
    fit = weighted_fit(estimates, variances, design, tau2)
    if method in ("pm", "eb"):
        return float(k * math.sqrt(2.0 / (k - columns)) / fit.weights.sum())
    if method == "ml":
        return math.sqrt(2.0 / float(fit.weights @ fit.weights))
    if method == "reml":
        return math.sqrt(2.0 / fit.trace_of_square())
    fit, divisor = _moments(estimates, variances, design, method)
    if divisor == 0.0:
        return None
    return math.sqrt(2.0 * fit.trace_of_square(variances + tau2)) / divisor


def _moments(
    estimates: Floats, variances: Floats, design: Floats, method: Method
) -> tuple[WeightedFit, float]:
    """The fit whose Q a closed form equates to its expectation, and what divides the difference."""
    freedom = float(design.shape[0] - design.shape[1])
    if method == "sj":
        start = float(np.var(estimates))
        fit = weighted_fit(estimates, variances, design, start)
        return fit, freedom / start if start > 0.0 else 0.0
    if method == "he":
        return weighted_fit(estimates, np.ones_like(variances), design), freedom
    fit = weighted_fit(estimates, variances, design)
    return fit, float(fit.weights.sum()) if method == "hs" else fit.trace()
