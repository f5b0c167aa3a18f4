"""Numbers in words and figures: no more digits than are known, and what is missing says so."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

NOT_REACHED = "not reached"
NONE = "none"
DASH = "\u2013"
MINUS = "\u2212"
_THIN_SPACE = "\u202f"


def ratio(value: float | None, digits: int = 2) -> str:
    """Write a hazard ratio."""
    return NONE if _missing(value) else f"{value:.{digits}f}"


def months(value: float | None) -> str:
    """Write a time in months; a median that no trial reached is "not reached"."""
    return NOT_REACHED if _missing(value) else signless_zero(f"{value:.1f}")


def share(value: float | None) -> str:
    """Write a share as per cent, with a decimal only below ten."""
    if value is None or math.isnan(value):
        return NONE
    per_cent = 100.0 * value
    return f"{per_cent:.1f} %" if 0.0 < per_cent < 9.95 else f"{per_cent:.0f} %"


def patients(value: float | None) -> str:
    """Write a number of patients; a mean has a decimal below ten, a count (an int) never."""
    if value is None or math.isnan(value):
        return NONE
    if value == 0.0:
        return "0"
    counted = isinstance(value, int)
    text = f"{value:.1f}" if value < 9.95 and not counted else f"{value:,.0f}"
    return text.replace(",", _THIN_SPACE)


def days(value: float | None) -> str:
    """Write a mean number of days."""
    return NONE if _missing(value) else f"{value:.1f}"


def estimate(values: Mapping[str, Any]) -> str:
    """Write a share of trials with its Monte Carlo standard error."""
    value, error = values["estimate"], values["se"]
    # A share of none or all has no error by the formula, which says nothing about the true one.
    return share(value) if not error else f"{share(value)} ± {100.0 * error:.1f} points"


def interval(values: Mapping[str, Any], write: Any = ratio) -> str:
    """Write "median (lower to upper)"."""
    return f"{write(values['median'])} ({limits(values['lower'], values['upper'], write)})"


def limits(lower: float | None, upper: float | None, write: Any = ratio) -> str:
    """Write "lower to upper"."""
    return f"{write(lower)} to {write(upper)}"


def difference(value: float | None) -> str:
    """Write a difference in months, with its sign."""
    if _missing(value):
        return NONE
    text = signless_zero(f"{value:.1f}")
    return text if text.startswith((MINUS, "0.0")) else f"+{text}"


def coverage(values: Mapping[str, Any]) -> str:
    """Write the share of intervals that hold the truth, with its Monte Carlo standard error."""
    share_of_trials = {"estimate": values["coverage"], "se": values["coverage_error"]}
    return estimate(share_of_trials) if values["coverage"] is not None else DASH


def writer(unit: str) -> Callable[[float | None], str]:
    """How numbers of an endpoint are written: a share as per cent, else with a decimal."""
    return signed_share if unit == "share of the arm" else one_decimal


def signed_share(value: float | None) -> str:
    """Write a share or a difference of shares as per cent."""
    if value is None or value >= 0.0:
        return share(value)
    return MINUS + share(-value)


def one_decimal(value: float | None) -> str:
    """Write a mean or a difference of means with one decimal."""
    return NONE if _missing(value) else signless_zero(f"{value:.1f}")


def with_unit(measure: Mapping[str, Any]) -> str:
    """Write a measure's title with its unit, unless the title says it."""
    title, unit = str(measure["title"]), str(measure["unit"])
    return title if unit == "share of the arm" or unit in title else f"{title}, {unit}"


def null_interval(result: Mapping[str, Any]) -> str:
    """Write median and 95 % range of the null world's hazard ratios."""
    return interval(null_range(result))


def null_range(result: Mapping[str, Any]) -> dict[str, float | None]:
    """Median and 95 % range of the null world's hazard ratios, trials without one left out."""
    values = sorted(v for v in result["trial_hazard_ratios_null"] if not _missing(v))
    if not values:
        return {"median": None, "lower": None, "upper": None}

    def at(probability: float) -> float:
        place = probability * (len(values) - 1)
        low, high = values[math.floor(place)], values[math.ceil(place)]
        return float(low + (place - math.floor(place)) * (high - low))

    return {"median": at(0.5), "lower": at(0.025), "upper": at(0.975)}


def with_error(value: float | None, error: float | None, write: Any = ratio) -> str:
    """Write a value with its Monte Carlo error, to the digit at which the error begins."""
    if value is None or error is None or not math.isfinite(error) or error <= 0.0:
        return str(write(value))
    # One digit of the error, and the value to the same place.
    digits = min(4, max(1, -math.floor(math.log10(error))))
    return signless_zero(f"{value:.{digits}f}") + f" ± {error:.{digits}f}"


def signless_zero(text: str) -> str:
    """Turn "-0.0" into "0.0"."""
    zero = not any(letter in "123456789" for letter in text)
    return text.lstrip("-") if zero else text.replace("-", MINUS)


def experimental_arm(result: Mapping[str, Any]) -> str:
    """Name of the arm that is not the control."""
    names: list[str] = [name for name in result["arms"] if name != result["control"]]
    return names[0]


def why(reason: Mapping[str, Any]) -> str:
    """Why patients went no further: a criterion that was not met, or what else held them back."""
    if reason["criterion"] is None:
        return str(reason["text"])
    return f"not met: {reason['text']} ({reason['criterion']})"


def _missing(value: float | None) -> bool:
    return value is None or not math.isfinite(value)
