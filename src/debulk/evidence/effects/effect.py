"""One study's effect, the way it was made, and what a reader must know of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

from debulk.core.errors import InputError, number_remedy
from debulk.core.results import plain
from debulk.evidence.pooling.studies import study_names

EFFECT = "effect"
"""Where an effect is wrong as a whole, no single number of it."""


class NotEnough(InputError):
    """What is printed is not wrong, but no effect with a standard error can be made of it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect on the scale of pooling.

    Attributes
    ----------
    estimate, se : float
        On an additive scale, such as the log hazard ratio.
    route : str
        What it was made from, such as ``"hazard ratio and 95 % interval"``.
    remarks : tuple of str
        Approximations made on the way, and what in the printed numbers does not fit together.
    events, patients : int or None
        Behind a counted proportion.

    Raises
    ------
    InputError
        If the numbers that went in leave no finite effect with an error above 0.
    """

    estimate: float
    se: float
    route: str
    remarks: tuple[str, ...] = ()
    events: int | None = None
    patients: int | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.estimate) and 0.0 < self.se < math.inf):
            found = f"{self.route} make {self.estimate:g} with standard error {self.se:g}"
            raise InputError(EFFECT, found, "Check the numbers: they are too extreme to be pooled")

    def remarked(self, *remarks: str) -> Effect:
        """The same with further remarks; empty ones are dropped."""
        return replace(self, remarks=(*self.remarks, *(each for each in remarks if each)))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


def require_number(name: str, value: object) -> float:
    """A finite number.

    Raises
    ------
    InputError
        If it is missing, text, or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError(name, f"{value!r} is not a number", number_remedy(value))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(name, f"{number!r} is not finite", "Give a finite number")
    return number


def require_positive(name: str, value: object) -> float:
    """A finite number above 0.

    Raises
    ------
    InputError
        If it is not.
    """
    number = require_number(name, value)
    if number <= 0.0:
        raise InputError(name, f"{number:g} is not above 0", "Give a number above 0")
    return number


def require_share(name: str, value: object) -> float:
    """A number from 0 to 1.

    Raises
    ------
    InputError
        If it is not.
    """
    number = require_number(name, value)
    if not 0.0 <= number <= 1.0:
        raise InputError(name, f"{number:g} is not between 0 and 1", "Give a share such as 0.43")
    return number


def require_level(name: str, value: object) -> float:
    """The level of an interval between 0 and 1; 95 is read as 0.95.

    Raises
    ------
    InputError
        If it is neither a share nor a percentage.
    """
    number = require_positive(name, value)
    level = number / 100.0 if 1.0 < number < 100.0 else number
    if not level < 1.0:
        raise InputError(name, f"{number:g} is no confidence level", "Give 0.95 or 95")
    return level


def require_count(name: str, value: object, *, least: int = 0) -> float:
    """A whole number of at least `least`.

    Raises
    ------
    InputError
        If it is not.
    """
    number = require_number(name, value)
    if number != math.floor(number):
        raise InputError(name, f"{number:g} is not a whole number", "Give a count")
    if number < least:
        raise InputError(name, f"{number:g} is below {least}", f"Give a count of {least} or more")
    return number


def require_events(
    events_name: str, events: object, patients_name: str, patients: object
) -> tuple[float, float]:
    """Events and the patients they happened in.

    Raises
    ------
    InputError
        If either is no count, or there are more events than patients.
    """
    found, among = (
        require_count(events_name, events),
        require_count(patients_name, patients, least=1),
    )
    if found > among:
        told = f"{found:g} events are more than the {among:g} patients"
        raise InputError(events_name, told, "Check events and patients")
    return found, among


def require_names(names: Sequence[object] | None, **columns: Sequence[object]) -> tuple[str, ...]:
    """Names of studies, one for each entry of every column; default 1, 2, ...

    Raises
    ------
    InputError
        If there is no study, lengths differ, or a name stands there twice.
    """
    count = len(next(iter(columns.values())))
    for name, column in columns.items():
        if len(column) != count or count == 0:
            found = f"{len(column)} entries for {count} studies"
            raise InputError(name, found, "Give one entry a study")
    return study_names(names, count)
