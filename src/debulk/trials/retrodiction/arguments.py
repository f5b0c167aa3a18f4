"""What a caller in Python may hand over by mistake: refused by name before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from debulk.core.errors import InputError


def names_of(only: Any) -> list[str] | None:
    """Names of trials as they were given.

    Parameters
    ----------
    only : collection of str or None
        None for all.

    Raises
    ------
    InputError
        If it is one string, or anything but strings.
    """
    if only is None:
        return None
    listed = isinstance(only, Collection) and not isinstance(only, str | bytes | Mapping)
    if not listed or not all(isinstance(each, str) for each in only):
        raise InputError("only", f"{only!r} is no list of names", 'Give a list, as in ["clocc"]')
    return list(only)
