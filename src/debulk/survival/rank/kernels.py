"""Linear passes over subjects in order of time; nothing has a row for each time and group."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Marks = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@kernel
def by_stratum(order: Ints, strata: Ints, count: int) -> tuple[Ints, Ints]:
    """Sort positions by stratum, keeping their order in each; and where each stratum starts."""
    starts = np.zeros(count + 1, np.int64)
    for i in range(order.size):
        starts[strata[i] + 1] += 1
    for stratum in range(count):
        starts[stratum + 1] += starts[stratum]
    place = starts.copy()
    result = np.empty(order.size, np.int64)
    for i in range(order.size):
        stratum = strata[order[i]]
        result[place[stratum]] = order[i]
        place[stratum] += 1
    return result, starts


@kernel
def arrange(order: Ints, time: Floats, event: Bools, codes: Ints) -> tuple[Floats, Marks]:
    """Times in an order, and beside each twice its group's code, plus 1 for an event."""
    times, marks = np.empty(order.size), np.empty(order.size, np.int32)
    for i in range(order.size):
        row = order[i]
        times[i] = time[row]
        marks[i] = 2 * codes[row] + (1 if event[row] else 0)
    return times, marks


@kernel
def event_rows(
    times: Floats, marks: Marks, starts: Ints, entries: Floats
) -> tuple[Floats, Floats, Counts, Counts, Ints]:
    """Event times with survival just before, numbers at risk and events, and strata's starts."""
    most = 0
    for i in range(marks.size):
        most += marks[i] & 1
    at, before = np.empty(most), np.empty(most)
    at_risk, events = np.empty(most, np.int32), np.empty(most, np.int32)
    row_starts = np.zeros(starts.size, np.int64)
    row = 0
    for stratum in range(starts.size - 1):
        i, stop = starts[stratum], starts[stratum + 1]
        first, entered = i, i
        survival = 1.0
        while i < stop:
            now, begin, deaths = times[i], i, 0
            while i < stop and times[i] == now:
                deaths += marks[i] & 1
                i += 1
            if deaths == 0:
                continue
            n = stop - begin
            if entries.size > 0:
                while entered < stop and entries[entered] < now:
                    entered += 1
                n = (entered - first) - (begin - first)
            at[row], before[row], at_risk[row], events[row] = now, survival, n, deaths
            survival *= 1.0 - deaths / n
            row += 1
        row_starts[stratum + 1] = row
    return at[:row], before[:row], at_risk[:row], events[:row], row_starts


@kernel
def weighted_sums(
    times: Floats,
    marks: Marks,
    starts: Ints,
    entries: Floats,
    entry_marks: Marks,
    weights: Floats,
    count: int,
) -> tuple[Floats, Floats, Floats]:
    """Observed, expected and covariance for w weightings of m event times in k groups.

    Returns
    -------
    observed, expected : array, shape (w, k)
    covariance : array, shape (w, w, k, k)
        Hypergeometric; between weightings a and b and groups g and h.
    """
    kinds = weights.shape[1]
    observed, expected = np.zeros((kinds, count)), np.zeros((kinds, count))
    covariance = np.zeros((kinds, kinds, count, count))
    risk, deaths, leaving = np.zeros(count), np.zeros(count), np.zeros(count)
    row = 0
    for stratum in range(starts.size - 1):
        i, stop = starts[stratum], starts[stratum + 1]
        entered = i
        risk[:] = 0.0
        if entries.size == 0:
            for j in range(i, stop):
                risk[marks[j] >> 1] += 1.0
        while i < stop:
            now = times[i]
            deaths[:] = 0.0
            leaving[:] = 0.0
            some = False
            while i < stop and times[i] == now:
                group = marks[i] >> 1
                leaving[group] += 1.0
                if marks[i] & 1:
                    deaths[group] += 1.0
                    some = True
                i += 1
            while entered < entries.size and entered < stop and entries[entered] < now:
                risk[entry_marks[entered] >> 1] += 1.0
                entered += 1
            if some:
                _add(weights[row], risk, deaths, observed, expected, covariance)
                row += 1
            for group in range(count):
                risk[group] -= leaving[group]
    _complete(covariance)
    return observed, expected, covariance


@kernel
def _add(
    weights: Floats,
    risk: Floats,
    deaths: Floats,
    observed: Floats,
    expected: Floats,
    covariance: Floats,
) -> None:
    """Add one event time; covariances of different groups only, and of a with b for a <= b."""
    count, kinds = risk.size, weights.size
    n, d = 0.0, 0.0
    for group in range(count):
        n += risk[group]
        d += deaths[group]
    rate = d / n
    for a in range(kinds):
        for group in range(count):
            observed[a, group] += weights[a] * deaths[group]
            expected[a, group] += weights[a] * (rate * risk[group])
    if n <= 1.0:
        return
    spread = rate * (n - d) / (n * (n - 1.0))
    for g in range(count):
        for h in range(g + 1, count):
            base = spread * risk[g] * risk[h]
            if base > 0.0:
                for a in range(kinds):
                    for b in range(a, kinds):
                        covariance[a, b, g, h] -= weights[a] * weights[b] * base


@kernel
def _complete(covariance: Floats) -> None:
    """Fill both symmetries; a group's own variance is what the others take from it."""
    kinds, count = covariance.shape[0], covariance.shape[2]
    for a in range(kinds):
        for b in range(a, kinds):
            for g in range(count):
                for h in range(g + 1, count):
                    value = covariance[a, b, g, h]
                    covariance[a, b, h, g] = value
                    covariance[a, b, g, g] -= value
                    covariance[a, b, h, h] -= value
            covariance[b, a] = covariance[a, b]
