# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""The metastases that are kept of a presenter: the largest one by one, the others in lumps."""

from __future__ import annotations

import math
from typing import Any

from debulk.disease.fast_math import fast_exp, fast_log
from debulk.disease.growth import LN_10, LUNG, OTHER, PERITONEUM, age_at_ln_cells
from debulk.disease.inner import hot

SINGLE_MOST = 40
"""Metastases kept one by one: the largest."""
CLASSES = OTHER + 1
"""Classes of organs that metastases lie in."""
STORED_MOST = SINGLE_MOST + CLASSES + 1
"""Rows of a presenter: single metastases, a lump for each class of organ, the primary."""


@hot
def ripe_and_seen(
    p: Any,
    day: float,
    ln_threshold: float,
    count: int,
    born: Any,
    growth: Any,
    organ: Any,
    ripeness: Any,
) -> int:
    """Write growth constant times age of each metastasis; how many imaging shows on `day`.

    The size of a lesion rises with that product alone, so that sizes are compared without an
    exponential. `ln_threshold` is the logarithm of the cells seen in the liver.
    """
    liver = age_at_ln_cells(p, 1.0, ln_threshold)
    lung = age_at_ln_cells(p, 1.0, ln_threshold + math.log(p.see_lung))
    peritoneum = age_at_ln_cells(p, 1.0, ln_threshold + math.log(p.see_per))
    seen = 0
    for slot in range(count):
        ripeness[slot] = growth[slot] * max(day - born[slot], 0.0)
        kind = organ[slot]
        needed = liver
        if kind == LUNG:
            needed = lung
        elif kind == PERITONEUM:
            needed = peritoneum
        if ripeness[slot] >= needed:
            seen += 1
    return seen


@hot
def keep_largest(
    p: Any, count: int, spare: Any, growth: Any, organ: Any, cells: Any, copies: Any
) -> int:
    """Keep the largest metastases single and lump the others by class of organ; rows kept.

    A lump has the geometric mean of cells and of growth, and counts its metastases in `copies`.
    `cells` holds growth constant times age of each and is written over.
    """
    if p.exponential <= 0.0:
        ln_capacity = LN_10 * p.cap_met
        for slot in range(count):
            cells[slot] = ln_capacity * (1.0 - fast_exp(-cells[slot]))
    kept = count
    if count > SINGLE_MOST:
        kept = _lump(count, spare, growth, organ, cells, copies)
    else:
        for slot in range(count):
            copies[slot] = 1.0
    for slot in range(kept):
        cells[slot] = fast_exp(cells[slot])
    return kept


@hot
def _lump(count: int, spare: Any, growth: Any, organ: Any, ln_cells: Any, copies: Any) -> int:
    for slot in range(count):
        spare[slot] = ln_cells[slot]
        copies[slot] = fast_log(growth[slot])  # until the row is kept
    least = _kth_largest(spare, count, SINGLE_MOST)
    for place in range(3 * CLASSES):
        spare[place] = 0.0
    kept = 0
    for slot in range(count):
        if ln_cells[slot] >= least and kept < SINGLE_MOST:
            growth[kept] = growth[slot]
            organ[kept] = organ[slot]
            ln_cells[kept] = ln_cells[slot]
            copies[kept] = 1.0
            kept += 1
        else:
            place = 3 * organ[slot]
            spare[place] += 1.0
            spare[place + 1] += ln_cells[slot]
            spare[place + 2] += copies[slot]
    for kind in range(CLASSES):
        number = spare[3 * kind]
        if number > 0.0:
            ln_cells[kept] = spare[3 * kind + 1] / number
            growth[kept] = math.exp(spare[3 * kind + 2] / number)
            organ[kept] = kind
            copies[kept] = number
            kept += 1
    return kept


@hot
def _kth_largest(values: Any, count: int, rank: int) -> float:
    """The `rank`-th largest of the first `count` numbers, which are put in another order.

    Hoare's selection: the numbers before and after the wanted place are parted until it is found.
    """
    low, high, place = 0, count - 1, rank - 1
    while low < high:
        pivot = values[place]
        left, right = low, high
        while left <= right:
            while values[left] > pivot:
                left += 1
            while values[right] < pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if right < place:
            low = left
        if place < left:
            high = right
    return values[place]
