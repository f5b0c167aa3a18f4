"""Log-rank statistic and Cox hazard ratio of one trial from its sorted keys."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.trials.simulation.draws import Words
from debulk.trials.simulation.ordering import CENSORED, Counts
from debulk.trials.simulation.patients import Ints

Floats = npt.NDArray[np.float64]

_ONE = np.uint32(1)
_CELL, _STRATUM = np.uint32(0x7F), np.uint32(0x7E)
_NEXT, _BITS = np.uint64(1), np.uint64(4)
_QUARTER, _HALF_WORD, _LOW = np.uint64(16), np.uint64(5), np.uint64(0xFFFF)
_MOST_PACKED = 65_535
_LANES = 16
_MOST_STEPS = 100
_SMALLEST_STEP = 1e-5  # Newton squares its error: the step after one this small is below 1e-9
_FARTHEST = 50.0


@kernel
def at_risk(
    keys: Words, sizes: Ints, left: Counts, treated: Floats, risk: Floats, dead: Floats
) -> int:
    """Patients at risk just before each key, and those of the experimental arm.

    `sizes` holds the patients of each cell. `dead` is 1 where the key is an event, else 0.
    Returns the events that share a step of time with the event before, which the fast sums do not
    allow for.
    """
    size = keys.size
    if sizes.size == 2:
        in_arm = np.int32(sizes[1])
        for i in range(size):
            treated[i] = np.float64(in_arm)
            in_arm -= np.int32(keys[i] & _ONE)
        for i in range(size):
            risk[i] = np.float64(np.int32(size - i))
    elif sizes.size == 4 and max(sizes) <= _MOST_PACKED:
        _two_strata(keys, sizes, treated, risk)
    else:
        for cell in range(sizes.size):
            left[cell] = np.int32(sizes[cell])
        for i in range(size):
            cell_here = np.uint64(keys[i] & _CELL)
            stratum = np.uint64(keys[i] & _STRATUM)
            in_arm = left[stratum + _NEXT]
            treated[i] = np.float64(in_arm)
            risk[i] = np.float64(np.int32(left[stratum] + in_arm))
            left[cell_here] -= np.int32(1)
    dead[0] = np.float64(np.int32(((keys[0] >> CENSORED) & _ONE) ^ _ONE))
    ties = np.uint32(0)
    for i in range(1, size):
        event = np.uint32(((keys[i] >> CENSORED) & _ONE) ^ _ONE)
        dead[i] = np.float64(np.int32(event))
        ties += event if (keys[i] ^ keys[i - 1]) <= _ONE else np.uint32(0)
    return int(ties)


@kernel
def _two_strata(keys: Words, sizes: Ints, treated: Floats, risk: Floats) -> None:
    """Patients at risk in two strata, all four counts in one word: no detour through memory."""
    left = np.uint64(0)
    for place in range(4):
        left = np.uint64(left | (np.uint64(sizes[place]) << np.uint64(16 * place)))
    for i in range(keys.size):
        cell = np.uint64(keys[i] & _CELL)
        here = left >> ((cell >> _NEXT) << _HALF_WORD)
        in_arm = np.int32((here >> _QUARTER) & _LOW)
        treated[i] = np.float64(in_arm)
        risk[i] = np.float64(np.int32(here & _LOW) + in_arm)
        left = np.uint64(left - (_NEXT << (cell << _BITS)))


@kernel
def sums_at(
    ratio: float, treated: Floats, risk: Floats, dead: Floats, lanes: Floats
) -> tuple[float, float]:
    """Expected events of the experimental arm at a hazard ratio, and their variance."""
    size = treated.size
    less = ratio - 1.0
    shares, squares = lanes[:_LANES], lanes[_LANES : 2 * _LANES]
    for lane in range(_LANES):
        shares[lane] = 0.0
        squares[lane] = 0.0
    whole = size - size % _LANES
    for row in range(0, whole, _LANES):
        for lane in range(_LANES):
            i = row + lane
            share = dead[i] * ratio * treated[i] / (risk[i] + less * treated[i])
            shares[lane] += share
            squares[lane] += share * share
    for i in range(whole, size):
        share = dead[i] * ratio * treated[i] / (risk[i] + less * treated[i])
        shares[i - whole] += share
        squares[i - whole] += share * share
    total, square = 0.0, 0.0
    for lane in range(_LANES):
        total += shares[lane]
        square += squares[lane]
    return total, total - square


@kernel
def deaths_in_arm(keys: Words) -> int:
    """Events of the experimental arm."""
    count = np.uint32(0)
    for i in range(keys.size):
        count += np.uint32(((keys[i] >> CENSORED) & _ONE) ^ _ONE) & keys[i]
    return int(count)


@kernel
def log_hazard_ratio(
    observed: float, start: float, treated: Floats, risk: Floats, dead: Floats, lanes: Floats
) -> float:
    """Root of Cox's score by Newton's method inside a bracket; NaN where there is none."""
    if _one_sided(observed, treated, risk, dead):
        return math.nan
    low, high = -_FARTHEST, _FARTHEST
    beta = min(max(start, -5.0), 5.0)
    for _ in range(_MOST_STEPS):
        expected, information = sums_at(math.exp(beta), treated, risk, dead, lanes)
        score = observed - expected
        if score > 0.0:
            low = beta
        else:
            high = beta
        following = beta + score / information if information > 0.0 else 0.5 * (low + high)
        if not low <= following <= high:
            following = 0.5 * (low + high)
        step = following - beta
        beta = following
        if abs(step) < _SMALLEST_STEP:
            break
    return beta


@kernel
def _one_sided(observed: float, treated: Floats, risk: Floats, dead: Floats) -> bool:
    """Whether one arm has no event while both are at risk."""
    events, alone_treated, alone_control = np.uint32(0), np.uint32(0), np.uint32(0)
    for i in range(treated.size):
        event = np.uint32(1) if dead[i] > 0.0 else np.uint32(0)
        events += event
        alone_treated += event if treated[i] >= risk[i] else np.uint32(0)
        alone_control += event if treated[i] <= 0.0 else np.uint32(0)
    informative = observed - float(alone_treated)
    others = float(events) - observed - float(alone_control)
    return informative <= 0.0 or others <= 0.0
