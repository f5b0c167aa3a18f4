"""A grid of assumptions: every combination of the values of its axes, numbered."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.core.results import plain

MOST_POINTS = 10_000_000


@dataclass(frozen=True)
class Grid:
    """Axes and their values; point 0 has the first value of each, the last axis moves first.

    Attributes
    ----------
    names : tuple of str
        Of the axes.
    values : tuple of tuple
        Of each axis.
    """

    names: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]

    @property
    def size(self) -> int:
        """Number of points."""
        return math.prod(len(each) for each in self.values)

    def point(self, number: int) -> dict[str, Any]:
        """The assumptions of a point, by axis.

        Parameters
        ----------
        number : int
            From 0 to `size` - 1.
        """
        chosen: dict[str, Any] = {}
        for name, values in zip(reversed(self.names), reversed(self.values), strict=True):
            number, place = divmod(number, len(values))
            chosen[name] = values[place]
        return {name: chosen[name] for name in self.names}

    def columns(self) -> dict[str, pl.DataType]:
        """Type of the column of each axis: numbers and words as such, all else as JSON text."""
        return {
            name: _column_type(values) for name, values in zip(self.names, self.values, strict=True)
        }

    def to_dict(self) -> dict[str, Any]:
        """Axes with plain values."""
        return {name: plain(list(v)) for name, v in zip(self.names, self.values, strict=True)}


def read_grid(axes: Any) -> Grid:
    """Check axes and make them a grid.

    Parameters
    ----------
    axes : mapping of str to list
        Values by assumption.

    Raises
    ------
    InputError
        If it is no mapping, an axis has no value or one twice, or there are too many points.
    """
    if not isinstance(axes, Mapping) or not axes:
        raise InputError("grid", "names no axis", "Give values by name: hazard_ratio: [0.7, 0.8]")
    names: list[str] = []
    values: list[tuple[Any, ...]] = []
    for name, entries in axes.items():
        if not isinstance(name, str) or not name:
            raise InputError("grid", f"{name!r} is no name", "Name the axis by an assumption")
        names.append(name)
        values.append(_values(name, entries))
    grid = Grid(tuple(names), tuple(values))
    if grid.size > MOST_POINTS:
        raise InputError(
            "grid", f"has {grid.size:,} points, more than {MOST_POINTS:,}", "Give fewer values"
        )
    return grid


def _values(name: str, entries: Any) -> tuple[Any, ...]:
    where = f"grid, {name}"
    if isinstance(entries, str | bytes | Mapping) or not isinstance(entries, Iterable):
        raise InputError(where, f"{entries!r} is no list", f"Write {name}: [0.7, 0.8]")
    if hasattr(entries, "tolist"):  # NumPy
        entries = entries.tolist()
    elif hasattr(entries, "to_list"):  # Polars
        entries = entries.to_list()
    found = tuple(entries) if isinstance(entries, Iterable) else (entries,)
    found = tuple(each.item() if isinstance(each, np.generic) else each for each in found)
    if not found:
        raise InputError(where, "has no value", "Give at least one, or leave the axis out")
    seen: set[str] = set()
    for each in found:
        text = cell_text(each)
        if text in seen:
            raise InputError(where, f"has the value {text} twice", "Give each value once")
        seen.add(text)
    return found


def cell_text(value: Any) -> str:
    """A value as text; the same text for the same value.

    Parameters
    ----------
    value : anything
        Of an axis, or fixed.

    Raises
    ------
    InputError
        If it is not plain, or a number in it is not finite.
    """
    if isinstance(value, str):
        return value
    remedy = "Give finite numbers, words, lists or mappings"
    if not _finite(value):
        raise InputError("sweep", f"{value!r} is not finite", remedy)
    try:
        return json.dumps(plain(value), ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError) as error:
        shown = f"the date {value}" if isinstance(value, date) else repr(value)
        raise InputError("sweep", f"{shown} is no plain value", remedy) from error


def _finite(value: Any) -> bool:
    """Whether every number in a value is; as text, those that are not would all be null."""
    if isinstance(value, float | np.floating):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        return all(_finite(each) for each in value.values())
    if isinstance(value, list | tuple):
        return all(_finite(each) for each in value)
    return True


def _column_type(values: tuple[Any, ...]) -> pl.DataType:
    if all(isinstance(each, bool) for each in values):
        return pl.Boolean()
    if any(isinstance(each, bool) for each in values):
        return pl.String()
    if any(isinstance(each, int) and abs(each) >= 2**63 for each in values):
        return pl.String()
    if all(isinstance(each, int) for each in values):
        return pl.Int64()
    if all(isinstance(each, int | float) for each in values):
        return pl.Float64()
    return pl.String()
