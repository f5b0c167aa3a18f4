"""Columns of a user's table, whatever library made it, as numbers or as codes of levels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.survival.labels import label_of
from debulk.survival.subjects import Bools, Floats, Ints, is_missing, one_dimensional


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Its name.
    numbers : array of float, shape (n,), or None
        The values of a numeric or bool column, NaN where missing; None for text.
    codes : array of int, shape (n,), or None
        Position in `levels` of text and categories, -1 where missing; None for numbers.
    levels : tuple of str
        Declared order of an Enum or Categorical of pandas, order of first appearance of a
        Categorical of Polars, else sorted.
    """

    name: str
    numbers: Floats | None = None
    codes: Ints | None = None
    levels: tuple[str, ...] = ()

    @cached_property
    def is_finite(self) -> bool:
        """Whether the numbers are surely all finite, by one pass: their sum is.

        False for text, and (rarely) where a sum of finite numbers runs over.
        """
        if self.numbers is None:
            return False
        with np.errstate(all="ignore"):
            return math.isfinite(float(self.numbers.sum()))

    @property
    def missing(self) -> Bools | None:
        """Which rows have no value; None where every row has one."""
        if self.numbers is not None:
            if self.is_finite:
                return None
            absent = np.isnan(self.numbers)
        else:
            assert self.codes is not None
            absent = self.codes < 0
        return absent if absent.any() else None


def read_column(frame: Any, name: str, role: str) -> Column:
    """One column of a Polars or pandas DataFrame or of a mapping of arrays.

    Parameters
    ----------
    frame : DataFrame or mapping of str to array-like
        The table.
    name : str
        The column.
    role : str
        The argument that named it, for messages.

    Raises
    ------
    InputError
        If there is no such column, or it holds neither numbers, bools, text nor categories.
    """
    known = column_names(frame)
    if not isinstance(name, str) or name not in known:
        raise InputError(role, f"the table has no column {name!r}", nearest(str(name), known))
    if known.count(name) > 1:
        found = f"the table has {known.count(name)} columns {name!r}"
        raise InputError(role, found, "Give each column a name of its own")
    raw = frame[name]
    library = type(raw).__module__.partition(".")[0]
    if library in ("polars", "pandas") and (hasattr(raw, "columns") or not hasattr(raw, "dtype")):
        raise InputError(name, "is no single column", "Give one value a row")
    if library == "polars":
        return _of_polars(raw, name)
    if library == "pandas":
        return _of_pandas(raw, name)
    return _of_array(one_dimensional(raw, name), name)


def column_names(frame: Any) -> list[str]:
    """Names of a table's columns.

    Raises
    ------
    InputError
        If it is no table.
    """
    if isinstance(frame, Mapping):
        return [str(each) for each in frame]
    if type(frame).__name__ == "LazyFrame":  # whose columns would cost a pass over the data
        raise InputError("frame", "is a LazyFrame, not a table yet", "Give frame.collect()")
    columns = None if isinstance(frame, type) else _columns(frame)
    if columns is None or not hasattr(frame, "__getitem__"):
        raise InputError(
            "frame",
            f"is a {type(frame).__name__}, not a table",
            "Give a Polars or pandas DataFrame, or a mapping of names to arrays",
        )
    return [str(each) for each in columns]


def _columns(frame: Any) -> Any:
    """What a table calls its columns; None for a lazy one, which has none to read yet."""
    return None if hasattr(frame, "collect") else getattr(frame, "columns", None)


def numbers_of(column: Column) -> Floats:
    """A column that must hold finite numbers throughout.

    Raises
    ------
    InputError
        On text, a missing value or an infinite one.
    """
    if column.numbers is None:
        found = f"holds text (such as {column.levels[0]!r})" if column.levels else "holds no number"
        raise InputError(column.name, found, "Give numbers")
    if column.is_finite:
        return column.numbers
    bad = ~np.isfinite(column.numbers)
    if bad.any():
        value = column.numbers[int(np.argmax(bad))]
        found = "the value is missing" if np.isnan(value) else f"the value is {value}"
        refuse(bad, column.name, found, "Complete or drop the row")
    return column.numbers


def refuse(wrong: Bools, name: str, found: str, remedy: str) -> None:
    """Raise for the first row that is wrong.

    Raises
    ------
    InputError
        With the column and the row, counted from 1.
    """
    if wrong.any():
        raise InputError(f"{name}, row {int(np.argmax(wrong)) + 1}", found, remedy)


def _of_polars(series: Any, name: str) -> Column:
    import polars as pl

    kind = series.dtype
    if kind.is_numeric() or kind == pl.Boolean:
        series = series if kind == pl.Float64 else series.cast(pl.Float64)
        values = series.to_numpy()
        return Column(name, numbers=np.ascontiguousarray(values, dtype=np.float64))
    if kind == pl.Null:
        return Column(name, numbers=np.full(len(series), np.nan))
    if isinstance(kind, pl.Enum):
        levels = kind.categories.to_list()
    elif kind == pl.Categorical:
        levels = series.drop_nulls().unique(maintain_order=True).to_list()
    elif kind == pl.String:
        levels = sorted(series.drop_nulls().unique().to_list())
    else:
        raise InputError(name, f"holds {kind} values", "Give numbers, bools, text or categories")
    codes = series.cast(pl.String).cast(pl.Enum(levels)).to_physical().cast(pl.Int64)
    return Column(name, codes=codes.fill_null(-1).to_numpy(), levels=tuple(levels))


def _of_pandas(series: Any, name: str) -> Column:
    import pandas as pd  # type: ignore[import-untyped]

    if isinstance(series.dtype, pd.CategoricalDtype):
        levels = tuple(label_of(each) for each in series.cat.categories)
        return Column(name, codes=series.cat.codes.to_numpy().astype(np.int64), levels=levels)
    if pd.api.types.is_bool_dtype(series.dtype) or pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return Column(name, numbers=np.ascontiguousarray(values))
    return _of_array(series.to_numpy(dtype=object, na_value=None), name)


def _of_array(raw: Any, name: str) -> Column:
    if raw.dtype.kind in "biuf":
        with np.errstate(over="ignore"):  # of a longer float; infinite then, and refused
            return Column(name, numbers=np.ascontiguousarray(raw, dtype=np.float64))
    if raw.dtype.kind not in "OUT":
        raise InputError(name, f"holds {raw.dtype} values", "Give numbers, bools, text")
    values = [None if is_missing(each) else each for each in raw.tolist()]
    present = {type(each) for each in values if each is not None}
    if all(issubclass(each, int | float | np.number | np.bool_) for each in present):
        try:
            numbers = np.array([math.nan if each is None else float(each) for each in values])
        except OverflowError:
            raise InputError(
                name, "holds a number too large to reckon with", "Give it in a larger unit"
            ) from None
        return Column(name, numbers=numbers.astype(np.float64))
    labels = [None if each is None else label_of(each) for each in values]
    levels = tuple(sorted({each for each in labels if each is not None}))
    place = {level: code for code, level in enumerate(levels)}
    codes = [-1 if each is None else place[each] for each in labels]
    return Column(name, codes=np.array(codes, dtype=np.int64), levels=levels)
