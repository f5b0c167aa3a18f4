"""Step functions of time: hazards, hazard ratios and rates that are constant between starts."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.options import one_number, shown
from debulk.survival.subjects import Floats


@dataclass(frozen=True)
class Pieces:
    """A step function from time 0 on.

    Attributes
    ----------
    starts : tuple of float
        Rising months at which each value begins; the first is 0.
    values : tuple of float
        Values of at least 0, as many as starts.
    """

    starts: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, months: Floats) -> Floats:
        """Values at times; at a start, the value that begins there."""
        piece = np.searchsorted(self.starts, months, side="right") - 1
        found: Floats = np.asarray(self.values)[np.maximum(piece, 0)]
        return found

    def cumulative(self, months: Floats) -> Floats:
        """Integral from 0 to each time."""
        starts, values = np.asarray(self.starts), np.asarray(self.values)
        at_starts = np.concatenate(([0.0], np.cumsum(np.diff(starts) * values[:-1])))
        piece = np.maximum(np.searchsorted(starts, months, side="right") - 1, 0)
        found: Floats = at_starts[piece] + (months - starts[piece]) * values[piece]
        return found

    def inverse(self, total: float) -> float:
        """Time at which the integral reaches a total; infinite where it never does."""
        reached = 0.0
        for k, (start, value) in enumerate(zip(self.starts, self.values, strict=True)):
            end = self.starts[k + 1] if k + 1 < len(self.starts) else math.inf
            if value > 0 and (math.isinf(end) or reached + (end - start) * value >= total):
                return start + (total - reached) / value
            if not math.isinf(end):
                reached += (end - start) * value
        return math.inf

    def times(self, other: Pieces) -> Pieces:
        """Product of two step functions."""
        starts = tuple(sorted({*self.starts, *other.starts}))
        grid = np.asarray(starts)
        return Pieces(starts, tuple((self.at(grid) * other.at(grid)).tolist()))


def read_pieces(given: Any, where: str, *, zero: bool = False) -> Pieces:
    """A step function given as one number or as ((start month, value), ...).

    Parameters
    ----------
    given : float or sequence of pairs
        A constant, or pairs of a start in months (the first 0, rising) and the value from then on.
    where : str
        The argument.
    zero : bool
        Whether values of 0 are allowed.

    Raises
    ------
    InputError
        On anything else.
    """
    if isinstance(given, Pieces):
        return given
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if not isinstance(given, list | tuple):
        return Pieces((0.0,), (_value(given, where, zero),))
    if not given:
        raise InputError(where, "is empty", "Give a number or ((0, value), (start month, value))")
    starts: list[float] = []
    values: list[float] = []
    for row, pair in enumerate(given, 1):
        if not isinstance(pair, list | tuple | np.ndarray) or len(pair) != 2:
            remedy = "Give pairs, as ((0, 1.0), (6, 0.7))"
            raise InputError(f"{where}, piece {row}", f"{shown(pair)} is no pair", remedy)
        starts.append(one_number(pair[0], f"{where}, start of piece {row}"))
        values.append(_value(pair[1], f"{where}, piece {row}", zero))
    if starts[0] != 0.0:
        raise InputError(where, f"the first piece starts at {starts[0]:g}", "Let it start at 0")
    for row, (before, after) in enumerate(itertools.pairwise(starts), 2):
        if after <= before:
            found = f"{after:g} does not come after {before:g}"
            raise InputError(f"{where}, start of piece {row}", found, "Give rising starts")
    return Pieces(tuple(starts), tuple(values))


def _value(given: Any, where: str, zero: bool) -> float:
    value = one_number(given, where)
    if value < 0 or (value == 0 and not zero):
        least = "at least 0" if zero else "above 0"
        raise InputError(where, f"{value:g} is not {least}", f"Give a value {least}")
    if value > 1e9:
        raise InputError(where, f"{value:g} is too large to reckon with", "Check the unit")
    return value
