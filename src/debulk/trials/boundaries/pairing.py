"""Efficacy and futility bounds that fit each other and the planned effect."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.trials.boundaries.bounds import fixed_drift
from debulk.trials.boundaries.efficacy import (
    alpha_steps,
    efficacy_bounds,
    efficacy_shape,
    family_of,
    given_bounds,
)
from debulk.trials.boundaries.families import rejected, shape_of, solve_constant
from debulk.trials.boundaries.recursion import Floats, spend_beta, spend_null
from debulk.trials.boundaries.roots import falling_root
from debulk.trials.boundaries.rule import OTHER_SCALE, SPENDING, NullSpending, StoppingRule
from debulk.trials.boundaries.spending import cumulative_spending
from debulk.trials.boundaries.two_sided import spend_around, stopping

MOST_DRIFT = 60.0
"""No planned theta is larger."""
NEEDS_NO_EFFECT = (NullSpending, tuple)
"""Futility rules whose bounds follow from the efficacy bounds alone."""
_MOST_TURNS = 200
_SETTLED = 1e-12

Pair = tuple[Floats, Floats]


def paired_bounds(information: Floats, rule: StoppingRule) -> tuple[Floats, Floats, float | None]:
    """Futility and efficacy bounds of a rule with both, and the planned theta.

    Parameters
    ----------
    information : array, shape (k,)
    rule : StoppingRule
        With a futility rule.

    Returns
    -------
    lower, upper : array, shape (k,)
        Equal at the last look.
    drift : float or None
        None without beta.

    Raises
    ------
    InputError
        If no bounds fit, or a futility bound is not below the efficacy bound before the last look.
    """
    solver = _bound_together if rule.binding else _bound_apart
    lower, upper, drift = solver(information, rule)
    if np.any(lower[:-1] >= upper[:-1]):
        raise InputError("futility", "a futility bound is not below the efficacy bound", "Lower it")
    return lower, upper, drift


def _bound_apart(information: Floats, rule: StoppingRule) -> tuple[Floats, Floats, float | None]:
    """Not binding, so the efficacy bounds come first."""
    upper = efficacy_bounds(information, rule, None)
    drift = drift_for(information, rule, upper)
    return lower_bounds(information, rule, upper, drift), upper, drift


def _bound_together(information: Floats, rule: StoppingRule) -> tuple[Floats, Floats, float | None]:
    if isinstance(rule.efficacy, tuple):
        return _bound_apart(information, rule)
    if not isinstance(rule.efficacy, SPENDING):
        return _binding_family(information, rule)
    if isinstance(rule.futility, (*SPENDING, NullSpending)):
        return _both_spend(information, rule)
    return _in_turn(information, rule)


def _binding_family(information: Floats, rule: StoppingRule) -> tuple[Floats, Floats, float | None]:
    """Binding futility with a classical family: its constant, everything else following."""
    near: float | None = None

    def spent(upper: Floats) -> float:
        nonlocal near
        drift = None
        if not isinstance(rule.futility, NEEDS_NO_EFFECT):
            near = drift = drift_for(information, rule, upper, near)
        lower = lower_bounds(information, rule, upper, drift)
        return rejected(information, upper, lower, rule.sided)

    shape = efficacy_shape(information, rule)
    upper = solve_constant(shape, spent, rule.alpha, rule.sided)
    drift = drift_for(information, rule, upper, near)
    return lower_bounds(information, rule, upper, drift), upper, drift


def _both_spend(information: Floats, rule: StoppingRule) -> tuple[Floats, Floats, float | None]:
    """Binding futility, both bounds by spending functions: solved look by look together."""
    alpha, empty = alpha_steps(information, rule), np.zeros(information.size)
    null = isinstance(rule.futility, NullSpending)
    futile = _steps(rule.futility, information, 1.0 - rule.alpha if null else rule.beta)

    def together(theta: float) -> Pair:
        if rule.sided == 2:
            under = 0.0 if null else theta
            return spend_around(information, empty, empty, alpha, futile, under, True, True)
        if null:
            return spend_null(information, empty, alpha, futile, True)
        return spend_beta(information, empty, alpha, futile, theta, True)

    drift = None
    if rule.beta is not None:
        drift = drift_of(lambda theta: _power(information, rule, together(theta), theta), rule)
    return *together(drift or 0.0), drift


def _in_turn(information: Floats, rule: StoppingRule) -> tuple[Floats, Floats, float | None]:
    """Binding futility that spends nothing: each kind solved in turn until nothing changes."""
    upper = efficacy_bounds(information, rule, None)
    drift: float | None = None
    for _ in range(_MOST_TURNS):
        drift = drift_for(information, rule, upper, drift)
        lower = np.minimum(lower_bounds(information, rule, upper, drift), upper)
        new = efficacy_bounds(information, rule, lower)
        there = np.isfinite(new) & np.isfinite(upper)
        if np.max(np.abs(new[there] - upper[there]), initial=0.0) < _SETTLED:
            lower[-1] = new[-1]
            return lower, new, drift
        upper = new
    raise InputError("futility", "no bounds fit each other", "Use binding=False, or loosen it")


def lower_bounds(
    information: Floats, rule: StoppingRule, upper: Floats, theta: float | None
) -> Floats:
    """Futility bounds beside given efficacy bounds; at the last look the efficacy bound.

    Parameters
    ----------
    information, upper : array, shape (k,)
    rule : StoppingRule
    theta : float or None
        The planned effect, for the rules that need one.
    """
    chosen, looks = rule.futility, information.size
    if isinstance(chosen, NullSpending):
        return _null_spending(information, rule, chosen, upper)
    if isinstance(chosen, SPENDING):
        assert theta is not None
        return _spend(information, rule, upper, theta, _steps(chosen, information, rule.beta))
    lower = np.empty(looks)
    lower[-1] = upper[-1]
    if isinstance(chosen, OTHER_SCALE):
        lower[:-1] = chosen.bounds(information, upper[-1], theta)
    elif isinstance(chosen, tuple):
        early = chosen[:-1] if len(chosen) == looks else chosen
        lower[:-1] = given_bounds(early, looks - 1, "futility", -math.inf)
    else:
        assert theta is not None
        expected = theta * np.sqrt(information)
        shape = shape_of(family_of(chosen), information)
        lower[:-1] = (expected - shape(float(expected[-1] - upper[-1])))[:-1]
    if rule.sided == 2:
        lower[:-1] = np.where(lower[:-1] > 0.0, lower[:-1], -math.inf)
    return lower


def _spend(
    information: Floats, rule: StoppingRule, upper: Floats, theta: float, steps: Floats
) -> Floats:
    """Futility bounds that spend `steps` under `theta` beside given efficacy bounds."""
    if rule.sided == 2:
        return spend_around(information, upper, upper, steps, steps, theta, True, False)[0]
    return spend_beta(information, upper, steps, steps, theta, False)[0]


def _null_spending(
    information: Floats, rule: StoppingRule, chosen: NullSpending, upper: Floats
) -> Floats:
    """Beside given upper bounds, spend all the probability of not rejecting."""
    total = 1.0 - rejected(information, upper, None, rule.sided)
    for _ in range(_MOST_TURNS):
        steps = _steps(chosen, information, total)
        lower = _spend(information, rule, upper, 0.0, steps)
        found = 1.0 - rejected(information, upper, lower, rule.sided)
        if abs(found - total) < _SETTLED:
            return lower
        total = found
    raise InputError("futility", "no bounds fit each other", "Spend less early")


def _steps(chosen: object, information: Floats, total: float | None) -> Floats:
    """What a futility rule spends of `total` at each look."""
    spending = chosen.spending if isinstance(chosen, NullSpending) else chosen
    assert isinstance(spending, SPENDING)
    assert total is not None
    spent = cumulative_spending(spending, information, total, 1, "futility")
    return np.diff(spent, prepend=0.0)


def drift_for(
    information: Floats, rule: StoppingRule, upper: Floats, near: float | None = None
) -> float | None:
    """Theta with power 1 - beta beside given efficacy bounds; None without beta.

    Parameters
    ----------
    information, upper : array, shape (k,)
    rule : StoppingRule
    near : float, optional
        Where to look first.
    """
    if rule.beta is None:
        return None

    stays = None
    if isinstance(rule.futility, NEEDS_NO_EFFECT):
        stays = np.minimum(lower_bounds(information, rule, upper, None), upper)

    def power(theta: float) -> float:
        lower = stays
        if rule.futility is not None and stays is None:
            lower = np.minimum(lower_bounds(information, rule, upper, theta), upper)
        return _power(information, rule, (lower, upper), theta)

    return drift_of(power, rule, near)


def drift_of(
    power: Callable[[float], float], rule: StoppingRule, near: float | None = None
) -> float:
    """Theta at which `power`, benefit declared, is 1 - beta.

    Raises
    ------
    InputError
        If there is none.
    """
    assert rule.beta is not None
    goal = float(ndtri(1.0 - rule.beta))

    def short(theta: float) -> float:
        return goal - float(ndtri(min(max(power(theta), 1e-300), 1.0 - 1e-16)))

    start = near or 1.02 * fixed_drift(rule.alpha, rule.sided, rule.beta)
    drift = falling_root(short, start, 1.0, 1e-3, MOST_DRIFT)
    if drift is None:
        raise InputError(
            "beta",
            f"no effect gives power {1 - rule.beta:g} under these rules",
            "Loosen futility or the bounds",
        )
    return drift


def _power(
    information: Floats, rule: StoppingRule, pair: tuple[Floats | None, Floats], theta: float
) -> float:
    """Probability of benefit; two-sided with futility, of rejecting, so that beta is the rest."""
    futility, upper = pair
    _, below, above = stopping(information, futility, upper, theta, rule.sided)
    return float(above.sum() + (below.sum() if futility is not None else 0.0))
