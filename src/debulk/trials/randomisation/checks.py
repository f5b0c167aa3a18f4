"""What a user may give to a method of randomisation: checked here, once, before anything runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.survival.options import shown

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LARGEST_SEED = 2**63 - 1
"""Largest seed of a simulation."""


def whole(value: Any, where: str, low: int, high: int) -> int:
    """A whole number between two limits, or an InputError."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise InputError(where, f"{shown(value)} is not a whole number", f"Give {low} to {high}")
    if not low <= int(value) <= high:
        top = f"2^{high.bit_length()} - 1" if high >= 2**53 else str(high)
        found = f"{shown(value)} is outside {low} to {top}"
        raise InputError(where, found, f"Give {low} to {top}")
    return int(value)


def number(value: Any, where: str, low: float, high: float, *, above: bool = False) -> float:
    """A finite number between two limits (above the lower one if so said), or an InputError."""
    remedy = f"Give a number {'above' if above else 'from'} {low:g} to {high:g}"
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise InputError(where, f"{shown(value)} is not a number", remedy)
    if isinstance(value, int) and not low <= value <= high:  # 10**400 is no float
        raise InputError(where, f"{shown(value)} is out of range", remedy)
    if not math.isfinite(value) or not low <= value <= high or (above and value == low):
        raise InputError(where, f"{value} is out of range", remedy)
    return float(value)


def names(values: Any, where: str, *, least: int) -> tuple[str, ...]:
    """Distinct, non-empty names, as a tuple; one text alone is one name."""
    found = (values,) if isinstance(values, str) else values
    if not isinstance(found, tuple | list):
        raise InputError(where, f"{values!r} is not a list of names", "Give names")
    for each in found:
        if not isinstance(each, str) or not each.strip():
            raise InputError(where, f"{each!r} is not a name", "Give non-empty texts")
    if len(set(found)) < len(found):
        raise InputError(where, f"{list(found)!r} repeats a name", "Give each name once")
    if len(found) < least:
        raise InputError(where, f"{len(found)} names are too few", f"Give {least} or more")
    return tuple(found)


def share_experimental(allocation: Any) -> Fraction:
    """Share of the experimental arm under an allocation of r : 1, as an exact fraction.

    Parameters
    ----------
    allocation : float
        Experimental : control, from 0.01 to 100; taken as the nearest fraction with a
        denominator of at most 1000.
    """
    ratio = Fraction(number(allocation, "allocation", 0.01, 100.0)).limit_denominator(1000)
    return ratio / (1 + ratio)


def whole_column(values: Any, where: str, size: int | None, high: int) -> Ints:
    """A column of whole numbers from 0 to `high`, as 64-bit integers.

    Parameters
    ----------
    values : array-like
        NumPy array, list, or column of a frame.
    where : str
        The argument's name.
    size : int or None
        How many entries it must have; None where any number above zero will do.
    high : int
        Largest value allowed.

    Raises
    ------
    InputError
        If it is not one-dimensional, has another length, or holds anything else.
    """
    found = _column(values, where, size)
    if found.dtype.kind not in "iuf":
        raise InputError(where, f"holds {found.dtype}, not whole numbers", "Give codes 0, 1, 2 ...")
    wrong = ~np.isfinite(found) | (found < 0) | (found > high) | (found != np.floor(found))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"{where}, entry {row}",
            f"{found[row]} is not a whole number from 0 to {high}",
            "Give codes 0, 1, 2 ...",
        )
    return found.astype(np.int64)


def number_column(values: Any, where: str, size: int | None) -> Floats:
    """A column of finite numbers, not negative."""
    found = _column(values, where, size)
    if found.dtype.kind not in "iuf":
        raise InputError(where, f"holds {found.dtype}, not numbers", "Give numbers")
    wrong = ~np.isfinite(found) | (found < 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"{where}, entry {row}", f"{found[row]} is not a number from 0", "Give finite numbers"
        )
    return found.astype(np.float64)


def flag_column(values: Any, where: str, size: int | None) -> npt.NDArray[np.bool_]:
    """A column of true and false."""
    found = _column(values, where, size)
    if found.dtype.kind != "b":
        raise InputError(where, f"holds {found.dtype}, not true and false", "Give booleans")
    return found.astype(np.bool_)


def _column(values: Any, where: str, size: int | None) -> npt.NDArray[Any]:
    try:
        found = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise InputError(where, "is not a column of numbers", "Give an array") from error
    if found.ndim != 1 or found.size == 0:
        raise InputError(where, f"has shape {found.shape}", "Give one entry a patient")
    if size is not None and found.size != size:
        raise InputError(where, f"has {found.size} entries for {size} patients", "Give one each")
    return found


def code_columns(codes: Any, wanted: tuple[str, ...], where: str, size: int) -> Ints:
    """Codes of characteristics, a row a patient and a column a name.

    Parameters
    ----------
    codes : mapping of str to array-like, array-like or None
        By name, or an array with one column a name in the method's order (or one dimension for
        one name).
    wanted : tuple of str
        The names that the method uses.
    where : str
        The argument's name.
    size : int
        Number of patients.
    """
    if not wanted:
        if codes is not None:
            raise InputError(where, "is given, but the method uses none", "Leave it out")
        return np.zeros((size, 0), np.int64)
    if codes is None:
        raise InputError(where, f"is missing; the method uses {', '.join(wanted)}", "Give codes")
    if isinstance(codes, Mapping):
        if set(codes) != set(wanted):
            raise InputError(
                where, f"has {sorted(map(str, codes))}", f"Give {', '.join(wanted)} and no other"
            )
        columns = [codes[name] for name in wanted]
    else:
        columns = _as_columns(codes, wanted, where)
    high = 2 ** (31 // len(wanted)) - 1
    return np.stack(
        [
            whole_column(column, f"{where} {name!r}", size, high)
            for name, column in zip(wanted, columns, strict=True)
        ],
        axis=1,
    )


def _as_columns(codes: Any, wanted: tuple[str, ...], where: str) -> list[npt.NDArray[Any]]:
    try:
        found = np.asarray(codes)
    except (ValueError, TypeError) as error:
        raise InputError(where, "is not an array of codes", "Give an array") from error
    if found.ndim == 1 and len(wanted) == 1:
        found = found[:, None]
    if found.ndim != 2 or found.shape[1] != len(wanted):
        raise InputError(
            where,
            f"has shape {found.shape}",
            f"Give a row a patient and a column for each of {', '.join(wanted)}",
        )
    return [found[:, column] for column in range(found.shape[1])]
