"""Results read as tables: rows by number, columns by name."""

from __future__ import annotations

from typing import Any, TypeVar, overload

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.survival.options import shown

Row = TypeVar("Row")


class Rows(tuple[Row, ...]):
    """A tuple of rows; with a name in brackets, the array of that column (NaN for None)."""

    __slots__ = ()

    @overload  # type: ignore[override]
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Row, ...]: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: int | slice | str) -> Any:
        if isinstance(key, str):
            return np.array([field_of(each, key) for each in self], dtype=np.float64)
        return super().__getitem__(key)


def field_of(result: Any, name: Any) -> Any:
    """One field of a result by its name.

    Parameters
    ----------
    result : dataclass
    name : str
        One of its fields.

    Raises
    ------
    InputError
        If it has no such field.
    """
    known = list(type(result).__dataclass_fields__)
    if name not in known:
        raise InputError(type(result).__name__, f"{shown(name)} is not known", nearest(name, known))
    return getattr(result, name)
