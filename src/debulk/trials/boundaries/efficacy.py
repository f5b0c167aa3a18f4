"""Efficacy and harm bounds of a rule, once it is known where a trial stops for futility."""

from __future__ import annotations

import math

import numpy as np

from debulk.core.errors import InputError
from debulk.trials.boundaries.families import (
    HaybittlePeto,
    Shape,
    WangTsiatis,
    rejected,
    shape_of,
    solve_constant,
)
from debulk.trials.boundaries.recursion import Floats, spend_above
from debulk.trials.boundaries.rule import SPENDING, Bounds, Harm, StoppingRule
from debulk.trials.boundaries.spending import cumulative_spending
from debulk.trials.boundaries.two_sided import spend_around

CLASSICAL = {"obrien-fleming": WangTsiatis(0.0), "pocock": WangTsiatis(0.5)}
Family = WangTsiatis | HaybittlePeto


def efficacy_bounds(information: Floats, rule: StoppingRule, lower: Floats | None) -> Floats:
    """Upper bounds that spend alpha among trials that have not stopped at `lower`.

    Parameters
    ----------
    information : array, shape (k,)
    rule : StoppingRule
    lower : array or None
        Where trials stop for futility, counted on; None for nowhere.
    """
    looks, chosen, two = information.size, rule.efficacy, rule.sided == 2
    if isinstance(chosen, SPENDING):
        steps = alpha_steps(information, rule)
        if two and lower is not None:
            return spend_around(information, lower, lower, steps, steps, 0.0, False, True)[1]
        floor = np.full(looks, -math.inf) if lower is None else lower
        return spend_above(information, floor, steps, two, 0.0)
    if isinstance(chosen, tuple):
        given = given_bounds(chosen, looks, "efficacy", math.inf)
        if two and np.any(given <= 0.0):
            raise InputError("efficacy", "a two-sided bound is not above 0", "Raise it")
        return given
    return solve_constant(
        shape_of(family_of(chosen), information),
        lambda upper: rejected(information, upper, lower, rule.sided),
        rule.alpha,
        rule.sided,
    )


def family_of(chosen: object) -> Family:
    """The classical family that a word or specification means."""
    family = CLASSICAL[chosen] if isinstance(chosen, str) else chosen
    assert isinstance(family, WangTsiatis | HaybittlePeto)
    return family


def efficacy_shape(information: Floats, rule: StoppingRule) -> Shape:
    """Upper bounds of a classical family as a function of its constant."""
    return shape_of(family_of(rule.efficacy), information)


def alpha_steps(information: Floats, rule: StoppingRule) -> Floats:
    """Error that each look spends on one side."""
    assert isinstance(rule.efficacy, SPENDING)
    spent = cumulative_spending(rule.efficacy, information, rule.alpha, rule.sided, "efficacy")
    return np.diff(spent, prepend=0.0) / rule.sided


def harm_bounds(information: Floats, harm: Harm) -> Floats:
    """Lower bounds that spend the error of harm under theta = 0, nothing else stopping trials."""
    if isinstance(harm.spending, tuple):
        return given_bounds(harm.spending, information.size, "harm", -math.inf)
    assert harm.alpha is not None
    spent = cumulative_spending(harm.spending, information, harm.alpha, 1, "harm")
    floor = np.full(information.size, -math.inf)
    return -spend_above(information, floor, np.diff(spent, prepend=0.0), False, 0.0)


def given_bounds(chosen: Bounds, looks: int, where: str, none: float) -> Floats:
    """Bounds that a user gave, `none` where there is none.

    Raises
    ------
    InputError
        If they are not one for each look.
    """
    if len(chosen) != looks:
        raise InputError(
            where, f"{len(chosen)} bounds for {looks} looks", "Give one bound for each look"
        )
    return np.array([none if each is None else each for each in chosen])
