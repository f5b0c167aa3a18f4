"""Numbers at risk and events by group at each time: what comparisons of groups start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.core.compiled import kernel
from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Bools, Floats, Ints, Subjects


@dataclass(frozen=True, eq=False)
class RiskTable:
    """Counts at the m distinct times at which follow-up ends, in k groups.

    Attributes
    ----------
    times : array, shape (m,)
        Distinct times of exit, rising.
    at_risk, events : array, shape (m, k)
        Weighted numbers with entry < t <= exit, and of events at t.
    """

    times: Floats
    at_risk: Floats
    events: Floats

    def with_events(self) -> RiskTable:
        """The same at the times that have an event."""
        some = self.events.sum(axis=1) > 0
        if some.all():
            return self
        return RiskTable(self.times[some], self.at_risk[some], self.events[some])


def risk_table(
    subjects: Subjects,
    codes: Ints | None = None,
    count: int = 1,
    *,
    events_only: bool = False,
) -> RiskTable:
    """Count subjects at risk and events at each distinct time, by group.

    Parameters
    ----------
    subjects : Subjects
        Checked follow-up.
    codes : array of int, shape (n,), optional
        Group of each subject, 0 to `count` - 1; all in group 0 when left out.
    count : int
        Number of groups.
    events_only : bool
        Whether times at which nobody has an event are left out, as in `RiskTable.with_events`.
    """
    order = rising_order(subjects.time)
    groups = np.zeros(subjects.n, dtype=np.int64) if codes is None else codes[order]
    nothing = np.zeros(0)
    entry, entry_groups = nothing, np.zeros(0, dtype=np.int64)
    weights = entry_weights = nothing
    if subjects.weights is not None:
        weights = subjects.weights[order]
    if subjects.entry is not None:
        entry_order = rising_order(subjects.entry)
        entry = subjects.entry[entry_order]
        entry_groups = np.zeros_like(groups) if codes is None else codes[entry_order]
        if subjects.weights is not None:
            entry_weights = subjects.weights[entry_order]
    table = _count(
        subjects.time[order],
        subjects.event[order],
        groups,
        weights,
        entry,
        entry_groups,
        entry_weights,
        count,
        events_only,
    )
    return RiskTable(*table)


@kernel
def _count(
    time: Floats,
    event: Bools,
    groups: Ints,
    weights: Floats,
    entry: Floats,
    entry_groups: Ints,
    entry_weights: Floats,
    count: int,
    events_only: bool,
) -> tuple[Floats, Floats, Floats]:
    """Rows of the table, from subjects in order of exit and of entry; from the last time back."""
    m = 0
    i = 0
    while i < time.size:
        first = i
        some = not events_only
        while i < time.size and time[i] == time[first]:
            some = some or event[i]
            i += 1
        m += 1 if some else 0
    times, at_risk, events = np.empty(m), np.empty((m, count)), np.zeros((m, count))
    present = np.zeros(count)
    i, e, j = time.size - 1, entry.size - 1, m - 1
    while i >= 0:
        now = time[i]
        some = not events_only
        while i >= 0 and time[i] == now:
            weight = weights[i] if weights.size else 1.0
            present[groups[i]] += weight
            if event[i]:
                some = True
                events[j, groups[i]] += weight
            i -= 1
        if not some:
            continue
        # Going back in time: who enters now or later is not there yet.
        while e >= 0 and entry[e] >= now:
            present[entry_groups[e]] -= entry_weights[e] if entry_weights.size else 1.0
            e -= 1
        times[j] = now
        at_risk[j] = present
        j -= 1
    return times, at_risk, events
