# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""What therapy does to the sensitive and resistant cells of one lesion in a step of 21 days."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.streams import normal, uniform
from debulk.disease.fast_math import fast_exp, fast_log
from debulk.disease.growth import LN_10
from debulk.disease.inner import inner

FEW_CELLS = 40.0
"""Cells below which a clone may die out in a step."""

_FEW_RESISTANT = 30.0
_NEVER = 1e-16  # no uniform number of 53 bits tells so rare a cell from none
_LN_REFERENCE = 10.0 * LN_10


@inner
def kill_terms(p: Any, kill: float, ln_capacity: float, pen: float) -> tuple[float, float]:
    """Kill rate as a line in ln(K/N): its constant and its slope, per day.

    ``k [(1 - pen) + pen ln(K/N) / ln(K/pen_cells)]``: drug reaches the cells of large lesions less
    well; `pen` is 0 without that.
    """
    reference = ln_capacity - math.log(p.pen_cells)
    return kill * (1.0 - pen), kill * pen / reference


@inner
def ln_resistant_share(p: Any, logit: float, z_lesion: float, ln_cells: float) -> float:
    """Logarithm of the share of resistant cells in a lesion at the start of a line."""
    x = logit + p.sfz * z_lesion
    ln_share = -fast_log(1.0 + fast_exp(-x)) if x > -30.0 else x
    return min(fast_log(max(p.fmax, 1e-300)), ln_share + p.eta * (ln_cells - _LN_REFERENCE))


@inner
def whole_cells(key: np.uint64, stream: np.uint64, slot: int, index: int, mean: float) -> float:
    """Cells: whole numbers where few are expected, since one more or less decides a cure."""
    if mean >= _FEW_RESISTANT:
        return mean
    if mean <= _NEVER:
        return 0.0
    chance = uniform(key, stream, slot, index)
    term = math.exp(-mean)
    count = 0.0
    while chance > term and count < 200.0:
        chance -= term
        count += 1.0
        term *= mean / count
    return count


@inner
def partition(
    p: Any,
    key: np.uint64,
    streams: tuple[np.uint64, np.uint64],
    slot: int,
    line: int,
    logit: float,
    cells: float,
) -> tuple[float, float]:
    """Sensitive and resistant cells of a lesion at the start of a line of therapy."""
    if cells <= 0.0:
        return 0.0, 0.0
    z = normal(key, streams[0], slot, line)
    share = fast_exp(ln_resistant_share(p, logit, z, fast_log(cells)))
    resistant = min(cells, whole_cells(key, streams[1], slot, line, share * cells))
    return cells - resistant, resistant


@inner
def survive(key: np.uint64, stream: np.uint64, slot: int, index: int, cells: float) -> float:
    """Cells, or none: a clone of a few cells dies out with probability exp(-cells)."""
    if cells <= 0.0:
        return 0.0
    if cells < FEW_CELLS and uniform(key, stream, slot, index) < math.exp(-cells):
        return 0.0
    return cells
