"""Simulated patients: when they enter, how long until the event and until they are lost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.trials.simulation.draws import (
    ENTRY,
    EVENT,
    LOSS,
    Singles,
    Words,
    exponentials,
    uniforms,
    words,
)

Ints = npt.NDArray[np.int64]

NEVER = np.float32(3.0e38)
"""Month of what never happens."""
LATEST = np.float32(1.0e7)
"""Months beyond which nothing happens; an endless slope is 1e37 and leads beyond."""


@kernel
def stretch(amount: Singles, starts: Singles, months: Singles, slopes: Singles) -> None:
    """Turn amounts into months through a rising broken line, in place.

    The line passes through (starts[k], months[k]) and rises by slopes[k] from there; below
    the second point it starts at the first. For cumulated hazards it is their inverse, for
    uniform numbers the inverse distribution of the entry. What lies beyond `LATEST` is `NEVER`.
    """
    start, month, slope = starts[0], months[0], slopes[0]
    if starts.size == 1:
        for i in range(amount.size):
            found = month + (amount[i] - start) * slope
            amount[i] = found if found < LATEST else NEVER
        return
    if starts.size == 2:
        start_2, month_2, slope_2 = starts[1], months[1], slopes[1]
        for i in range(amount.size):
            here = amount[i]
            first = month + (here - start) * slope
            second = month_2 + (here - start_2) * slope_2
            found = second if here > start_2 else first
            amount[i] = found if found < LATEST else NEVER
        return
    start_2, month_2, slope_2 = starts[1], months[1], slopes[1]
    start_3, month_3, slope_3 = starts[2], months[2], slopes[2]
    if starts.size == 3:
        for i in range(amount.size):
            here = amount[i]
            first = month + (here - start) * slope
            second = month_2 + (here - start_2) * slope_2
            third = month_3 + (here - start_3) * slope_3
            second = second if here > start_2 else first
            found = third if here > start_3 else second
            amount[i] = found if found < LATEST else NEVER
        return
    for i in range(amount.size):
        here = amount[i]
        found = month + (here - start) * slope
        for k in range(1, starts.size):
            if here > starts[k]:
                found = months[k] + (here - starts[k]) * slopes[k]
        amount[i] = found if found < LATEST else NEVER


@kernel
def recruit(
    a: np.uint32,
    b: np.uint32,
    cell_ends: Ints,
    hazards: tuple[Singles, Singles, Singles, Ints],
    loss_means: Singles,
    accrual: tuple[Singles, Singles, Singles],
    word: Words,
    bits: Words,
    value: Singles,
    event: Singles,
    leave: Singles,
    enter: Singles,
    death: Singles,
) -> None:
    """All patients of one trial, cell by cell (a cell is an arm of a stratum).

    `event`, `leave` and `enter` receive months from randomisation to the event and to loss,
    and the calendar month of entry; `death` the calendar month of the event, `NEVER` for
    patients lost before. `leave` ends as the smaller of the first two.
    """
    starts, months, slopes, first_piece = hazards
    words(a, b, EVENT, word)
    exponentials(word, bits, value, event)
    begin = 0
    for cell in range(cell_ends.size):
        end = cell_ends[cell]
        low, high = first_piece[cell], first_piece[cell + 1]
        stretch(event[begin:end], starts[low:high], months[low:high], slopes[low:high])
        begin = end
    words(a, b, ENTRY, word)
    uniforms(word, enter)
    stretch(enter, accrual[0], accrual[1], accrual[2])
    if loss_means.size == 0:
        for i in range(event.size):
            death[i] = min(enter[i] + event[i], NEVER)
            leave[i] = event[i]
        return
    words(a, b, LOSS, word)
    exponentials(word, bits, value, leave)
    begin = 0
    for cell in range(cell_ends.size):
        end, mean = cell_ends[cell], loss_means[cell]
        for i in range(begin, end):
            lost = leave[i] * mean
            leave[i] = lost if lost < LATEST else NEVER
        begin = end
    for i in range(event.size):
        seen = event[i] <= leave[i]
        death[i] = min(enter[i] + event[i], NEVER) if seen else NEVER
        leave[i] = min(leave[i], event[i])
