"""Rows of a Cox model sorted once: event times as numbered slots, covariates centred and scaled.

The partial likelihood needs no times, only who is at risk at which event time. Every stratum has
an opening slot 0 and one slot for each of its distinct event times; all strata stand one after
another. A row is at risk in the slots ``first < slot <= last`` and has its event in `last`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.survival.cox_model.parts import on_threads
from debulk.survival.cox_model.rows import CoxRows
from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Bools, Floats, Ints

Slots = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class PreparedCox:
    """Rows that are ever at risk at an event time, in rising order of their last slot.

    Attributes
    ----------
    x : array, shape (m, p)
        Covariates as ``(value - centre) * scale``; `scale` holds powers of two, so that scaling
        does not round.
    centre, scale : array, shape (p,)
        What turned the covariates into `x`.
    order : array of int, shape (m,)
        Row, as the user numbered them from 0, of each prepared row.
    weights, offset : array, shape (m,)
        Case weights, and the known part of the linear predictor less its mean (empty for none).
    rows_from : array of int, shape (slots + 1,)
        First prepared row of each slot; within a slot the rows with an event come first.
    deaths : array of int, shape (slots,)
        Number of rows with an event in each slot.
    opens : array of bool, shape (slots,)
        Whether a slot is the opening slot of a stratum, at which nothing happens.
    first : array of int, shape (m,)
        Slot after which each row is at risk; empty without entry times.
    entering_from, entering : array of int, shapes (slots + 1,) and (m,)
        Prepared rows by their `first` slot; empty without entry times.
    """

    x: Floats
    centre: Floats
    scale: Floats
    order: Ints
    weights: Floats
    offset: Floats
    rows_from: Ints
    deaths: Ints
    opens: Bools
    first: Slots
    entering_from: Ints
    entering: Slots

    @property
    def slots(self) -> int:
        """Number of slots of all strata."""
        return int(self.deaths.size)


def prepare(rows: CoxRows) -> PreparedCox:
    """Sort the rows of a Cox model for any number of fits.

    Parameters
    ----------
    rows : CoxRows
        Checked rows with at least one event.
    """
    stratum = np.zeros(0, np.int64) if rows.stratum is None else rows.stratum
    order = rising_order(rows.time)
    if rows.stratum is not None:
        order = order[rising_order(rows.stratum[order].astype(np.float64))]
    strata = max(len(rows.stratum_labels), 1)
    last, times, base, deaths = _slots_in_order(rows.time, rows.event, stratum, order, strata)
    first = np.zeros(0, np.int32)
    if rows.entry is not None:
        first = slots_of(rows.entry, stratum, times, base, *_grid(times, base))[order]
    rows_from, opens = _leave_out_unseen(order, last, first, base, deaths)
    order = order[: rows_from[-1]]
    first = first[: rows_from[-1]].copy() if first.size else first
    entering_from, entering = by_first_slot(first, times.size)
    centre, scale = centre_and_scale(rows.x)
    x = rows_in_order(rows.x, order)

    def standardise(_part: int, start: int, stop: int) -> None:
        _standardise(x[start:stop], centre, scale)

    on_threads(order.size, standardise)
    return PreparedCox(
        x=x,
        centre=centre,
        scale=scale,
        order=order,
        weights=np.ones(order.size) if rows.weights is None else rows.weights[order],
        offset=_centred_offset(rows, order),
        rows_from=rows_from,
        deaths=deaths,
        opens=opens,
        first=first,
        entering_from=entering_from,
        entering=entering,
    )


def _centred_offset(rows: CoxRows, order: Ints) -> Floats:
    if rows.offset is None or not order.size:
        return np.zeros(0)
    offset = rows.offset[order]
    offset -= offset.mean()
    return offset


def centre_and_scale(x: Floats) -> tuple[Floats, Floats]:
    """Mean of each column, and the power of two nearest to one over its standard deviation."""
    mean, variance = _moments(x)
    varies = (variance > 0) & np.isfinite(variance)
    _, exponent = np.frexp(np.sqrt(np.where(varies, variance, 0.5)))
    return mean, np.ldexp(1.0, 1 - exponent)


@kernel
def _slots_in_order(
    time: Floats, event: Bools, stratum: Ints, order: Ints, strata: int
) -> tuple[Slots, Floats, Ints, Ints]:
    """Slots of rows in rising order of stratum and time; puts events first among equal times.

    Returns the last slot of each row in `order`, the time of each slot (minus infinity where a
    stratum opens), the opening slot of each stratum and the number of deaths in each slot.
    """
    n = order.size
    last, times = np.empty(n, np.int32), np.empty(n + strata)
    base, deaths = np.empty(strata + 1, np.int64), np.zeros(n + strata, np.int64)
    alive = np.empty(n, np.int64)
    used, s, i = 0, -1, 0
    while i < n:
        here = stratum[order[i]] if stratum.size else 0
        while s < here:
            s += 1
            base[s] = used
            times[used] = -np.inf
            used += 1
        moment = time[order[i]]
        dead, kept, j = 0, 0, i
        while j < n:
            row = order[j]
            if time[row] != moment or (stratum.size and stratum[row] != here):
                break
            if event[row]:
                order[i + dead] = row
                dead += 1
            else:
                alive[kept] = row
                kept += 1
            j += 1
        if dead:
            times[used] = moment
            deaths[used] = dead
            used += 1
        for k in range(kept):
            order[i + dead + k] = alive[k]
        for k in range(i, j):
            last[k] = used - 1
        i = j
    while s < strata:
        s += 1
        base[s] = used
        if s < strata:
            times[used] = -np.inf
            used += 1
    return last, times[:used].copy(), base, deaths[:used].copy()


@kernel
def _grid(times: Floats, base: Ints) -> tuple[Floats, Floats, Ints, Slots]:
    """Equal cells over each stratum's event times, and the first slot of each cell.

    As many cells as event times make a look-up a matter of one or two comparisons.
    """
    strata = base.size - 1
    low, per = np.zeros(strata), np.zeros(strata)
    start = np.zeros(strata + 1, np.int64)
    for s in range(strata):
        start[s + 1] = start[s] + (base[s + 1] - base[s]) + 1
    cells = np.empty(start[strata], np.int32)
    for s in range(strata):
        count = base[s + 1] - base[s] - 1
        if count > 0:
            low[s] = times[base[s] + 1]
            width = times[base[s + 1] - 1] - low[s]
            per[s] = (count - 1) / width if width > 0 else 0.0
            if not np.isfinite(per[s]):
                per[s] = 0.0
        filled = 0
        for slot in range(base[s] + 1, base[s + 1]):
            cell = int((times[slot] - low[s]) * per[s])
            while filled <= cell:
                cells[start[s] + filled] = slot
                filled += 1
        while start[s] + filled < start[s + 1]:
            cells[start[s] + filled] = base[s + 1]
            filled += 1
    return low, per, start, cells


@kernel
def slots_of(
    values: Floats,
    stratum: Ints,
    times: Floats,
    base: Ints,
    low: Floats,
    per: Floats,
    start: Ints,
    cells: Slots,
) -> Slots:
    """Last slot whose event time is not after each value."""
    found = np.empty(values.size, np.int32)
    for i in range(values.size):
        s = stratum[i] if stratum.size else 0
        count = base[s + 1] - base[s] - 1
        value = values[i]
        if count == 0 or value < low[s]:
            found[i] = base[s]
            continue
        if value >= times[base[s + 1] - 1]:
            found[i] = base[s + 1] - 1
            continue
        cell = start[s] + int((value - low[s]) * per[s])
        left, right = np.int64(cells[cell]), np.int64(cells[cell + 1])
        while left < right:
            middle = (left + right) >> 1
            if times[middle] <= value:
                left = middle + 1
            else:
                right = middle
        found[i] = left - 1
    return found


@kernel
def _leave_out_unseen(
    order: Ints, last: Slots, first: Slots, base: Ints, deaths: Ints
) -> tuple[Ints, Bools]:
    """Move the rows that are at risk at some event time to the front of `order` and `first`.

    Returns the first kept row of each slot, and which slots open a stratum.
    """
    slots = deaths.size
    opens, rows_from = np.zeros(slots, np.bool_), np.zeros(slots + 1, np.int64)
    for s in range(base.size - 1):
        opens[base[s]] = True
    kept = 0
    for i in range(order.size):
        slot = last[i]
        if opens[slot] or (first.size > 0 and first[i] == slot):
            continue
        order[kept] = order[i]
        if first.size:
            first[kept] = first[i]
        rows_from[slot + 1] += 1
        kept += 1
    for slot in range(slots):
        rows_from[slot + 1] += rows_from[slot]
    return rows_from, opens


@kernel
def by_first_slot(first: Slots, slots: int) -> tuple[Ints, Slots]:
    """Prepared rows by their first slot; empty without entry times."""
    if first.size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int32)
    start = np.zeros(slots + 1, np.int64)
    for i in range(first.size):
        start[first[i] + 1] += 1
    for slot in range(slots):
        start[slot + 1] += start[slot]
    place = start[:-1].copy()
    rows = np.empty(first.size, np.int32)
    for i in range(first.size):
        rows[place[first[i]]] = i
        place[first[i]] += 1
    return start, rows


@kernel
def _moments(x: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of each column, about the first row so that nothing cancels."""
    n, p = x.shape
    sums, squares = np.zeros(p), np.zeros(p)
    if n == 0:
        return sums, squares
    origin = x[0].copy()
    for i in range(n):
        for j in range(p):
            away = x[i, j] - origin[j]
            sums[j] += away
            squares[j] += away * away
    variance = np.empty(p)
    for j in range(p):
        variance[j] = max(squares[j] / n - (sums[j] / n) ** 2, 0.0)
        if variance[j] <= 1e-12 * squares[j] / n:
            # The first row is an outlier: count again about the mean.
            centre, total = origin[j] + sums[j] / n, 0.0
            for i in range(n):
                total += (x[i, j] - centre) ** 2
            variance[j] = total / n
    return origin + sums / n, variance


def rows_in_order(x: Floats, order: Ints | Slots) -> Floats:
    """Rows in another order; NumPy's own copy, which keeps many rows on their way at once."""
    found = np.empty((order.size, x.shape[1]))

    def take(_part: int, start: int, stop: int) -> None:
        np.take(x, order[start:stop], axis=0, out=found[start:stop], mode="clip")

    on_threads(order.size, take)
    return found


@kernel
def _standardise(x: Floats, centre: Floats, scale: Floats) -> None:
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            x[i, j] = (x[i, j] - centre[j]) * scale[j]
