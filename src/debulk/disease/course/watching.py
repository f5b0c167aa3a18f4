# mypy: disable-error-code="no-any-return"
# The model and the state are records, which have no static types.
"""What the tumour of one patient does over time, written down every nine weeks."""

from __future__ import annotations

from typing import Any

from debulk.disease.course.state import (
    AT_START,
    COPIES,
    DEAD,
    KIND,
    ORGAN,
    RESISTANT,
    ROW,
    SEEN_FROM,
    SENSITIVE,
)
from debulk.disease.course.visits import seen_cells
from debulk.disease.growth import PRIMARY, diameter_of_cells
from debulk.disease.inner import inner


@inner
def watch(p: Any, s: Any, lesion: Any, code: Any, watched: Any, row: int, column: int) -> None:
    """Write one column of `debulk.disease.course.outcome.Watch`, in the order of its fields."""
    if column >= watched.shape[2]:
        return
    of_start, of_now, seen, new, living, held = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for slot in range(s.lesions):
        alive = (lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]) * lesion[COPIES + slot]
        living += alive
        held += alive + lesion[DEAD + slot] * lesion[COPIES + slot]
        if code[KIND + slot] == PRIMARY:
            continue
        cells = seen_cells(lesion, slot)
        diameter = 10.0 * diameter_of_cells(cells)
        shown = cells >= lesion[SEEN_FROM + slot]
        if code[AT_START + slot] and diameter >= 10.0 * p.too_small_cm:
            of_start += diameter
        if shown:
            of_now += diameter
            seen += lesion[COPIES + slot]
            if not code[AT_START + slot]:
                new = 1.0
    watched[0, row, column] = of_start
    watched[1, row, column] = of_now
    watched[2, row, column] = seen
    watched[3, row, column] = new
    watched[4, row, column] = living
    watched[5, row, column] = held * 1e-9
    watched[6, row, column] = s.load
    watched[7, row, column] = s.line
    watched[8, row, column] = s.level


@inner
def follow(s: Any, lesion: Any, code: Any, followed: Any, row: int, column: int) -> None:
    """Write one column of each lesion of one patient: those of the start first, in their order.

    New metastases stand behind them. Where one has died out, a later one may take its place.
    """
    diameters, shown, organs = followed
    if column >= diameters.shape[2]:
        return
    for slot in range(s.lesions):
        place = code[ROW + slot] if slot < s.own else slot
        cells = seen_cells(lesion, slot)
        diameters[row, place, column] = 10.0 * diameter_of_cells(cells)
        shown[row, place, column] = (
            code[KIND + slot] == PRIMARY or cells >= lesion[SEEN_FROM + slot]
        )
        organs[row, place] = code[ORGAN + slot]
