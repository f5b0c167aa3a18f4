"""Spending functions: how much of an error may be used up by a look, for its information."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr, ndtri

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import check_word, one_number, shown
from debulk.trials.boundaries.recursion import Floats

Family = Literal["obrien-fleming", "pocock", "kim-demets", "hwang-shih-decani"]

ROUNDING = 1e-9
"""How far the last value of a user's spending may be off its total."""


@dataclass(frozen=True, slots=True)
class Spending:
    """A spending function by family.

    Parameters
    ----------
    family : {"obrien-fleming", "pocock", "kim-demets", "hwang-shih-decani"}
        With t the information and a the error to spend (one side's): "obrien-fleming"
        2 - 2 Phi(z(1 - a/2) / sqrt(t)) and "pocock" a log(1 + (e - 1) t) (Lan and DeMets 1983);
        "kim-demets" a t^gamma (Kim and DeMets 1987); "hwang-shih-decani"
        a (1 - exp(-gamma t)) / (1 - exp(-gamma)), a t where gamma is 0 (Hwang, Shih and
        DeCani 1990).
    gamma : float, optional
        Parameter of the last two. Kim-DeMets: above 0, late above 1. Hwang-Shih-DeCani: below 0
        spends late; between -40 and 40.

    Raises
    ------
    InputError
        If the family is not known, or gamma missing, superfluous or out of range.
    """

    family: Family
    gamma: float | None = None

    def __post_init__(self) -> None:
        check_word(self.family, Family, "family")
        if self.family in ("obrien-fleming", "pocock"):
            if self.gamma is not None:
                raise InputError(
                    "gamma", f"the family {self.family!r} has no parameter", "Leave gamma out"
                )
            return
        if self.gamma is None:
            raise InputError("gamma", f"the family {self.family!r} needs one", "Give gamma, e.g. 2")
        gamma = one_number(self.gamma, "gamma")
        object.__setattr__(self, "gamma", gamma)
        if self.family == "kim-demets" and not 0.0 < gamma <= 100.0:
            raise InputError("gamma", f"{gamma} is not above 0 (and at most 100)", "Give e.g. 2")
        if self.family == "hwang-shih-decani" and abs(gamma) > 40.0:
            raise InputError("gamma", f"{gamma} is not between -40 and 40", "Give e.g. -4")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"spending": self.family, "gamma": self.gamma}


@dataclass(frozen=True, slots=True)
class UserSpending:
    """A user's own spending, look by look.

    Parameters
    ----------
    cumulative : sequence of float
        Cumulative error spent by each look (the total over both sides of a two-sided test),
        never falling, ending in the whole of it.

    Raises
    ------
    InputError
        If a value is no probability or the values fall.
    """

    cumulative: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "cumulative", number_tuple(self.cumulative, "cumulative"))
        if any(not 0.0 <= each < 1.0 for each in self.cumulative):
            raise InputError(
                "cumulative", f"{shown(self.cumulative)} leaves [0, 1)", "Give probabilities"
            )
        if any(b < a for a, b in pairwise(self.cumulative)):
            raise InputError(
                "cumulative", f"{shown(self.cumulative)} falls", "Give cumulative spending"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"spending": "user", "cumulative": plain(self.cumulative)}


@dataclass(frozen=True, slots=True)
class SpendingFunction:
    """A user's own spending as a function of information.

    Parameters
    ----------
    share : callable
        Takes information (a float in (0, 1]) and returns the share of the error spent by then,
        between 0 and 1, never falling, 1 at information 1.
    name : str
        What to call it in results.
    """

    share: Callable[[float], float]
    name: str = "user's function"

    def __post_init__(self) -> None:
        if not callable(self.share):
            raise InputError("share", f"{shown(self.share)} is no function", "Give a function of t")
        if not isinstance(self.name, str):
            raise InputError("name", f"{shown(self.name)} is no text", "Give a name")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"spending": self.name}


AnySpending = Spending | UserSpending | SpendingFunction


def cumulative_spending(
    spending: AnySpending, information: Floats, total: float, sides: int, where: str
) -> Floats:
    """Error spent by each look, over all sides.

    Parameters
    ----------
    spending : Spending, UserSpending or SpendingFunction
    information : array, shape (k,)
        What has been observed beyond 1 counts as 1.
    total : float
        The error to spend, over all sides.
    sides : int
        A two-sided test spends half of `total` by the same function on each side.
    where : str
        The argument, for messages.

    Raises
    ------
    InputError
        If a user's spending does not fit the looks or does not end in `total`.
    """
    if isinstance(spending, UserSpending):
        return _user(spending, information.size, total, where)
    t = np.minimum(information, 1.0)
    if isinstance(spending, SpendingFunction):
        return total * _shares(spending, t, where)
    one = total / sides
    return sides * _family(spending, t, one)


def _family(spending: Spending, t: Floats, total: float) -> Floats:
    gamma = spending.gamma or 0.0
    if spending.family == "obrien-fleming":
        # Rounded as a probability near 1, as every program in use does: what is below 1e-16 is not
        # spent at all and its bound is infinite.
        spent: Floats = 2.0 * (1.0 - ndtr(-ndtri(0.5 * total) / np.sqrt(t)))
    elif spending.family == "pocock":
        spent = total * np.log1p((math.e - 1.0) * t)
    elif spending.family == "kim-demets":
        spent = total * t**gamma
    elif abs(gamma) < 1e-12:
        spent = total * t
    else:
        spent = total * np.expm1(-gamma * t) / math.expm1(-gamma)
    return np.where(t < 1.0, np.minimum(spent, total), total)


def _user(spending: UserSpending, looks: int, total: float, where: str) -> Floats:
    cumulative = np.array(spending.cumulative)
    if cumulative.size != looks:
        raise InputError(
            where,
            f"the spending has {cumulative.size} values for {looks} looks",
            "Give one cumulative value for each look",
        )
    if abs(cumulative[-1] - total) > ROUNDING:
        raise InputError(
            where,
            f"the spending ends in {cumulative[-1]:g} and not in {total:g}",
            "Let the last value be the whole error",
        )
    return cumulative


def _shares(spending: SpendingFunction, t: Floats, where: str) -> Floats:
    shares = [one_number(spending.share(float(each)), where) for each in (*t, 1.0)]
    falls = any(b < a for a, b in pairwise(shares))
    if falls or shares[0] < 0.0 or abs(shares[-1] - 1.0) > ROUNDING:
        raise InputError(
            where,
            f"{spending.name} gives {shown(shares)} at the looks and 1",
            "Let it rise from 0 or more to 1 at information 1",
        )
    return np.array(shares[:-1])


def number_tuple(values: Any, name: str) -> tuple[float, ...]:
    """Finite numbers given as a sequence, array or column.

    Raises
    ------
    InputError
        If it is no sequence, empty, or an element is no finite number.
    """
    scalar = isinstance(values, np.ndarray) and values.ndim == 0
    if scalar or isinstance(values, str | bytes | dict) or not hasattr(values, "__iter__"):
        raise InputError(name, f"{shown(values)} is no row of numbers", "Give e.g. (0.5, 1.0)")
    found = tuple(one_number(each, name) for each in values)
    if not found:
        raise InputError(name, "there is no number", "Give at least one")
    return found
