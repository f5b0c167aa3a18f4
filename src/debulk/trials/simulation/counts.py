"""Whole numbers given by a user."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.options import shown


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
