"""The calendar month of an analysis: when its events have happened, or its date has come."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.trials.simulation.draws import Singles, Words
from debulk.trials.simulation.patients import NEVER

Floats = npt.NDArray[np.float64]

_STEPS = 5
_INTERPOLATIONS = 14
_HALF, _NONE = np.float32(0.5), np.float32(0.0)


@kernel
def count_until(bits: Words, limit: np.uint32) -> int:
    """How many months, given by their bits, are not after one given by its bits.

    Bits of float32 numbers from 0 on are in the order of the numbers.
    """
    count = np.uint32(0)
    for i in range(bits.size):
        count += np.uint32(1) if bits[i] <= limit else np.uint32(0)
    return int(count)


@kernel
def last_until(bits: Words, limit: np.uint32) -> np.uint32:
    """The last month, given by its bits, not after one given by its bits."""
    most = np.uint32(0)
    for i in range(bits.size):
        most = max(most, bits[i] if bits[i] <= limit else np.uint32(0))
    return most


@kernel
def month_of_event(
    bits: Words, wanted: int, guess: np.float32, rate: np.float32, one: Singles, one_bits: Words
) -> np.float32:
    """The month by which at least `wanted` events have happened, `NEVER` if there are fewer.

    Counting those until a month takes a processor less time than one pass of a partial sort; a few
    counts leave `wanted` of them. The guess of the month, and of the events a month about it, do
    not change what is found. `one` and `one_bits` are two views of working space for one number.
    """
    low, high = np.float32(0.0), NEVER
    below, above = 0, bits.size
    month = guess
    turn = 0
    while True:
        one[0] = month
        count = count_until(bits, one_bits[0])
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
            most = count_until(bits, one_bits[0])
            if most < wanted:
                return NEVER
            one_bits[0] = last_until(bits, one_bits[0])
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
    one_bits[0] = last_until(bits, one_bits[0])
    return np.float32(one[0])


@kernel
def events_a_month(bits: Words, month: np.float32, one: Singles, one_bits: Words) -> np.float32:
    """Events a month from nine to eleven tenths of a month, at least 0.01."""
    one[0] = month * np.float32(0.9)
    before = count_until(bits, one_bits[0])
    one[0] = month * np.float32(1.1)
    after = count_until(bits, one_bits[0])
    rate = np.float32(after - before) / (np.float32(0.2) * month)
    return np.float32(max(rate, np.float32(0.01)))


@kernel
def timed_month(month: np.float32, rule: Floats, enter: Singles) -> np.float32:
    """The month of a look that also waits for dates; `NEVER` if it never takes place.

    Parameters
    ----------
    month : float
        When its events have happened; below 0 where it waits for none.
    rule : array, shape (4,)
        Calendar month and months after the last entry to wait for (below 0: neither), 1 to wait for
        all and 0 for any, and the latest month.
    enter : array
        Months of entry.
    """
    first, last = NEVER, np.float32(-1.0)
    if month >= _NONE:
        first, last = month, month
    if rule[0] >= 0.0:
        calendar = np.float32(rule[0])
        first, last = min(first, calendar), max(last, calendar)
    if rule[1] >= 0.0:
        entered = np.float32(0.0)
        for i in range(enter.size):
            entered = max(entered, enter[i])
        followed = np.float32(entered + np.float32(rule[1]))
        first, last = min(first, followed), max(last, followed)
    return min(last if rule[2] == 1.0 else first, np.float32(min(rule[3], float(NEVER))))


@kernel
def last_month(enter: Singles, leave: Singles) -> np.float32:
    """Calendar month after which nothing can happen: the last event or loss of any patient."""
    last = np.float32(0.0)
    for i in range(enter.size):
        month = enter[i] + leave[i]
        last = max(last, month if month < NEVER else enter[i])
    return last
