"""Intervals of a published number, where its source prints none: from its n, by formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from types import MappingProxyType

from debulk.core.errors import InputError, nearest

Z_95 = 1.959963984540054
"""97.5 % quantile of the standard normal distribution."""

TENTH = 0.1
"""Share of the value that counts as near where neither source nor n gives an interval."""


def binomial(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share seen in n patients."""
    middle = share + Z_95**2 / (2.0 * n)
    half = Z_95 * math.sqrt(share * (1.0 - share) / n + Z_95**2 / (4.0 * n * n))
    scale = 1.0 + Z_95**2 / n
    return (middle - half) / scale, (middle + half) / scale


def greenwood(survival: float, n: float) -> tuple[float, float]:
    """Greenwood's 95 % interval on the scale log(-log S), as if nobody were censored before.

    Greenwood's variance of S is then S(1 - S)/n.
    """
    error = math.sqrt((1.0 - survival) / (n * survival)) / abs(math.log(survival))
    factor = math.exp(Z_95 * error)
    return survival**factor, survival ** (1.0 / factor)


def median(months: float, n: float) -> tuple[float, float]:
    """95 % interval of a median: Greenwood's error at S = 1/2 over an exponential's density there.

    ``m exp(+-z / (ln 2 sqrt(n)))``: the error of S is 1/(2 sqrt(n)), the density ln 2 / (2 m).
    """
    factor = math.exp(Z_95 / (math.log(2.0) * math.sqrt(n)))
    return months / factor, months * factor


def difference_of_medians(first: float, second: float, n: float) -> tuple[float, float]:
    """Normal 95 % interval of second less first, n patients an arm; errors as in `median`."""
    half = Z_95 * math.hypot(first, second) / (math.log(2.0) * math.sqrt(n))
    return second - first - half, second - first + half


def hazard_ratio(ratio: float, events: float) -> tuple[float, float]:
    """95 % interval of a hazard ratio from its events in two equal arms: log variance 4/d."""
    factor = math.exp(Z_95 * 2.0 / math.sqrt(events))
    return ratio / factor, ratio * factor


def hazard_ratio_p(ratio: float, p: float) -> tuple[float, float]:
    """95 % interval of a hazard ratio from its two-sided p: its log has error |log| / z(p)."""
    factor = math.exp(Z_95 * abs(math.log(ratio)) / NormalDist().inv_cdf(1.0 - p / 2.0))
    return ratio / factor, ratio * factor


def standard_error(mean: float, error: float) -> tuple[float, float]:
    """Normal 95 % interval of a mean from its standard error."""
    return mean - Z_95 * error, mean + Z_95 * error


def difference_of_shares(difference: float, n: float) -> tuple[float, float]:
    """Normal 95 % interval of a difference of two shares near 1/2, n patients an arm.

    The variance is at most 1/(2 n); shares farther from 1/2 would give a narrower interval.
    """
    half = Z_95 * math.sqrt(0.5 / n)
    return difference - half, difference + half


def tenth(value: float) -> tuple[float, float]:
    """The value less and plus a tenth of it."""
    half = TENTH * abs(value)
    return value - half, value + half


RULES: Mapping[str, tuple[Callable[[float, float], tuple[float, float]], str]] = MappingProxyType(
    {
        "binomial": (binomial, "patients"),
        "greenwood": (greenwood, "patients"),
        "median": (median, "patients"),
        "hazard_ratio": (hazard_ratio, "events"),
        "hazard_ratio_p": (hazard_ratio_p, "two-sided p"),
        "standard_error": (standard_error, "standard error"),
        "difference_of_shares": (difference_of_shares, "patients an arm"),
    }
)
"""Formulas by the word that the table of targets uses, and what number each takes."""


def derived(rule: str, value: float, number: float, where: str) -> tuple[float, float]:
    """Interval of a value by the rule of that name.

    Raises
    ------
    InputError
        If there is no such rule, or the number is not above 0.
    """
    if rule not in RULES:
        raise InputError(where, f"no rule is called {rule!r}", nearest(rule, RULES))
    formula, what = RULES[rule]
    if not (math.isfinite(number) and number > 0.0):
        raise InputError(where, f"{number!r} {what}", "Give a number above 0")
    if rule in ("binomial", "greenwood") and not 0.0 < value < 1.0:
        raise InputError(where, f"{value:g} is no share between 0 and 1", "Take another rule")
    return formula(value, number)
