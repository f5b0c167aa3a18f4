"""Points clicked along a printed survival curve, checked and made a curve that never rises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.evidence.reconstruction.intervals import Floats
from debulk.evidence.reconstruction.isotonic import falling
from debulk.survival.options import shown
from debulk.survival.subjects import numbers

CLICK_TOLERANCE = 0.02
"""How far a click may lie outside the axes, as a share of an axis: a thick line's width."""

_GREATEST_RISE = 0.15  # of survival between two clicks; twenty times what a steady hand errs by
_SAME = 1e-9
_TIMES = ("time", "T", "trisk")


@dataclass(frozen=True, eq=False)
class Clicks:
    """A curve as it was clicked and as it is used.

    Attributes
    ----------
    read_time, read_survival : float64 array, shape (clicks,)
        As read, in the order of time, survival between 0 and 1.
    time, survival : float64 array
        Rising times after 0, survival that never rises: the least-squares fit to what was read.
    remarks : tuple of str
        What was changed, with counts.
    """

    read_time: Floats
    read_survival: Floats
    time: Floats
    survival: Floats
    remarks: tuple[str, ...]


def two_columns(table: Any, second: tuple[str, ...], argument: str) -> tuple[Any, Any]:
    """Times and what stands beside them, from whatever holds two columns.

    Parameters
    ----------
    table : frame, mapping, pair of sequences, or array of shape (rows, 2)
        Columns are found by name where there are names, else the first holds times.
    second : tuple of str
        Names of the second column; the first is the one that messages ask for.
    argument : str
        What messages call the table.

    Raises
    ------
    InputError
        If a column is missing, or there are not two.
    """
    if isinstance(table, list | tuple) or (isinstance(table, np.ndarray) and table.ndim > 0):
        return _unnamed(table, second[0], argument)
    return _named(table, _TIMES, argument), _named(table, second, argument)


def _unnamed(table: Any, second: str, argument: str) -> tuple[Any, Any]:
    if isinstance(table, np.ndarray) and table.dtype.names:
        return _named(table, _TIMES, argument), _named(table, (second,), argument)
    pair = table
    if isinstance(table, np.ndarray) or len(table) != 2:  # rows, not two columns
        pair = list(zip(*table, strict=True)) if _rows_of_two(table) else ()
    if len(pair) != 2:
        found = f"holds no two columns, but {shown(table)}"
        raise InputError(argument, found, f"Give a table with the columns time and {second}")
    return pair[0], pair[1]


def _rows_of_two(table: Any) -> bool:
    return all(np.ndim(row) == 1 and len(row) == 2 for row in table)


def _named(table: Any, names: tuple[str, ...], argument: str) -> Any:
    for name in names:
        try:
            return table[name]
        except Exception:  # every kind of table has its own
            continue
    found = f"has no column {names[0]!r}"
    raise InputError(argument, found, "Give a table, or a mapping, with that column")


def read_clicks(curve: Any, *, percent: bool) -> Clicks:
    """Check the clicks of one curve.

    Parameters
    ----------
    curve : frame, mapping, pair of sequences, or array of shape (clicks, 2)
        Columns ``time`` and ``survival`` (kmdata: ``T`` and ``S``), in any order of rows.
    percent : bool
        Whether survival runs from 0 to 100.

    Raises
    ------
    InputError
        If a value is missing, no number or outside its axis by more than `CLICK_TOLERANCE`; if no
        click lies after time 0; if the curve rises where it should fall.
    """
    times, heights = two_columns(curve, ("survival", "S"), "curve")
    time = numbers(times, "curve, column time")
    survival = numbers(heights, "curve, column survival")
    if time.size != survival.size:
        found = f"has {survival.size} values, time has {time.size}"
        raise InputError("curve, column survival", found, "Give one survival for each time")
    if time.size == 0 or time.max() <= 0.0:
        raise InputError("curve", "has no point after time 0", "Click along the curve")
    scale = 100.0 if percent else 1.0
    _check_axes(time, survival, scale)
    survival = survival / scale
    remarks = []
    outside = int(np.count_nonzero((survival < 0.0) | (survival > 1.0)))
    if outside:
        remarks.append(
            f"{outside} of {time.size} clicks lay beside the axis of survival: taken as on its end"
        )
    survival = np.clip(survival, 0.0, 1.0)
    early = time <= 0.0
    if early.any():
        count = int(np.count_nonzero(early))
        told = f"{count} of {time.size} clicks lay at or left of time 0, where survival is 1"
        remarks.append(f"{told}: left out")
        time, survival = time[~early], survival[~early]
    # Where a vertical stretch was clicked at both ends, the lower end comes last.
    order = np.lexsort((-survival, time))
    if (np.diff(time) < 0.0).any():
        remarks.append("clicks were put in the order of time")
    time, survival = time[order], survival[order]
    _check_direction(time, survival)
    return _never_rising(time, survival, remarks)


def _check_axes(time: Floats, survival: Floats, scale: float) -> None:
    slack = CLICK_TOLERANCE
    wrong = (survival > scale * (1.0 + slack)) | (survival < -scale * slack)
    if wrong.any():
        row = int(np.argmax(wrong))
        remedy = f"Survival lies between 0 and {scale:g}"
        if scale == 1.0 and survival[row] > 1.5:
            remedy += "; say percent=True where it runs to 100"
        where = f"curve, row {row + 1}, column survival"
        raise InputError(where, f"{survival[row]:g} is no survival", remedy)
    left = time < -slack * time.max()
    if left.any():
        row = int(np.argmax(left))
        found = f"{time[row]:g} lies left of time 0"
        raise InputError(f"curve, row {row + 1}, column time", found, "Calibrate the time axis")


def _check_direction(time: Floats, survival: Floats) -> None:
    rise = survival - np.minimum.accumulate(survival)
    row = int(np.argmax(rise))
    if rise[row] > _GREATEST_RISE:
        found = f"survival rises by {rise[row]:.2g} up to time {time[row]:g}"
        remedy = "Give survival, not incidence, of one curve only"
        raise InputError("curve, column survival", found, remedy)


def _never_rising(time: Floats, survival: Floats, remarks: list[str]) -> Clicks:
    last = np.append(np.diff(time) > 0.0, True)
    repeated = int(time.size - np.count_nonzero(last))
    if repeated:
        remarks.append(
            f"{repeated} of {time.size} clicks had the time of another: the lowest at a time counts"
        )
    times, lowest = time[last], survival[last]
    fitted = falling(lowest)
    moved = np.abs(fitted - lowest)
    changed = int(np.count_nonzero(moved > _SAME))
    if changed:
        told = f"{changed} of {times.size} clicks were moved, by {moved.max():.2g} at the most"
        remarks.append(f"survival rose between clicks: {told}, to the nearest curve that falls")
    return Clicks(time, survival, times, fitted, tuple(remarks))
