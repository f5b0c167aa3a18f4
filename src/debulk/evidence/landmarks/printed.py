"""Survival as a table prints it: checked numbers, and how many patients its limits stand for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_level

Floats = npt.NDArray[np.float64]

_RISE = 1e-9
"""Rounding by which survival may rise from one landmark to the next."""


def checked_landmarks(times: Any, survival: Any, where: str = "landmarks") -> tuple[Floats, Floats]:
    """Landmark times and the survival at them, as arrays.

    Parameters
    ----------
    times, survival : array_like, shape (landmarks,)
        Times above 0, rising; survival from 0 to 1, never rising.
    where : str
        How messages call the table.

    Returns
    -------
    tuple of float64 array, shape (landmarks,)

    Raises
    ------
    InputError
        With the position of the first number that does not fit.
    """
    at, shares = _numbers(times, f"{where}, times"), _numbers(survival, f"{where}, survival")
    if at.size != shares.size:
        found = f"{at.size} times and {shares.size} survivals"
        raise InputError(where, found, "Give one survival for each time")
    if at.size == 0:
        raise InputError(where, "there is no landmark", "Give at least one time with its survival")
    for position, (time, share) in enumerate(zip(at.tolist(), shares.tolist(), strict=True)):
        number = position + 1
        if time <= 0:
            remedy = "Give times above 0; survival at 0 is 1"
            raise InputError(f"{where}, time {number}", f"{time:g} is not above 0", remedy)
        if position and time <= at[position - 1]:
            found = f"{time:g} does not come after {at[position - 1]:g}"
            raise InputError(f"{where}, time {number}", found, "Give times in rising order")
        if not 0.0 <= share <= 1.0:
            remedy = (
                f"Write {share / 100:g} for {share:g} %" if 1 < share <= 100 else "Give a share"
            )
            found = f"{share:g} is not between 0 and 1"
            raise InputError(f"{where}, survival {number}", found, remedy)
        if position and share > shares[position - 1] + _RISE:
            found = f"survival rises from {shares[position - 1]:g} to {share:g}"
            remedy = "Compare with the table; both must be of the same patients"
            raise InputError(f"{where}, survival {number}", found, remedy)
    return at, np.minimum.accumulate(shares)


def effective_patients(
    survival: Any, lower: Any, upper: Any, *, conf_level: float = 0.95
) -> Floats:
    """How many patients without censoring would give limits as wide as those printed.

    Parameters
    ----------
    survival, lower, upper : array_like, shape (landmarks,)
        Survival strictly between 0 and 1, and its printed limits.
    conf_level : float
        Their level.

    Returns
    -------
    float64 array, shape (landmarks,)
        n with Var(log(-log S)) = (1 - S) / (n S log(S)^2), the variance taken from the width of the
        limits on that scale; limits at 0 or 1 give the width on the plain scale instead.

    Raises
    ------
    InputError
        If the limits do not enclose the survival or have no width.
    """
    check_level(conf_level)
    width = 2.0 * normal_width(conf_level)
    shares = _numbers(survival, "survival")
    patients = np.empty(shares.size)
    rows = zip(shares, _numbers(lower, "lower"), _numbers(upper, "upper"), strict=True)
    for position, (share, low, high) in enumerate(rows):
        if not 0.0 <= low <= share <= high <= 1.0 or low == high or not 0.0 < share < 1.0:
            found = f"{share:g} with limits {low:g} to {high:g}"
            remedy = "Give a survival inside limits between 0 and 1"
            raise InputError(f"landmark {position + 1}", found, remedy)
        if low > 0.0 and high < 1.0:
            error = (np.log(-np.log(low)) - np.log(-np.log(high))) / width
            patients[position] = (1.0 - share) / (share * (error * np.log(share)) ** 2)
        else:
            patients[position] = share * (1.0 - share) * (width / (high - low)) ** 2
    return patients


def _numbers(values: Any, where: str) -> Floats:
    try:
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        raise InputError(where, f"{values!r:.60} are no numbers", "Give numbers") from None
    if array.ndim != 1 or not np.all(np.isfinite(array)):
        raise InputError(where, f"{values!r:.60}", "Give a list of finite numbers")
    return array
