"""What a group-sequential trial says at every look, whether or not it stops there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import brentq

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import check_level, check_share
from debulk.trials.boundaries.bounds import Boundaries, check_boundaries
from debulk.trials.boundaries.efficacy import efficacy_bounds, family_of
from debulk.trials.boundaries.families import HaybittlePeto, rejected, shape_of
from debulk.trials.boundaries.ratios import RatioEstimate, ratio_of
from debulk.trials.boundaries.recursion import Floats
from debulk.trials.boundaries.rule import SPENDING
from debulk.trials.boundaries.spending import UserSpending, number_tuple
from debulk.trials.boundaries.updating import Observed, upper_bounds

_LARGEST_P = 0.5
_LEAST_LOG = -80.0
"""Logarithm of the smallest p-value that is told from 0."""


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
    check_boundaries(boundaries)
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
        If alpha is no level, or the bounds of the rule do not depend on it.
    """
    check_boundaries(boundaries)
    check_share(alpha, "alpha", "Give e.g. 0.025")
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
    chosen, t = boundaries.rule.efficacy, boundaries.information
    if not isinstance(chosen, SPENDING):
        # The constant of a family that has its bound here: what it spends is the level.
        shape = shape_of(family_of(chosen), t)
        level = rejected(t, shape(reached / float(shape(1.0)[look])), None, boundaries.sided)
        return level if level <= _LARGEST_P else None

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
