"""Solve a stopping rule into bounds on Z."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.trials.boundaries.bounds import Boundaries
from debulk.trials.boundaries.efficacy import efficacy_bounds, harm_bounds
from debulk.trials.boundaries.pairing import drift_for, paired_bounds
from debulk.trials.boundaries.recursion import Floats
from debulk.trials.boundaries.rule import (
    Efficacy,
    Futility,
    Harm,
    StoppingRule,
    checked_information,
    checked_rule,
)
from debulk.trials.boundaries.two_sided import stopping


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
    futility : as `efficacy`, NullSpending, or a rule on another scale, optional
        Those are `ConditionalPowerFutility`, `PredictivePowerFutility`, `HazardRatioFutility`.
        A spending function spends beta under the effect that has power 1 - beta. A family
        is laid against that effect, as Pampallona and Tsiatis (1994) do: theta sqrt(t) -
        c t^(delta - 0.5), meeting the efficacy bound at the last look. Numbers are bounds on Z for
        every look but the last (or for every look). Two-sided: stop within plus and minus the
        bound; where a rule gives a bound below 0, there is none.
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
    Z > 0 means benefit. A two-sided design that spends beta spends at every look what its function
    says; rpact moves early beta, where its regions of futility would overlap, to later looks.
    Exact to about 1e-10 by recursive integration (Armitage, McPherson and Rowe 1969; Jennison and
    Turnbull 2000, chapter 19).
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
        upper = efficacy_bounds(information, rule, None)
        return assembled(information, rule, upper, None, drift_for(information, rule, upper))
    lower, upper, drift = paired_bounds(information, rule)
    return assembled(information, rule, upper, lower, drift)


def assembled(
    information: Floats,
    rule: StoppingRule,
    upper: Floats,
    futility: Floats | None,
    drift: float | None,
) -> Boundaries:
    """Boundaries with what they spend.

    Parameters
    ----------
    information, upper : array, shape (k,)
    rule : StoppingRule
    futility : array or None
    drift : float or None

    Raises
    ------
    InputError
        If alpha cannot be spent, or a harm bound is not below the efficacy bound.
    """
    if np.any(upper == -math.inf) or (rule.sided == 2 and np.any(upper < 0.0)):
        raise InputError(
            "futility",
            f"it stops so many trials that alpha {rule.alpha:g} cannot be spent",
            "Lower it",
        )
    counted = futility if rule.binding else None
    _, below, above = stopping(information, counted, upper, 0.0, rule.sided)
    spent = np.cumsum(above + below)
    notes: tuple[str, ...] = ()
    if isinstance(rule.efficacy, tuple) and spent[-1] > rule.alpha * (1.0 + 1e-3):
        notes = (f"the bounds given spend {spent[-1]:.6g}, more than alpha {rule.alpha:g}",)
    beta_spent = None
    if futility is not None and drift is not None:
        beta_spent = np.cumsum(stopping(information, futility, upper, drift, rule.sided)[0])
    harm = None if rule.harm is None else harm_bounds(information, rule.harm)
    if harm is not None and np.any(harm >= upper):
        raise InputError("harm", "a harm bound is not below the efficacy bound", "Lower it")
    return Boundaries(
        information,
        rule,
        upper,
        futility,
        harm,
        spent,
        beta_spent,
        drift,
        notes=notes,
    )
