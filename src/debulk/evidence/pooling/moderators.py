"""Moderators of a meta-regression: columns of numbers, and words turned into indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.survival.options import shown
from debulk.survival.subjects import is_missing, numbers, one_dimensional

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

INTERCEPT = "intercept"
LARGEST, SMALLEST = 1e12, 1e-12
"""Sizes of a moderator between which its coefficient and its variance are numbers."""


@dataclass(frozen=True, slots=True)
class Moderator:
    """How one moderator enters.

    Attributes
    ----------
    name : str
        As given.
    levels : tuple of str
        Its words in sorted order, the reference first; empty for numbers.
    """

    name: str
    levels: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its coefficients."""
        if not self.levels:
            return (self.name,)
        return tuple(f"{self.name}[{level}]" for level in self.levels[1:])

    def coded(self, values: Any) -> Floats:
        """Its columns of a design, shape (values, columns).

        Raises
        ------
        InputError
            If a value is missing, is no number where numbers belong, or is a word not seen before.
        """
        where = f"moderators, {self.name}"
        if not self.levels:
            return _of_size(numbers(values, where), where)[:, None]
        words = _words(one_dimensional(values, where), where)
        for row, word in enumerate(words):
            if word not in self.levels:
                place = f"{where}, row {row + 1}"
                raise InputError(place, f"{shown(word)} is not known", nearest(word, self.levels))
        return np.array([[word == level for level in self.levels[1:]] for word in words], float)


def read_moderators(moderators: Any, studies: int) -> tuple[tuple[Moderator, ...], Floats]:
    """Moderators and the design they make, an intercept first.

    Parameters
    ----------
    moderators : mapping of str to array_like, frame, series, or array_like, optional
        One column each, of numbers or words: a mapping, a frame of Polars or pandas, a series, or
        an array of one or two dimensions (studies x columns). Columns without names are x1, x2,
        and so on.
    studies : int
        How many values each must have.

    Returns
    -------
    moderators : tuple of Moderator
        How they enter.
    design : float64 array, shape (studies, columns)

    Raises
    ------
    InputError
        If a column does not fit, has a gap, is beyond reckoning, or there are too many.
    """
    found_all, parts = [], [np.ones((studies, 1))]
    for name, values in _by_name(moderators, studies).items():
        if not isinstance(name, str) or not name.strip() or name == INTERCEPT:
            found = f"{shown(name)} cannot be the name of a moderator"
            raise InputError("moderators", found, "Give it another name")
        moderator = _moderator(name, values, studies)
        found_all.append(moderator)
        parts.append(moderator.coded(values))
    design = np.column_stack(parts)
    if design.shape[1] > 1 and studies <= design.shape[1]:
        found = f"{studies} studies cannot tell {design.shape[1]} coefficients apart"
        raise InputError("moderators", found, "Give fewer moderators, or more studies")
    return tuple(found_all), design


def _by_name(moderators: Any, studies: int) -> dict[Any, Any]:
    """Columns by name, from whatever holds them."""
    if moderators is None:
        return {}
    if isinstance(moderators, Mapping):
        return dict(moderators)
    remedy = "Give {'name': one value a study}, or a frame with one row a study"
    if isinstance(moderators, pl.LazyFrame):
        raise InputError("moderators", "is a lazy frame", "Give moderators.collect()")
    if hasattr(moderators, "columns") and hasattr(moderators, "__getitem__"):
        return {name: moderators[name] for name in moderators.columns}
    if isinstance(moderators, str | bytes | set | frozenset):
        raise InputError("moderators", f"{shown(moderators)} holds no columns", remedy)
    try:
        values = np.asarray(moderators)
    except ValueError:  # rows of several lengths
        raise InputError("moderators", "has rows of several lengths", remedy) from None
    if values.ndim == 1:
        # A list of words and gaps stays as it is: an array would turn gaps into words.
        return {getattr(moderators, "name", None) or "x1": moderators}
    if values.ndim == 2 and len(values) == studies:
        # An array keeps its mask; rows in a list keep numbers beside words as numbers.
        held = isinstance(moderators, np.ndarray)
        rows = None if held else np.array(moderators, dtype=object).tolist()
        columns = moderators.T if rows is None else [list(each) for each in zip(*rows, strict=True)]
        return {f"x{place}": column for place, column in enumerate(columns, start=1)}
    shape = " x ".join(str(each) for each in values.shape)
    found = f"{shape or shown(moderators)} is not one column or more of {studies} values"
    raise InputError("moderators", found, remedy)


def _moderator(name: str, values: Any, studies: int) -> Moderator:
    where = f"moderators, {name}"
    raw = one_dimensional(values, where)
    if raw.size != studies:
        found = f"has {raw.size} values for {studies} studies"
        raise InputError(where, found, "Give one value a study")
    texts = raw.dtype.kind in "US" or (
        raw.dtype.kind == "O" and any(isinstance(each, str) for each in raw)
    )
    if not texts:
        return Moderator(name)
    levels = tuple(sorted(set(_words(raw, where))))
    if len(levels) < 2:
        raise InputError(where, f"holds one word only, {levels[0]!r}", "Leave this moderator out")
    return Moderator(name, levels)


def _of_size(values: Floats, where: str) -> Floats:
    sizes = np.abs(values)
    largest = float(sizes.max())
    if largest > LARGEST or 0.0 < largest < SMALLEST:
        row = int(np.argmax(sizes)) + 1
        remedy = f"Give it in other units: {SMALLEST:g} to {LARGEST:g}"
        raise InputError(f"{where}, row {row}", f"{largest:g} is beyond reckoning", remedy)
    return values


def _words(raw: npt.NDArray[Any], where: str) -> list[str]:
    words = []
    for row, each in enumerate(raw.tolist()):
        if is_missing(each) or not str(each).strip():
            place = f"{where}, row {row + 1}"
            raise InputError(place, "a value is missing", "Complete it, or leave the study out")
        words.append(str(each).strip())
    return words
