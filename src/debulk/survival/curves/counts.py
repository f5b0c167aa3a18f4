"""Numbers at risk and events of one sample, at the cost of one sort and linear passes.

Without weights a row is packed into one whole number, its time above its event, so that the sort
moves eight bytes a row and no index. Weights and clusters need to know which row is which, so
that rows are then kept in order of exit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.survival.ordering import Keys, rising_order, sorted_keys
from debulk.survival.subjects import Bools, Floats, Ints, Subjects

Counted = npt.NDArray[np.int32]

_MOST_ROWS = 2**31 - 1
_JUST_ABOVE_0 = 1e-300
"""Who enters at 0 is shown at risk at 0, though entry < t holds only after it."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows in order of exit, for variances that sum over rows or clusters.

    Attributes
    ----------
    last : array of int, shape (n,)
        Position of the row's exit among the times, never falling.
    event : array of bool, shape (n,)
    weights : array, shape (n,)
    cluster : array of int, shape (n,), or (0,)
        Cluster of the row, 0 to `clusters` - 1; empty where every row stands alone.
    clusters : int
    first, entry_order : array of int, shape (n,), or (0,) without entry times
        Position of the first time at which the row is at risk, and the rows in that order.
    """

    last: Counted
    event: Bools
    weights: Floats
    cluster: Ints
    clusters: int
    first: Ints
    entry_order: Ints

    def after(self, start: int) -> Rows:
        """The rows still there at position `start`, which becomes position 0."""
        kept = self.last >= start
        first, order = self.first, self.entry_order
        if order.size:
            first = np.maximum(first[kept] - start, 0)
            place = np.cumsum(kept) - 1
            order = place[order[kept[order]]]
        return Rows(
            last=self.last[kept] - start,
            event=self.event[kept],
            weights=self.weights[kept],
            cluster=self.cluster[kept] if self.cluster.size else self.cluster,
            clusters=self.clusters if self.cluster.size else int(kept.sum()),
            first=first,
            entry_order=order,
        )


@dataclass(frozen=True, eq=False)
class Counts:
    """What a curve is made of, at the m distinct times of exit.

    Attributes
    ----------
    times : array, shape (m,)
        Rising.
    at_risk, events : array, shape (m,)
        Weighted where weights are.
    deaths : array of int, shape (m,)
        Events, each counted once.
    n, n_events : int
        Rows and events, each counted once.
    rows : Rows or None
        With weights, or where the variance is the infinitesimal jackknife's.
    robust : bool
        Whether it is.
    staying : array, shape (m + 1,), or None
        Weight of the rows that exit at the time or later; with entry times only.
    entries, pending : array, shapes (n,) and (n + 1,), or None
        Entry times in rising order, and the weight of the rows that enter then or later.
    """

    times: Floats
    at_risk: Counted | Floats
    events: Counted | Floats
    deaths: Counted
    n: int
    n_events: int
    rows: Rows | None = None
    robust: bool = False
    staying: Floats | None = None
    entries: Floats | None = None
    pending: Floats | None = None

    def at_risk_at(self, times: Floats) -> Floats:
        """Weight under observation at any times: entered before, and not gone before."""
        position = np.searchsorted(self.times, times, side="left")
        if self.staying is None or self.entries is None or self.pending is None:
            staying = np.append(self.at_risk, 0).astype(np.float64)
            result: Floats = staying[position]
            return result
        shown = np.maximum(times, _JUST_ABOVE_0)
        missing = self.pending[np.searchsorted(self.entries, shown, side="left")]
        present: Floats = np.maximum(self.staying[position] - missing, 0.0)
        return present

    def after(self, start: int) -> Counts:
        """The same from position `start` on."""
        rows = None if self.rows is None else self.rows.after(start)
        deaths = self.deaths[start:]
        there = self.at_risk if self.staying is None else self.staying
        n = int(there[start]) if rows is None else int(rows.last.size)
        return Counts(
            times=self.times[start:],
            at_risk=self.at_risk[start:],
            events=self.events[start:],
            deaths=deaths,
            n=n,
            n_events=int(deaths.sum(dtype=np.int64)),
            rows=rows,
            robust=self.robust,
            staying=None if self.staying is None else self.staying[start:],
            entries=self.entries,
            pending=self.pending,
        )


def counts_of(subjects: Subjects, cluster: Ints | None = None, robust: bool = False) -> Counts:
    """Count subjects already checked.

    Parameters
    ----------
    subjects : Subjects
        Checked follow-up; rows of weight 0 are left out of every count.
    cluster : array of int, shape (n,), optional
        Cluster of each row, from 0 on.
    robust : bool
        Whether rows are kept for the infinitesimal jackknife.

    Raises
    ------
    InputError
        If every weight is 0, or there are more rows than a count of 32 bits can hold.
    """
    if subjects.n > _MOST_ROWS:
        raise InputError("time", f"has {subjects.n} rows", f"Give at most {_MOST_ROWS}")
    if subjects.weights is not None and subjects.weights.min() == 0.0:
        counted = subjects.weights > 0.0
        if not counted.any():
            raise InputError("weights", "every weight is 0", "Give one row a weight above 0")
        subjects = subjects.subset(counted)
        cluster = None if cluster is None else cluster[counted]
    if robust or subjects.weights is not None:
        return _counts_by_row(subjects, cluster, robust)
    times, at_risk, events = _tallies(sorted_keys(_packed(subjects)))
    counts = Counts(
        times=times.view(np.float64),
        at_risk=at_risk,
        events=events,
        deaths=events,
        n=subjects.n,
        n_events=subjects.events,
    )
    return counts if subjects.entry is None else _with_entries(counts, subjects.entry)


def _packed(subjects: Subjects) -> Keys:
    """Times above events; -0.0 loses its sign and counts as 0."""
    keys: Keys = subjects.time.view(np.uint64) << np.uint64(1)
    np.bitwise_or(keys, subjects.event, out=keys)
    return keys


@kernel
def _tallies(keys: Keys) -> tuple[Keys, Counted, Counted]:
    """Distinct times, numbers at risk and events from packed rows in rising order."""
    one = np.uint64(1)
    size = keys.size
    m = 0
    for i in range(size):
        if i == 0 or keys[i] >> one != keys[i - 1] >> one:
            m += 1
    times = np.empty(m, np.uint64)
    at_risk, events = np.empty(m, np.int32), np.zeros(m, np.int32)
    j = -1
    for i in range(size):
        time = keys[i] >> one
        if j < 0 or time != times[j]:
            j += 1
            times[j] = time
            at_risk[j] = size - i
        events[j] += np.int32(keys[i] & one)
    return times, at_risk, events


@kernel
def _places(values: Floats, points: Floats) -> Ints:
    """For each point, how many values lie below it; both in rising order."""
    result = np.empty(points.size, np.int64)
    i = 0
    for j in range(points.size):
        while i < values.size and values[i] < points[j]:
            i += 1
        result[j] = i
    return result


def _with_entries(counts: Counts, entry: Floats) -> Counts:
    bits = (entry + 0.0).view(np.uint64)  # a new array; -0.0 becomes 0.0
    negative = bool(entry.min() < 0.0)
    entries = np.sort(entry) if negative else sorted_keys(bits).view(np.float64)
    entered = _places(entries, counts.times)
    staying = np.append(counts.at_risk, 0).astype(np.float64)
    at_risk = (counts.at_risk - (counts.n - entered)).astype(np.int32)
    pending = np.arange(counts.n, -1, -1, dtype=np.float64)
    return Counts(
        times=counts.times,
        at_risk=at_risk,
        events=counts.events,
        deaths=counts.deaths,
        n=counts.n,
        n_events=counts.n_events,
        staying=staying,
        entries=entries,
        pending=pending,
    )


def _counts_by_row(subjects: Subjects, cluster: Ints | None, robust: bool) -> Counts:
    order = rising_order(subjects.time)
    event = subjects.event[order]
    weights = np.ones(subjects.n) if subjects.weights is None else subjects.weights[order]
    codes = np.zeros(0, dtype=np.int64) if cluster is None else cluster[order]
    entry = None if subjects.entry is None else subjects.entry[order]
    time = subjects.time[order]
    del order
    first = entry_order = np.zeros(0, dtype=np.int64)
    entries = pending = staying = None
    if entry is None:
        table = _weighted_tallies(time, event, weights, np.zeros(0), np.zeros(0))
    else:
        entry_order = rising_order(entry)
        entries = entry[entry_order]
        pending = np.append(np.cumsum(weights[entry_order[::-1]])[::-1], 0.0)
        table = _weighted_tallies(time, event, weights, entries, pending)
    del time
    times, at_risk, events, deaths, last = table
    if entry is not None and entries is not None:
        first = np.searchsorted(times, entry, side="right")
        staying = np.append(np.cumsum(np.bincount(last, weights)[::-1])[::-1], 0.0)
    clusters = int(codes.max()) + 1 if codes.size else subjects.n
    return Counts(
        times=times,
        at_risk=at_risk,
        events=events,
        deaths=deaths,
        n=subjects.n,
        n_events=subjects.events,
        rows=Rows(last, event, weights, codes, clusters, first, entry_order),
        robust=robust,
        staying=staying,
        entries=entries,
        pending=pending,
    )


@kernel
def _weighted_tallies(
    time: Floats, event: Bools, weights: Floats, entries: Floats, pending: Floats
) -> tuple[Floats, Floats, Floats, Counted, Counted]:
    """Distinct times, weight at risk, events and deaths there, and each row's position there.

    Rows come in order of exit; `entries` rise, and `pending` is the weight that enters then or
    later. Where everyone at risk has the event, sums made in another order must not leave a crumb
    of weight behind: the number at risk is then the events' own sum.
    """
    size = time.size
    last = np.empty(size, np.int32)
    m = 0
    for i in range(size):
        if i > 0 and time[i] != time[i - 1]:
            m += 1
        last[i] = m
    m += 1
    times, at_risk = np.empty(m), np.empty(m)
    events, deaths = np.zeros(m), np.zeros(m, np.int32)
    i, e = size - 1, entries.size
    staying = 0.0
    for j in range(m - 1, -1, -1):
        times[j] = time[i] + 0.0
        while i >= 0 and last[i] == j:
            staying += weights[i]
            if event[i]:
                events[j] += weights[i]
                deaths[j] += 1
            i -= 1
        at_risk[j] = staying
        present = size - 1 - i
        if entries.size:
            while e > 0 and entries[e - 1] >= times[j]:
                e -= 1
            at_risk[j] -= pending[e]
            present -= entries.size - e
        if deaths[j] == present or at_risk[j] < events[j]:
            at_risk[j] = events[j]
    return times, at_risk, events, deaths, last
