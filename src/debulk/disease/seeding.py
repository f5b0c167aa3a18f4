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
from debulk.disease.growth import LN_10, NODE, PERITONEUM, ln_cells_at_age
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
_SMALLEST_ALPHA = 1e-9
"""Stands for an exponent of 0, where shedding does not depend on size."""


@inner
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
    y_1 = exp_integral(e1, alpha * (ln_capacity - ln_cells_1))
    y_2 = exp_integral(e1, alpha * (ln_capacity - ln_cells_2))
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
    y = exp_integral(e1, alpha * (ln_capacity - ln_cells_1))
    end = exp_integral(e1, alpha * (ln_capacity - ln_cells_2))
    scale = growth / (rate * math.exp(alpha * ln_capacity))
    ln_start = math.log(alpha * ln_capacity)
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


@kernel
def shed_by_age(p: Any, e1: Any, growth: float, age: float) -> float:
    """Cells that a metastasis sheds from its first cell to an age, for a rate of 1 per day.

    The integral of ``N(a)^alpha``: with Gompertz growth by the exponential integral, with
    exponential growth ``(exp(alpha g a) - 1) / (alpha g)``.
    """
    alpha = shed_exponent(p)
    if p.exponential > 0.0:
        return math.expm1(alpha * growth * age) / (alpha * growth)
    x = alpha * LN_10 * p.cap_met
    y = exp_integral(e1, max(x * math.exp(-growth * age), 1e-300)) - exp_integral(e1, x)
    return math.exp(x) * y / growth


@kernel
def age_at_shed(p: Any, e1: Any, growth: float, shed: float) -> float:
    """Age at which a metastasis has shed so much; the inverse of `shed_by_age`."""
    alpha = shed_exponent(p)
    if p.exponential > 0.0:
        return math.log1p(alpha * growth * shed) / (alpha * growth)
    x = alpha * LN_10 * p.cap_met
    y = exp_integral(e1, x) + shed * growth * math.exp(-x)
    return (math.log(x) - ln_inverse_exp_integral(e1, y)) / growth


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
    count = first
    for parent in range(first):
        age = last - born[parent]
        if age <= 0.0:
            continue
        own = rate * (p.field if is_field(organ[parent]) else 1.0)
        end = own * shed_by_age(p, e1, growth[parent], age)
        expected = 0.0
        for child in range(_CHILDREN_MOST):
            expected -= math.log(uniform(key, _CASCADE_BIRTH, parent, child))
            if expected >= end or count >= LESIONS_MOST:
                break
            born[count] = born[parent] + age_at_shed(p, e1, growth[parent], expected / own)
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
def cells_on_day(p: Any, day: float, count: int, born: Any, growth: Any, cells: Any) -> float:
    """Write the cells of each metastasis on a day; their sum."""
    total = 0.0
    for slot in range(count):
        cells[slot] = 0.0
        if born[slot] < day:
            cells[slot] = math.exp(ln_cells_at_age(p, growth[slot], day - born[slot]))
        total += cells[slot]
    return total


@inner
def cells_and_growth(p: Any, day: float, count: int, born: Any, growth: Any) -> tuple[float, float]:
    """Cells of all metastases on a day, and their growth in cells per day."""
    total, slope = 0.0, 0.0
    room = LN_10 * p.cap_met
    for slot in range(count):
        if born[slot] < day:
            ln_cells = ln_cells_at_age(p, growth[slot], day - born[slot])
            cells = math.exp(ln_cells)
            total += cells
            slope += cells * growth[slot] * (1.0 if p.exponential > 0.0 else room - ln_cells)
    return total, slope
