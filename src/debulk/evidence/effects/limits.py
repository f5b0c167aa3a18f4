"""An effect from its printed estimate and limits, and what the rounding of print leaves open."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Literal

from debulk.core.errors import InputError
from debulk.evidence.effects.effect import (
    Effect,
    require_level,
    require_number,
    require_positive,
)
from debulk.survival.curves.limits import normal_width

ASYMMETRY = 0.05
"""Share of the half-width by which the middle of an interval may miss the estimate, beyond what
rounding explains, before that is remarked on."""
LOOSE_ROUNDING = 0.05
"""Relative uncertainty of a standard error, from rounding alone, that is remarked on."""

AdditiveScale = Literal["identity", "log"]


def from_limits(
    estimate: float | None,
    lower: float,
    upper: float,
    *,
    conf_level: float = 0.95,
    scale: AdditiveScale = "log",
    name: str = "hazard ratio",
    argument: str = "estimate",
) -> Effect:
    """Make an effect from a printed estimate and its confidence limits.

    The standard error is the width of the interval over twice the normal quantile (Parmar, Torri
    and Stewart 1998, Stat Med 17:2815, for ratios on the log scale).

    Parameters
    ----------
    estimate : float or None
        As printed; None takes the middle of the interval on the scale.
    lower, upper : float
        As printed; on the log scale above 0.
    conf_level : float
        Level of the interval: 0.95 or 95.
    scale : {"log", "identity"}
        Where the interval is symmetric.
    name, argument : str
        What is estimated, for the route; what messages call the estimate.

    Returns
    -------
    Effect
        Remarks tell an interval whose middle misses the estimate by more than rounding explains
        (tolerance: 5 % of its half-width), and limits whose rounding alone leaves the standard
        error uncertain by more than 5 %. The digits printed are taken to be the most decimals that
        any of the three has.

    Raises
    ------
    InputError
        If a number is impossible on the scale, the limits are out of order or equal, or the
        interval excludes the estimate.
    """
    level = require_level("conf_level", conf_level)
    require = require_positive if scale == "log" else require_number
    low, high = require("lower", lower), require("upper", upper)
    middle = estimate if estimate is None else require(argument, estimate)
    _check_order(middle, low, high, argument)
    onto = math.log if scale == "log" else float
    critical = normal_width(level)
    centre, half_width = (onto(low) + onto(high)) / 2.0, (onto(high) - onto(low)) / 2.0
    route = f"{name} and {100.0 * level:.6g} % interval"
    effect = Effect(centre if middle is None else onto(middle), half_width / critical, route)
    printed = [each for each in (middle, low, high) if each is not None]
    half_unit = half_unit_of(*printed)
    effect = effect.remarked(_rounding_remark(low, high, half_unit, scale))
    if middle is None:
        return effect.remarked(f"The {name} is not printed; the middle of its interval is taken")
    gap = _unexplained_gap(middle, low, high, half_unit, scale)
    if gap <= ASYMMETRY * half_width:
        return effect
    on = " on the log scale" if scale == "log" else ""
    return effect.remarked(
        f"The interval {low:g} to {high:g} lies askew around {middle:g}{on}: its middle misses "
        f"the estimate by {100.0 * gap / half_width:.0f} % of its half-width beyond rounding"
    )


def half_unit_of(*values: float, least_decimals: int = 0) -> float:
    """Half a unit of the last decimal printed: the most decimals that any of the values has.

    A number forgets its trailing zeros, so a single value takes its usual decimals as the least.
    """
    exponents = [Decimal(repr(float(each))).normalize().as_tuple().exponent for each in values]
    decimals = max(least_decimals, *(-int(each) for each in exponents))
    return 0.5 * 10.0**-decimals


def _check_order(middle: float | None, low: float, high: float, argument: str) -> None:
    if low >= high:
        found = f"the upper limit {high:g} is not above the lower limit {low:g}"
        raise InputError("upper", found, "Give the limits in order")
    if middle is not None and not low <= middle <= high:
        found = f"the interval {low:g} to {high:g} excludes the estimate {middle:g}"
        raise InputError(argument, found, "Check the three numbers against the source")


def _span(value: float, half_unit: float, scale: AdditiveScale) -> tuple[float, float]:
    """The values on the scale that would be printed as `value`."""
    if scale == "identity":
        return value - half_unit, value + half_unit
    least = value - half_unit
    return math.log(least) if least > 0.0 else -math.inf, math.log(value + half_unit)


def _rounding_remark(low: float, high: float, half_unit: float, scale: AdditiveScale) -> str:
    (low_least, low_most), (high_least, high_most) = (
        _span(each, half_unit, scale) for each in (low, high)
    )
    width = math.log(high / low) if scale == "log" else high - low
    loose = max(width - max(high_least - low_most, 0.0), high_most - low_least - width) / width
    if loose <= LOOSE_ROUNDING:
        return ""
    told = f"by up to {100.0 * loose:.0f} %" if math.isfinite(loose) else "without bound"
    return f"Rounding of the limits {low:g} and {high:g} leaves the standard error uncertain {told}"


def _unexplained_gap(
    middle: float, low: float, high: float, half_unit: float, scale: AdditiveScale
) -> float:
    """Distance between estimate and middle of the interval that rounding cannot close."""
    spans = [_span(each, half_unit, scale) for each in (low, high, middle)]
    (low_least, low_most), (high_least, high_most), (least, most) = spans
    centre_least, centre_most = (low_least + high_least) / 2.0, (low_most + high_most) / 2.0
    return max(0.0, centre_least - most, least - centre_most)
