# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""What a step of 21 days does to the sensitive and resistant cells of one lesion."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.streams import normal, uniform
from debulk.disease.growth import LN_CAPACITY, STEP_DAYS
from debulk.disease.inner import inner

TABLE_POINTS = 2048
_LN_RANGE = 28.0
_PER_POINT = (TABLE_POINTS - 1) / _LN_RANGE
_FEW_RESISTANT = 30.0
_FEW_CELLS = 40.0
_REFERENCE_CELLS = 1e10


def response_tables(record: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Two powers on a regular grid of ln(K/N), which a look-up makes cheap.

    Row 0: penetration, ``[ln(K/N) / ln(K/pen_cells)]^pen``; row 1: shedding, ``N^alpha``.
    """
    p = record[0]
    ln_room = np.arange(TABLE_POINTS) / _PER_POINT
    reference = LN_CAPACITY - math.log(p["pen_cells"])
    return np.stack(
        [(ln_room / reference) ** p["pen"], np.exp(p["alpha"] * (LN_CAPACITY - ln_room))]
    )


@inner
def table_value(row: Any, ln_room: float) -> float:
    """One row of `response_tables` at ln(K/N), linear between points."""
    position = min(max(ln_room, 0.0) * _PER_POINT, TABLE_POINTS - 1.000001)
    low = int(position)
    return row[low] + (row[low + 1] - row[low]) * (position - low)


@inner
def resistant_share(p: Any, logit: float, z_lesion: float, cells: float) -> float:
    """Share of resistant cells in a lesion at the start of a line."""
    share = 1.0 / (1.0 + math.exp(-(logit + p.sfz * z_lesion)))
    return min(p.fmax, share * (cells / _REFERENCE_CELLS) ** p.eta)


@inner
def resistant_cells(key: np.uint64, stream: np.uint64, slot: int, index: int, mean: float) -> float:
    """Resistant cells: whole numbers where they are few, since one more or less decides a cure."""
    if mean >= _FEW_RESISTANT:
        return mean
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
    share = resistant_share(p, logit, normal(key, streams[0], slot, line), cells)
    resistant = min(cells, resistant_cells(key, streams[1], slot, line, share * cells))
    return cells - resistant, resistant


@inner
def treated_step(
    most: float,
    spared: float,
    sensitive: float,
    resistant: float,
    gain: float,
    kill: float,
    ln_room: float,
    penetration: Any,
) -> tuple[float, float]:
    """Growth and kill in one step on drug.

    `most` bounds the kill rate in a lesion, `spared` is the kill of resistant cells relative to
    sensitive ones, `gain` the log growth of the step, `kill` the kill rate times the strength of
    the drug in this step, `penetration` the first row of `response_tables`.
    """
    killed = min(most, kill * table_value(penetration, ln_room)) * STEP_DAYS
    if sensitive > 0.0:
        sensitive *= math.exp(gain - killed)
    if resistant > 0.0:
        resistant *= math.exp(gain - spared * killed)
    return sensitive, resistant


@inner
def acquired(
    key: np.uint64, stream: np.uint64, slot: int, index: int, due: float, sensitive: float
) -> float:
    """Sensitive cells that become resistant in a step; one cell or none where less is due."""
    if due < 1.0:
        if sensitive <= 0.0:
            return 0.0
        due = 1.0 if uniform(key, stream, slot, index) < due else 0.0
    return min(due, sensitive)


@inner
def survive(key: np.uint64, stream: np.uint64, slot: int, index: int, cells: float) -> float:
    """Cells, or none: a clone of a few cells dies out with probability exp(-cells)."""
    if cells <= 0.0:
        return 0.0
    if cells < _FEW_CELLS and uniform(key, stream, slot, index) < math.exp(-cells):
        return 0.0
    return cells
