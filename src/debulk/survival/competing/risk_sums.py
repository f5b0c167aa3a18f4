"""Sums over the risk sets of a subdistribution, in passes that are linear in the subjects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.survival.competing.censoring import Censoring, TiedEvents, censoring_by_group
from debulk.survival.multistate.rows import distinct_rising
from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Bools, Floats, Ints

CENSORED, INTEREST, COMPETING = 0, 1, 2
"""What ended a row's follow-up."""


@dataclass(frozen=True, eq=False)
class Subdistribution:
    """Rows in the order of time, and where each stands among the m times of interest.

    Attributes
    ----------
    order : array of int, shape (n,)
        Positions of the rows as given.
    time : array, shape (n,)
    kind : array of int, shape (n,)
        CENSORED, INTEREST or COMPETING.
    group : array of int, shape (n,)
        Censoring group.
    event_times, deaths : array, shape (m,)
        Distinct times of the cause of interest, and how many have it there.
    last : array of int, shape (n,)
        Event-free at ``event_times[:last]``.
    curves : list of Censoring
        One a censoring group.
    own_free : array, shape (n,)
        Share uncensored just before a row's own time, in its group.
    free : array, shape (groups, m)
        Share uncensored just before each time of interest.
    """

    order: Ints
    time: Floats
    kind: Ints
    group: Ints
    event_times: Floats
    deaths: Floats
    last: Ints
    curves: list[Censoring]
    own_free: Floats
    free: Floats

    def competing_in(self, group: int) -> Bools:
        """Rows of a censoring group that ended with a competing event."""
        result: Bools = (self.kind == COMPETING) & (self.group == group)
        return result


def subdistribution(
    time: Floats, kind: Ints, groups: Ints, tied_events: TiedEvents
) -> Subdistribution:
    """Order the rows and estimate the distribution of censoring."""
    order = rising_order(np.ascontiguousarray(time))
    time, kind, groups = time[order], kind[order], groups[order]
    curves = censoring_by_group(time, kind != CENSORED, groups, tied_events)
    event_times = distinct_rising(time[kind == INTEREST])
    place = np.searchsorted(event_times, time, side="right").astype(np.int64)
    deaths = np.bincount(place[kind == INTEREST] - 1, minlength=event_times.size)
    own_free = np.ones(time.size)
    for code, curve in enumerate(curves):
        chosen = groups == code
        own_free[chosen] = curve.before(time[chosen])
    free = np.array([curve.before(event_times) for curve in curves])
    return Subdistribution(
        order,
        time,
        kind,
        groups,
        event_times,
        deaths.astype(np.float64),
        place,
        curves,
        own_free,
        free,
    )


def risk_set_sums(layout: Subdistribution, values: Floats) -> Floats:
    """Sum of `values` over the risk set of each time of interest, competing events weighted.

    The event-free count once: a running sum from the end. One with a competing event at X < t
    counts G(t-) / G(X-) (Fine and Gray 1999), which is a running sum of values / G(X-) from the
    start, times G(t-) (Kawaguchi et al. 2021, R Journal 12:163).

    Parameters
    ----------
    layout : Subdistribution
    values : array, shape (n,) or (n, p)
        In the order of `layout`.

    Returns
    -------
    array, shape (m,) or (m, p)
    """
    size = layout.event_times.size
    bounds = np.searchsorted(layout.last, np.arange(size + 1), side="left")
    pieces = _segment_sums(values, bounds)
    result: Floats = np.cumsum(pieces[::-1], axis=0)[::-1][1:]
    for code in range(layout.free.shape[0]):
        chosen = layout.competing_in(code)
        if not chosen.any():
            continue
        own = layout.own_free[chosen]
        scaled = (values[chosen].T / own).T
        starts = np.searchsorted(layout.last[chosen], np.arange(size + 1), side="left")
        gone = np.cumsum(_segment_sums(scaled, starts), axis=0)[:-1]
        result = result + (gone.T * layout.free[code]).T
    return result


def _segment_sums(values: Floats, starts: Ints) -> Floats:
    """Sums of runs of rows; a run may be empty."""
    padded = np.concatenate((values, np.zeros((1, *values.shape[1:]))))
    sums: Floats = np.add.reduceat(padded, starts, axis=0)
    empty = np.append(starts[1:], values.shape[0]) == starts
    sums[empty] = 0.0
    return sums


def exposure(layout: Subdistribution, increments: Floats) -> Floats:
    """Each row's weighted share in increments at the times of interest.

    Parameters
    ----------
    layout : Subdistribution
    increments : array, shape (m,) or (m, p)
        For instance the increments of the baseline hazard.

    Returns
    -------
    array, shape (n,) or (n, p)
        The sum of w_i(t) times the increment, over the times of interest.
    """
    result: Floats = _running(increments)[layout.last]
    for code in range(layout.free.shape[0]):
        chosen = layout.competing_in(code)
        if chosen.any():
            later = _running((increments.T * layout.free[code]).T)
            ahead = later[-1] - later[layout.last[chosen]]
            result[chosen] += (ahead.T / layout.own_free[chosen]).T
    return result


def _running(values: Floats) -> Floats:
    start = np.zeros((1, *values.shape[1:]))
    result: Floats = np.concatenate((start, np.cumsum(values, axis=0)))
    return result
