"""What a group-sequential trial says once it has stopped, and at every look on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import check_flag, check_level, one_number, shown
from debulk.trials.boundaries.bounds import Boundaries
from debulk.trials.boundaries.efficacy import efficacy_bounds
from debulk.trials.boundaries.families import HaybittlePeto
from debulk.trials.boundaries.recursion import Floats, crossing
from debulk.trials.boundaries.roots import falling_root
from debulk.trials.boundaries.rule import SPENDING
from debulk.trials.boundaries.spending import UserSpending, number_tuple
from debulk.trials.boundaries.updating import Observed, upper_bounds

_FAR = 40.0
"""Standard errors within which limits of theta are looked for."""
_LARGEST_P = 0.5
_LEAST_LOG = -80.0
"""Logarithm of the smallest p-value that is told from 0."""


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """A hazard ratio, experimental to control, with its interval.

    Attributes
    ----------
    hazard_ratio, lower, upper : float
    conf_level : float
    """

    hazard_ratio: float
    lower: float
    upper: float
    conf_level: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return plain({name: getattr(self, name) for name in self.__slots__})  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class FinalInference:
    """Inference after a trial has stopped, by the stage-wise ordering of outcomes.

    Attributes
    ----------
    look : int
        The look it stopped at, the first being 1.
    information, z : float
        There.
    p_one_sided : float
        Stage-wise p-value against theta = 0, small for benefit.
    p : float
        The same for the sides of the design (two-sided: twice the smaller tail).
    theta : float
        Median-unbiased estimate of the expected Z at information 1.
    lower, upper, conf_level : float
        Its confidence interval.
    theta_unadjusted : float
        z / sqrt(information), as if there had been no earlier look.
    futility_counted : bool
        Whether the ordering counts on stopping for futility; never in two-sided designs.
    """

    look: int
    information: float
    z: float
    p_one_sided: float
    p: float
    theta: float
    lower: float
    upper: float
    conf_level: float
    theta_unadjusted: float
    futility_counted: bool

    def hazard_ratio(self, events: float, allocation: float = 1.0) -> RatioEstimate:
        """The estimate as a hazard ratio.

        Parameters
        ----------
        events : float
            Planned events at information 1.
        allocation : float
            Experimental to control.

        Returns
        -------
        RatioEstimate
            exp(-theta (1 + r) / sqrt(D r)), D the events and r the allocation (Schoenfeld 1981).
        """
        return ratio_of((self.theta, self.lower, self.upper), self.conf_level, events, allocation)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return plain({name: getattr(self, name) for name in self.__slots__})  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class RepeatedInference:
    """Inference at one look that holds whatever is decided there.

    Attributes
    ----------
    look : int
        The first is 1.
    information, z : float
    theta : float
        z / sqrt(information).
    lower, upper, conf_level : float
        Repeated confidence interval: theta -+ bound / sqrt(information).
    p : float or None
        Smallest level, over the design's sides, at which this look would have stopped for benefit
        (two-sided: in either direction). None where that is above 0.5, or where a bound
        does not depend on the level (Haybittle-Peto, bounds given one by one).
    smallest_p : float or None
        The smallest of these so far, which holds as well.
    """

    look: int
    information: float
    z: float
    theta: float
    lower: float
    upper: float
    conf_level: float
    p: float | None
    smallest_p: float | None

    def hazard_ratio(self, events: float, allocation: float = 1.0) -> RatioEstimate:
        """The interval as hazard ratios, as `FinalInference.hazard_ratio`.

        Parameters
        ----------
        events : float
            Planned events at information 1.
        allocation : float
            Experimental to control.
        """
        return ratio_of((self.theta, self.lower, self.upper), self.conf_level, events, allocation)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return plain({name: getattr(self, name) for name in self.__slots__})  # type: ignore[no-any-return]


def ratio_of(
    theta: tuple[float, float, float], conf_level: float, events: float, allocation: float
) -> RatioEstimate:
    """Hazard ratios of theta and its limits.

    Parameters
    ----------
    theta : tuple of float
        Estimate, lower and upper limit.
    conf_level : float
    events : float
        Planned events at information 1.
    allocation : float
        Experimental to control.

    Raises
    ------
    InputError
        If events or allocation are not above 0.
    """
    for value, name in ((events, "events"), (allocation, "allocation")):
        if not one_number(value, name) > 0.0:
            raise InputError(name, f"{shown(value)} is not above 0", "Give more than 0")
    r = float(allocation)
    scale = (1.0 + r) / math.sqrt(float(events) * r)
    estimate, lower, upper = (math.exp(min(-each * scale, 700.0)) for each in theta)
    return RatioEstimate(estimate, upper, lower, conf_level)


def stagewise_p_value(
    boundaries: Boundaries,
    z: float,
    look: int,
    *,
    theta: float = 0.0,
    futility: bool | None = None,
) -> float:
    """One-sided p-value of an outcome by the stage-wise ordering.

    An outcome is more extreme if it crossed the efficacy bound at an earlier look, or
    went on to the same look and had a larger Z there.

    Parameters
    ----------
    boundaries : Boundaries
        At the information observed (see `Boundaries.update`).
    z : float
        Z at the look the trial stopped at.
    look : int
        That look, the first being 1.
    theta : float
        The effect to test against.
    futility : bool, optional
        Whether earlier looks would have stopped for futility. Default: if futility is binding.

    Returns
    -------
    float
        Probability under `theta` of this or more.

    Raises
    ------
    InputError
        If the look is none of the design's.

    Notes
    -----
    Tsiatis, Rosner and Mehta (1984); Jennison and Turnbull (2000), chapter 8.
    """
    stop = _stopped(boundaries, z, look, futility)
    return _at_least(stop, one_number(theta, "theta"))


def final_inference(
    boundaries: Boundaries,
    z: float,
    look: int | None = None,
    *,
    conf_level: float = 0.95,
    futility: bool | None = None,
) -> FinalInference:
    """P-value, median-unbiased estimate and interval of a trial that has stopped.

    Parameters
    ----------
    boundaries : Boundaries
        At the information observed (see `Boundaries.update`).
    z : float
        Z at the look the trial stopped at, whatever it stopped for.
    look : int, optional
        That look, the first being 1. Default: the last.
    conf_level : float
        Level of the interval, both tails equal.
    futility : bool, optional
        Whether earlier looks would have stopped for futility. Default: if futility is binding.

    Returns
    -------
    FinalInference

    Raises
    ------
    InputError
        If the look is none of the design's or the level not between 0 and 1.
    """
    check_level(conf_level)
    last = boundaries.information.size if look is None else look
    stop = _stopped(boundaries, z, last, futility)
    t, z = float(stop.information[-1]), float(stop.upper[-1])
    p = _at_least(stop, 0.0)
    tail = 0.5 * (1.0 - float(conf_level))
    lower, middle, upper = (_theta_at(stop, level) for level in (tail, 0.5, 1.0 - tail))
    return FinalInference(
        int(last),
        t,
        z,
        p,
        min(1.0, 2.0 * min(p, 1.0 - p)) if boundaries.sided == 2 else p,
        middle,
        lower,
        upper,
        float(conf_level),
        z / math.sqrt(t),
        stop.futility,
    )


@dataclass(frozen=True, slots=True)
class _Stopped:
    """Bounds up to the look of the stop, where the upper one is the Z that was seen."""

    information: Floats
    lower: Floats
    upper: Floats
    futility: bool


def _stopped(boundaries: Boundaries, z: Any, look: Any, futility: bool | None) -> _Stopped:
    looks = boundaries.information.size
    whole = isinstance(look, int | np.integer) and not isinstance(look, bool)
    if not whole or not 1 <= look <= looks:
        raise InputError("look", f"{shown(look)} is no look of 1 to {looks}", "Count from 1")
    if futility is not None:
        check_flag(futility, "futility")
    counted = boundaries.binding if futility is None else bool(futility)
    counted = counted and boundaries.futility_z is not None and boundaries.sided == 1
    upper = boundaries.efficacy_z[:look].copy()
    if boundaries.sided == 2:
        lower = -upper
    elif counted and boundaries.futility_z is not None:
        lower = boundaries.futility_z[:look].copy()
    else:
        lower = np.full(int(look), -math.inf)
    upper[-1], lower[-1] = one_number(z, "z"), -math.inf
    return _Stopped(boundaries.information[:look], lower, upper, counted)


def _at_least(stop: _Stopped, theta: float) -> float:
    return float(crossing(stop.information, stop.lower, stop.upper, theta)[1].sum())


def _theta_at(stop: _Stopped, level: float) -> float:
    """Theta under which this or more has probability `level`."""
    goal = float(ndtri(level))
    root = math.sqrt(stop.information[-1])
    start = float(stop.upper[-1]) / root
    width = _FAR / math.sqrt(stop.information[0])

    def short(theta: float) -> float:
        share = min(max(_at_least(stop, theta), 1e-300), 1.0 - 1e-16)
        return goal - float(ndtri(share))

    found = falling_root(short, start, 1.0 / root, start - width, start + width)
    return math.nan if found is None else found


def repeated_inference(
    boundaries: Boundaries, z: Any, *, conf_level: float | None = None
) -> tuple[RepeatedInference, ...]:
    """Repeated confidence intervals and p-values at every look so far.

    They hold whether or not the trial stops, and do not count on stopping for futility.

    Parameters
    ----------
    boundaries : Boundaries
        At the information observed (see `Boundaries.update`).
    z : sequence of float
        Z at the looks done, from the first.
    conf_level : float, optional
        Default: what the design's alpha gives, 1 - 2 alpha one-sided and 1 - alpha two-sided.

    Returns
    -------
    tuple of RepeatedInference
        One for each look done.

    Raises
    ------
    InputError
        If there are more values than looks, or bounds of another level are asked for where they
        do not depend on it.

    Notes
    -----
    Jennison and Turnbull (1989).
    """
    seen = np.array(number_tuple(z, "z"))
    t = boundaries.information
    if seen.size > t.size:
        raise InputError("z", f"{seen.size} values for {t.size} looks", "Give one for each look")
    own = 1.0 - boundaries.alpha * (2 if boundaries.sided == 1 else 1)
    if conf_level is not None:
        check_level(conf_level)
    level = own if conf_level is None else float(conf_level)
    alpha = (1.0 - level) / (2 if boundaries.sided == 1 else 1)
    bounds = efficacy_at_level(boundaries, alpha)
    rows: list[RepeatedInference] = []
    smallest: float | None = None
    for k in range(seen.size):
        root = math.sqrt(t[k])
        theta, width = float(seen[k] / root), float(bounds[k] / root)
        p = _repeated_p(boundaries, k, float(seen[k]))
        smallest = p if smallest is None else min(smallest, p or smallest)
        looked = (k + 1, float(t[k]), float(seen[k]))
        rows.append(
            RepeatedInference(*looked, theta, theta - width, theta + width, level, p, smallest)
        )
    return tuple(rows)


def efficacy_at_level(boundaries: Boundaries, alpha: float) -> Floats:
    """Efficacy bounds of the same rule for another alpha, futility not counted.

    Parameters
    ----------
    boundaries : Boundaries
    alpha : float
        Over all sides.

    Raises
    ------
    InputError
        If the bounds of the rule do not depend on alpha.
    """
    rule = boundaries.rule
    same = abs(alpha - rule.alpha) < 1e-12
    if same and not rule.binding:
        return boundaries.efficacy_z
    if not same and not _depends_on_level(boundaries):
        raise InputError("conf_level", "these bounds do not depend on it", "Leave it out")
    chosen = rule.efficacy
    if isinstance(chosen, UserSpending):
        scale = alpha / chosen.cumulative[-1]
        chosen = UserSpending(tuple(min(each * scale, 1 - 1e-12) for each in chosen.cumulative))
    bare = replace(rule, alpha=alpha, efficacy=chosen, futility=None, binding=False, harm=None)
    plan = boundaries.plan
    if plan is None or not isinstance(chosen, SPENDING):
        return efficacy_bounds(boundaries.information, bare, None)
    none = np.empty(0)
    case = Observed(boundaries.information, plan, none, none, boundaries.final)
    return upper_bounds(case, bare, None)


def _depends_on_level(boundaries: Boundaries) -> bool:
    return not isinstance(boundaries.rule.efficacy, HaybittlePeto | tuple)


def _repeated_p(boundaries: Boundaries, look: int, z: float) -> float | None:
    """Smallest level at which this look would have stopped for benefit."""
    if not _depends_on_level(boundaries):
        return None
    reached = abs(z) if boundaries.sided == 2 else z

    def short(log_alpha: float) -> float:
        bound = efficacy_at_level(boundaries, math.exp(log_alpha))[look]
        return min(float(bound) - reached, 1e3)

    top = math.log(_LARGEST_P)
    if short(top) > 0.0:
        return None
    step = 2.0
    bottom = top - step
    while short(bottom) < 0.0:
        top, step = bottom, 2.0 * step
        bottom = max(top - step, _LEAST_LOG)
        if top == _LEAST_LOG:
            return 0.0
    return math.exp(brentq(short, bottom, top, xtol=1e-12))
