"""Areas under Kaplan-Meier curves of many groups at once: mean time up to a horizon."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel, parallel_kernel, prange

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@parallel_kernel
def areas(
    time: Floats, event: Bools, starts: Ints, tau_months: float, close_tail: bool
) -> tuple[Floats, Floats]:
    """Mean time up to a horizon in each group, by Kaplan and Meier, and its variance.

    The variance is Greenwood's for the area (Kaplan and Meier 1958). At one time, events come
    before censorings.

    Parameters
    ----------
    time, event : float64 and bool arrays
        Follow-up in months and whether it ended with the event; patients in the order of groups.
    starts : int64[groups + 1]
        Where each group's patients begin.
    tau_months : float
        The horizon.
    close_tail : bool
        Whether the longest follow-up of a group counts as ended by the event (Efron 1967), so that
        the area exists whatever the horizon.

    Returns
    -------
    tuple of two float64[groups]
        Area and variance; NaN for a group without patients, or one whose follow-up ends before the
        horizon with somebody still free of the event.
    """
    groups = starts.size - 1
    area, variance = np.empty(groups), np.empty(groups)
    for group in prange(groups):
        here = slice(starts[group], starts[group + 1])
        order = np.argsort(time[here])
        times, events = time[here][order], event[here][order]
        counted = np.ones(times.size, np.bool_)
        area[group], variance[group] = _area(times, events, counted, tau_months, close_tail)
    return area, variance


@parallel_kernel
def areas_without(
    time: Floats, event: Bools, group: Ints, groups: int, tau_months: float, close_tail: bool
) -> tuple[float, Floats]:
    """Area over everybody, and with each of some groups left out, for a jackknife.

    Parameters
    ----------
    time, event : float64 and bool arrays
        As in `areas`, of one group of patients.
    group : int64 array
        Which group of the jackknife each patient is in.
    groups : int
        How many there are.
    tau_months, close_tail
        As in `areas`.
    """
    order = np.argsort(time)
    times, events, own = time[order], event[order], group[order]
    found = np.empty(groups + 1)
    for left_out in prange(groups + 1):
        # No patient is in a group of the number `groups`: the last turn counts everybody.
        found[left_out] = _area(times, events, own != left_out, tau_months, close_tail)[0]
    return found[groups], found[:groups]


@kernel
def _area(
    times: Floats, events: Bools, counted: Bools, tau_months: float, close_tail: bool
) -> tuple[float, float]:
    """Area and variance from times in rising order, of those who are counted."""
    size = times.size
    at_risk = 0
    for row in range(size):
        at_risk += int(counted[row])
    if at_risk == 0:
        return math.nan, math.nan
    survival, area, before = 1.0, 0.0, 0.0
    areas_at, terms = np.empty(size), np.empty(size)
    steps, row = 0, 0
    while row < size and times[row] <= tau_months and at_risk > 0:
        now, deaths, leave = times[row], 0, 0
        while row < size and times[row] == now:
            if counted[row]:
                leave += 1
                deaths += int(events[row])
            row += 1
        if leave == 0:
            continue
        area += survival * (now - before)
        before = now
        if deaths > 0:
            areas_at[steps] = area
            # Where everybody at risk dies, no area is left for the term to weigh.
            terms[steps] = deaths / (at_risk * (at_risk - deaths)) if deaths < at_risk else 0.0
            steps += 1
            survival *= (at_risk - deaths) / at_risk
        at_risk -= leave
    if at_risk == 0 and survival > 0.0 and before < tau_months:
        if not close_tail:
            return math.nan, math.nan
        survival = 0.0
    area += survival * (tau_months - before)
    variance = 0.0
    for step in range(steps):
        variance += (area - areas_at[step]) ** 2 * terms[step]
    return area, variance


def two_arm_areas(
    time: Floats,
    event: Bools,
    experimental: Bools,
    starts: Ints,
    tau_months: float,
    *,
    close_tail: bool = False,
) -> tuple[Floats, Floats]:
    """Areas and variances by trial and arm.

    Parameters
    ----------
    time, event, experimental : arrays
        As in `areas`, and the arm; patients in the order of trials.
    starts : int64[trials + 1]
        Where each trial's patients begin.
    tau_months : float
        The horizon.
    close_tail : bool
        As in `areas`.

    Returns
    -------
    tuple of two float64[trials, 2]
        Control arm first.
    """
    trial = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    cell = 2 * trial + experimental
    order = np.argsort(cell, kind="stable")
    edges = np.searchsorted(cell[order], np.arange(2 * (starts.size - 1) + 1)).astype(np.int64)
    area, variance = areas(time[order], event[order], edges, tau_months, close_tail)
    return area.reshape(-1, 2), variance.reshape(-1, 2)
