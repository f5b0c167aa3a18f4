"""What a user may give to the planning functions, checked before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.survival.options import one_number, shown


def number(
    value: Any,
    where: str,
    *,
    above: float = -math.inf,
    below: float = math.inf,
    at_least: float = -math.inf,
    at_most: float = math.inf,
) -> float:
    """One finite number within limits.

    Parameters
    ----------
    value : Any
        What the user gave.
    where : str
        Name of the argument.
    above, below : float
        Limits that the number must not touch.
    at_least, at_most : float
        Limits that the number may touch.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If it is no finite number, or outside the limits.
    """
    found = one_number(value, where)
    if found <= above or found >= below or found < at_least or found > at_most:
        wanted = _wanted(above, below, at_least, at_most)
        raise InputError(where, f"{shown(value)} is outside its limits", f"Give {wanted}")
    return found


def whole(value: Any, where: str, *, at_least: int = 0, at_most: int = 10**7) -> int:
    """One whole number within limits; 100.0 counts as whole.

    Parameters
    ----------
    value : Any
        What the user gave.
    where : str
        Name of the argument.
    at_least, at_most : int
        Limits, both allowed.

    Returns
    -------
    int
    """
    found = number(value, where, at_least=at_least, at_most=at_most)
    if found != int(found):
        raise InputError(where, f"{found!r} is not whole", "Give a whole number")
    return int(found)


def numbers(value: Any, where: str, **limits: float) -> tuple[float, ...]:
    """Several finite numbers within limits: a list, a tuple, an array or a column.

    Parameters
    ----------
    value : Any
        What the user gave.
    where : str
        Name of the argument.
    **limits : float
        As `number` takes them.

    Returns
    -------
    tuple of float
    """
    listed = sequence(value, where)
    return tuple(number(each, f"{where}[{place}]", **limits) for place, each in enumerate(listed))


def sequence(value: Any, where: str) -> list[Any]:
    """The entries of a list, tuple, one-dimensional array or column, not empty.

    Parameters
    ----------
    value : Any
        What the user gave.
    where : str
        Name of the argument.

    Returns
    -------
    list
    """
    remedy = "Give a list with at least one entry"
    if isinstance(value, str | bytes | Mapping | set | frozenset) or not isinstance(
        value, Iterable
    ):
        raise InputError(where, f"{shown(value)} is not a list", remedy)
    if isinstance(value, np.ndarray) and value.ndim != 1:
        raise InputError(where, f"an array of {value.ndim} dimensions", "Give one dimension")
    listed = value.tolist() if isinstance(value, np.ndarray) else list(value)
    if not listed:
        raise InputError(where, "it is empty", remedy)
    return listed


def word(value: Any, words: tuple[str, ...], where: str) -> str:
    """One of the words that are known.

    Parameters
    ----------
    value : Any
        What the user gave.
    words : tuple of str
        The words that are known.
    where : str
        Name of the argument.

    Returns
    -------
    str
    """
    if not isinstance(value, str):
        raise InputError(
            where, f"{shown(value)} is not one of its words", f"Known: {', '.join(words)}"
        )
    if value not in words:
        raise InputError(where, f"{value!r} is not known", nearest(value, words))
    return value


def tail_alpha(alpha: Any, sided: Any) -> float:
    """Error allowed in the direction of benefit: alpha, or half of it when two-sided.

    Parameters
    ----------
    alpha : Any
        Total error at `sided`, between 0 and 1.
    sided : Any
        1 or 2.

    Returns
    -------
    float
    """
    total = number(alpha, "alpha", above=0.0, below=1.0)
    sides = whole(sided, "sided", at_least=1, at_most=2)
    tail = total / sides
    if tail >= 0.5:
        raise InputError(
            "alpha", f"{total!r} at sided={sides} leaves no critical value above 0", "Give less"
        )
    return tail


def _wanted(above: float, below: float, at_least: float, at_most: float) -> str:
    limits = [
        f"{words} {limit:g}"
        for words, limit in (
            ("above", above),
            ("below", below),
            ("at least", at_least),
            ("at most", at_most),
        )
        if math.isfinite(limit)
    ]
    return "a finite number" + (" " + " and ".join(limits) if limits else "")
