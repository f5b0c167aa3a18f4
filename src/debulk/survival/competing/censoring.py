"""The distribution of censoring, by which competing events stay in the risk set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from debulk.survival.multistate.rows import distinct_rising
from debulk.survival.subjects import Bools, Floats, Ints

TiedEvents = Literal["at risk", "gone"]
"""Whether one who has an event at t is still at risk of censoring at t."""


@dataclass(frozen=True, eq=False)
class Censoring:
    """Kaplan-Meier curve of being uncensored, in one group.

    Attributes
    ----------
    times : array, shape (m,)
        Distinct times of censoring, rising.
    censored, at_risk : array, shape (m,)
        Numbers censored, and at risk of it, at each.
    free : array, shape (m + 1,)
        Share uncensored before the first and after each time.
    last : float
        The group's last follow-up; beyond it the curve counts as 0.
    """

    times: Floats
    censored: Floats
    at_risk: Floats
    free: Floats
    last: float

    def before(self, wanted: Floats) -> Floats:
        """Share uncensored just before each time, G(t-); 0 beyond the last follow-up."""
        found = self.free[np.searchsorted(self.times, wanted, side="left")]
        result: Floats = np.where(wanted <= self.last, found, 0.0)
        return result


def censoring_curve(time: Floats, event: Bools, tied_events: TiedEvents = "at risk") -> Censoring:
    """Estimate the distribution of censoring in one group.

    Parameters
    ----------
    time : array, shape (n,)
    event : array of bool, shape (n,)
        Whether follow-up ended with an event of any cause.
    tied_events : {"at risk", "gone"}
        "at risk": as R's crr, an event does not take one out of the risk set of a censoring at
        the same time; "gone": as R's finegray, events come first.
    """
    ordered = np.sort(time)
    times = distinct_rising(time[~event])
    censored = np.bincount(np.searchsorted(times, time[~event]), minlength=times.size)
    at_risk = time.size - np.searchsorted(ordered, times, side="left")
    if tied_events == "gone" and times.size:
        place = np.searchsorted(times, time[event])
        inside = place < times.size
        tied = place[inside][times[place[inside]] == time[event][inside]]
        at_risk = at_risk - np.bincount(tied, minlength=times.size)
    free = np.concatenate(([1.0], np.cumprod(1.0 - censored / at_risk)))
    last = float(ordered[-1]) if ordered.size else -np.inf
    return Censoring(times, censored.astype(np.float64), at_risk.astype(np.float64), free, last)


def censoring_by_group(
    time: Floats, event: Bools, groups: Ints, tied_events: TiedEvents
) -> list[Censoring]:
    """One curve a group, in the order of the groups' codes."""
    count = int(groups.max(initial=0)) + 1
    chosen = [groups == code for code in range(count)]
    return [censoring_curve(time[each], event[each], tied_events) for each in chosen]
