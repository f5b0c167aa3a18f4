"""Curves on flat arrays, for kernels that analyse many simulated trials.

Arrays have one value a patient: `time` float64, `event` bool or uint8. They are not checked; public
estimators of this room check theirs. `batch` has the two-arm test and hazard ratio.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.uint8] | npt.NDArray[np.bool_]

_TOLERANCE = 1.5e-8  # as curves.QUANTILE_TOLERANCE


@kernel
def _curve(time: Floats, event: Flags) -> tuple[Floats, Floats]:
    """Event times in rising order and Kaplan-Meier survival just after each."""
    order = np.argsort(time)
    size = time.size
    times, survival = np.empty(size), np.empty(size)
    rows, i, value = 0, 0, 1.0
    while i < size:
        now, deaths, at_risk = time[order[i]], 0, size - i
        while i < size and time[order[i]] == now:
            deaths += 1 if event[order[i]] else 0
            i += 1
        if deaths > 0:
            value *= 1.0 - deaths / at_risk
            times[rows], survival[rows] = now, value
            rows += 1
    return times[:rows], survival[:rows]


@kernel
def median_survival(time: Floats, event: Flags) -> float:
    """Median of the Kaplan-Meier curve (midpoint where it rests on one half); NaN: not reached."""
    if time.size == 0:
        return math.nan
    times, survival = _curve(time, event)
    for row in range(times.size):
        if survival[row] <= 0.5 + _TOLERANCE:
            if survival[row] < 0.5 - _TOLERANCE:
                return float(times[row])
            end = times[row + 1] if row + 1 < times.size else time.max()
            return float(0.5 * (times[row] + end))
    return math.nan


@kernel
def survival_at(time: Floats, event: Flags, at: float) -> float:
    """Kaplan-Meier survival at one time; NaN beyond the last follow-up."""
    return float(kaplan_meier_grid(time, event, np.array([at]))[0])


@kernel
def kaplan_meier_grid(time: Floats, event: Flags, grid: Floats) -> Floats:
    """Kaplan-Meier survival at each time of a rising `grid`; NaN beyond the last follow-up."""
    result = np.full(grid.size, math.nan)
    if time.size == 0:
        return result
    times, survival = _curve(time, event)
    last = time.max()
    row = 0
    for k in range(grid.size):
        if not grid[k] <= last:
            continue
        while row < times.size and times[row] <= grid[k]:
            row += 1
        result[k] = survival[row - 1] if row > 0 else 1.0
    return result


@kernel
def restricted_mean(time: Floats, event: Flags, tau: float) -> float:
    """Area under the Kaplan-Meier curve to `tau`.

    NaN when follow-up ends before `tau` while someone is still event-free: nothing is extended.
    """
    if time.size == 0:
        return math.nan
    times, survival = _curve(time, event)
    final = survival[-1] if times.size > 0 else 1.0
    if time.max() < tau and final > 0.0:
        return math.nan
    area, level, since = 0.0, 1.0, 0.0
    for row in range(times.size):
        if times[row] >= tau:
            break
        area += level * (times[row] - since)
        level, since = survival[row], times[row]
    return area + level * (tau - since)
