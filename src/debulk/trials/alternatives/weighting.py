"""Adjustment for known features: inverse probability weights, and a weighted hazard ratio."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.survival import cox

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_MOST_STEPS = 50
_SMALLEST_STEP = 1e-10
_FARTHEST = 30.0  # on the scale of the log odds: beyond, the features tell the arms apart


def propensity(treated: Bools, features: Floats) -> Floats | None:
    """Probability of being treated given features, by logistic regression (Newton's method).

    Parameters
    ----------
    treated : bool[n]
    features : float64[n, p]
        Without the constant, which is added.

    Returns
    -------
    float64[n] or None
        None where the likelihood has no finite maximum, or the features are not independent.
    """
    if treated.all() or not treated.any():
        return None
    spread = features.std(axis=0)
    varied = spread > 0.0
    scaled = (features[:, varied] - features[:, varied].mean(axis=0)) / spread[varied]
    design = np.column_stack([np.ones(treated.size), scaled])
    beta = np.zeros(design.shape[1])
    for _ in range(_MOST_STEPS):
        chance = 1.0 / (1.0 + np.exp(-(design @ beta)))
        information = design.T @ (design * (chance * (1.0 - chance))[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (treated - chance))
        except np.linalg.LinAlgError:
            return None
        beta = beta + step
        if not np.isfinite(beta).all() or np.abs(design @ beta).max() > _FARTHEST:
            return None
        if np.abs(step).max() < _SMALLEST_STEP:
            found: Floats = 1.0 / (1.0 + np.exp(-(design @ beta)))
            return found
    return None


def weights_for_treated(treated: Bools, chance: Floats) -> Floats:
    """Weights that make the controls' features those of the treated (effect in the treated).

    Parameters
    ----------
    treated : bool[n]
    chance : float64[n]
        Probability of being treated.

    Returns
    -------
    float64[n]
        1 for the treated, odds of being treated for the controls.
    """
    return np.where(treated, 1.0, chance / (1.0 - chance))


def weighted_log_ratio(
    time: Floats, event: Bools, treated: Bools, features: Floats
) -> tuple[float, float]:
    """Log hazard ratio of the treated, adjusted by weights, with its robust standard error.

    Parameters
    ----------
    time, event, treated : arrays
        Follow-up, whether it ended with the event, the arm.
    features : float64[n, p]
        What the adjustment knows.

    Returns
    -------
    tuple of two float
        NaN where there is no such estimate.
    """
    chance = propensity(treated, features)
    if chance is None:
        return math.nan, math.nan
    frame = {
        "time": time,
        "event": event,
        "treated": treated.astype(np.float64),
        "weight": weights_for_treated(treated, chance),
    }
    try:
        model = cox(
            frame,
            time="time",
            event="event",
            covariates=["treated"],
            weights="weight",
            robust=True,
        )
    except InputError:
        return math.nan, math.nan
    return float(model.coef[0]), math.sqrt(float(model.covariance[0, 0]))
