"""The calendar month of an analysis: when its events have happened."""

from __future__ import annotations

import numpy as np

from debulk.core.compiled import kernel
from debulk.trials.simulation.draws import Singles, Words
from debulk.trials.simulation.patients import NEVER

_STEPS = 5
_INTERPOLATIONS = 14
_HALF = np.float32(0.5)


@kernel
def count_until(bits: Words, month: Singles) -> int:
    """How many months, given by their bits, are not after `month[0]`.

    Bits of float32 numbers from 0 on are in the order of the numbers.
    """
    limit = month.view(np.uint32)[0]
    count = np.uint32(0)
    for i in range(bits.size):
        count += np.uint32(1) if bits[i] <= limit else np.uint32(0)
    return int(count)


@kernel
def last_until(bits: Words, month: Singles) -> None:
    """The last month, given by its bits, not after `month[0]`, which it replaces."""
    limit = month.view(np.uint32)
    most = np.uint32(0)
    for i in range(bits.size):
        most = max(most, bits[i] if bits[i] <= limit[0] else np.uint32(0))
    limit[0] = most


@kernel
def month_of_event(
    bits: Words, wanted: int, guess: np.float32, rate: np.float32, one: Singles
) -> np.float32:
    """The month by which at least `wanted` events have happened, `NEVER` if there are fewer.

    Counting those until a month takes a processor less time than one pass of a partial sort; a few
    counts leave `wanted` of them. The guess of the month, and of the events a month about it, do
    not change what is found. `one` is working space for one number.
    """
    low, high = np.float32(0.0), NEVER
    below, above = 0, bits.size
    month = guess
    turn = 0
    while True:
        one[0] = month
        count = count_until(bits, one)
        if count == wanted:
            break
        if count < wanted:
            low, below = month, count
        else:
            high, above = month, count
        turn += 1
        if turn < _STEPS:
            month += np.float32(wanted - count - 0.5) / rate
            if low < month < high:
                continue
        if high == NEVER:
            one[0] = NEVER * np.float32(0.999)
            most = count_until(bits, one)
            if most < wanted:
                return NEVER
            last_until(bits, one)
            high, above = one[0], most
        share = np.float32(wanted - below - 0.5) / np.float32(above - below)
        if turn > _INTERPOLATIONS:
            share = _HALF
        month = low + share * (high - low)
        if not low < month < high:
            month = _HALF * (low + high)
            if not low < month < high:
                one[0] = high
                break
    last_until(bits, one)
    return one[0]


@kernel
def events_a_month(bits: Words, month: np.float32, one: Singles) -> np.float32:
    """Events a month within a tenth of a month's distance from the start, at least 0.01."""
    one[0] = month * np.float32(0.9)
    before = count_until(bits, one)
    one[0] = month * np.float32(1.1)
    after = count_until(bits, one)
    return max(np.float32(after - before) / (np.float32(0.2) * month), np.float32(0.01))


@kernel
def last_month(enter: Singles, leave: Singles) -> np.float32:
    """Calendar month after which nothing can happen: the last event or loss of any patient."""
    last = np.float32(0.0)
    for i in range(enter.size):
        month = enter[i] + leave[i]
        last = max(last, month if month < NEVER else enter[i])
    return last
