"""Labels of groups, strata and clusters as whole numbers, at the cost of one pass."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.survival.options import shown
from debulk.survival.subjects import Ints, is_missing, one_dimensional, same_length

Value = TypeVar("Value")

_WIDEST = 4
"""Whole numbers whose range is at most this many times their count are counted, not sorted."""


def label_of(value: Any) -> str:
    """How a label is called: whole numbers without a decimal point, text as it is."""
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)


class ByLabel(dict[Any, Value]):
    """A dict that also finds a key by the way it is written: 1 and "1" name the same."""

    def __missing__(self, key: Any) -> Value:
        for known, value in self.items():
            if label_of(known) == label_of(key):
                return value
        raise InputError(
            "key",
            f"there is nothing under {label_of(key)!r}",
            nearest(label_of(key), [label_of(known) for known in self]),
        )

    def __contains__(self, key: object) -> bool:
        """Whether something has the key, or is called as the key is written."""
        return super().__contains__(key) or any(label_of(key) == label_of(each) for each in self)

    def get(self, key: Any, default: Any = None) -> Any:
        """What the key names, or `default`."""
        try:
            return self[key]
        except InputError:
            return default


def distinct(values: Any, n: int, name: str) -> tuple[list[Any], Ints]:
    """Distinct labels in sorted order, and the position of each row's label among them.

    Parameters
    ----------
    values : array-like, shape (n,)
        Numbers, bools, text, or a column of Polars or pandas.
    n : int
        Number of rows there must be.
    name : str
        What the values are called in messages.

    Returns
    -------
    labels : list
        Python values, sorted (text by its characters).
    codes : array of int, shape (n,)

    Raises
    ------
    InputError
        If a value is missing or cannot be a label, there are not `n` of them, or two that differ
        are written alike, as 1 and "1".
    """
    raw = one_dimensional(values, name)
    same_length(raw, n, name)
    if raw.dtype.kind == "b":
        raw = raw.astype(np.int64)
        labels, codes = _whole(raw)
        return [bool(each) for each in labels], codes
    if raw.dtype.kind in "iu" and (raw.dtype != np.uint64 or raw.max(initial=0) < 2**63):
        return _whole(raw.astype(np.int64))
    if raw.dtype.kind in "cV":
        raise InputError(name, f"holds {raw.dtype} values", "Give numbers or text")
    if raw.dtype.kind == "u":
        found, inverse = np.unique(raw, return_inverse=True)
        return found.tolist(), inverse.astype(np.int64)
    if raw.dtype.kind == "f":
        with np.errstate(over="ignore"):  # of a longer float, whose label is then infinite
            raw = raw.astype(np.float64, copy=False)
        _refuse_missing(np.isnan(raw), name)
        whole = raw.astype(np.int64) if np.abs(raw).max(initial=0.0) < 2**53 else None
        if whole is not None and (whole == raw).all():
            labels, codes = _whole(whole)
            return [float(each) for each in labels], codes
        found, inverse = np.unique(raw, return_inverse=True)
        return found.tolist(), inverse.astype(np.int64)
    return _text(raw, name)


def codes_of(values: Any, n: int, name: str) -> Ints:
    """Position of each row's label among the sorted labels; as `distinct`, without the labels."""
    return distinct(values, n, name)[1]


def _whole(raw: npt.NDArray[np.int64]) -> tuple[list[Any], Ints]:
    if raw.size == 0:
        return [], np.zeros(0, dtype=np.int64)
    low, high = int(raw.min()), int(raw.max())
    if high - low > _WIDEST * raw.size + 1000:
        found, inverse = np.unique(raw, return_inverse=True)
        return found.tolist(), inverse.astype(np.int64)
    shifted = raw - low
    present = np.bincount(shifted, minlength=high - low + 1) > 0
    position = np.cumsum(present) - 1
    labels = (np.flatnonzero(present) + low).tolist()
    return labels, position[shifted].astype(np.int64)


def _text(raw: npt.NDArray[Any], name: str) -> tuple[list[Any], Ints]:
    """Text or mixed objects: first seen, first numbered; then renumbered in sorted order."""
    seen: dict[Any, int] = {}
    listed = raw.tolist()
    try:
        numbered = (seen.setdefault(each, len(seen)) for each in listed)
        codes = np.fromiter(numbered, np.int64, raw.size)
    except TypeError:
        raise _no_label(listed, name) from None
    missing = [code for each, code in seen.items() if is_missing(each)]
    if missing:
        _refuse_missing(np.isin(codes, missing), name)
    labels = list(seen)
    _refuse_alike(labels, name)
    numeric = all(isinstance(each, int | float) for each in labels)
    rank = sorted(labels, key=None if numeric else label_of)
    place = {label: position for position, label in enumerate(rank)}
    moved = np.array([place[label] for label in labels], dtype=np.int64)
    return rank, moved[codes] if codes.size else codes


def _no_label(listed: list[Any], name: str) -> InputError:
    """The error of the first value that cannot be looked up, such as a list."""
    for row, value in enumerate(listed):
        try:
            hash(value)
        except TypeError:
            where = f"{name}, row {row + 1}"
            return InputError(where, f"{shown(value)} is no label", "Give numbers or text")
    return InputError(name, "holds values that are no labels", "Give numbers or text")


def _refuse_alike(labels: list[Any], name: str) -> None:
    """Refuse labels of different kinds that results could not tell apart."""
    written: dict[str, Any] = {}
    for label in labels:
        other = written.setdefault(label_of(label), label)
        if other is not label:
            found = f"holds both {shown(other)} and {shown(label)}, which are written alike"
            raise InputError(name, found, "Give all labels as numbers, or all as text")


def _refuse_missing(missing: npt.NDArray[np.bool_], name: str) -> None:
    if missing.any():
        row = int(np.argmax(missing))
        raise InputError(f"{name}, row {row + 1}", "the value is missing", "Drop the row")
