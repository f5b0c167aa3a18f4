"""Bounds at the information really observed, earlier bounds standing as they were used.

Spending goes by information: what a look should have spent by then, less what earlier looks did
spend. Information beyond 1 (over-running) counts as 1 for spending, and in full for the
correlation of the looks. A final analysis spends whatever is left (under-running).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.options import check_flag, one_number, shown
from debulk.trials.boundaries.bounds import Boundaries, check_boundaries
from debulk.trials.boundaries.efficacy import family_of
from debulk.trials.boundaries.families import WangTsiatis, rejected
from debulk.trials.boundaries.recursion import (
    Floats,
    above,
    below,
    bound_above,
    bound_below,
    carry,
    crossing,
)
from debulk.trials.boundaries.rule import (
    MOST_LOOKS,
    OTHER_SCALE,
    SPENDING,
    Harm,
    NullSpending,
    StoppingRule,
    check_rising,
)
from debulk.trials.boundaries.spending import (
    AnySpending,
    UserSpending,
    cumulative_spending,
    number_tuple,
)

_MOST_TURNS = 200
_SETTLED = 1e-11
_FEWEST, _MOST_EVENTS = 1e-6, 1e12
_SAME = 1e-3
"""A planned look so little beyond an observed one is not another look."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Looks as they are: those done, then those still planned.

    Attributes
    ----------
    information : array, shape (k,)
    planned : Boundaries
        As planned.
    efficacy_used, futility_used : array
        Bounds of the first looks as they were used; may be empty.
    final : bool
        The last look is the last there will be.
    """

    information: Floats
    planned: Boundaries
    efficacy_used: Floats
    futility_used: Floats
    final: bool


def updated_boundaries(
    planned: Boundaries,
    observed: Any,
    *,
    events_planned: float | None = None,
    remaining: Any = None,
    efficacy_used: Any = (),
    futility_used: Any = (),
    final: bool = False,
) -> Boundaries:
    """Bounds at the looks really done and those still to come.

    Parameters
    ----------
    planned : Boundaries
        As planned; or updated before, whose bounds then stand at looks that are the same. A look
        that was skipped is not among `observed`.
    observed : sequence of float
        Information at the looks done, in fractions of the planned, or events with
        `events_planned`. It may exceed 1.
    events_planned : float, optional
        Planned events at information 1.
    remaining : sequence of float, optional
        Information (or events) at the looks to come. Default: the planned looks after the one
        nearest to the last observed, and the final one in any case.
    efficacy_used, futility_used : sequence of float, optional
        The bounds as used at the first looks. Default: what the rule gives there.
    final : bool
        The last of `observed` is the final analysis: it spends whatever is left.

    Returns
    -------
    Boundaries
        With `drift` as planned, and `notes` that say what was decided.

    Raises
    ------
    InputError
        If the information does not rise, there are more than 20 looks, or bounds given one by one
        do not fit the number of looks.

    Notes
    -----
    Classical families keep their planned constant at interim looks; the final bound is solved
    to spend what is left. A user's spending by look is interpolated linearly in information.
    """
    check_boundaries(planned, "planned")
    if planned.sided == 2 and planned.futility_z is not None:
        raise InputError(
            "observed",
            "two-sided designs with futility are not updated here",
            "Plan the new looks with group_sequential",
        )
    before, planned = planned, planned.plan or planned
    looks, notes = _observed(planned, observed, events_planned, remaining, final)
    known = _already_there(before, looks[0]) if before is not planned else 0
    used = _used(efficacy_used, "efficacy_used", looks[1])
    futile = _used(futility_used, "futility_used", looks[1])
    if known and used.size == 0:
        used = before.efficacy_z[: min(known, looks[1])]
    if known and futile.size == 0 and before.futility_z is not None:
        futile = before.futility_z[: min(known, looks[1])]
    case = Observed(looks[0], planned, used, futile, looks[2])
    upper, lower = _solved(case)
    return _assembled(case, upper, lower, tuple(notes))


def _observed(
    planned: Boundaries, observed: Any, events_planned: Any, remaining: Any, final: Any
) -> tuple[tuple[Floats, int, bool], list[str]]:
    check_flag(final, "final")
    scale = 1.0 if events_planned is None else one_number(events_planned, "events_planned")
    if not _FEWEST <= scale <= _MOST_EVENTS:
        raise InputError("events_planned", f"{scale:g} is out of range", "Give what was planned")
    done = np.array(number_tuple(observed, "observed")) / scale
    if done[0] <= 0.0 or (events_planned is None and done[-1] > 10.0):
        raise InputError(
            "observed",
            f"{shown(done.tolist())} are no fractions of the planned information",
            "Give fractions, or events with events_planned",
        )
    check_rising(done)
    notes: list[str] = []
    if remaining is not None:
        later = np.array(number_tuple(remaining, "remaining")) / scale
    else:
        later = _to_come(planned.information, float(done[-1]))
    if final and remaining is not None:
        raise InputError("remaining", "nothing remains after a final analysis", "Leave it out")
    if final:
        later = later[:0]
    elif later.size == 0:
        final = True
        notes.append("no planned look lies beyond, so the last observed look is the final one")
    if final and done[-1] < planned.information[-1]:
        notes.append("under-running: the final look spends all that is left")
    if done[-1] > 1.0:
        notes.append("over-running: information beyond 1 counts as 1 for spending")
    information = np.concatenate([done, later])
    if information.size > MOST_LOOKS:
        raise InputError("observed", f"there are {information.size} looks", "At most 20 are known")
    check_rising(information)
    return (information, done.size, bool(final)), notes


def _already_there(before: Boundaries, information: Floats) -> int:
    """How many first looks an earlier update has had, its last not counted."""
    most = min(before.information.size - 1, information.size)
    same = np.isclose(before.information[:most], information[:most], rtol=1e-9, atol=0.0)
    return int(np.argmin(same)) if not same.all() else most


def _to_come(planned: Floats, seen: float) -> Floats:
    """Planned looks after the one nearest to what was seen last; the last one always."""
    beyond = planned > seen * (1.0 + _SAME)
    nearest = int(np.argmin(np.abs(planned - seen)))
    beyond[: nearest + 1] = False
    beyond[-1] = planned[-1] > seen * (1.0 + _SAME)
    return planned[beyond]


def _used(bounds: Any, name: str, done: int) -> Floats:
    bounds = () if bounds is None else bounds
    single = isinstance(bounds, np.ndarray) and bounds.ndim == 0
    if single or isinstance(bounds, str) or not hasattr(bounds, "__iter__"):
        raise InputError(name, f"{shown(bounds)} is no row of bounds", "Give those used")
    found = [
        float(each) if isinstance(each, float) and math.isinf(each) else one_number(each, name)
        for each in bounds
    ]
    if len(found) > done:
        raise InputError(name, f"{len(found)} bounds for {done} looks done", "Give those used")
    return np.array(found, dtype=np.float64)


def _solved(case: Observed) -> tuple[Floats, Floats | None]:
    rule = case.planned.rule
    upper = upper_bounds(case, rule, None)
    if rule.futility is None:
        return upper, None
    lower = _lower_bounds(case, upper)
    if not rule.binding:
        return upper, lower
    for _ in range(_MOST_TURNS):
        new = upper_bounds(case, rule, lower)
        lower = _lower_bounds(case, new)
        there = np.isfinite(new) & np.isfinite(upper)
        if np.max(np.abs(new[there] - upper[there]), initial=0.0) < _SETTLED:
            return new, lower
        upper = new
    raise InputError("futility", "no bounds fit each other", "Plan futility as not binding")


def upper_bounds(case: Observed, rule: StoppingRule, lower: Floats | None) -> Floats:
    """Efficacy bounds look by look, those used standing; `rule` may have another alpha.

    Parameters
    ----------
    case : Observed
    rule : StoppingRule
    lower : array or None
    """
    t, two = case.information, rule.sided == 2
    targets, fixed = _efficacy_plan(case, rule)
    upper = np.empty(t.size)
    nodes, mass, before, spent = np.zeros(1), np.ones(1), 0.0, 0.0
    for k in range(t.size):
        if k < case.efficacy_used.size:
            upper[k] = case.efficacy_used[k]
        elif np.isnan(fixed[k]):
            due = max(0.0, targets[k] - spent) / rule.sided
            upper[k] = bound_above(nodes, mass, before, t[k], 0.0, due)
        else:
            upper[k] = fixed[k]
        spent += rule.sided * above(nodes, mass, before, t[k], 0.0, upper[k])
        floor = -upper[k] if two else (-math.inf if lower is None else float(lower[k]))
        if k + 1 < t.size:
            nodes, mass = carry(nodes, mass, t, k, 0.0, floor, upper[k])
        before = t[k]
    return upper


def _efficacy_plan(case: Observed, rule: StoppingRule) -> tuple[Floats, Floats]:
    """What is to be spent by each look; and bounds that stand (NaN: to be solved)."""
    t, chosen = case.information, rule.efficacy
    fixed = np.full(t.size, math.nan)
    if isinstance(chosen, SPENDING):
        targets = spent_by(chosen, case, rule.alpha, rule.sided, "efficacy")
        if case.final:
            targets[-1] = rule.alpha
        return targets, fixed
    targets = np.full(t.size, rule.alpha)
    if isinstance(chosen, tuple):
        if len(chosen) != t.size:
            raise InputError(
                "observed",
                f"{len(chosen)} bounds were planned one by one, and there are {t.size} looks",
                "Plan with a spending function",
            )
        return targets, case.planned.efficacy_z.copy()
    family = family_of(chosen)
    if isinstance(family, WangTsiatis):
        last, constant = case.planned.information[-1], case.planned.efficacy_z[-1]
        fixed = constant * (t / last) ** (family.delta - 0.5)
    else:
        fixed[:] = family.z
    fixed[-1] = math.nan
    return targets, fixed


def spent_by(spending: AnySpending, case: Observed, total: float, sides: int, where: str) -> Floats:
    """Error to be spent by each look; a user's spending by look is interpolated.

    Parameters
    ----------
    spending : Spending, UserSpending or SpendingFunction
    case : Observed
    total : float
    sides : int
    where : str
    """
    if not isinstance(spending, UserSpending):
        return cumulative_spending(spending, case.information, total, sides, where)
    planned = case.planned.information
    values = np.array(spending.cumulative) * (total / spending.cumulative[-1])
    spent: Floats = np.interp(case.information, [0.0, *planned], [0.0, *values])
    return spent


def _lower_bounds(case: Observed, upper: Floats) -> Floats:
    """Futility bounds look by look at the planned effect; at the last look the efficacy bound."""
    rule, t, planned = case.planned.rule, case.information, case.planned
    chosen, drift = rule.futility, planned.drift
    if isinstance(chosen, (*SPENDING, NullSpending)):
        lower = _spent_below(case, upper)
    elif isinstance(chosen, OTHER_SCALE):
        lower = np.append(chosen.bounds(t, float(upper[-1]), drift), upper[-1])
    elif isinstance(chosen, tuple):
        assert planned.futility_z is not None
        if planned.futility_z.size != t.size:
            raise InputError(
                "observed",
                f"futility bounds were planned one by one, and there are now {t.size} looks",
                "Plan futility with a spending function",
            )
        lower = planned.futility_z.copy()
    else:
        family = family_of(chosen)
        assert drift is not None
        expected = drift * np.sqrt(t)
        if isinstance(family, WangTsiatis):
            last = planned.information[-1]
            gap = drift * math.sqrt(last) - planned.efficacy_z[-1]
            lower = expected - gap * (t / last) ** (family.delta - 0.5)
        else:
            lower = expected - family.z
    lower[: case.futility_used.size] = case.futility_used[: t.size]
    lower[-1] = upper[-1]
    return np.minimum(lower, upper)


def _spent_below(case: Observed, upper: Floats) -> Floats:
    rule, t = case.planned.rule, case.information
    chosen = rule.futility
    if isinstance(chosen, NullSpending):
        theta, plan = 0.0, case.planned
        assert plan.futility_z is not None
        total = 1.0 - rejected(plan.information, plan.efficacy_z, plan.futility_z)
        targets = spent_by(chosen.spending, case, total, 1, "futility")
    else:
        assert isinstance(chosen, SPENDING)
        assert rule.beta is not None
        assert case.planned.drift is not None
        theta = case.planned.drift
        targets = spent_by(chosen, case, rule.beta, 1, "futility")
    lower = np.empty(t.size)
    nodes, mass, before, spent = np.zeros(1), np.ones(1), 0.0, 0.0
    for k in range(t.size):
        if k < case.futility_used.size:
            lower[k] = case.futility_used[k]
        else:
            due = max(0.0, targets[k] - spent)
            lower[k] = min(bound_below(nodes, mass, before, t[k], theta, due), upper[k])
        spent += below(nodes, mass, before, t[k], theta, lower[k])
        if k + 1 < t.size:
            nodes, mass = carry(nodes, mass, t, k, theta, lower[k], upper[k])
        before = t[k]
    return lower


def _assembled(
    case: Observed, upper: Floats, lower: Floats | None, notes: tuple[str, ...]
) -> Boundaries:
    rule, t, planned = case.planned.rule, case.information, case.planned
    stop = lower if lower is not None and rule.binding else np.full(t.size, -math.inf)
    down, up = crossing(t, -upper if rule.sided == 2 else stop, upper, 0.0)
    beta_spent = None
    if lower is not None and planned.drift is not None:
        beta_spent = np.cumsum(crossing(t, lower, upper, planned.drift)[0])
    return replace(
        planned,
        information=t,
        efficacy_z=upper,
        futility_z=lower,
        harm_z=None if rule.harm is None else _harm(case, rule.harm),
        alpha_spent=np.cumsum(up + down if rule.sided == 2 else up),
        beta_spent=beta_spent,
        plan=planned,
        final=case.final,
        notes=planned.notes + notes,
    )


def _harm(case: Observed, harm: Harm) -> Floats:
    """Harm bounds by the information observed."""
    if isinstance(harm.spending, tuple):
        if len(harm.spending) != case.information.size:
            raise InputError(
                "observed", "harm bounds were planned one by one", "Plan with a spending function"
            )
        assert case.planned.harm_z is not None
        return case.planned.harm_z
    assert harm.alpha is not None
    rule = replace(case.planned.rule, efficacy=harm.spending, alpha=harm.alpha, sided=1)
    bare = replace(case, efficacy_used=np.empty(0))
    return -upper_bounds(bare, rule, None)
