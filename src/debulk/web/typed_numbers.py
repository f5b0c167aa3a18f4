"""Numbers as people type them: decimal comma and point are read, thousands separators are not."""

from __future__ import annotations

import re
from decimal import Decimal

SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-"})
"""Spaces and signs that come from other programs, by the plain ones."""

_LONGEST = 400
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?|[+-]?[.,]\d+", re.ASCII)
# 1,234 may be 1.234 or 1234: only who typed it knows. 0,125 can be nothing else.
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[.,'\u2019 ]\d{3})+(?:[.,]\d+)?", re.ASCII)


_MOST_DIGITS = 9
"""Of a whole number: what both databases can hold."""


class NoNumber(ValueError):
    """What was typed is no number; `problem` is no_number, ambiguous or thousands."""

    def __init__(self, problem: str, found: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.found = found


def typed_whole(typed: str) -> int | None:
    """A whole number, 0 or more, that a page put into its own form; None where it is none."""
    plain = typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS
    return int(typed) if plain else None


def typed_number(typed: str) -> Decimal:
    """The number that was typed, exactly.

    Raises
    ------
    NoNumber
        If it is none, or could be two.
    """
    bare = typed.translate(SPACES).strip()
    if len(bare) > _LONGEST:
        raise NoNumber("no_number", f"{bare[:20]}...")
    if _AMBIGUOUS.fullmatch(bare):
        raise NoNumber("ambiguous", bare)
    if not _NUMBER.fullmatch(bare):
        raise NoNumber("thousands" if _THOUSANDS.fullmatch(bare) else "no_number", bare)
    return Decimal(bare.replace(",", "."))
