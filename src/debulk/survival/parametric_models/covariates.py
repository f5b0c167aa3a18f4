"""Covariates as users give them: arrays, mappings, frames; text as indicators of its levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.survival.groups import read_groups
from debulk.survival.labels import distinct, label_of
from debulk.survival.subjects import LARGEST, Bools, Floats, numbers, refuse_large, same_length

_COLLINEAR = 1e-11
"""Share of a column's variance that the columns before it must leave; rounding leaves 1e-15."""
_BLOCK = 65536


@dataclass(frozen=True)
class Column:
    """One covariate as the user named it.

    Attributes
    ----------
    name : str
        Its name.
    levels : tuple of str
        Levels of a text column, the first one the reference; empty for numbers.
    """

    name: str
    levels: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the design's columns that it gives: level names follow its own, as in R."""
        return tuple(f"{self.name}{level}" for level in self.levels[1:]) or (self.name,)


@dataclass(frozen=True, eq=False)
class Design:
    """Covariates as numbers.

    Attributes
    ----------
    columns : tuple of Column
        The covariates.
    x : array, shape (n, p)
        As given, neither centred nor scaled.
    mean, spread : array, shape (p,)
        Mean and standard deviation of each column.
    """

    columns: tuple[Column, ...]
    x: Floats
    mean: Floats
    spread: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the design's columns."""
        return tuple(term for column in self.columns for term in column.terms)

    @property
    def width(self) -> int:
        """Number of the design's columns."""
        return int(self.x.shape[1])

    def rows(self, chosen: slice | npt.NDArray[Any]) -> Design:
        """The same design for some of the rows, with the same mean and spread."""
        return Design(self.columns, self.x[chosen], self.mean, self.spread)

    def block(self, chosen: slice, intercept: bool) -> Floats:
        """Standardised rows, after a column of ones if asked for."""
        x = self.x[chosen]
        result = np.empty((x.shape[0], int(intercept) + self.width))
        if intercept:
            result[:, 0] = 1.0
        np.subtract(x, self.mean, out=result[:, int(intercept) :])
        result[:, int(intercept) :] /= self.spread
        return result


def no_design(n: int) -> Design:
    """A design without columns."""
    return Design((), np.zeros((n, 0)), np.zeros(0), np.ones(0))


def read_design(covariates: Any, n: int, event: Bools, where: str = "covariates") -> Design:
    """Read and check covariates.

    Parameters
    ----------
    covariates : array-like of shape (n, p), mapping of name to column, or frame; or None
        Numbers, bools, or text (indicators against the first level of an Enum or Categorical
        column, else the first label in sorted order). A column of an array is called x1, x2, ...
    n : int
        Number of rows there must be.
    event : array of bool, shape (n,)
        Who has the event.
    where : str
        What the argument is called in messages.

    Raises
    ------
    InputError
        On a value that is missing or no number, a column that is constant or a sum of others, or
        a group without events, for which no finite effect exists.
    """
    if covariates is None:
        return no_design(n)
    columns: list[Column] = []
    parts: list[Floats] = []
    array = _as_matrix(covariates, where)
    if array is not None:
        if array.shape[0] != n:
            raise InputError(where, f"has {array.shape[0]} rows, time has {n}", "Give one row each")
        columns = [Column(f"x{j + 1}") for j in range(array.shape[1])]
        x = array
    else:
        for name, values in named_columns(covariates, where).items():
            column, part = _read_column(name, values, n, event)
            columns.append(column)
            parts.append(part)
        x = np.column_stack(parts) if parts else np.zeros((n, 0))
    if x.shape[1] == 0:
        return no_design(n)
    names = [term for column in columns for term in column.terms]
    if len(set(names)) < len(names):
        raise InputError(where, "two columns have the same name", "Rename one")
    mean, spread = _checked_spread(x, names, where)
    _refuse_groups_without_events(x, names, event)
    return Design(tuple(columns), x, mean, spread)


def read_profiles(covariates: Any, columns: tuple[Column, ...], where: str) -> Floats:
    """Rows of a design for predictions, from one value or several values a covariate.

    Raises
    ------
    InputError
        On a covariate that is missing or unknown, or a level that was not in the data.
    """
    width = sum(len(column.terms) for column in columns)
    array = _as_matrix(covariates, where, one_row=True)
    if array is not None:
        if array.shape[1] != width:
            raise InputError(
                where, f"has {array.shape[1]} columns, the model {width}", "Give one a coefficient"
            )
        return array
    given = named_columns(covariates, where)
    known = [column.name for column in columns]
    for name in given:
        if name not in known:
            raise InputError(where, f"the model has no covariate {name!r}", nearest(name, known))
    parts = []
    for column in columns:
        if column.name not in given:
            raise InputError(where, f"{column.name!r} is missing", "Give every covariate")
        parts.append(_profile_part(column, np.atleast_1d(np.asarray(given[column.name]))))
    if len({part.shape[0] for part in parts}) > 1:
        raise InputError(where, "the columns have different lengths", "Give one value a row")
    return np.column_stack(parts) if parts else np.zeros((1, 0))


def named_columns(covariates: Any, where: str) -> dict[str, Any]:
    """Columns of a mapping or a frame of Polars or pandas, by name."""
    if isinstance(covariates, Mapping):
        return {str(name): values for name, values in covariates.items()}
    names = getattr(covariates, "columns", None)
    if names is None:
        raise InputError(
            where, f"{type(covariates).__name__} holds no columns", "Give an array or a frame"
        )
    return {str(name): covariates[name] for name in names}


def _as_matrix(covariates: Any, where: str, one_row: bool = False) -> Floats | None:
    """A matrix of numbers, not copied if it is one already; None for named columns."""
    if isinstance(covariates, Mapping) or hasattr(covariates, "columns"):
        return None
    try:
        raw = np.asarray(covariates)
    except ValueError:
        raise InputError(where, "rows differ in length", "Give a matrix") from None
    if raw.ndim == 1:
        raw = raw[None, :] if one_row else raw[:, None]
    if raw.ndim != 2:
        raise InputError(where, f"has {raw.ndim} dimensions", "Give rows and columns")
    if raw.dtype.kind not in "iufb":
        return np.column_stack(
            [numbers(raw[:, j], f"{where}, column {j + 1}") for j in range(raw.shape[1])]
        )
    with np.errstate(over="ignore"):  # of a longer float; infinite then, and refused below
        result = raw.astype(np.float64, copy=False)
    for start in range(0, result.shape[0], _BLOCK):
        bad = ~np.isfinite(result[start : start + _BLOCK])
        if bad.any():
            row, column = np.argwhere(bad)[0]
            value = result[start + row, column]
            found = "is missing" if np.isnan(value) else f"is {value}"
            raise InputError(
                f"{where}, row {start + row + 1}, column {column + 1}",
                f"the value {found}",
                "Complete or drop the row",
            )
    for j in range(result.shape[1]):
        refuse_large(result[:, j], f"{where}, column {j + 1}")
    return result


def _read_column(name: str, values: Any, n: int, event: Bools) -> tuple[Column, Floats]:
    raw = np.asarray(values)
    if raw.dtype.kind in "iufb" or _holds_numbers(raw):
        part = numbers(values, name)
        refuse_large(part, name)
        same_length(part, n, name)
        return Column(name), part[:, None]
    groups = read_groups(values, n, name=name)
    with_events = np.bincount(groups.codes[event], minlength=groups.count)
    for label, count in zip(groups.labels, with_events, strict=True):
        if count == 0:
            raise _no_events(name, repr(label))
    indicators = groups.codes[:, None] == np.arange(1, groups.count)
    return Column(name, groups.labels), indicators.astype(np.float64)


def _holds_numbers(raw: npt.NDArray[Any]) -> bool:
    """Whether a column of objects holds numbers with gaps, which `numbers` will name."""
    if raw.dtype.kind != "O":
        return False
    return all(each is None or isinstance(each, int | float) for each in raw.tolist())


def _profile_part(column: Column, values: npt.NDArray[Any]) -> Floats:
    if not column.levels:
        return numbers(values, column.name)[:, None]
    labels, codes = distinct(values, values.size, column.name)
    for label in labels:
        if label_of(label) not in column.levels:
            raise InputError(
                column.name,
                f"{label_of(label)!r} was not in the data",
                nearest(label_of(label), column.levels),
            )
    place = np.array([column.levels.index(label_of(label)) for label in labels])[codes]
    result: Floats = (place[:, None] == np.arange(1, len(column.levels))).astype(np.float64)
    return result


def _checked_spread(x: Floats, names: list[str], where: str) -> tuple[Floats, Floats]:
    """Means and standard deviations; refuses constant columns and sums of other columns."""
    n, width = x.shape
    mean = x.mean(axis=0)
    gram = np.zeros((width, width))
    for start in range(0, n, _BLOCK):
        part = x[start : start + _BLOCK] - mean
        gram += part.T @ part
    for j, name in enumerate(names):
        if x[:, j].min() == x[:, j].max():
            raise InputError(
                f"{where}, {name}", f"is {x[0, j]:g} in every row", "Leave the column out"
            )
    spread = np.sqrt(np.diag(gram) / n)
    for j, name in enumerate(names):
        if spread[j] < 1.0 / LARGEST:
            found = f"varies by {np.ptp(x[:, j]):g} only"
            raise InputError(f"{where}, {name}", found, "Use a smaller unit")
    correlation = gram / n / np.outer(spread, spread)
    basis = np.zeros((0, 0))
    for j, name in enumerate(names):
        before = correlation[:j, j]
        weights = np.linalg.solve(basis, before) if j else before
        if 1.0 - before @ weights < _COLLINEAR:
            near = [names[i] for i in range(j) if abs(weights[i]) > 1e-8]
            raise InputError(
                f"{where}, {name}",
                f"follows exactly from {', '.join(near)} and a constant",
                "Leave one of these columns out",
            )
        basis = correlation[: j + 1, : j + 1]
    return mean, spread


def _refuse_groups_without_events(x: Floats, names: list[str], event: Bools) -> None:
    """Two-valued columns of which one value never has the event."""
    for j, name in enumerate(names):
        low, high = x[:, j].min(), x[:, j].max()
        is_high = x[:, j] == high
        if not (is_high | (x[:, j] == low)).all():
            continue
        for group, value in ((is_high, high), (~is_high, low)):
            if not (event & group).any():
                raise _no_events(name, f"{value:g}")


def _no_events(name: str, value: str) -> InputError:
    return InputError(
        f"covariates, {name}",
        f"no subject with the value {value} has the event, so that no finite effect fits best",
        "Leave the column out, or join the group with another",
    )
