"""A statistic with what each patient adds to it, and the estimate with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, ndtr

from debulk.core.results import Estimate
from debulk.prognosis.validation.follow_up import FollowUp
from debulk.survival.curves.limits import normal_width
from debulk.survival.subjects import Floats

Scale = Literal["plain", "log", "logit"]
"""Scale on which an interval is symmetric."""

CLOSEST = 1e-8
"""How near to 0 and 1 a risk may come before it is drawn in on the log cumulative hazard scale."""


@dataclass(frozen=True, eq=False)
class Statistic:
    """A number and each patient's influence on it.

    Attributes
    ----------
    value : float
    influence : array, shape (patients,)
        Derivative of the number with respect to a weight of the patient.
    """

    value: float
    influence: Floats

    @property
    def se(self) -> float:
        """Standard error: the root of n times the sample variance of the influences."""
        n = self.influence.size
        if n < 2:
            return math.nan
        return math.sqrt(float(self.influence @ self.influence) * n / (n - 1))

    def less(self, other: Statistic) -> Statistic:
        """The difference of two statistics of the same patients."""
        return Statistic(self.value - other.value, self.influence - other.influence)

    def over(self, other: Statistic) -> Statistic:
        """The ratio of two statistics of the same patients."""
        ratio = self.value / other.value
        return Statistic(ratio, (self.influence - ratio * other.influence) / other.value)


def estimate_of(
    statistic: Statistic,
    estimand: str,
    follow_up: FollowUp,
    conf_level: float,
    *,
    scale: Scale = "plain",
    within: tuple[float, float] = (-math.inf, math.inf),
    tested: bool = False,
    note: str = "",
) -> Estimate:
    """The estimate of a statistic, with a normal interval on a scale."""
    return estimate_from(
        statistic.value,
        statistic.se,
        estimand,
        follow_up,
        conf_level,
        scale=scale,
        within=within,
        tested=tested,
        note=note,
    )


def estimate_from(
    value: float,
    se: float,
    estimand: str,
    follow_up: FollowUp,
    conf_level: float,
    *,
    scale: Scale = "plain",
    within: tuple[float, float] = (-math.inf, math.inf),
    tested: bool = False,
    note: str = "",
) -> Estimate:
    """The estimate of a number with its standard error, both on the natural scale.

    The `se` returned is on the scale of the interval.
    """
    width = normal_width(conf_level)
    if scale == "plain":
        error = se
        lower, upper = value - width * se, value + width * se
    elif scale == "log" and value > 0.0:
        error = se / value
        lower, upper = value * math.exp(-width * error), value * math.exp(width * error)
    elif scale == "logit" and 0.0 < value < 1.0:
        error = se / (value * (1.0 - value))
        centre = math.log(value / (1.0 - value))
        lower, upper = (float(expit(centre + k * width * error)) for k in (-1.0, 1.0))
    else:  # the scale has no place for the value
        error, lower, upper = math.nan, math.nan, math.nan
    z = value / se if tested and se > 0.0 else math.nan
    return Estimate(
        estimand=estimand,
        estimate=value,
        se=error,
        lower=max(lower, within[0]),
        upper=min(upper, within[1]),
        conf_level=conf_level,
        n=follow_up.patients,
        events=follow_up.events,
        p=float(2.0 * ndtr(-abs(z))) if tested and not math.isnan(z) else None,
        note=note,
    )


def complementary_log_log(risk: Floats) -> Floats:
    """``log(-log(1 - risk))``, the log cumulative hazard that a risk stands for.

    Risks of 0 and 1 have none; they are drawn in to 1e-8 and 1 - 1e-8.
    """
    inside = np.clip(risk, CLOSEST, 1.0 - CLOSEST)
    result: Floats = np.log(-np.log1p(-inside))
    return result
