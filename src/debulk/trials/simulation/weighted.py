"""The same statistics where events share a step of time, or where events have weights."""

from __future__ import annotations

import numpy as np

from debulk.core.compiled import kernel
from debulk.trials.simulation.draws import Words
from debulk.trials.simulation.ordering import CENSORED
from debulk.trials.simulation.patients import Ints
from debulk.trials.simulation.scores import Floats

LOG_RANK, FLEMING_HARRINGTON, MODEST_S, MODEST_T = 0, 1, 2, 3

_ONE = np.uint32(1)
_TIME = np.uint32(8)
_CELL = np.uint32(0x7F)


@kernel
def weighted_sums(
    keys: Words, sizes: Ints, weighting: int, numbers: Floats, star: np.uint32, work: Floats
) -> tuple[float, float]:
    """Weighted events observed less expected in the experimental arm, and the variance.

    Events at one step of time and in one stratum are tied, with the hypergeometric variance.
    Weights come from the stratum's pooled survival S just before: S^rho (1 - S)^gamma, or
    1 / max(S, S*), S* given or that just before the step `star`.
    """
    strata = sizes.size // 2
    left, survival, floor = work[: 2 * strata], work[128 : 128 + strata], work[192 : 192 + strata]
    left[:] = sizes
    survival[:] = 1.0
    floor[:] = 0.0
    if weighting == MODEST_S:
        floor[:] = numbers[0]
    elif weighting == MODEST_T:
        _floors(keys, sizes, star, left, floor)
        left[:] = sizes
    excess, variance = 0.0, 0.0
    i = 0
    while i < keys.size:
        kind = keys[i] >> _ONE
        cell = np.int64(keys[i] & _CELL)
        if (keys[i] >> CENSORED) & _ONE:
            left[cell] -= 1.0
            i += 1
            continue
        stratum = cell // 2
        n_0, n_1, d, d_1 = left[2 * stratum], left[2 * stratum + 1], 0.0, 0.0
        while i < keys.size and keys[i] >> _ONE == kind:
            here = np.int64(keys[i] & _ONE)
            left[2 * stratum + here] -= 1.0
            d += 1.0
            d_1 += float(here)
            i += 1
        n = n_0 + n_1
        weight = _weight(survival[stratum], floor[stratum], weighting, numbers)
        survival[stratum] *= 1.0 - d / n
        excess += weight * (d_1 - d * n_1 / n)
        if n > 1.0:
            variance += weight * weight * d * n_0 * n_1 * (n - d) / (n * n * (n - 1.0))
    return excess, variance


@kernel
def _weight(survival: float, floor: float, weighting: int, numbers: Floats) -> float:
    if weighting == LOG_RANK:
        return 1.0
    if weighting == FLEMING_HARRINGTON:
        early = survival ** numbers[0] if numbers[0] != 0.0 else 1.0
        late = (1.0 - survival) ** numbers[1] if numbers[1] != 0.0 else 1.0
        return float(early * late)
    return 1.0 / max(survival, floor)


@kernel
def _floors(keys: Words, sizes: Ints, star: np.uint32, left: Floats, floor: Floats) -> None:
    """Each stratum's pooled survival just before a step of time."""
    floor[:] = 1.0
    for i in range(keys.size):
        if keys[i] >> _TIME >= star:
            break
        cell = np.int64(keys[i] & _CELL)
        stratum = cell // 2
        n = left[2 * stratum] + left[2 * stratum + 1]
        if not (keys[i] >> CENSORED) & _ONE:
            floor[stratum] *= 1.0 - 1.0 / n
        left[cell] -= 1.0


@kernel
def efron(keys: Words, treated: Floats, risk: Floats) -> None:
    """Change numbers at risk at tied events to those of Efron's likelihood."""
    i = 0
    while i < keys.size:
        kind = keys[i] >> _ONE
        end = i + 1
        d_1 = float(keys[i] & _ONE)
        while end < keys.size and keys[end] >> _ONE == kind:
            d_1 += float(keys[end] & _ONE)
            end += 1
        d = end - i
        if d > 1 and not (keys[i] >> CENSORED) & _ONE:
            n, n_1 = risk[i], treated[i]
            for place in range(d):
                risk[i + place] = n - place
                treated[i + place] = n_1 - place * d_1 / d
        i = end
