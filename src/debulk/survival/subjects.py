"""Arrays of follow-up as users give them, checked once, with messages that name row and value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.survival.options import shown

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


LARGEST = 1e60
"""Sums over ten million rows of its fourth power are still finite."""

SMALLEST_WEIGHT = 1e-60
"""So that the quotient of two weights has a fourth power."""


@dataclass(frozen=True, eq=False)
class Subjects:
    """Checked follow-up of n subjects.

    Attributes
    ----------
    time : array of float, shape (n,)
        End of follow-up, finite and at least 0. Arrays may be the caller's own, uncopied: they
        are contiguous and writable, as kernels want them, and must not be written to.
    event : array of bool, shape (n,)
        Whether follow-up ended with the event.
    entry : array of float, shape (n,), or None
        Start of observation, below `time`; None when all are observed from the start.
    weights : array of float, shape (n,), or None
        Weights, not below 0; None when all count once.
    """

    time: Floats
    event: Bools
    entry: Floats | None = None
    weights: Floats | None = None

    @property
    def n(self) -> int:
        """Number of subjects."""
        return int(self.time.size)

    @property
    def events(self) -> int:
        """Number of events."""
        return int(np.count_nonzero(self.event))

    def subset(self, chosen: Bools) -> Subjects:
        """The subjects for whom `chosen` is true."""
        return Subjects(
            self.time[chosen],
            self.event[chosen],
            None if self.entry is None else self.entry[chosen],
            None if self.weights is None else self.weights[chosen],
        )


def read_subjects(
    time: Any,
    event: Any,
    *,
    entry: Any = None,
    weights: Any = None,
    needs_event: bool = False,
    zero_weights: bool = False,
    adds_times: bool = False,
) -> Subjects:
    """Check follow-up given as arrays, lists or columns.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (finite, at least 0) and whether it ended with the event (bool or 0/1).
    entry, weights : array-like, shape (n,), optional
        Start of observation (below `time`) and weights (above 0; from 1e-60 to 1e60).
    needs_event : bool
        Whether at least one event is required.
    zero_weights : bool
        Whether weights of 0 are let through.
    adds_times : bool
        Whether times are to be added or squared: times beyond 1e60 are then refused.

    Raises
    ------
    InputError
        On the first row that is wrong, with its number (from 1) and value; on arrays of
        different lengths or without rows; without an event where one is needed.
    """
    times = numbers(time, "time")
    if times.size == 0:
        raise InputError("time", "there are no rows", "Give at least one subject")
    if times.min() < 0:
        _refuse(times < 0, times, "time", "is negative", "Times run from 0 on")
    if adds_times:
        refuse_large(times, "time")
    events = _events(event)
    same_length(events, times.size, "event")
    if needs_event and not events.any():
        raise InputError(
            "event", "no subject has the event", "Check which value marks an event; it must be 1"
        )
    entries = None if entry is None else numbers(entry, "entry")
    if entries is not None:
        same_length(entries, times.size, "entry")
        late = entries >= times
        _refuse(late, entries, "entry", "is not below the row's time", "Entry precedes exit")
    loads = None if weights is None else numbers(weights, "weights")
    if loads is not None:
        same_length(loads, times.size, "weights")
        check_weights(loads)
        if not zero_weights:
            _refuse(loads == 0, loads, "weights", "is not above 0", "Leave such rows out")
    return Subjects(times, events, entries, loads)


def check_weights(weights: Floats, name: str = "weights") -> None:
    """Refuse weights below 0, and those whose squares or quotients leave floating point.

    Raises
    ------
    InputError
        Naming the first such row.
    """
    if weights.min(initial=0.0) < 0:
        _refuse(weights < 0, weights, name, "is negative", "Weights run from 0 on")
    refuse_large(weights, name)
    small = (weights > 0) & (weights < SMALLEST_WEIGHT)
    _refuse(small, weights, name, "is too small to reckon with", "Multiply all weights")


def numbers(values: Any, name: str) -> Floats:
    """One-dimensional finite floats: the values given where they already are, else a copy.

    Raises
    ------
    InputError
        If the values are not one-dimensional, not numbers, missing or infinite.
    """
    raw = one_dimensional(values, name)
    if raw.dtype.kind not in "iufbO":
        raise InputError(name, f"holds {raw.dtype} values, not numbers", "Give numbers")
    if raw.dtype.kind == "O":
        raw = _numbers_of_objects(raw, name)
    with np.errstate(over="ignore"):  # of a longer float; infinite then, and refused below
        result = np.ascontiguousarray(raw, dtype=np.float64)
    if not result.flags.writeable:
        result = result.copy()
    finite = np.isfinite(result)
    if not finite.all():
        bad = ~finite
        row = int(np.argmax(bad))
        found = "is missing" if np.isnan(result[row]) else f"is {result[row]}"
        raise InputError(f"{name}, row {row + 1}", f"the value {found}", "Complete or drop the row")
    return result


def refuse_large(values: Floats, name: str) -> None:
    """Refuse finite numbers beyond `LARGEST`, where squares or sums are to be made of them.

    Raises
    ------
    InputError
        Naming the first such row.
    """
    # A missing value comes through here as it is, for the caller to count or refuse.
    high, low = np.fmax.reduce(values, initial=0.0), np.fmin.reduce(values, initial=0.0)
    if max(high, -low) > LARGEST:
        large = np.abs(values) > LARGEST
        remedy = f"Use a larger unit: numbers reach to {LARGEST:g}"
        _refuse(large, values, name, "is too large to reckon with", remedy)


def one_dimensional(values: Any, name: str) -> npt.NDArray[Any]:
    """Values as a one-dimensional array.

    Raises
    ------
    InputError
        If they have another number of dimensions.
    """
    raw = as_array(values, name)
    if raw.ndim != 1:
        raise InputError(name, f"has {raw.ndim} dimensions", "Give a one-dimensional array")
    return raw


def as_array(values: Any, name: str) -> npt.NDArray[Any]:
    """Values as an array of whatever they are.

    Raises
    ------
    InputError
        If rows differ in length, or a masked array hides a value.
    """
    try:
        raw = np.asarray(values)
    except (ValueError, TypeError):
        raise InputError(name, "is not a plain list of values", "Give one value a row") from None
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        row = int(np.argwhere(np.ma.getmaskarray(values))[0][0])
        raise InputError(f"{name}, row {row + 1}", "the value is masked", "Drop the row")
    return raw


def moments(times: Any, name: str = "times") -> Floats:
    """Times at which something is asked, of any shape; NaN and infinity are let through.

    Raises
    ------
    InputError
        If they are not numbers.
    """
    raw = as_array(times, name)
    if raw.dtype.kind == "O" and raw.ndim == 1:
        return _numbers_of_objects(raw, name)
    if raw.dtype.kind not in "iufb":
        raise InputError(name, f"holds {raw.dtype} values, not numbers", "Give numbers")
    with np.errstate(over="ignore"):  # of a longer float: later than all times
        return raw.astype(np.float64)


def same_length(values: npt.NDArray[Any], n: int, name: str) -> None:
    """Refuse an array that has not as many values as there are times.

    Raises
    ------
    InputError
        If the lengths differ.
    """
    if values.size != n:
        raise InputError(name, f"has {values.size} values, time has {n}", "Give one value a row")


def is_missing(value: Any) -> bool:
    """Whether a Python value stands for none: None, NaN, pandas' NA and NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)


def _numbers_of_objects(raw: npt.NDArray[Any], name: str) -> Floats:
    result = np.empty(raw.size)
    for row, value in enumerate(raw):
        if is_missing(value):
            result[row] = np.nan
            continue
        try:
            if isinstance(value, str | bytes):  # as in an array of text, "1" is no number
                raise TypeError
            result[row] = float(value)
        except (TypeError, ValueError, OverflowError):
            where = f"{name}, row {row + 1}"
            raise InputError(where, f"{shown(value)} is not a number", "Give a number") from None
    return result


def _events(values: Any) -> Bools:
    raw = one_dimensional(values, "event")
    if raw.dtype.kind == "b":
        flags: Bools = np.ascontiguousarray(raw)
        return flags if flags.flags.writeable else flags.copy()
    if raw.dtype.kind in "iuf":
        marked: Bools = raw == 1
        if (marked | (raw == 0)).all():
            return marked
    found = numbers(raw, "event")
    wrong = (found != 0) & (found != 1)
    _refuse(wrong, found, "event", "is neither 0 nor 1", "1 marks an event, 0 a censored time")
    result: Bools = found == 1
    return result


def _refuse(bad: Bools, values: Floats, name: str, found: str, remedy: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(f"{name}, row {row + 1}", f"{values[row]:g} {found}", remedy)
