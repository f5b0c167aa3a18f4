"""What each row adds to the score of a Fine-Gray model: the middle of its sandwich variance."""

from __future__ import annotations

import numpy as np

from debulk.survival.competing.risk_sums import (
    CENSORED,
    INTEREST,
    Subdistribution,
    exposure,
)
from debulk.survival.subjects import Floats


def score_residuals(
    layout: Subdistribution, x: Floats, relative: Floats, hazard: Floats, mean: Floats
) -> Floats:
    """Each row's score with the censoring weights taken as known (eta of Fine and Gray 1999).

    Parameters
    ----------
    layout : Subdistribution
    x : array, shape (n, p)
    relative : array, shape (n,)
        exp(x beta).
    hazard : array, shape (m,)
        Increments of the baseline cumulative subdistribution hazard.
    mean : array, shape (m, p)
        Weighted mean of the covariates over each risk set.

    Returns
    -------
    array, shape (n, p)
        The integral of (x_i - mean) w_i dM_i.
    """
    spent = exposure(layout, hazard)
    result = relative[:, None] * (exposure(layout, mean * hazard[:, None]) - x * spent[:, None])
    interest = layout.kind == INTEREST
    result[interest] += x[interest] - mean[layout.last[interest] - 1]
    return result


def weight_residuals(
    layout: Subdistribution, x: Floats, relative: Floats, hazard: Floats, mean: Floats
) -> Floats:
    """Each row's part in the score through the estimated weights (psi of Fine and Gray 1999).

    A censoring at u lowers G(t-) / G(X-) for competing events at X < u and times t >= u; q(u) sums
    what that does to the score, and a row adds the integral of q / Y dM, M the martingale
    of its censoring.

    Returns
    -------
    array, shape (n, p)
    """
    result = np.zeros_like(x)
    for code, curve in enumerate(layout.curves):
        if not curve.times.size:
            continue
        competing = layout.competing_in(code)
        load = relative[competing] / layout.own_free[competing]
        until = np.searchsorted(layout.time[competing], curve.times, side="left")
        loads = _running(load[:, None])[until]
        sums = _running(x[competing] * load[:, None])[until]
        drop = (hazard * layout.free[code])[:, None]
        later = np.searchsorted(layout.event_times, curve.times, side="left")
        ahead = _ahead(drop)[later]
        ahead_mean = _ahead(drop * mean)[later]
        q = sums * ahead - loads * ahead_mean
        per_head = q / curve.at_risk[:, None]
        drift = _running(per_head * (curve.censored / curve.at_risk)[:, None])
        inside = layout.group == code
        time = layout.time[inside]
        part = -drift[np.searchsorted(curve.times, time, side="right")]
        own = layout.kind[inside] == CENSORED
        part[own] += per_head[np.searchsorted(curve.times, time[own])]
        result[inside] = part
    return result


def _running(values: Floats) -> Floats:
    result: Floats = np.concatenate((np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)))
    return result


def _ahead(values: Floats) -> Floats:
    """Sum of the values from each position on; 0 after the last."""
    result: Floats = np.concatenate(
        (np.cumsum(values[::-1], axis=0)[::-1], np.zeros((1, values.shape[1])))
    )
    return result
