"""Estimators of the variance between studies, with or without moderators.

Closed forms: DerSimonian and Laird (1986), Hedges, Hunter and Schmidt, Sidik and Jonkman (2005).
Iterated: Paule and Mandel (1982), empirical Bayes (Morris 1983), full and restricted maximum
likelihood by Fisher scoring (Viechtbauer 2005, J Educ Behav Stat 30:261).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from debulk.core.errors import InputError
from debulk.evidence.pooling.inverse_variance import WeightedFit, q_statistic, weighted_fit

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.evidence.pooling.pooled import Method

    Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-13
"""Change of the variance, relative to the typical variance within studies, that ends iteration."""
MOST_STEPS = 500


def variance_between(estimates: Floats, variances: Floats, design: Floats, method: Method) -> float:
    """Variance between studies, never below 0.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies,)
        Effects and their variances within studies.
    design : float64 array, shape (studies, columns)
        Intercept and moderators.
    method : Method
        Estimator.

    Raises
    ------
    InputError
        If iteration does not settle.
    """
    data = (estimates, variances, design)
    if method == "ee":
        return 0.0
    if method in ("dl", "he", "hs", "sj"):
        return max(0.0, _closed(*data, method))
    if method in ("pm", "eb"):
        # Both solve Q(tau2) = k - p; empirical Bayes only words it otherwise.
        return _paule_mandel(*data)
    return _likelihood(*data, restricted=method == "reml")


def _closed(estimates: Floats, variances: Floats, design: Floats, method: Method) -> float:
    k, freedom = len(estimates), len(estimates) - len(design[0])
    if method == "sj":
        start = float(np.var(estimates))
        if start == 0.0:
            return 0.0
        return start * q_statistic(estimates, variances, design, start) / freedom
    if method == "he":
        hat = design @ np.linalg.inv(design.T @ design) @ design.T
        rest = np.eye(k) - hat
        spread = float(estimates @ rest @ estimates)
        return (spread - float(np.diag(rest) @ variances)) / freedom
    fit = weighted_fit(estimates, variances, design, 0.0)
    q = q_statistic(estimates, variances, design)
    if method == "hs":
        return (q - k) / float(fit.weights.sum())
    return (q - freedom) / float(np.trace(fit.projection))


def _paule_mandel(estimates: Floats, variances: Floats, design: Floats) -> float:
    """Root of Q(tau2) = k - p by Newton steps from the left, where Q falls and is convex."""
    freedom = len(estimates) - len(design[0])
    tau2, scale = 0.0, _scale(variances)
    for _ in range(MOST_STEPS):
        fit = weighted_fit(estimates, variances, design, tau2)
        pulled = fit.projection @ estimates
        excess = float(estimates @ pulled) - freedom
        if tau2 == 0.0 and excess <= 0.0:
            return 0.0
        step = excess / float(pulled @ pulled)
        tau2 += step
        if abs(step) <= TOLERANCE * (scale + tau2):
            return tau2
    raise _no_root("Paule and Mandel's equation")


def _likelihood(estimates: Floats, variances: Floats, design: Floats, *, restricted: bool) -> float:
    tau2, scale = max(0.0, _closed(estimates, variances, design, "he")), _scale(variances)
    for _ in range(MOST_STEPS):
        fit = weighted_fit(estimates, variances, design, tau2)
        step = _scoring_step(fit, estimates, restricted=restricted)
        while tau2 + step < 0.0 and tau2 > 0.0 and abs(step) > TOLERANCE * scale:
            step /= 2.0
        moved = max(0.0, tau2 + step)
        if abs(moved - tau2) <= TOLERANCE * (scale + tau2):
            return moved
        tau2 = moved
    raise _no_root("The likelihood")


def _scoring_step(fit: WeightedFit, estimates: Floats, *, restricted: bool) -> float:
    pulled = fit.projection @ estimates
    if restricted:
        score = float(pulled @ pulled) - float(np.trace(fit.projection))
        return score / float(np.sum(fit.projection**2))
    return (float(pulled @ pulled) - float(fit.weights.sum())) / float(np.sum(fit.weights**2))


def _scale(variances: Floats) -> float:
    return float(len(variances) / np.sum(1.0 / variances))


def _no_root(what: str) -> InputError:
    remedy = "Use another method, such as dl, and look for a study that lies far from the others"
    return InputError("method", f"{what} did not settle within {MOST_STEPS} steps", remedy)
