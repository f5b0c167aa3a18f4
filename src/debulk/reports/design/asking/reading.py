"""From what was typed to numbers, step functions, strata and rules."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from debulk.core.errors import InputError, number_remedy
from debulk.reports.design.asking.given import ORDER, Given, written

if TYPE_CHECKING:
    from debulk.trials.survival_designs.assumptions import Pieces, Stratum

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def one(text: str, where: str, remedy: str = "Give a number") -> float:
    """A finite number from text.

    Parameters
    ----------
    text : str
        What was typed.
    where : str
        For complaints.
    remedy : str
        What to give.

    Raises
    ------
    InputError
        If it is none.
    """
    stripped = text.strip()
    if not stripped:
        raise InputError(where, "is empty", remedy)
    if not _NUMBER.fullmatch(stripped):
        raise InputError(where, f"{stripped!r} is no number", number_remedy(stripped, remedy))
    value = float(stripped)
    if not math.isfinite(value):
        raise InputError(where, f"{stripped!r} is too large", remedy)
    return value


def number_of(given: Given, name: str) -> float | None:
    """A number that was given as one; None if it was not given.

    Parameters
    ----------
    given : Given
    name : str

    Raises
    ------
    InputError
        If it is not finite.
    """
    value = given.get(name)
    if value is not None and not math.isfinite(value):
        raise InputError(given.place(name), f"{value} is no finite number", "Give a number")
    return None if value is None else float(value)


def pieces_of(given: Given, name: str) -> float | Pieces | None:
    """A number, or a step function written START:VALUE,START:VALUE.

    Parameters
    ----------
    given : Given
    name : str
    """
    text = given.get(name)
    if text is None:
        return None
    where = given.place(name)
    examples = {"accrual": ("24", "0:5,6:10"), "hazard_ratio": ("0.75", "0:1,6:0.7")}
    single, several = examples.get(name, ("0.04", "0:0.05,12:0.03"))
    remedy = f"Give one number as {single}, or START:VALUE pairs as {several}"
    if ":" not in text:
        return one(text, where, remedy)
    rows = []
    for part in text.split(","):
        fields = part.split(":")
        if len(fields) != 2:
            raise InputError(where, f"{part.strip()!r} is no START:VALUE", remedy)
        rows.append((one(fields[0], where, remedy), one(fields[1], where, remedy)))
    return tuple(rows)


def numbers_of(given: Given, name: str, example: str) -> tuple[float, ...] | None:
    """Numbers with commas between them.

    Parameters
    ----------
    given : Given
    name : str
    example : str
        For the remedy.
    """
    text = given.get(name)
    if text is None:
        return None
    remedy = f"Give numbers with commas, as {example}"
    return tuple(one(part, given.place(name), remedy) for part in text.split(","))


def dropout_of(given: Given) -> float | tuple[float, float] | None:
    """One probability, or those of the experimental and the control arm.

    Parameters
    ----------
    given : Given
    """
    found = numbers_of(given, "dropout", "0.05, or 0.05,0.1 (experimental, control)")
    if found is None:
        return None
    if len(found) > 2:
        remedy = "Give one probability, or two: experimental, control"
        raise InputError(given.place("dropout"), f"there are {len(found)} numbers", remedy)
    return found[0] if len(found) == 1 else (found[0], found[1])


def allocation_of(given: Given) -> float | None:
    """Experimental : control, as 2, 2:1 or 1:2.

    Parameters
    ----------
    given : Given
    """
    text = given.get("allocation")
    if text is None:
        return None
    return ratio(text, given.place("allocation"))


def ratio(text: str, where: str) -> float:
    """A ratio written as 2, 2:1 or 1:2.

    Parameters
    ----------
    text : str
        What was typed.
    where : str
        For complaints.

    Raises
    ------
    InputError
        If it is none above 0.
    """
    remedy = "Give experimental : control, as 2 or 2:1"
    parts = [one(part, where, remedy) for part in text.split(":")]
    if len(parts) > 2 or min(parts) <= 0.0:
        raise InputError(where, f"{text!r} is no ratio above 0", remedy)
    return parts[0] / parts[1] if len(parts) == 2 else parts[0]


def strata_of(given: Given) -> tuple[Stratum, ...] | None:
    """Strata written NAME:SHARE:MEDIAN or NAME:SHARE:MEDIAN:HAZARD-RATIO.

    Parameters
    ----------
    given : Given
    """
    from debulk.trials.survival_designs.assumptions import Stratum

    rows = given.get("stratum")
    if rows is None:
        return None
    where = given.place("stratum")
    remedy = "Give NAME:SHARE:MEDIAN, or NAME:SHARE:MEDIAN:HAZARD-RATIO, as liver:0.6:24"
    strata: list[Stratum] = []
    for row in rows:
        name, *rest = row.split(":")
        if not name.strip() or len(rest) not in (2, 3):
            raise InputError(where, f"{row!r} is no stratum", remedy)
        if name.strip() in {each.name for each in strata}:
            raise InputError(where, f"{name.strip()!r} comes twice", "Give each stratum once")
        values = [one(part, f"{where}, {name.strip()}", remedy) for part in rest]
        if values[1] <= 0.0:
            found = f"the median of {name.strip()!r} is {written(values[1])} months"
            raise InputError(where, found, "Give a median above 0")
        ratio = values[2] if len(values) == 3 else None
        strata.append(Stratum(values[0], math.log(2.0) / values[1], ratio, name.strip()))
    return tuple(strata)


_OTHER_NAMES = {
    "strata": "stratum",
    "information": "looks",
    "follow_up_months": "follow_up",
    "accrual_months": "accrual",
}
"""Arguments and the options they are."""


@contextmanager
def placed(given: Given, **renamed: str) -> Iterator[None]:
    """Complaints about an argument, said about the option or the line of the file instead.

    Parameters
    ----------
    given : Given
    **renamed : str
        Arguments that options stand behind under other names.
    """
    try:
        yield
    except InputError as error:
        parts = error.where.replace(" and ", ", ").split(", ")
        known = [
            _OTHER_NAMES.get(each, renamed.get(each.replace(" ", "_"), each)) for each in parts
        ]
        names = [each for each in known if each in ORDER]
        if known[0] not in ORDER:
            raise
        place = ", ".join(given.place(each) for each in names)
        if len(names) == 1 and len(parts) > 1:  # what is wrong within one option
            place = ", ".join((place, *parts[1:]))
        raise InputError(place, error.found, error.remedy) from None


def check_known(given: Given) -> None:
    """Refuse numbers that are no numbers before anything else is read.

    Parameters
    ----------
    given : Given

    Raises
    ------
    InputError
        With the option, or the file and line.
    """
    from debulk.reports.design.asking.given import NUMBERS, TEXTS

    for name in NUMBERS:
        number_of(given, name)
    for name in TEXTS:
        if name in given and not str(given.get(name)).strip():
            raise InputError(given.place(name), "is empty", "Give a value, or leave it out")
