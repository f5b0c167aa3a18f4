# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""Where and when metastases are born: by the primary, and by other metastases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.compiled import kernel
from debulk.core.streams import normal, uniform
from debulk.disease import decisions
from debulk.disease.decisions import ONCE
from debulk.disease.exponential_integral import exp_integral, ln_inverse_exp_integral
from debulk.disease.fast_math import fast_exp, fast_log
from debulk.disease.growth import LN_10, NODE, PERITONEUM
from debulk.disease.inner import hot, inner
from debulk.disease.latents import cascade_weights, pick

_BIRTH = decisions.BIRTH
_LESION_GROWTH = decisions.LESION_GROWTH
_LESION_ORGAN = decisions.LESION_ORGAN
_CASCADE_BIRTH = decisions.CASCADE_BIRTH
_CASCADE_GROWTH = decisions.CASCADE_GROWTH
_CASCADE_ORGAN = decisions.CASCADE_ORGAN
_CASCADE_SAME = decisions.CASCADE_SAME

FIRST_MOST = 64
"""Metastases of the primary that are followed: the first born, so nearly always the largest."""
LESIONS_MOST = 224
"""Lesions that a patient's work space holds before the largest are kept."""
_CHILDREN_MOST = 64
_BATCH = 8
_SMALLEST_ALPHA = 1e-9
"""Stands for an exponent of 0, where shedding does not depend on size."""


@hot
def shed_exponent(p: Any) -> float:
    """Exponent of size in shedding, kept above 0 for the closed forms."""
    return max(p.alpha, _SMALLEST_ALPHA)


@kernel
def expected_shed(
    p: Any, e1: Any, rate: float, growth: float, ln_cells_1: float, ln_cells_2: float
) -> float:
    """Expected number of metastases shed while the primary grows between two sizes.

    The integral of ``rate N(t)^alpha`` in closed form, by the exponential integral.
    """
    alpha, ln_capacity = shed_exponent(p), LN_10 * p.cap_primary
    y_1 = exp_integral(e1, math.log(alpha * (ln_capacity - ln_cells_1)))
    y_2 = exp_integral(e1, math.log(alpha * (ln_capacity - ln_cells_2)))
    return rate * math.exp(alpha * ln_capacity) / growth * (y_2 - y_1)


@kernel
def births_of_primary(
    p: Any,
    e1: Any,
    key: np.uint64,
    rate: float,
    growth: float,
    ln_cells_1: float,
    ln_cells_2: float,
    born: Any,
) -> int:
    """Days (from the primary's first cell) at which metastases are born, in order; how many.

    A Poisson process run in its own time: exponential gaps in the expected number, put back on
    the calendar by the inverse of the exponential integral.
    """
    alpha, ln_capacity = shed_exponent(p), LN_10 * p.cap_primary
    y = exp_integral(e1, math.log(alpha * (ln_capacity - ln_cells_1)))
    end = exp_integral(e1, math.log(alpha * (ln_capacity - ln_cells_2)))
    scale = growth / (rate * math.exp(alpha * ln_capacity))
    ln_start = math.log(alpha * ln_capacity)
    count = 0
    while y < end and count < FIRST_MOST:
        # Gaps by the batch: their logarithms are taken several at once.
        batch = count + _BATCH
        for slot in range(count, batch):
            born[slot] = uniform(key, _BIRTH, slot, ONCE)
        _logarithms(count, batch, born)
        for slot in range(count, batch):
            y -= scale * born[slot]
            if y >= end:
                break
            born[slot] = y
            count += 1
    _logarithms(0, count, born)
    for slot in range(count):
        born[slot] = (ln_start - ln_inverse_exp_integral(e1, born[slot])) / growth
    return count


@hot
def _logarithms(first: int, end: int, values: Any) -> None:
    """Take the logarithm of some values in their place; the loop runs on several at once."""
    for slot in range(first, end):
        values[slot] = fast_log(values[slot])


@hot
def furnish(
    p: Any,
    key: np.uint64,
    median_growth: float,
    weights: Any,
    count: int,
    growth: Any,
    organ: Any,
) -> None:
    """Give each metastasis of the primary its growth constant and class of organ."""
    for slot in range(count):
        growth[slot] = normal(key, _LESION_GROWTH, slot, ONCE)
        organ[slot] = pick(weights, uniform(key, _LESION_ORGAN, slot, ONCE))
    _grow(p, median_growth, 0, count, growth)


@inner
def is_field(organ: int) -> bool:
    """Whether metastases there seed their own surface: peritoneum and nodes."""
    return (organ == PERITONEUM) | (organ == NODE)


@inner
def organ_of_child(p: Any, weights: Any, parent: int, same: float, chance: float) -> int:
    """Class of organ of a metastasis of a metastasis, from two uniform numbers."""
    stays = p.same_field if is_field(parent) else p.same_organ
    if same < stays:
        return parent
    return pick(weights, chance)


@kernel
def shedding_start(p: Any, e1: Any) -> tuple[float, float, float]:
    """Constants of `shed_when` and `ripe_at`; the last is 0 where growth is exponential."""
    alpha = shed_exponent(p)
    if p.exponential > 0.0:
        return alpha, 0.0, 0.0
    x = alpha * LN_10 * p.cap_met
    ln_x = math.log(x)
    return ln_x, exp_integral(e1, ln_x), math.exp(x)


@kernel
def shed_when(e1: Any, start: tuple[float, float, float], ripe: float) -> float:
    """What a metastasis has shed when growth constant times age is `ripe`.

    The integral of N^alpha over growth constant times age, from the first cell on: with Gompertz
    growth by the exponential integral, with exponential growth ``(exp(alpha g a) - 1) / alpha``.
    """
    if start[2] == 0.0:
        return math.expm1(start[0] * ripe) / start[0]
    return start[2] * (exp_integral(e1, start[0] - ripe) - start[1])


@kernel
def ripe_at(e1: Any, start: tuple[float, float, float], shed: float) -> float:
    """Growth constant times age at which so much is shed; the inverse of `shed_when`."""
    if start[2] == 0.0:
        return math.log1p(start[0] * shed) / start[0]
    return start[0] - ln_inverse_exp_integral(e1, math.log(start[1] + shed / start[2]))


@hot
def cascade(
    p: Any,
    e1: Any,
    key: np.uint64,
    rate: float,
    median_growth: float,
    weights: Any,
    now: float,
    first: int,
    born: Any,
    growth: Any,
    organ: Any,
    spare: Any,
) -> int:
    """Add the metastases that metastases have shed up to day `now`; the new number of lesions.

    `rate` is the shedding rate of metastases, from one cell on. Where the followed metastases of
    the primary are many, children born after the last of them are left out: they are smaller.
    """
    last = now
    if first >= FIRST_MOST:
        last = born[FIRST_MOST - 1]
    start = shedding_start(p, e1)
    for parent in range(first):
        spare[parent] = uniform(key, _CASCADE_BIRTH, parent, 0)
    _logarithms(0, first, spare)
    count = first
    for parent in range(first):
        ripe = growth[parent] * (last - born[parent])
        if ripe <= 0.0:
            continue
        scale = growth[parent] / (rate * (p.field if is_field(organ[parent]) else 1.0))
        end = shed_when(e1, start, ripe)
        shed = -scale * spare[parent]
        child = 0
        while shed < end and child < _CHILDREN_MOST and count < LESIONS_MOST:
            # Kept until below: what was shed, whose child it is and which.
            born[count], organ[count], growth[count] = shed, parent, child
            count += 1
            child += 1
            shed -= scale * math.log(uniform(key, _CASCADE_BIRTH, parent, child))
    if count == first:
        return count
    cascade_weights(p, key, weights)
    _ripen(e1, start, first, count, born)
    for slot in range(first, count):
        parent, child = organ[slot], int(growth[slot])
        born[slot] = born[parent] + born[slot] / growth[parent]
        growth[slot] = normal(key, _CASCADE_GROWTH, parent, child)
        organ[slot] = organ_of_child(
            p,
            weights,
            organ[parent],
            uniform(key, _CASCADE_SAME, parent, child),
            uniform(key, _CASCADE_ORGAN, parent, child),
        )
    _grow(p, median_growth, first, count, growth)
    return count


@hot
def _ripen(e1: Any, start: tuple[float, float, float], first: int, end: int, values: Any) -> None:
    """As `ripe_at`, of some values in their place."""
    if start[2] == 0.0:
        for slot in range(first, end):
            values[slot] = ripe_at(e1, start, values[slot])
        return
    for slot in range(first, end):
        values[slot] = start[1] + values[slot] / start[2]
    _logarithms(first, end, values)
    for slot in range(first, end):
        values[slot] = start[0] - ln_inverse_exp_integral(e1, values[slot])


@hot
def _grow(p: Any, median_growth: float, first: int, count: int, growth: Any) -> None:
    """Growth constants from standard normal numbers; the loop runs on several at once."""
    for slot in range(first, count):
        growth[slot] = median_growth * fast_exp(p.sbMw * growth[slot])


@hot
def cells_on_day(p: Any, day: float, count: int, born: Any, growth: Any, cells: Any) -> float:
    """Write the cells of each metastasis on a day, of those not born yet none; their sum."""
    # Plain arithmetic without branches: the loops run on several lesions at once.
    if p.exponential > 0.0:
        for slot in range(count):
            cells[slot] = fast_exp(growth[slot] * (day - born[slot]))
    else:
        ln_capacity = LN_10 * p.cap_met
        for slot in range(count):
            left = fast_exp(growth[slot] * (born[slot] - day))
            cells[slot] = fast_exp(ln_capacity * (1.0 - left))
    total = 0.0
    for slot in range(count):
        if born[slot] >= day:
            cells[slot] = 0.0
        total += cells[slot]
    return total


@hot
def gain_on_day(p: Any, day: float, count: int, born: Any, growth: Any, cells: Any) -> float:
    """Cells a day that metastases gain together, from the cells they have on that day."""
    gain = 0.0
    if p.exponential > 0.0:
        for slot in range(count):
            gain += growth[slot] * cells[slot]
        return gain
    ln_capacity = LN_10 * p.cap_met
    for slot in range(count):
        left = fast_exp(growth[slot] * (born[slot] - day))
        gain += growth[slot] * cells[slot] * ln_capacity * left
    return gain
