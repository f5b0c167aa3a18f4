"""Pointwise confidence limits of survival and of cumulative hazard on several scales."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import ndtri

from debulk.survival.subjects import Floats

ConfType = Literal["plain", "log", "log-log", "logit", "arcsin"]
HazardConfType = Literal["plain", "log"]


def normal_width(conf_level: float) -> float:
    """Standard errors on each side of an estimate in a normal interval of this level."""
    return float(ndtri(0.5 + conf_level / 2))


def survival_limits(
    survival: Floats, log_se: Floats, conf_level: float, conf_type: ConfType
) -> tuple[Floats, Floats]:
    """Limits of survival from the standard error of its logarithm.

    Parameters
    ----------
    survival, log_se : array, shape (m,)
        Survival, and the standard error of log survival.
    conf_level : float
        Level, strictly between 0 and 1.
    conf_type : {"plain", "log", "log-log", "logit", "arcsin"}
        Scale on which the interval is symmetric (Klein and Moeschberger 2003, section 4.3; logit:
        Meeker and Escobar 1998, section 3.6).

    Returns
    -------
    lower, upper : array, shape (m,)
        NaN where the scale is not defined: log at 0; log-log, logit and arcsin at 0 and 1.
    """
    return limits_apart(survival, log_se, normal_width(conf_level), conf_type)


def limits_apart(
    survival: Floats, log_se: Floats, z: float, conf_type: ConfType
) -> tuple[Floats, Floats]:
    """The same limits, `z` standard errors away on their scale."""
    inside = survival > 0.0
    if conf_type == "plain":
        width = z * survival * log_se
        return np.maximum(survival - width, 0.0), np.minimum(survival + width, 1.0)
    if conf_type != "log":
        inside &= survival < 1.0
    share = np.where(inside, survival, np.nan)
    if conf_type == "log":
        factor = np.exp(z * log_se)
        return share / factor, np.minimum(share * factor, 1.0)
    if conf_type == "log-log":
        inner = np.log(share)
        width = z * log_se / inner
        # exp(-exp(log(-log S) -+ z se / log S)); the logarithm of S is negative.
        return np.exp(inner * np.exp(-width)), np.exp(inner * np.exp(width))
    if conf_type == "logit":
        odds = share / (1.0 - share)
        factor = np.exp(z * log_se / (1.0 - share))
        return odds / (odds + factor), odds * factor / (1.0 + odds * factor)
    angle = np.arcsin(np.sqrt(share))
    width = 0.5 * z * log_se * np.sqrt(share / (1.0 - share))
    lower: Floats = np.sin(np.maximum(angle - width, 0.0)) ** 2
    upper: Floats = np.sin(np.minimum(angle + width, np.pi / 2)) ** 2
    return lower, upper


def hazard_limits(
    hazard: Floats, se: Floats, conf_level: float, conf_type: HazardConfType
) -> tuple[Floats, Floats]:
    """Limits of a cumulative hazard: H -+ z se (not below 0), or H exp(-+ z se / H).

    The second is NaN where the hazard is still 0 (Klein and Moeschberger 2003, section 4.3).
    """
    z = normal_width(conf_level)
    if conf_type == "plain":
        return np.maximum(hazard - z * se, 0.0), hazard + z * se
    known = np.where(hazard > 0.0, hazard, np.nan)
    factor = np.exp(z * se / known)
    return known / factor, known * factor
