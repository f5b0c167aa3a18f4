"""What many trials' numbers amount to: shares, medians, ranges; not reached counts as latest."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt


def share(happened: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Share of trials in which something happened, with its Monte Carlo standard error.

    Parameters
    ----------
    happened : bool array
        One entry a trial.
    """
    estimate = float(happened.mean())
    return {"estimate": estimate, "se": math.sqrt(estimate * (1.0 - estimate) / happened.size)}


def spread(values: npt.NDArray[np.float64]) -> dict[str, float | None]:
    """Median, lower and upper 2.5 % over trials; None where not reached.

    Parameters
    ----------
    values : float64 array
        One entry a trial; NaN is not reached.
    """
    return {
        "median": median(values),
        "lower": quantile(values, 0.025),
        "upper": quantile(values, 0.975),
    }


def median(values: npt.NDArray[np.float64]) -> float | None:
    """Median over trials; see `quantile`."""
    return quantile(values, 0.5)


def quantile(values: npt.NDArray[np.float64], probability: float) -> float | None:
    """Quantile over trials; what a trial did not reach counts as later than all others."""
    if values.size == 0:
        return None
    with_late = np.sort(np.where(np.isnan(values), np.inf, values))
    place = probability * (values.size - 1)
    low, high = with_late[math.floor(place)], with_late[math.ceil(place)]
    if not math.isfinite(high):
        return None
    return float(low + (place - math.floor(place)) * (high - low))


def mean(values: npt.NDArray[np.float64]) -> float | None:
    """Mean over the trials that reached a value."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None
