"""Patients at an analysis in the order of their time on study, packed into 32-bit keys.

A key holds, from its highest bit: 24 bits of time in steps of the analysis month / 2^24, whether
follow-up ended without event, six bits of stratum, and the arm. So events come before losses at the
same step, and all keys of patients who have not entered, whose time is 0, come first.
"""

from __future__ import annotations

import numpy as np

from debulk.core.compiled import kernel
from debulk.trials.simulation.draws import Singles, Words
from debulk.trials.simulation.patients import Ints

MOST_STRATA = 64
CENSORED = np.uint32(7)
"""Place of the bit that says follow-up ended without the event."""
_TIME = np.uint32(8)
_FIRST, _SECOND, _BYTE = np.uint32(16), np.uint32(24), np.uint32(0xFF)
_STEPS = np.float32(2.0**24 - 2.0)
_ONE, _ZERO = np.uint32(1), np.float32(0.0)
_MANY = 20_000
"""Patients from which a pass over the lowest byte costs less than what it saves."""


@kernel
def pack(
    month: np.float32, enter: Singles, leave: Singles, death: Singles, labels: Words, keys: Words
) -> None:
    """One key a patient at an analysis in a calendar month; `labels` hold stratum and arm."""
    scale = _STEPS / month
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
def sort(keys: Words, other: Words, counts: Ints) -> None:
    """Sort keys in place: two passes over the leading bytes, then neighbours by the whole key."""
    for digit in range(counts.size):
        counts[digit] = 0
    if keys.size > _MANY:
        low = counts[512:768]
        for i in range(keys.size):
            low[np.int64((keys[i] >> _TIME) & _BYTE)] += 1
        _pass(keys, other, low, _TIME)
        keys[:] = other
    first, second = counts[:256], counts[256:512]
    for i in range(keys.size):
        key = keys[i]
        first[np.int64((key >> _FIRST) & _BYTE)] += 1
        second[np.int64(key >> _SECOND)] += 1
    _pass(keys, other, first, _FIRST)
    _pass(other, keys, second, _SECOND)
    for i in range(1, keys.size):
        key = keys[i]
        if keys[i - 1] > key:
            place = i
            while place > 0 and keys[place - 1] > key:
                keys[place] = keys[place - 1]
                place -= 1
            keys[place] = key


@kernel
def _pass(keys: Words, other: Words, counts: Ints, shift: np.uint32) -> None:
    total = 0
    for digit in range(256):
        here = counts[digit]
        counts[digit] = total
        total += here
    for i in range(keys.size):
        digit = np.int64((keys[i] >> shift) & _BYTE)
        place = counts[digit]
        counts[digit] = place + 1
        other[place] = keys[i]
