"""Arguments that are one number, one word, a yes or no or of one class, checked when given."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np

from debulk.core.errors import InputError, nearest

_LONGEST = 60
"""Letters of a value that a message quotes."""


def one_number(value: Any, name: str) -> float:
    """A finite number given for `name`.

    Parameters
    ----------
    value : float, int or NumPy number
        Also an array of one number without dimensions; no bool, no text.
    name : str
        The argument.

    Raises
    ------
    InputError
        If it is anything else.
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    number = isinstance(value, int | float | np.integer | np.floating)
    if number and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:  # 10**400
            found = math.nan
        if math.isfinite(found):
            return found
    raise InputError(name, f"{shown(value)} is not a finite number", "Give one number")


def whole_number(value: Any, name: str, least: int, most: int) -> int:
    """A whole number within limits.

    Parameters
    ----------
    value : int or NumPy integer
        No bool, no float.
    name : str
        The argument.
    least, most : int
        Limits, inclusive.

    Raises
    ------
    InputError
        If it is anything else.
    """
    remedy = f"Give a whole number from {least:,} to {most:,}"
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InputError(name, f"{shown(value)} is no whole number", remedy)
    if not least <= int(value) <= most:
        raise InputError(name, f"{shown(value)} is out of range", remedy)
    return int(value)


def check_level(conf_level: Any) -> None:
    """Refuse a confidence level that is not strictly between 0 and 1.

    Raises
    ------
    InputError
        If it is not.
    """
    check_share(conf_level, "conf_level", "Give 0.95")


def check_share(value: Any, name: str, remedy: str) -> None:
    """Refuse a share that is not strictly between 0 and 1.

    Raises
    ------
    InputError
        If it is not.
    """
    inside = 0.0 < one_number(value, name) < 1.0
    if not inside or isinstance(value, np.ndarray):
        raise InputError(name, f"{shown(value)} is not between 0 and 1", remedy)


def check_word(value: Any, words: Any, name: str) -> None:
    """Refuse a word that is none of those a Literal type allows.

    Raises
    ------
    InputError
        If it is not, with the nearest that is.
    """
    known = get_args(words)
    if isinstance(value, str) and value in known:
        return
    remedy = nearest(value, known) if isinstance(value, str) else ""
    hint = remedy if remedy.startswith("Did") else f"Give one of {', '.join(known)}"
    raise InputError(name, f"{shown(value)} is not known", hint)


def check_flag(value: Any, name: str) -> None:
    """Refuse what is neither true nor false: any text would count as true.

    Raises
    ------
    InputError
        If it is not.
    """
    if not isinstance(value, bool | np.bool_):
        raise InputError(name, f"{shown(value)} is neither True nor False", "Give True or False")


def check_kind(value: Any, kind: type, name: str, remedy: str = "") -> None:
    """Refuse what is of another class than it must be.

    Parameters
    ----------
    value : object
    kind : type
    name : str
        The argument.
    remedy : str
        What to give, where the name of the class says too little.

    Raises
    ------
    InputError
        If it is of another class.
    """
    if not isinstance(value, kind):
        told = remedy or f"Give an object of the class {kind.__name__}"
        raise InputError(name, f"{shown(value)} is no {kind.__name__}", told)


def shown(value: Any) -> str:
    """A value as a message quotes it, on one line and not longer than that."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
