"""One number a patient from what the tumour did over time."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.disease.course.outcome import Course, Watch

Floats = npt.NDArray[np.float64]

WATCHED = ("reached_months", "new_lesion_months", "regrowth_a_month")
"""Columns that need the tumour watched; infinite or NaN where it was not."""

REACHED_ML = (250.0, 375.0)
"""Assumption: volume of untreated liver metastases as found before tomography; a quarter of a
liver of 1500 ml."""

_REGROWTH_MONTHS = 24.0  # visits of a trial do not go on for ever
_LEAST_VISITS = 3  # the smallest sum and two after it


def watched_columns(course: Course) -> dict[str, Floats]:
    """The columns `WATCHED` of a course.

    Parameters
    ----------
    course : Course

    Returns
    -------
    dict of str to float64 array
        ``reached_months`` [n, 2]: when the volume first reaches each of `REACHED_ML`;
        ``new_lesion_months`` [n]: the look that first finds a new lesion; ``regrowth_a_month`` [n]:
        slope of the log of the sum of diameters from its smallest value on, least squares, of those
        seen at least twice after it; NaN of others.
    """
    count, watch = len(course), course.watch
    if watch is None:
        return {
            "reached_months": np.full((count, len(REACHED_ML)), np.inf),
            "new_lesion_months": np.full(count, np.inf),
            "regrowth_a_month": np.full(count, np.nan),
        }
    reached = np.column_stack([_reached(watch, limit) for limit in REACHED_ML])
    return {
        "reached_months": reached,
        "new_lesion_months": first_new_lesion(watch),
        "regrowth_a_month": regrowth(watch),
    }


def first_new_lesion(watch: Watch) -> Floats:
    """Months to the look that first finds a new lesion; infinite where none does."""
    new = np.nan_to_num(watch.new_lesion, nan=0.0) > 0.0
    return np.where(new.any(axis=1), watch.months[np.argmax(new, axis=1)], np.inf)


def _reached(watch: Watch, limit_ml: float) -> Floats:
    above = np.nan_to_num(watch.volume_ml, nan=0.0) >= limit_ml
    first = np.argmax(above, axis=1)
    before = np.maximum(first - 1, 0)
    rows = np.arange(first.size)
    low, high = (
        np.log(np.maximum(watch.volume_ml[rows, each].astype(np.float64), 1e-9))
        for each in (before, first)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(high > low, (math.log(limit_ml) - low) / (high - low), 0.0)
    # Between two looks the volume grows by a constant factor a day.
    at = watch.months[before] + np.clip(part, 0.0, 1.0) * (
        watch.months[first] - watch.months[before]
    )
    return np.where(above.any(axis=1), at, np.inf)


def regrowth(watch: Watch) -> Floats:
    """Slope of the log of the sum of diameters from its nadir on, a month, by least squares.

    NaN where fewer than two looks within two years of entry follow the nadir.
    """
    total = watch.sum_diameters_mm.astype(np.float64)
    seen = np.isfinite(total) & (total > 0.0) & (watch.months <= _REGROWTH_MONTHS)
    low = np.argmin(np.where(seen, total, np.inf), axis=1)
    seen &= np.arange(watch.months.size) >= low[:, np.newaxis]
    visits = seen.sum(axis=1)
    x = np.where(seen, watch.months, 0.0)
    y = np.where(seen, np.log(np.where(seen, total, 1.0)), 0.0)
    divisor = np.maximum(visits, 1)
    x_mean, y_mean = x.sum(axis=1) / divisor, y.sum(axis=1) / divisor
    x_off = np.where(seen, x - x_mean[:, np.newaxis], 0.0)
    square = (x_off * x_off).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (x_off * (y - y_mean[:, np.newaxis])).sum(axis=1) / square
    return np.where((visits >= _LEAST_VISITS) & (square > 0.0), slope, np.nan)
