"""Roots of monotone functions that cost a recursion each: few evaluations count."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.optimize import brentq

TOLERANCE = 1e-12
_LAST_STEP = 1e-8
"""After so small a secant step the error is that times the one before: below the tolerance."""
_MOST = 12


def falling_root(
    function: Callable[[float], float], start: float, step: float, low: float, high: float
) -> float | None:
    """Where a falling function is 0.

    Secant steps, which need five or six evaluations where the function is nearly straight; Brent's
    method where they fail.

    Parameters
    ----------
    function : callable
        Falling; nearly straight near its root.
    start : float
        Where to start.
    step : float
        First change for each unit of the function, about -1 / slope.
    low, high : float
        Where the root is looked for.

    Returns
    -------
    float or None
        None where there is no root between `low` and `high`.
    """
    old, old_value = start, function(start)
    if old_value == 0.0:
        return old
    new = min(max(old + step * old_value, low), high)
    for _ in range(_MOST):
        if new == old:
            break
        value = function(new)
        if abs(value) < 1e-15:
            return new
        slope = (value - old_value) / (new - old)
        if not slope < 0.0 or not math.isfinite(slope):
            break
        old, old_value = new, value
        new = old - value / slope
        if not low <= new <= high:
            break
        if abs(new - old) < _LAST_STEP:
            return new
    if function(low) < 0.0 or function(high) > 0.0:
        return None
    return float(brentq(function, low, high, xtol=TOLERANCE, rtol=1e-13))
