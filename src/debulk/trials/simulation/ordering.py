"""Patients at an analysis in the order of their time on study, packed into 32-bit keys.

A key holds, from its highest bit: 24 bits of time in steps of the analysis month / 2^24, whether
follow-up ended without event, six bits of stratum, and the arm. So events come before losses at the
same step, and all keys of patients who have not entered, whose time is 0, come first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.trials.simulation.draws import Singles, Words

Counts = npt.NDArray[np.int32]

MOST_STRATA = 64
CENSORED = np.uint32(7)
"""Place of the bit that says follow-up ended without the event."""
_TIME = np.uint32(8)
_FIRST, _SECOND, _BYTE = np.uint32(16), np.uint32(24), np.uint32(0xFF)
_STEPS = np.float32(2.0**24 - 2.0)
_ONE, _ZERO, _UNIT = np.uint32(1), np.float32(0.0), np.int32(1)
_SHORTEST = np.float32(1e-30)
_MANY = 20_000
"""Patients from which a pass over the lowest byte costs less than what it saves."""


@kernel
def pack(
    month: np.float32, enter: Singles, leave: Singles, death: Singles, labels: Words, keys: Words
) -> None:
    """One key a patient at an analysis in a calendar month; `labels` hold stratum and arm."""
    scale = _STEPS / max(month, _SHORTEST)
    for i in range(keys.size):
        follow = month - enter[i]
        dead = death[i] <= month
        end = leave[i] if dead else min(leave[i], follow)
        step = np.uint32(np.int32(min(max(end, _ZERO) * scale, _STEPS)) + np.int32(1))
        key = np.uint32(
            np.uint32(step << _TIME)
            | np.uint32((np.uint32(0) if dead else _ONE) << CENSORED)
            | labels[i]
        )
        keys[i] = key if follow >= _ZERO else np.uint32((_ONE << CENSORED) | labels[i])


@kernel
def sort(keys: Words, other: Words, first: Counts, second: Counts) -> None:
    """Sort keys in place: two passes over the leading bytes, then neighbours by the whole key.

    `first` and `second`, of shape (256,), and `other` are working space.
    """
    if keys.size > _MANY:
        for digit in range(256):
            first[digit] = 0
        for i in range(keys.size):
            first[np.uint64((keys[i] >> _TIME) & _BYTE)] += _UNIT
        _places(first, second)
        _pass(keys, other, first, _TIME)
        keys[:] = other
    for digit in range(256):
        first[digit] = 0
        second[digit] = 0
    for i in range(keys.size):
        key = keys[i]
        first[np.uint64((key >> _FIRST) & _BYTE)] += _UNIT
        second[np.uint64(key >> _SECOND)] += _UNIT
    _places(first, second)
    _pass(keys, other, first, _FIRST)
    _pass(other, keys, second, _SECOND)
    before = keys[0]
    for i in range(1, keys.size):
        key = keys[i]
        if before > key:
            place = i
            while place > 0 and keys[place - 1] > key:
                keys[place] = keys[place - 1]
                place -= 1
            keys[place] = key
        else:
            before = key


@kernel
def _places(first: Counts, second: Counts) -> None:
    """From counts by digit to the place of each digit's first key, for two sets of counts."""
    total, other_total = np.int32(0), np.int32(0)
    for digit in range(256):
        here, there = first[digit], second[digit]
        first[digit] = total
        second[digit] = other_total
        total += here
        other_total += there


@kernel
def _pass(keys: Words, other: Words, counts: Counts, shift: np.uint32) -> None:
    for i in range(keys.size):
        key = keys[i]
        digit = np.uint64((key >> shift) & _BYTE)
        place = counts[digit]
        counts[digit] = place + _UNIT
        other[np.uint64(place)] = key
