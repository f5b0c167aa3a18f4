"""From columns to a design matrix, the same way for the data of a fit and for new data."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.survival.cox_model.frames import Column, column_names, numbers_of, read_column, refuse
from debulk.survival.cox_model.parts import on_threads
from debulk.survival.options import shown
from debulk.survival.subjects import Bools, Floats

_ROWS = 4096  # rows interleaved at a time, so that they stay in the nearest cache


@dataclass(frozen=True)
class Coding:
    """How one column becomes columns of the design: a number, or indicators of its levels.

    Attributes
    ----------
    name : str
        Column of the table.
    levels : tuple of str
        Levels that occur, the reference first; empty for a number.
    """

    name: str
    levels: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the design's columns."""
        if not self.levels:
            return (self.name,)
        return tuple(f"{self.name}[T.{level}]" for level in self.levels[1:])


@dataclass(frozen=True, eq=False)
class Design:
    """What makes a design matrix from a table.

    Attributes
    ----------
    names, terms : tuple of str, length p
        Name of each column of the matrix, and of the term that it belongs to.
    codings : tuple of Coding
        The covariates, where they were listed; empty for a formula.
    formula : str or None
        The formula, where there is one.
    spec : Any
        Formulaic's record of how the formula was turned into columns.
    columns : tuple of str
        Columns of the table that the formula uses.
    """

    names: tuple[str, ...]
    terms: tuple[str, ...]
    codings: tuple[Coding, ...] = ()
    formula: str | None = None
    spec: Any = None
    columns: tuple[str, ...] = ()

    def matrix(self, frame: Any) -> Floats:
        """Design matrix of new data, coded as the data of the fit were.

        Parameters
        ----------
        frame : DataFrame or mapping of str to array-like
            A table with the covariates' columns.

        Returns
        -------
        array, shape (m, p)

        Raises
        ------
        InputError
            On a column that is not there, a missing value, or a level that the fit did not see.
        """
        if self.spec is None:
            columns = [read_column(frame, each.name, "covariates") for each in self.codings]
            return interleaved(
                [
                    values
                    for coding, column in zip(self.codings, columns, strict=True)
                    for values in _coded(coding, column)
                ]
            )
        columns = [read_column(frame, name, "formula") for name in self.columns]
        for column in columns:
            missing = column.missing
            if missing is not None:
                refuse(missing, column.name, "the value is missing", "Complete or drop the row")
        table = _pandas_table(columns, None)
        x = _evaluated(self.formula, lambda: self.spec.get_model_matrix(table, na_action="ignore"))
        return _checked(np.ascontiguousarray(x, dtype=np.float64)[:, 1:], self.names)


def from_covariates(columns: list[Column], kept: Bools | None) -> tuple[Design, Floats]:
    """Code the listed covariates; levels are those that occur in the kept rows.

    Raises
    ------
    InputError
        On an infinite value, or a factor of which one level only occurs.
    """
    codings, parts = [], []
    for column in columns:
        column = restricted(column, kept)
        coding = Coding(column.name, _levels(column))
        codings.append(coding)
        parts.extend(_coded(coding, column))
    names = tuple(name for coding in codings for name in coding.names)
    terms = tuple(coding.name for coding in codings for _ in coding.names)
    return Design(names, terms, tuple(codings)), interleaved(parts)


def from_formula(formula: str, columns: list[Column], kept: Bools | None) -> tuple[Design, Floats]:
    """Code the right-hand side of a formula through formulaic, without an intercept.

    Raises
    ------
    InputError
        If formulaic cannot read the formula, or a value is not finite.
    """
    from formulaic import model_matrix  # type: ignore[import-untyped]

    table = _pandas_table(columns, kept)
    # The intercept makes factors leave out their reference; its column is dropped below.
    x = _evaluated(
        formula, lambda: model_matrix(f"{formula} + 1", table, na_action="ignore", context=None)
    )
    spec = x.model_spec
    names = tuple(str(each) for each in spec.column_names)
    terms = [""] * len(names)
    for term, places in spec.term_indices.items():
        for place in places:
            terms[place] = str(term)
    matrix = np.ascontiguousarray(np.asarray(x, dtype=np.float64)[:, 1:])
    if not names[1:]:
        raise InputError("formula", f"{formula!r} names no covariate", "Name at least one")
    used = tuple(column.name for column in columns)
    design = Design(names[1:], tuple(terms[1:]), formula=formula, spec=spec, columns=used)
    return design, _checked(matrix, names[1:], kept)


def formula_columns(formula: str, frame: Any) -> list[str]:
    """Columns of the table that a formula uses, in the table's order.

    Raises
    ------
    InputError
        If formulaic cannot read the formula, or it uses none of the columns.
    """
    from formulaic import Formula
    from formulaic.formula import StructuredFormula  # type: ignore[import-untyped]

    if not isinstance(formula, str):
        raise InputError("formula", f"{shown(formula)} is not text", "Give such as 'age + sex'")
    try:
        parsed = Formula(f"{formula} + 1")
        required = {str(each) for each in parsed.required_variables}
    except Exception as error:
        raise _formula_error(formula, error) from error
    if isinstance(parsed, StructuredFormula):
        raise InputError("formula", f"{formula!r} has several sides", "Give the right-hand side")
    if "Intercept" in required:
        raise InputError("formula", "'Intercept' is formulaic's own name", "Rename the column")
    known = column_names(frame)
    quoted, bare = _names_in(formula)
    # Formulaic says `a` for a column called "a.b", and nothing for what polynomials hold.
    parts = {each for each in required for name in quoted if name.startswith(each)}
    unknown = sorted((quoted | (required - parts)) - set(known))
    if unknown:
        raise InputError(
            "formula", f"the table has no column {unknown[0]!r}", nearest(unknown[0], known)
        )
    used = (quoted | bare | required) & set(known)
    if not used:
        raise InputError("formula", f"{formula!r} names no covariate", "Name at least one column")
    return [name for name in known if name in used]


def restricted(column: Column, kept: Bools | None) -> Column:
    """The kept rows of a column."""
    if kept is None:
        return column
    numbers = None if column.numbers is None else column.numbers[kept]
    codes = None if column.codes is None else column.codes[kept]
    return Column(column.name, numbers, codes, column.levels)


def interleaved(columns: list[Floats]) -> Floats:
    """Columns side by side in C order, a few thousand rows at a time."""
    n = columns[0].size if columns else 0
    x = np.empty((n, len(columns)))

    def copy(_part: int, first: int, end: int) -> None:
        for start in range(first, end, _ROWS):
            stop = min(start + _ROWS, end)
            for j, column in enumerate(columns):
                x[start:stop, j] = column[start:stop]

    on_threads(n, copy)
    return x


def _levels(column: Column) -> tuple[str, ...]:
    if column.codes is None:
        return ()
    occurs = np.bincount(column.codes, minlength=len(column.levels)) > 0
    levels = tuple(level for level, here in zip(column.levels, occurs, strict=True) if here)
    if len(levels) < 2:
        raise InputError(
            f"covariate {column.name!r}",
            f"is constant ({levels[0]!r} in every row)" if levels else "has no value",
            "Leave it out",
        )
    return levels


def _coded(coding: Coding, column: Column) -> list[Floats]:
    """The design's columns of one covariate."""
    missing = column.missing
    if missing is not None:
        refuse(missing, column.name, "the value is missing", "Complete or drop the row")
    if not coding.levels:
        return [numbers_of(column)]
    if column.codes is None:
        raise InputError(column.name, "holds numbers, but text in the fit", "Give its levels")
    place = {level: code for code, level in enumerate(coding.levels)}
    present = np.unique(column.codes)
    for code in present:
        if column.levels[code] not in place:
            raise InputError(
                f"{column.name}, row {int(np.argmax(column.codes == code)) + 1}",
                f"the model knows no level {column.levels[code]!r}",
                nearest(column.levels[code], coding.levels),
            )
    known = {level: code for code, level in enumerate(column.levels)}
    return [
        (column.codes == known.get(level, -1)).astype(np.float64) for level in coding.levels[1:]
    ]


def _pandas_table(columns: list[Column], kept: Bools | None) -> Any:
    import pandas as pd  # type: ignore[import-untyped]

    table: dict[str, Any] = {}
    for column in columns:
        column = restricted(column, kept)
        if column.codes is None:
            table[column.name] = column.numbers
        else:
            used = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels)) > 0
            levels = [level for level, here in zip(column.levels, used, strict=True) if here]
            codes = (np.cumsum(used) - 1)[column.codes]
            table[column.name] = pd.Categorical.from_codes(codes, levels)
    return pd.DataFrame(table)


def _names_in(formula: str) -> tuple[set[str], set[str]]:
    """Names in backticks, and other names that are neither called nor keywords of a call."""
    text = re.sub(r"'[^']*'|\"[^\"]*\"", " ", formula)
    quoted = set(re.findall(r"`([^`]+)`", text))
    rest = re.sub(r"`[^`]+`", " ", text)
    return quoted, set(re.findall(r"(?<![\w.])[^\W\d]\w*\b(?!\s*(?:[(.]|=(?!=)))", rest))


def _checked(x: Floats, names: tuple[str, ...], kept: Bools | None = None) -> Floats:
    if not np.isfinite(x).all():
        row, j = (int(each[0]) for each in np.nonzero(~np.isfinite(x)))
        given = row if kept is None else int(np.flatnonzero(kept)[row])
        raise InputError(
            f"{names[j]}, row {given + 1}",
            f"the formula gives {x[row, j]}",
            "Check for logarithms of 0 or of negative numbers, and divisions by 0",
        )
    return x


def _evaluated(formula: str | None, make: Callable[[], Any]) -> Any:
    """What formulaic makes of a table; its warnings, as of a level unknown to the fit, are errors.

    Values that are not finite are refused with their row afterwards.
    """
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error")
            return make()
    except Exception as error:
        raise _formula_error(formula, error) from error


def _formula_error(formula: str | None, error: Exception) -> InputError:
    text = (str(error).splitlines() or [type(error).__name__])[0]
    return InputError("formula", f"{formula!r} cannot be used ({text})", "See formulaic's grammar")
