"""Survival proportions read off Kaplan-Meier curves, with as many patients as their error tells."""

from __future__ import annotations

import math

from scipy.special import logit

from debulk.core.errors import InputError
from debulk.evidence.effects.effect import (
    Effect,
    NotEnough,
    require_count,
    require_level,
    require_share,
)
from debulk.evidence.effects.proportions import SCALES, ProportionScale, double_arcsine
from debulk.survival.curves.limits import normal_width

MOST_OF_PATIENTS = 1.1
"""Effective over real number of patients above which an interval is remarked on as too narrow."""


def survival_proportion_effect(
    share: float,
    patients: float | None = None,
    *,
    lower: float | None = None,
    upper: float | None = None,
    conf_level: float = 0.95,
    scale: ProportionScale = "logit",
) -> Effect:
    """Put a Kaplan-Meier proportion, such as survival at five years, on a scale.

    Parameters
    ----------
    share, lower, upper : float
        Between 0 and 1, with printed limits where there are any.
    patients : float, optional
        At the start; used where there is no interval.
    conf_level : float
        Level of the interval.
    scale : {"identity", "logit", "arcsine", "double arcsine"}
        Scale of pooling.

    Returns
    -------
    Effect
        With the effective sample size n for which a binomial proportion would have the interval
        printed (on the logit scale; on the plain scale where a limit is 0 or 1): variance
        1 / (n p (1 - p)) of the logit. Without an interval n is `patients`, which ignores
        censoring and so makes the error too small; a remark says so.

    Raises
    ------
    InputError
        If numbers are impossible, the interval excludes the share, or there is neither interval
        nor number of patients.
    """
    p = _inner_share("share", share)
    if lower is not None and upper is not None:
        n = _effective_n(p, lower, upper, conf_level)
        route = f"proportion and {100.0 * require_level('conf_level', conf_level):.6g} % interval"
        remark = f"Effective number of patients from the interval: {n:.1f}"
        if patients is not None and n > MOST_OF_PATIENTS * patients:
            remark += f", more than the {patients:g} there are: check the interval"
    elif patients is not None:
        n, route = require_count("patients", patients, least=1), "proportion and patients"
        remark = "Censoring is ignored: the standard error is that of a binomial proportion"
    else:
        remedy = "Give an interval or the number of patients"
        raise NotEnough("share", f"{share:g} comes with nothing that tells its error", remedy)
    effects = {
        "identity": (p, p * (1.0 - p) / n),
        "logit": (math.log(p / (1.0 - p)), 1.0 / (n * p * (1.0 - p))),
        "arcsine": (math.asin(math.sqrt(p)), 0.25 / n),
        "double arcsine": (float(double_arcsine(p, n)), 1.0 / (4.0 * n + 2.0)),
    }
    if scale not in effects:
        raise InputError("scale", f"{scale!r} is no scale of proportions", f"Give one of {SCALES}")
    estimate, variance = effects[scale]
    return Effect(estimate, math.sqrt(variance), route, (remark,))


def _inner_share(name: str, value: object) -> float:
    share = require_share(name, value)
    if share in (0.0, 1.0):
        found = f"{share:g} is not between 0 and 1"
        raise NotEnough(name, found, "Give events and patients instead")
    return share


def _effective_n(p: float, lower: float, upper: float, conf_level: float) -> float:
    low, high = require_share("lower", lower), require_share("upper", upper)
    if low >= high:
        found = f"the upper limit {high:g} is not above the lower limit {low:g}"
        raise InputError("upper", found, "Give the limits in order")
    if not low <= p <= high:
        found = f"the interval {low:g} to {high:g} excludes the estimate {p:g}"
        raise InputError("share", found, "Check the three numbers against the source")
    twice = 2.0 * normal_width(require_level("conf_level", conf_level))
    width = float(logit(high) - logit(low))
    if 0.0 < width < math.inf:
        return (twice / width) ** 2 / (p * (1.0 - p))
    return p * (1.0 - p) * (twice / (high - low)) ** 2
