"""Patients in the order of their times, and the intervals between visits: what passes run over."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from debulk.emulation.person_time import Floats, PersonTime, Wholes

Places = npt.NDArray[np.int64]


class Timeline(NamedTuple):
    """n patients by rising time, T distinct event times, K intervals.

    Interval m is (m, m + 1] in visits; the last has no end. Patients are told by their place in
    the order of times.

    Attributes
    ----------
    order : (n,) int64
        Patient at each place.
    cause : (n,) int8
    last : (n,) int64
        Interval in which the patient's time lies.
    slot : (n,) int64
        Number of the event time that equals the patient's time; -1 where it is no event time.
    leads : (n,) bool
        Whether the place is the first of its time.
    times : (T,) float64
        Distinct times of events of any cause.
    place_at : (K + 1,) int64
        Places below ``place_at[m]`` have times up to the start of interval m.
    slot_at : (K + 1,) int64
        Event times below ``slot_at[m]`` lie up to the start of interval m.
    slots_seen : (n,) int64
        Event times up to the patient's own.
    slots_missed : (n,) int64
        Event times up to the patient's entry.
    entry : (n,) float64
    entering : (e,) int64
        Places with late entry, latest first.
    starts : (K + 1,) float64
        Start of each interval; the last is infinite.
    """

    order: Places
    cause: npt.NDArray[np.int8]
    last: Places
    slot: Places
    leads: npt.NDArray[np.bool_]
    times: Floats
    place_at: Places
    slot_at: Places
    slots_seen: Places
    slots_missed: Places
    entry: Floats
    entering: Places
    starts: Floats


def timeline_of(person_time: PersonTime, intervals: int) -> Timeline:
    """Sort patients by time and place them on the grid of visits."""
    order = np.argsort(person_time.time_months, kind="stable")
    time = person_time.time_months[order]
    cause = person_time.cause[order]
    entry = person_time.entry_months[order]
    times = np.unique(time[cause > 0])
    slot = np.searchsorted(times, time)
    at_event = np.zeros(time.size, dtype=np.bool_)
    at_event[slot < times.size] = times[slot[slot < times.size]] == time[slot < times.size]
    late = np.flatnonzero(entry > 0.0)
    starts = np.arange(intervals) * person_time.visit_months
    place_at = np.searchsorted(time, starts, side="right")
    slot_at = np.searchsorted(times, starts, side="right")
    return Timeline(
        order=order,
        cause=cause,
        last=np.searchsorted(starts, time, side="left") - 1,
        slot=np.where(at_event, slot, -1),
        leads=np.r_[True, time[1:] > time[:-1]],
        times=times,
        place_at=np.r_[place_at, time.size],
        slot_at=np.r_[slot_at, times.size],
        slots_seen=np.searchsorted(times, time, side="right"),
        slots_missed=np.searchsorted(times, entry, side="right"),
        entry=entry,
        entering=late[np.argsort(-entry[late], kind="stable")],
        starts=np.r_[starts, np.inf],
    )


def last_intervals(person_time: PersonTime) -> Wholes:
    """Interval between visits in which each patient's time lies."""
    visits = int(person_time.visit.max(initial=0)) + 1
    starts = np.arange(visits) * person_time.visit_months
    found = np.searchsorted(starts, person_time.time_months, side="left") - 1
    return found.astype(np.int32)
