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
"""Months beyond which nothing happens."""


@kernel
def survive(
    hazard: Singles, starts: Singles, months: Singles, slopes: Singles, event: Singles
) -> None:
    """Months at which each patient's cumulated hazard reaches `hazard`; `NEVER` beyond `LATEST`.

    The other arrays have shape (pieces, patients): cumulated hazard and month at which a piece
    starts, and 1 / hazard in it. Pieces that a patient does not have start at an infinite hazard.
    """
    for i in range(event.size):
        event[i] = hazard[i] * slopes[0, i]
    for k in range(1, starts.shape[0]):
        for i in range(event.size):
            found = months[k, i] + (hazard[i] - starts[k, i]) * slopes[k, i]
            event[i] = found if hazard[i] > starts[k, i] else event[i]
    for i in range(event.size):
        event[i] = event[i] if event[i] < LATEST else NEVER


@kernel
def enrol(share: Singles, starts: Singles, months: Singles, slopes: Singles) -> None:
    """Turn uniform numbers into months of entry, in place.

    The inverse distribution passes through (starts[k], months[k]) and rises by slopes[k] from
    there.
    """
    month, slope = months[0], slopes[0]
    if starts.size == 1:
        for i in range(share.size):
            share[i] = month + share[i] * slope
        return
    if starts.size == 2:
        start_2, month_2, slope_2 = starts[1], months[1], slopes[1]
        for i in range(share.size):
            here = share[i]
            later = month_2 + (here - start_2) * slope_2
            share[i] = later if here > start_2 else month + here * slope
        return
    for i in range(share.size):
        here = share[i]
        found = month + here * slope
        for k in range(1, starts.size):
            if here > starts[k]:
                found = months[k] + (here - starts[k]) * slopes[k]
        share[i] = found


@kernel
def recruit(
    a: np.uint32,
    b: np.uint32,
    hazards: tuple[Singles, Singles, Singles],
    loss_means: Singles,
    accrual: tuple[Singles, Singles, Singles],
    word: Words,
    bits: Words,
    value: Singles,
    drawn: Singles,
    event: Singles,
    leave: Singles,
    enter: Singles,
    death: Singles,
) -> None:
    """All patients of one trial.

    `enter` receives the calendar month of entry, `death` that of the event, `NEVER` for patients
    lost before; `leave` the months from entry to the event or to loss, whichever comes first.
    The arrays before are working space; `bits` and `value` are two views of one.
    """
    words(a, b, EVENT, word)
    exponentials(word, bits, value, drawn)
    survive(drawn, hazards[0], hazards[1], hazards[2], event)
    words(a, b, ENTRY, word)
    uniforms(word, enter)
    enrol(enter, accrual[0], accrual[1], accrual[2])
    if loss_means.size == 0:
        for i in range(event.size):
            death[i] = min(enter[i] + event[i], NEVER)
            leave[i] = event[i]
        return
    words(a, b, LOSS, word)
    exponentials(word, bits, value, drawn)
    for i in range(event.size):
        lost = drawn[i] * loss_means[i]
        lost = lost if lost < LATEST else NEVER
        seen = event[i] <= lost
        month = enter[i] + event[i]
        death[i] = month if seen and month < NEVER else NEVER
        leave[i] = event[i] if seen else lost
