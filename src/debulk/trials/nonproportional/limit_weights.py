"""The weights that a rank test comes to use as patients grow in number.

A test weighs by the pooled Kaplan-Meier survival S or by the number at risk y; in the limit these
are functions of time. How a weight moves with S or y is kept too: the estimated weight of a trial
varies, and so does the statistic with it when the hazards differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.rank.weightings import (
    EarlyZero,
    FlemingHarrington,
    ModestlyWeighted,
    Weighting,
    read_weighting,
)
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.follow_up import FollowUp


@dataclass(frozen=True, eq=False)
class LimitWeights:
    """Weights at the nodes and how they move, each of shape (strata, m).

    Attributes
    ----------
    weights : array
        The weight itself.
    by_survival : array
        Derivative by log S, where S is the pooled survival up to `capped`.
    by_at_risk : array
        Derivative by y.
    capped : array of float, shape (strata,)
        Time from which the weight follows S no more; infinite where it always does.
    """

    weights: Floats
    by_survival: Floats
    by_at_risk: Floats
    capped: Floats


def planned_weighting(given: Any) -> Weighting:
    """A weighting that a trial can be planned with.

    Raises
    ------
    InputError
        If it is none, or a function, whose limit is not known.
    """
    weighting = read_weighting(given)
    if isinstance(weighting, FlemingHarrington | ModestlyWeighted | EarlyZero):
        return weighting
    if hasattr(weighting, "key"):
        return weighting
    raise InputError(
        "weighting",
        "is a function, whose weights in a large trial are not known",
        "Give a named weighting, FlemingHarrington, ModestlyWeighted or EarlyZero",
    )


def pooled_survival(seen: FollowUp) -> Floats:
    """What the pooled Kaplan-Meier survival estimates, shape (strata, m)."""
    at_risk = seen.pooled_at_risk
    hazard = seen.density.sum(axis=1) / at_risk
    found: Floats = np.exp(-seen.grid.cumulative(hazard))
    return found


def limit_weights(weighting: Weighting, seen: FollowUp) -> LimitWeights:
    """Weights at the nodes.

    Parameters
    ----------
    weighting : Weighting
        As `planned_weighting` lets through.
    seen : FollowUp
        Everybody at the analysis.
    """
    survival, at_risk = pooled_survival(seen), seen.pooled_at_risk
    none, never = np.zeros_like(survival), np.full(survival.shape[0], np.inf)
    if isinstance(weighting, FlemingHarrington):
        return _fleming_harrington(weighting, survival)
    if isinstance(weighting, ModestlyWeighted):
        return _modest(weighting, seen, survival)
    if isinstance(weighting, EarlyZero):
        late = np.where(seen.grid.times >= weighting.early_period, 1.0, 0.0)
        return LimitWeights(np.broadcast_to(late, none.shape), none, none, never)
    key = getattr(weighting, "key", "logrank")
    if key in ("peto", "modified-peto"):  # the same in the limit
        return LimitWeights(survival, survival, none, never)
    if key == "gehan":
        return LimitWeights(at_risk, none, np.ones_like(none), never)
    if key == "tarone-ware":
        root = np.sqrt(at_risk)
        return LimitWeights(root, none, 0.5 / root, never)
    return LimitWeights(np.ones_like(none), none, none, never)


def breaks_of(weighting: Weighting, seen: FollowUp) -> tuple[float, ...]:
    """Times at which the weights are not smooth."""
    if isinstance(weighting, EarlyZero):
        return (float(weighting.early_period),)
    if not isinstance(weighting, ModestlyWeighted):
        return ()
    if weighting.t_star is not None:
        return (float(weighting.t_star),)
    survival = pooled_survival(seen)
    level = float(weighting.s_star or 0.0)
    return tuple(
        float(np.interp(-np.log(level), -np.log(each), seen.grid.times))
        for each in survival
        if each[-1] < level < each[0]
    )


def _fleming_harrington(weighting: FlemingHarrington, survival: Floats) -> LimitWeights:
    rho, gamma = float(weighting.rho), float(weighting.gamma)
    dead = -np.expm1(np.log(survival))
    weights = survival**rho * dead**gamma
    slope = rho * weights
    if gamma > 0:
        begun = np.maximum(dead, 1e-300)  # before the first event nothing moves anyway
        slope = slope - gamma * survival ** (rho + 1.0) * begun ** (gamma - 1.0)
    never = np.full(survival.shape[0], np.inf)
    return LimitWeights(weights, slope, np.zeros_like(weights), never)


def _modest(weighting: ModestlyWeighted, seen: FollowUp, survival: Floats) -> LimitWeights:
    times = seen.grid.times
    if weighting.t_star is None:
        floor = float(weighting.s_star or 0.0)
        weights = 1.0 / np.maximum(survival, floor)
        slope = np.where(survival > floor, -weights, 0.0)
        return LimitWeights(
            weights, slope, np.zeros_like(weights), np.full(survival.shape[0], np.inf)
        )
    # Survival just before t*: the hazard is pooled up to it, then stands still.
    at_risk = seen.pooled_at_risk
    hazard = seen.density.sum(axis=1) / at_risk
    stopped = seen.grid.cumulative(np.where(times < weighting.t_star, hazard, 0.0))
    weights = np.exp(stopped)
    capped = np.full(survival.shape[0], float(weighting.t_star))
    return LimitWeights(weights, -weights, np.zeros_like(weights), capped)
