"""The pooled sample of a rank test: subjects in order of time, and survival at the events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.survival.ordering import rising_order
from debulk.survival.rank.kernels import Counts, Marks, arrange, by_stratum, event_rows
from debulk.survival.subjects import Floats, Ints, Subjects


@dataclass(frozen=True, eq=False)
class Ordered:
    """Subjects by stratum, and in rising order of time within each.

    Attributes
    ----------
    times : array of float, shape (n,)
        Ends of follow-up.
    marks : array of int32, shape (n,)
        Twice the group's code, plus 1 for an event.
    starts : array of int, shape (s + 1,)
        Where each of the s strata begins; n at the end.
    entries : array of float, shape (n,) or (0,)
        Starts of observation, by stratum and rising in each; empty when all begin at the start.
    entry_marks : array of int32, shape as `entries`
        Twice the code of the group that gains the subject.
    """

    times: Floats
    marks: Marks
    starts: Ints
    entries: Floats
    entry_marks: Marks


@dataclass(frozen=True, eq=False)
class PooledCurve:
    """Pooled Kaplan-Meier survival at the m event times, stratum after stratum.

    Attributes
    ----------
    times : array, shape (m,)
        Event times, rising within a stratum.
    before : array, shape (m,)
        Survival just before each.
    at_risk, events : array of int32, shape (m,)
        Numbers at risk and of events.
    starts : array of int, shape (s + 1,)
        Where the rows of each stratum begin; m at the end.
    """

    times: Floats
    before: Floats
    at_risk: Counts
    events: Counts
    starts: Ints

    def survival_before(self, time: float) -> Floats:
        """Survival of each row's stratum just before one time, repeated for its rows."""
        sizes = np.diff(self.starts)
        found = np.ones(sizes.size)
        for stratum in np.flatnonzero(sizes):
            a, b = self.starts[stratum], self.starts[stratum + 1]
            row = a + int(np.searchsorted(self.times[a:b], time, side="left")) - 1
            if row >= a:
                found[stratum] = self.before[row] * (1.0 - self.events[row] / self.at_risk[row])
        return np.repeat(found, sizes)

    def shrunken_survival(self) -> Floats:
        """Product of 1 - d / (n + 1) up to and with each time, within its stratum."""
        factors = 1.0 - self.events / (self.at_risk + 1.0)
        result = np.empty(factors.size)
        for a, b in zip(self.starts[:-1], self.starts[1:], strict=True):
            result[a:b] = np.cumprod(factors[a:b])
        return result


def ordered(subjects: Subjects, codes: Ints, strata: Ints | None, count: int) -> Ordered:
    """Put subjects in order of stratum and time.

    Parameters
    ----------
    subjects : Subjects
        Checked follow-up.
    codes : array of int, shape (n,)
        Group of each subject.
    strata : array of int, shape (n,), or None
        Stratum of each, 0 to `count` - 1; None for a single one.
    count : int
        Number of strata.
    """
    order = rising_order(subjects.time)
    starts = np.array([0, subjects.n], dtype=np.int64)
    if strata is not None:
        order, starts = by_stratum(order, strata, count)
    times, marks = arrange(order, subjects.time, subjects.event, codes)
    entries, entry_marks = times[:0], marks[:0]
    if subjects.entry is not None:
        order = rising_order(subjects.entry)
        if strata is not None:
            order, _ = by_stratum(order, strata, count)
        entries, entry_marks = arrange(order, subjects.entry, subjects.event, codes)
    return Ordered(times, marks, starts, entries, entry_marks)


def pooled_curve(rows: Ordered) -> PooledCurve:
    """Pooled survival at the event times, within each stratum."""
    return PooledCurve(*event_rows(rows.times, rows.marks, rows.starts, rows.entries))
