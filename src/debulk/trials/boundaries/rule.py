"""The stopping rule of a trial, as it is chosen: what `group_sequential` takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import check_flag, check_share, check_word, one_number, shown
from debulk.trials.boundaries.families import HaybittlePeto, WangTsiatis
from debulk.trials.boundaries.futility import (
    ConditionalPowerFutility,
    HazardRatioFutility,
    PredictivePowerFutility,
)
from debulk.trials.boundaries.recursion import Floats
from debulk.trials.boundaries.spending import Spending, SpendingFunction, UserSpending, number_tuple

MOST_LOOKS = 20
SMALLEST_STEP = 1e-4
"""Smallest step of information between two looks, relative to the later one."""

Classical = Literal["obrien-fleming", "pocock"]
Bounds = tuple[float | None, ...]
Efficacy = (
    Classical | WangTsiatis | HaybittlePeto | Spending | UserSpending | SpendingFunction | Bounds
)
SPENDING = (Spending, UserSpending, SpendingFunction)
OTHER_SCALE = (ConditionalPowerFutility, PredictivePowerFutility, HazardRatioFutility)


@dataclass(frozen=True, slots=True)
class Harm:
    """A bound for early harm, such as early mortality: stop where Z is at or below it.

    It spends an error of its own under theta = 0, as though nothing else stopped the trial, so that
    at most `alpha` of trials without any effect stop for harm. It is not binding: the
    efficacy bounds are made as if it were not there.

    Parameters
    ----------
    spending : Spending, UserSpending, SpendingFunction, or sequence of float
        How the error is spent; or the bounds on Z themselves, None for no bound at a look.
    alpha : float, optional
        The one-sided error to spend. Left out only where bounds are given.
    """

    spending: Spending | UserSpending | SpendingFunction | Bounds
    alpha: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.spending, SPENDING):
            check_share(self.alpha, "alpha of harm", "Give e.g. 0.05")
            object.__setattr__(self, "alpha", one_number(self.alpha, "alpha of harm"))
            return
        object.__setattr__(self, "spending", bound_tuple(self.spending, "harm"))
        if self.alpha is not None:
            raise InputError("alpha of harm", "bounds on Z spend what they spend", "Leave it out")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"rule": described(self.spending), "alpha": self.alpha}


@dataclass(frozen=True, slots=True)
class NullSpending:
    """Futility bounds that spend the probability of not rejecting under theta = 0.

    They need no planned effect; gsDesign has them as its test types 5 (binding) and 6.

    Parameters
    ----------
    spending : Spending or SpendingFunction
        How that probability, 1 - alpha if binding, is spent.
    """

    spending: Spending | SpendingFunction

    def __post_init__(self) -> None:
        if not isinstance(self.spending, Spending | SpendingFunction):
            raise InputError(
                "spending", f"{shown(self.spending)} is no spending function", "Give Spending(...)"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"under": "no effect", **self.spending.to_dict()}


Futility = (
    Efficacy
    | ConditionalPowerFutility
    | PredictivePowerFutility
    | HazardRatioFutility
    | NullSpending
)


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """What was chosen for a group-sequential design, checked.

    Attributes
    ----------
    alpha : float
        Over all sides.
    sided : int
    efficacy, futility, harm : rule or None
        See `group_sequential`.
    binding : bool
    beta : float or None
    """

    alpha: float
    sided: int
    efficacy: Efficacy
    futility: Futility | None
    binding: bool
    beta: float | None
    harm: Harm | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "alpha": self.alpha,
            "sided": self.sided,
            "efficacy": described(self.efficacy),
            "futility": described(self.futility),
            "binding": self.binding,
            "beta": self.beta,
            "harm": None if self.harm is None else self.harm.to_dict(),
        }


def described(rule: Any) -> Any:
    """A rule as plain values."""
    return plain(rule)


def checked_information(information: Any) -> Floats:
    """Information fractions, rising, at most 1, of at most 20 looks.

    Raises
    ------
    InputError
        If they are not.
    """
    found = np.array(number_tuple(information, "information"))
    if found.size > MOST_LOOKS:
        raise InputError(
            "information", f"there are {found.size} looks", f"Plan at most {MOST_LOOKS} looks"
        )
    if found[0] <= 0.0 or found[-1] > 1.0 + 1e-12:
        raise InputError(
            "information", f"{shown(found.tolist())} leaves (0, 1]", "Give fractions of the final"
        )
    check_rising(found)
    capped: Floats = np.minimum(found, 1.0)
    return capped


def check_rising(information: Floats) -> None:
    """Refuse information that does not rise from look to look.

    Raises
    ------
    InputError
        If it falls or rests, or rises by less than a ten-thousandth.
    """
    steps = np.diff(information) / information[1:]
    if np.any(steps <= 0.0):
        raise InputError(
            "information", f"{shown(information.tolist())} does not rise", "Put the looks in order"
        )
    if np.any(steps < SMALLEST_STEP):
        raise InputError(
            "information",
            f"two looks are less than {SMALLEST_STEP:g} apart",
            "Make one look of the two",
        )


def checked_rule(
    *,
    alpha: Any,
    sided: Any,
    efficacy: Any,
    futility: Any,
    binding: Any,
    beta: Any,
    harm: Any,
) -> StoppingRule:
    """The rule, if its parts are allowed and do not contradict each other.

    Raises
    ------
    InputError
        If not.
    """
    check_share(alpha, "alpha", "Give e.g. 0.025")
    if one_number(sided, "sided") not in (1.0, 2.0):
        raise InputError("sided", f"{shown(sided)} is neither 1 nor 2", "Give 1 or 2")
    check_flag(binding, "binding")
    if beta is not None:
        check_share(beta, "beta", "Give e.g. 0.2, which is a power of 80 %")
        if one_number(beta, "beta") >= 1.0 - one_number(alpha, "alpha"):
            raise InputError("beta", f"power {1 - beta:g} is not above alpha", "Lower beta")
    rule = StoppingRule(
        one_number(alpha, "alpha"),
        int(sided),
        _efficacy(efficacy, "efficacy"),
        None if futility is None else _futility(futility),
        bool(binding),
        None if beta is None else one_number(beta, "beta"),
        harm,
    )
    _check_together(rule)
    return rule


def _check_together(rule: StoppingRule) -> None:
    if rule.binding and rule.futility is None:
        raise InputError("binding", "there is no futility rule to bind", "Give futility")
    if rule.harm is not None and not isinstance(rule.harm, Harm):
        raise InputError("harm", f"{shown(rule.harm)} is no Harm", "Give Harm(spending, alpha)")
    if rule.harm is not None and rule.sided == 2:
        raise InputError(
            "harm", "the lower bound of a two-sided design is one already", "Use sided=1"
        )
    solved = isinstance(rule.futility, (*SPENDING, str, WangTsiatis, HaybittlePeto))
    if solved and rule.beta is None:
        raise InputError("beta", "this futility rule needs the power to be had", "Give beta")


def _efficacy(rule: Any, where: str) -> Efficacy:
    if isinstance(rule, str):
        check_word(rule, Classical, where)
    if isinstance(rule, (str, WangTsiatis, HaybittlePeto, *SPENDING)):
        return rule  # type: ignore[return-value]
    if isinstance(rule, (*OTHER_SCALE, NullSpending)):
        raise InputError(where, f"{shown(rule)} is a futility rule", "Give it as futility")
    if hasattr(rule, "__iter__") and not isinstance(rule, bytes | dict):
        return bound_tuple(rule, where)
    words = ", ".join(get_args(Classical))
    raise InputError(
        where,
        f"{shown(rule)} is no rule",
        f"Give {words}, WangTsiatis, HaybittlePeto, Spending, UserSpending or bounds",
    )


def _futility(rule: Any) -> Futility:
    return rule if isinstance(rule, (*OTHER_SCALE, NullSpending)) else _efficacy(rule, "futility")


def bound_tuple(values: Any, where: str) -> Bounds:
    """Bounds on Z given one by one, None where a look has none.

    Parameters
    ----------
    values : sequence
        Numbers; None, or infinity on the side that is never reached, for no bound.
    where : str
        "efficacy", "futility" or "harm".

    Raises
    ------
    InputError
        If a value is no number.
    """
    scalar = isinstance(values, np.ndarray) and values.ndim == 0
    if scalar or isinstance(values, str | bytes | dict) or not hasattr(values, "__iter__"):
        raise InputError(where, f"{shown(values)} is no row of bounds", "Give e.g. (3.0, 2.0)")
    never = math.inf if where == "efficacy" else -math.inf
    found: list[float | None] = []
    for each in values:
        none = each is None or (isinstance(each, float | np.floating) and each == never)
        found.append(None if none else one_number(each, where))
    if not found:
        raise InputError(where, "there is no bound", "Give one for each look")
    return tuple(found)
