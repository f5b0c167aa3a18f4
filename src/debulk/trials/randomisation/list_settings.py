"""What a randomisation list is asked to hold, checked before a row is drawn."""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from debulk.core.errors import InputError
from debulk.trials.randomisation.checks import number, whole

LARGEST_LIST = 100_000
"""Most rows of a list."""

LARGEST_LIST_BLOCK = 120
"""Largest block of a list."""

COLUMNS = ("row", "stratum", "sequence", "block", "block_size", "arm", "code", "commitment")
"""Columns a list has of itself; no stratifying characteristic may be called so."""


@dataclass(frozen=True, slots=True)
class ListSettings:
    """Settings of a list, checked and in the form in which they are sealed.

    Attributes
    ----------
    arms : tuple of str
        The arms.
    parts : tuple of int
        Each arm's part in the smallest block that holds the allocation.
    patients : int
        Places that each stratum's list holds at least.
    strata : tuple of (str, tuple of str)
        Stratifying characteristics with their levels.
    block_sizes : tuple of int
        Block sizes, mixed at random.
    """

    arms: tuple[str, ...]
    parts: tuple[int, ...]
    patients: int
    strata: tuple[tuple[str, tuple[str, ...]], ...]
    block_sizes: tuple[int, ...]

    @property
    def combinations(self) -> list[tuple[str, ...]]:
        """Every stratum, as a level of each characteristic; one empty one without strata."""
        return list(itertools.product(*(levels for _, levels in self.strata)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "arms": list(self.arms),
            "parts": list(self.parts),
            "patients_per_stratum": self.patients,
            "strata": {name: list(levels) for name, levels in self.strata},
            "block_sizes": list(self.block_sizes),
        }


def list_settings(
    arms: Any, patients: Any, strata: Any, allocation: Any, block_sizes: Any
) -> ListSettings:
    """Check what a user asks of a list; see `randomisation_list`."""
    named = texts(arms, "arms", least=2)
    characteristics = _characteristics(strata)
    parts = _parts(named, allocation)
    sizes = _sizes(block_sizes, parts)
    wanted = whole(patients, "patients", 1, LARGEST_LIST)
    settings = ListSettings(named, parts, wanted, characteristics, sizes)
    rows = math.prod(len(levels) for _, levels in characteristics) * (wanted + max(sizes))
    if rows > LARGEST_LIST:
        raise InputError(
            "strata",
            f"make a list of up to {rows} rows",
            f"Ask for fewer patients or strata, so that it has at most {LARGEST_LIST}",
        )
    return settings


def stratum_label(levels: tuple[str, ...]) -> str:
    """The levels of a stratum in one text; "all" without strata."""
    return " / ".join(levels) or "all"


def texts(values: Any, where: str, *, least: int) -> tuple[str, ...]:
    """Names that can stand in a file which a spreadsheet opens, each once.

    Raises
    ------
    InputError
        If one is empty, too long, repeated, holds a character that cannot be printed, or begins
        as a formula does.
    """
    if isinstance(values, str) or not isinstance(values, list | tuple):
        raise InputError(where, f"{values!r} is not a list of names", "Give a list of names")
    found = tuple(_text(each, where) for each in values)
    if len(set(found)) < len(found):
        twice = next(each for each in found if found.count(each) > 1)
        raise InputError(where, f"{twice!r} stands there twice", "Give each name once")
    if len(found) < least:
        raise InputError(
            where,
            f"has {len(found)} {'name' if len(found) == 1 else 'names'}",
            f"Give {least} or more",
        )
    return found


def _text(value: Any, where: str) -> str:
    remedy = "Give a printable name of 1 to 80 characters without spaces around it"
    if not isinstance(value, str):
        raise InputError(where, f"{value!r} is not a text", remedy)
    if not 1 <= len(value) <= 80 or value != value.strip() or not value.isprintable():
        raise InputError(where, f"{value!r} cannot be a name", remedy)
    if value[0] in "=+-@":
        raise InputError(
            where,
            f"{value!r} begins as a formula does",
            "A spreadsheet would compute it; begin with a letter or a digit",
        )
    return unicodedata.normalize("NFC", value)


def _characteristics(strata: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if strata is None:
        return ()
    if not isinstance(strata, Mapping):
        raise InputError("strata", f"{strata!r} is no mapping", "Give {'centre': ['A', 'B']}")
    names = texts(list(strata), "strata", least=0)
    taken = [each for each in names if each in COLUMNS]
    if taken:
        raise InputError("strata", f"{taken[0]!r} is a column of the list", "Give another name")
    return tuple(
        (name, texts(levels, f"strata {name!r}", least=1))
        for name, levels in zip(names, strata.values(), strict=True)
    )


def _parts(arms: tuple[str, ...], allocation: Any) -> tuple[int, ...]:
    """Each arm's part, as the smallest whole numbers."""
    if isinstance(allocation, Mapping):
        if set(allocation) != set(arms):
            raise InputError("allocation", f"has {list(allocation)}", f"Give {', '.join(arms)}")
        parts = [whole(allocation[arm], f"allocation {arm!r}", 1, 100) for arm in arms]
    else:
        ratio = Fraction(number(allocation, "allocation", 0.01, 100.0)).limit_denominator(100)
        if len(arms) > 2 and ratio != 1:
            raise InputError(
                "allocation",
                f"{allocation} does not say the parts of {len(arms)} arms",
                "Give each arm's part by name",
            )
        parts = [ratio.denominator, ratio.numerator] if len(arms) == 2 else [1] * len(arms)
    common = math.gcd(*parts)
    return tuple(part // common for part in parts)


def _sizes(block_sizes: Any, parts: tuple[int, ...]) -> tuple[int, ...]:
    given = block_sizes if isinstance(block_sizes, list | tuple) else (block_sizes,)
    if not given:
        raise InputError("block_sizes", "is empty", "Give one size or more")
    sizes = tuple(whole(each, "block_sizes", 2, LARGEST_LIST_BLOCK) for each in given)
    if len(set(sizes)) < len(sizes):
        raise InputError("block_sizes", f"{list(sizes)} repeats a size", "Give each size once")
    for size in sizes:
        if size % sum(parts):
            ratio = " : ".join(map(str, parts))
            raise InputError(
                "block_sizes",
                f"a block of {size} cannot hold the allocation {ratio}",
                f"Give multiples of {sum(parts)}, up to {LARGEST_LIST_BLOCK}",
            )
    states = math.prod(part * max(sizes) // sum(parts) + 1 for part in parts)
    if states > 100_000:
        raise InputError(
            "block_sizes", f"{max(sizes)} is too large for {len(parts)} arms", "Give smaller blocks"
        )
    return sizes
