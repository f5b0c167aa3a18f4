"""Solve a stopping rule into bounds on Z."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq

from debulk.core.errors import InputError
from debulk.trials.boundaries.bounds import Boundaries, fixed_drift
from debulk.trials.boundaries.families import (
    HaybittlePeto,
    WangTsiatis,
    shape_of,
    solve_constant,
)
from debulk.trials.boundaries.recursion import (
    Floats,
    crossing,
    spend_above,
    spend_beta,
)
from debulk.trials.boundaries.rule import (
    OTHER_SCALE,
    SPENDING,
    Efficacy,
    Futility,
    Harm,
    StoppingRule,
    checked_information,
    checked_rule,
)
from debulk.trials.boundaries.spending import cumulative_spending

CLASSICAL = {"obrien-fleming": WangTsiatis(0.0), "pocock": WangTsiatis(0.5)}


def group_sequential(
    information: Any,
    *,
    alpha: float = 0.025,
    sided: int = 1,
    efficacy: Efficacy,
    futility: Futility | None = None,
    binding: bool = False,
    beta: float | None = None,
    harm: Harm | None = None,
) -> Boundaries:
    """Bounds on Z for a trial with interim looks.

    Parameters
    ----------
    information : sequence of float
        Information at each look as a fraction of the planned final one, rising, in (0, 1]; at most
        20. With a spending function and a last look below 1, alpha is not all spent.
    alpha : float
        Error under no effect, over all `sided` sides.
    sided : int
        1, or 2 for symmetric bounds.
    efficacy : str, WangTsiatis, HaybittlePeto, Spending, UserSpending or sequence of float
        "obrien-fleming" and "pocock" are the classical families, as WangTsiatis(0) and (0.5);
        `Spending` a spending function; numbers are the bounds on Z themselves (None or inf for
        none), which spend what they spend.
    futility : as `efficacy`, or ConditionalPower, PredictivePower, HazardRatioFutility
        A spending function spends beta under the effect that has power 1 - beta. A family
        is laid against that effect, as Pampallona and Tsiatis (1994) do: theta sqrt(t) -
        c t^(delta - 0.5), meeting the efficacy bound at the last look. Numbers are bounds on Z for
        every look but the last (or for every look).
    binding : bool
        True: efficacy bounds count on the trial stopping for futility.
    beta : float, optional
        1 - power. Needed for a futility rule that is solved, and for `drift`.
    harm : Harm, optional
        Bound for early harm with an error of its own.

    Returns
    -------
    Boundaries

    Raises
    ------
    InputError
        If a number is out of range, the information does not rise, or the rules contradict each
        other.

    Notes
    -----
    Z > 0 means benefit. Exact to about 1e-10 by recursive integration (Armitage, McPherson and Rowe
    1969; Jennison and Turnbull 2000, chapter 19).
    """
    t = checked_information(information)
    rule = checked_rule(
        alpha=alpha,
        sided=sided,
        efficacy=efficacy,
        futility=futility,
        binding=binding,
        beta=beta,
        harm=harm,
    )
    return solve(t, rule)


def solve(information: Floats, rule: StoppingRule) -> Boundaries:
    """Bounds for a checked rule.

    Parameters
    ----------
    information : array, shape (k,)
    rule : StoppingRule
    """
    if rule.futility is None:
        lower, upper = _open(information, rule), efficacy_bounds(information, rule, None)
        drift = None if rule.beta is None else _drift(information, rule, lambda _: (lower, upper))
        futility = None
    else:
        futility, upper, drift = _with_futility(information, rule)
        lower = futility
    return assembled(information, rule, upper, futility, drift)


def assembled(
    information: Floats,
    rule: StoppingRule,
    upper: Floats,
    futility: Floats | None,
    drift: float | None,
) -> Boundaries:
    """Boundaries with what they spend."""
    two = rule.sided == 2
    stop = futility if futility is not None and rule.binding else np.full(upper.size, -math.inf)
    down, up = crossing(information, -upper if two else stop, upper, 0.0)
    alpha_spent = np.cumsum(up + down if two else up)
    beta_spent = None
    if futility is not None and drift is not None:
        lost, _ = crossing(information, futility, upper, drift)
        beta_spent = np.cumsum(lost)
    harm = None if rule.harm is None else harm_bounds(information, rule.harm)
    if harm is not None and np.any(harm >= upper):
        raise InputError("harm", "a harm bound is not below the efficacy bound", "Lower it")
    return Boundaries(information, rule, upper, futility, harm, alpha_spent, beta_spent, drift)


def efficacy_bounds(information: Floats, rule: StoppingRule, lower: Floats | None) -> Floats:
    """Upper bounds, among trials that have not stopped at `lower` (None: nobody has)."""
    looks = information.size
    floor = np.full(looks, -math.inf) if lower is None else lower
    chosen = rule.efficacy
    if isinstance(chosen, SPENDING):
        return spend_above(information, floor, alpha_steps(information, rule), rule.sided == 2, 0.0)
    if isinstance(chosen, tuple):
        return _given(chosen, looks, "efficacy", math.inf)
    family = CLASSICAL[chosen] if isinstance(chosen, str) else chosen
    shape = shape_of(family, information)
    return solve_constant(shape, information, floor, rule.alpha, rule.sided)


def alpha_steps(information: Floats, rule: StoppingRule) -> Floats:
    """Error that each look spends on one side."""
    assert isinstance(rule.efficacy, SPENDING)
    spent = cumulative_spending(rule.efficacy, information, rule.alpha, rule.sided, "efficacy")
    return np.diff(spent, prepend=0.0) / rule.sided


def harm_bounds(information: Floats, harm: Harm) -> Floats:
    """Lower bounds that spend the error of harm under theta = 0."""
    if isinstance(harm.spending, tuple):
        return _given(harm.spending, information.size, "harm", -math.inf)
    assert harm.alpha is not None
    spent = cumulative_spending(harm.spending, information, harm.alpha, 1, "harm")
    floor = np.full(information.size, -math.inf)
    return -spend_above(information, floor, np.diff(spent, prepend=0.0), False, 0.0)


def _given(chosen: tuple[float | None, ...], looks: int, where: str, none: float) -> Floats:
    if len(chosen) != looks:
        raise InputError(
            where, f"{len(chosen)} bounds for {looks} looks", "Give one bound for each look"
        )
    return np.array([none if each is None else each for each in chosen])


def _open(information: Floats, rule: StoppingRule) -> Floats:
    return np.full(information.size, -math.inf)


Solved = Callable[[float], tuple[Floats, Floats]]


def _drift(information: Floats, rule: StoppingRule, bounds: Solved) -> float:
    """Theta with power 1 - beta, where the bounds may depend on theta."""
    assert rule.beta is not None
    goal = 1.0 - rule.beta

    def short(theta: float) -> float:
        lower, upper = bounds(theta)
        down, up = crossing(information, -upper if rule.sided == 2 else lower, upper, theta)
        return float(up.sum() + (down.sum() if rule.sided == 2 else 0.0)) - goal

    return root_of_power(short, rule)


def root_of_power(short: Callable[[float], float], rule: StoppingRule) -> float:
    """Theta at which `short` (power minus its goal) is 0."""
    assert rule.beta is not None
    low = 0.999 * fixed_drift(rule.alpha, rule.sided, rule.beta)
    high = 1.1 * low
    while short(low) > 0.0:
        low *= 0.9
        if low < 1e-3:
            break
    while short(high) < 0.0:
        high *= 1.25
        if high > 60.0:
            raise InputError(
                "beta",
                f"no effect gives power {1 - rule.beta:g} under these rules",
                "Loosen futility or the bounds",
            )
    return float(brentq(short, low, high, xtol=1e-12, rtol=1e-13))


def _with_futility(
    information: Floats, rule: StoppingRule
) -> tuple[Floats, Floats, float | None]:
    if rule.sided == 2:
        raise InputError("futility", "it is not there for two sides", "Use sided=1")
    free = efficacy_bounds(information, rule, None)
    if isinstance(rule.futility, SPENDING):
        return _beta_spending(information, rule, free)

    def bounds(theta: float | None) -> tuple[Floats, Floats]:
        lower = _futility_bounds(information, rule, free, theta)
        if not rule.binding:
            return lower, free
        return _bind(information, rule, free, lambda upper: _futility_bounds(information, rule, upper, theta))

    drift = None if rule.beta is None else _drift(information, rule, bounds)
    lower, upper = bounds(drift)
    if np.any(lower[:-1] >= upper[:-1]):
        raise InputError(
            "futility", "a futility bound is not below the efficacy bound", "Lower it"
        )
    return lower, upper, drift


def _bind(
    information: Floats, rule: StoppingRule, start: Floats, lower_of: Callable[[Floats], Floats]
) -> tuple[Floats, Floats]:
    """Bounds that fit each other: each pair solved in turn until nothing changes."""
    upper = start
    for _ in range(200):
        lower = np.minimum(lower_of(upper), upper)
        new = efficacy_bounds(information, rule, lower)
        finite = np.isfinite(new)
        if np.max(np.abs(new[finite] - upper[finite]), initial=0.0) < 1e-12:
            lower[-1] = new[-1]
            return lower, new
        upper = new
    raise InputError("futility", "no bounds fit each other", "Use binding=False or lower it")


def _futility_bounds(
    information: Floats, rule: StoppingRule, upper: Floats, theta: float | None
) -> Floats:
    """Lower bounds of a rule that spends nothing; at the last look the upper bound."""
    chosen, looks = rule.futility, information.size
    lower = np.empty(looks)
    lower[-1] = upper[-1]
    if isinstance(chosen, OTHER_SCALE):
        lower[:-1] = chosen.bounds(information, upper[-1], theta)
    elif isinstance(chosen, tuple):
        early = chosen[:-1] if len(chosen) == looks else chosen
        lower[:-1] = _given(early, looks - 1, "futility", -math.inf)
    elif theta is not None:
        family = CLASSICAL[chosen] if isinstance(chosen, str) else chosen
        assert isinstance(family, WangTsiatis | HaybittlePeto)
        expected = theta * np.sqrt(information)
        shape = shape_of(family, information)
        lower[:-1] = (expected - shape(float(expected[-1] - upper[-1])))[:-1]
    return lower


def _beta_spending(
    information: Floats, rule: StoppingRule, free: Floats
) -> tuple[Floats, Floats, float]:
    assert isinstance(rule.futility, SPENDING)
    assert rule.beta is not None
    beta = cumulative_spending(rule.futility, information, rule.beta, 1, "futility")
    steps = np.diff(beta, prepend=0.0)
    joint = rule.binding and isinstance(rule.efficacy, SPENDING)
    alpha = alpha_steps(information, rule) if joint else np.zeros(information.size)

    def bounds(theta: float) -> tuple[Floats, Floats, float]:
        if joint or not rule.binding:
            return spend_beta(information, free, alpha, steps, theta, joint)
        _, upper = _bind(
            information,
            rule,
            free,
            lambda upper: spend_beta(information, upper, alpha, steps, theta, False)[0],
        )
        return spend_beta(information, upper, alpha, steps, theta, False)

    goal = 1.0 - rule.beta
    drift = root_of_power(lambda theta: bounds(theta)[2] - goal, rule)
    lower, upper, _ = bounds(drift)
    return lower, upper, drift
