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
from debulk.disease.growth import CAPACITY, LN_CAPACITY, NODE, PERITONEUM, cells_at_age
from debulk.disease.inner import inner
from debulk.disease.latents import pick

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
_SMALLEST_CHILD = 1.0


@kernel
def expected_shed(
    p: Any, e1: Any, rate: float, growth: float, cells_1: float, cells_2: float
) -> float:
    """Expected number of metastases shed while a tumour grows from `cells_1` to `cells_2`.

    The integral of ``rate N(t)^alpha`` in closed form, by the exponential integral.
    """
    y_1 = exp_integral(e1, p.alpha * (LN_CAPACITY - math.log(cells_1)))
    y_2 = exp_integral(e1, p.alpha * (LN_CAPACITY - math.log(cells_2)))
    return rate * CAPACITY**p.alpha / growth * (y_2 - y_1)


@kernel
def births_of_primary(
    p: Any,
    e1: Any,
    key: np.uint64,
    rate: float,
    growth: float,
    cells_1: float,
    cells_2: float,
    born: Any,
) -> int:
    """Days (from the primary's first cell) at which metastases are born, in order; how many.

    A Poisson process run in its own time: exponential gaps in the expected number, put back on
    the calendar by the inverse of the exponential integral.
    """
    y = exp_integral(e1, p.alpha * (LN_CAPACITY - math.log(cells_1)))
    end = exp_integral(e1, p.alpha * (LN_CAPACITY - math.log(cells_2)))
    scale = growth / (rate * CAPACITY**p.alpha)
    ln_start = math.log(p.alpha * LN_CAPACITY)
    count = 0
    while count < FIRST_MOST:
        y -= scale * math.log(uniform(key, _BIRTH, count, ONCE))
        if y >= end:
            break
        born[count] = (ln_start - ln_inverse_exp_integral(e1, y)) / growth
        count += 1
    return count


@inner
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
        z = normal(key, _LESION_GROWTH, slot, ONCE)
        growth[slot] = median_growth * math.exp(p.sbMw * z)
        organ[slot] = pick(weights, uniform(key, _LESION_ORGAN, slot, ONCE))


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


@inner
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
) -> int:
    """Add the metastases that metastases have shed up to day `now`; the new number of lesions.

    `rate` is the shedding rate of metastases, from one cell on. Where the followed metastases of
    the primary are many, children born after the last of them are left out: they are smaller.
    """
    last = now
    if first >= FIRST_MOST:
        last = born[FIRST_MOST - 1]
    ln_start = math.log(p.alpha * LN_CAPACITY)
    y_start = exp_integral(e1, p.alpha * LN_CAPACITY)
    count = first
    for parent in range(first):
        age = last - born[parent]
        if age <= 0.0:
            continue
        own = rate * (p.field if is_field(organ[parent]) else 1.0)
        scale = growth[parent] / (own * CAPACITY**p.alpha)
        x_end = max(p.alpha * LN_CAPACITY * math.exp(-growth[parent] * age), 1e-12)
        end = exp_integral(e1, x_end)
        y = y_start
        for child in range(_CHILDREN_MOST):
            y -= scale * math.log(uniform(key, _CASCADE_BIRTH, parent, child))
            if y >= end or count >= LESIONS_MOST:
                break
            waited = (ln_start - ln_inverse_exp_integral(e1, y)) / growth[parent]
            born[count] = born[parent] + waited
            z = normal(key, _CASCADE_GROWTH, parent, child)
            growth[count] = median_growth * math.exp(p.sbMw * z)
            organ[count] = organ_of_child(
                p,
                weights,
                organ[parent],
                uniform(key, _CASCADE_SAME, parent, child),
                uniform(key, _CASCADE_ORGAN, parent, child),
            )
            count += 1
    return count


@inner
def cells_on_day(day: float, count: int, born: Any, growth: Any, cells: Any) -> float:
    """Write the cells of each metastasis on a day; their sum."""
    total = 0.0
    for slot in range(count):
        cells[slot] = 0.0
        if born[slot] < day:
            cells[slot] = cells_at_age(growth[slot], day - born[slot])
        total += cells[slot]
    return total


@inner
def cells_and_growth(day: float, count: int, born: Any, growth: Any) -> tuple[float, float]:
    """Cells of all metastases on a day, and their growth in cells per day."""
    total, slope = 0.0, 0.0
    for slot in range(count):
        if born[slot] < day:
            left = math.exp(-growth[slot] * (day - born[slot]))
            cells = math.exp(LN_CAPACITY * (1.0 - left))
            total += cells
            slope += cells * growth[slot] * LN_CAPACITY * left
    return total, slope
