"""Two-arm statistics on flat arrays, for kernels that analyse many simulated trials.

Arrays have one value a patient: `time` float64, `event` bool or uint8, `experimental` uint8. They
are not checked; public estimators of this room check theirs.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.uint8] | npt.NDArray[np.bool_]

_TOLERANCE = 1.5e-8  # as curves.QUANTILE_TOLERANCE
_SMALLEST_STEP = 1e-9
_MOST_STEPS = 100
_FARTHEST = 50.0  # no finite log ratio lies beyond, whatever the number of patients


@kernel
def two_arm_test(time: Floats, event: Flags, experimental: Flags) -> tuple[float, float, float]:
    """Log-rank z, Cox log hazard ratio (Efron) and its standard error, experimental / control.

    Returns
    -------
    z, log_hazard_ratio, standard_error : float
        z > 0 when the experimental arm has more events than expected; NaN when the arms are
        never at risk together at an event. The other two are NaN where the likelihood has no
        finite maximum, as when one arm has no event.
    """
    order = np.argsort(time)
    return two_arm_test_sorted(time[order], event[order], experimental[order])


@kernel
def two_arm_test_sorted(
    time: Floats, event: Flags, experimental: Flags
) -> tuple[float, float, float]:
    """As `two_arm_test`, for patients already in rising order of time."""
    size = time.size
    at_risk = np.empty((size, 2))
    events = np.empty((size, 2))
    rows = 0
    risk_0, risk_1 = 0.0, 0.0
    excess, variance = 0.0, 0.0
    i = size - 1
    while i >= 0:
        now = time[i]
        d_0, d_1 = 0.0, 0.0
        while i >= 0 and time[i] == now:
            if experimental[i]:
                risk_1 += 1.0
                d_1 += 1.0 if event[i] else 0.0
            else:
                risk_0 += 1.0
                d_0 += 1.0 if event[i] else 0.0
            i -= 1
        d, n = d_0 + d_1, risk_0 + risk_1
        # A time at which one arm alone is at risk says nothing about their ratio.
        if d > 0.0 and risk_0 > 0.0 and risk_1 > 0.0:
            at_risk[rows, 0], at_risk[rows, 1] = risk_0, risk_1
            events[rows, 0], events[rows, 1] = d_0, d_1
            rows += 1
            excess += d_1 - d * risk_1 / n
            variance += d * risk_0 * risk_1 * (n - d) / (n * n * (n - 1.0))
    if variance <= 0.0:
        return math.nan, math.nan, math.nan
    log_ratio, se = _efron(at_risk[:rows], events[:rows], excess / variance)
    return excess / math.sqrt(variance), log_ratio, se


@kernel
def _efron(at_risk: Floats, events: Floats, start: float) -> tuple[float, float]:
    """Root of the score by Newton's method inside a bracket; the score falls everywhere."""
    total_0, total_1 = 0.0, 0.0
    for row in range(at_risk.shape[0]):
        total_0 += events[row, 0]
        total_1 += events[row, 1]
    if total_0 == 0.0 or total_1 == 0.0:
        return math.nan, math.nan
    low, high = -_FARTHEST, _FARTHEST
    beta = min(max(start, -5.0), 5.0)
    information = 0.0
    for _ in range(_MOST_STEPS):
        score, information = _score(at_risk, events, total_1, beta)
        if score > 0.0:
            low = beta
        else:
            high = beta
        following = beta + score / information if information > 0.0 else 0.5 * (low + high)
        if not low <= following <= high:
            following = 0.5 * (low + high)
        step = following - beta
        beta = following
        if abs(step) < _SMALLEST_STEP:
            break
    return beta, 1.0 / math.sqrt(information)


@kernel
def _score(at_risk: Floats, events: Floats, total_1: float, beta: float) -> tuple[float, float]:
    ratio = math.exp(beta)
    score, information = total_1, 0.0
    for row in range(at_risk.shape[0]):
        d_0, d_1 = events[row, 0], events[row, 1]
        d = d_0 + d_1
        if d == 1.0:
            weight = at_risk[row, 1] * ratio
            share = weight / (at_risk[row, 0] + weight)
            score -= share
            information += share * (1.0 - share)
        else:
            for place in range(int(d)):
                part = place / d
                weight = (at_risk[row, 1] - part * d_1) * ratio
                share = weight / (at_risk[row, 0] - part * d_0 + weight)
                score -= share
                information += share * (1.0 - share)
    return score, information


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
