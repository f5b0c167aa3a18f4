"""Numbers at risk and events by group at each time: what every estimator here starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.survival.subjects import Floats, Ints, Subjects


@dataclass(frozen=True, eq=False)
class RiskTable:
    """Counts at the m distinct times at which follow-up ends, in k groups.

    Attributes
    ----------
    times : array, shape (m,)
        Distinct times of exit, rising.
    at_risk, events : array, shape (m, k)
        Weighted numbers with entry < t <= exit, and of events at t.
    first, last : array of int, shape (n,)
        Positions in `times` at which a subject is first and last at risk.
    """

    times: Floats
    at_risk: Floats
    events: Floats
    first: Ints
    last: Ints

    def with_events(self) -> RiskTable:
        """The same at the times that have an event."""
        some = self.events.sum(axis=1) > 0
        return RiskTable(
            self.times[some], self.at_risk[some], self.events[some], self.first, self.last
        )


def risk_table(subjects: Subjects, codes: Ints | None = None, count: int = 1) -> RiskTable:
    """Count subjects at risk and events at each distinct time, by group.

    Parameters
    ----------
    subjects : Subjects
        Checked follow-up.
    codes : array of int, shape (n,), optional
        Group of each subject, 0 to `count` - 1; all in group 0 when left out.
    count : int
        Number of groups.
    """
    groups = np.zeros(subjects.n, dtype=np.int64) if codes is None else codes
    weights = np.ones(subjects.n) if subjects.weights is None else subjects.weights
    times, last = np.unique(subjects.time, return_inverse=True)
    shape = (times.size, count)
    events, exits = np.zeros(shape), np.zeros(shape)
    np.add.at(events, (last, groups), weights * subjects.event)
    np.add.at(exits, (last, groups), weights)
    at_risk = np.cumsum(exits[::-1], axis=0)[::-1]
    first = np.zeros(subjects.n, dtype=np.int64)
    if subjects.entry is not None:
        first = np.searchsorted(times, subjects.entry, side="right").astype(np.int64)
        entries = np.zeros(shape)
        np.add.at(entries, (first, groups), weights)
        # Those whose first time at risk lies later are not there yet.
        at_risk = at_risk - (entries.sum(axis=0) - np.cumsum(entries, axis=0))
    return RiskTable(times, at_risk, events, first, last.astype(np.int64))
