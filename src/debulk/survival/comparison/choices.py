"""The tests a user can ask for by name, read from how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from debulk.core.errors import InputError, nearest

RANK = ("logrank", "peto", "gehan", "tarone-ware", "fh", "modest", "early-zero", "max-combo")
"""Tests on ranks: they take strata and entry times, not weights."""

CONTRASTS = ("rmst", "milestone", "median")
"""Tests by a difference between curves: they take no strata."""

_NUMBERS = {
    "fh": ("RHO", "GAMMA"),
    "modest": ("TSTAR",),
    "early-zero": ("T",),
    "rmst": ("TAU",),
    "milestone": ("T",),
}


@dataclass(frozen=True)
class TestChoice:
    """A test as asked for.

    Attributes
    ----------
    kind : str
        One of `RANK`, `CONTRASTS` or "gray".
    numbers : tuple of float
        What follows the colon.
    """

    __test__ = False  # pytest: not a test class

    kind: str
    numbers: tuple[float, ...] = ()

    @property
    def text(self) -> str:
        """How it is written on the command line."""
        written = ",".join(f"{each:g}" for each in self.numbers)
        return f"{self.kind}:{written}" if written else self.kind


def read_test(text: str) -> TestChoice:
    """Read a test from its name and numbers, such as ``fh:0,1`` or ``max-combo``.

    Parameters
    ----------
    text : str
        One of logrank, peto, gehan, tarone-ware, fh:RHO,GAMMA, modest:TSTAR, early-zero:T,
        max-combo, rmst:TAU, milestone:T, median, gray.

    Raises
    ------
    InputError
        On an unknown name, or on numbers that are missing, too many, negative or no numbers.
    """
    kind, colon, rest = text.strip().lower().partition(":")
    if kind not in (*RANK, *CONTRASTS, "gray"):
        remedy = nearest(kind, (*RANK, *CONTRASTS, "gray"))
        raise InputError("--test", f"there is no test {kind!r}", remedy)
    names = _NUMBERS.get(kind, ())
    form = f"{kind}:{','.join(names)}" if names else kind
    parts = rest.split(",") if colon else []
    if len(parts) != len(names):
        found = f"{text!r} has {len(parts)} numbers, not {len(names)}"
        raise InputError("--test", found, f"Write {form}")
    numbers = tuple(_number(part, text, form) for part in parts)
    if kind != "fh" and any(each <= 0 for each in numbers):
        raise InputError("--test", f"{text!r} holds a time that is not above 0", f"Write {form}")
    if kind == "fh" and any(each < 0 for each in numbers):
        raise InputError("--test", f"{text!r} holds a negative number", f"Write {form}")
    return TestChoice(kind, numbers)


def _number(part: str, text: str, form: str) -> float:
    try:
        value = float(part)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError("--test", f"{part!r} in {text!r} is not a number", f"Write {form}")
    return value
