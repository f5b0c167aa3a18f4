"""Classical families of bounds: one constant is solved so that alpha is spent at the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from debulk.core.errors import InputError
from debulk.survival.options import one_number
from debulk.trials.boundaries.recursion import Floats
from debulk.trials.boundaries.roots import falling_root
from debulk.trials.boundaries.two_sided import stopping


@dataclass(frozen=True, slots=True)
class WangTsiatis:
    """Bounds c t^(delta - 0.5) (Wang and Tsiatis 1987).

    Parameters
    ----------
    delta : float
        0 is O'Brien-Fleming, 0.5 Pocock; between -2 and 1.

    Raises
    ------
    InputError
        If delta is out of range.
    """

    delta: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "delta", one_number(self.delta, "delta"))
        if not -2.0 <= self.delta <= 1.0:
            raise InputError("delta", f"{self.delta} is not between -2 and 1", "Give 0 to 0.5")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"family": "wang-tsiatis", "delta": self.delta}


@dataclass(frozen=True, slots=True)
class HaybittlePeto:
    """The same bound at every look but the last, which is solved (Haybittle 1971; Peto 1976).

    Parameters
    ----------
    z : float
        The bound at the earlier looks, above 0.

    Raises
    ------
    InputError
        If z is not above 0.
    """

    z: float = 3.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "z", one_number(self.z, "z"))
        if not 0.0 < self.z <= 30.0:
            raise InputError("z", f"{self.z} is not above 0 (and at most 30)", "Give e.g. 3")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"family": "haybittle-peto", "z": self.z}


Shape = Callable[[float], Floats]
_MOST = 40.0
"""No constant is larger."""


def shape_of(family: WangTsiatis | HaybittlePeto, information: Floats) -> Shape:
    """Bounds as a function of the constant to be solved."""
    if isinstance(family, WangTsiatis):
        powers = (information / information[-1]) ** (family.delta - 0.5)
        return lambda constant: constant * powers
    early = np.full(information.size, family.z)

    def haybittle_peto(constant: float) -> Floats:
        bounds = early.copy()
        bounds[-1] = constant
        return bounds

    return haybittle_peto


def solve_constant(
    shape: Shape, spent: Callable[[Floats], float], alpha: float, sided: int
) -> Floats:
    """Bounds of a family that are crossed with probability `alpha` when theta is 0.

    Parameters
    ----------
    shape : callable
        Bounds for a constant, see `shape_of`.
    spent : callable
        Probability under theta = 0 of rejecting, on all sides, for upper bounds.
    alpha : float
        Over all sides.
    sided : int

    Raises
    ------
    InputError
        If the early bounds alone spend more, or futility leaves too few trials to spend it.
    """
    goal = float(ndtri(alpha))

    def excess(constant: float) -> float:
        share = min(max(spent(shape(constant)), 1e-300), 1.0 - 1e-16)
        return float(ndtri(share)) - goal

    def excess_of_sum(constant: float) -> float:
        return math.log(max(sided * float(ndtr(-shape(constant)).sum()), 1e-300) / alpha)

    # If every look counted anew, more would be spent: a good place to start.
    least = 0.0 if sided == 2 else -_MOST
    between = excess_of_sum(_MOST) < 0.0 < excess_of_sum(least)
    start = float(brentq(excess_of_sum, least, _MOST, xtol=1e-3)) if between else 2.0
    constant = falling_root(excess, start, 1.0, least, _MOST)
    if constant is None and excess(_MOST) > 0.0:
        raise InputError(
            "efficacy", f"the early looks alone spend alpha {alpha:g} or more", "Raise their bounds"
        )
    if constant is None:
        raise InputError(
            "futility", f"it stops so many trials that alpha {alpha:g} cannot be spent", "Lower it"
        )
    return shape(constant)


def rejected(information: Floats, upper: Floats, futility: Floats | None, sided: int = 1) -> float:
    """Probability under theta = 0 of rejecting, on all sides.

    Parameters
    ----------
    information, upper : array, shape (k,)
    futility : array or None
        Where trials stop for futility.
    sided : int
    """
    _, below, above = stopping(information, futility, upper, 0.0, sided)
    return float(above.sum() + below.sum())
