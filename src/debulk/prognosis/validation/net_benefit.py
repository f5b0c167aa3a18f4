"""Decision curves: the net benefit of acting on a risk, against acting on all or on none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.prognosis.validation.follow_up import (
    FollowUp,
    read_follow_up,
    read_horizon,
    read_risk,
)
from debulk.prognosis.validation.status import HorizonStatus, horizon_status
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_level
from debulk.survival.subjects import Floats, numbers

THRESHOLDS = tuple(k / 100 for k in range(1, 100))
"""Risks at which one might act, unless others are asked for."""


@dataclass(frozen=True, eq=False)
class DecisionCurve:
    """Net benefit by threshold; acting on nobody has 0 throughout.

    Attributes
    ----------
    horizon, conf_level : float
    threshold : array, shape (m,)
        Risks from which on one would act.
    net_benefit, se, lower, upper : array, shape (m,)
        Of acting on whoever has the threshold's risk or more: share of true positives less that of
        false positives times the odds of the threshold.
    act_on_all, all_se, all_lower, all_upper : array, shape (m,)
        Of acting on everybody.
    gain, gain_se, gain_lower, gain_upper : array, shape (m,)
        Net benefit less the better of acting on all and on none, and its uncertainty.
    acted_on : array, shape (m,)
        Share of patients with the threshold's risk or more.
    n, events : int
    """

    horizon: float
    conf_level: float
    threshold: Floats
    net_benefit: Floats
    se: Floats
    lower: Floats
    upper: Floats
    act_on_all: Floats
    all_se: Floats
    all_lower: Floats
    all_upper: Floats
    gain: Floats
    gain_se: Floats
    gain_lower: Floats
    gain_upper: Floats
    acted_on: Floats
    n: int
    events: int

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(value) for name, value in vars(self).items()}


def decision_curve(
    time: Any,
    event: Any,
    risk: Any,
    *,
    horizon: float,
    thresholds: Any = THRESHOLDS,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> DecisionCurve:
    """Net benefit of acting on a predicted risk (Vickers and Elkin 2006, Med Decis Making 26:565).

    Parameters
    ----------
    time, event, horizon, entry, weights, conf_level
        As in `time_dependent_auc`.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon.
    thresholds : array-like, shape (m,)
        Rising, strictly between 0 and 1.

    Returns
    -------
    DecisionCurve
        With censoring, shares are weighted by inverse probability of censoring; the weights' own
        error is counted. Intervals are normal, pointwise. Competing events count as no event.

    Raises
    ------
    InputError
        As `brier_score`, and on thresholds that do not rise between 0 and 1.
    """
    check_level(conf_level)
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    risks = read_risk(risk, follow_up.patients)
    status = horizon_status(follow_up, read_horizon(horizon, follow_up))
    return decision_curve_of(status, follow_up, risks, read_thresholds(thresholds), conf_level)


def read_thresholds(thresholds: Any) -> Floats:
    """Thresholds that rise, strictly between 0 and 1.

    Raises
    ------
    InputError
        If they do not.
    """
    found = numbers(thresholds, "thresholds")
    outside = (found <= 0.0) | (found >= 1.0)
    if found.size == 0 or outside.any():
        shown = "there is none" if found.size == 0 else f"{found[outside][0]:g} is not inside"
        raise InputError("thresholds", shown, "Give risks strictly between 0 and 1")
    if (np.diff(found) <= 0.0).any():
        raise InputError("thresholds", "do not rise", "Sort them, each once")
    return found


def decision_curve_of(
    status: HorizonStatus, follow_up: FollowUp, risk: Floats, threshold: Floats, conf_level: float
) -> DecisionCurve:
    """The curve for risks already checked."""
    odds = threshold / (1.0 - threshold)
    worth = np.where(status.case[:, None], 1.0, -odds)
    acted = risk[status.patient][:, None] >= threshold
    model, everybody = worth * acted, worth
    benefit, all_benefit = status.mass @ model, status.mass @ everybody
    # What acting on the better of all and none is compared with.
    best = np.where(all_benefit > 0.0, everybody, 0.0)
    gain = benefit - np.maximum(all_benefit, 0.0)
    width, scale = normal_width(conf_level), follow_up.patients / (follow_up.patients - 1)

    def error(value: Floats) -> Floats:
        influence = status.influence(value)
        result: Floats = np.sqrt(scale * (influence * influence).sum(axis=0))
        return result

    se, all_se, gain_se = error(model), error(everybody), error(model - best)
    share = np.array([follow_up.mean((risk >= each).astype(np.float64)) for each in threshold])
    return DecisionCurve(
        horizon=status.horizon,
        conf_level=conf_level,
        threshold=threshold,
        net_benefit=benefit,
        se=se,
        lower=benefit - width * se,
        upper=benefit + width * se,
        act_on_all=all_benefit,
        all_se=all_se,
        all_lower=all_benefit - width * all_se,
        all_upper=all_benefit + width * all_se,
        gain=gain,
        gain_se=gain_se,
        gain_lower=gain - width * gain_se,
        gain_upper=gain + width * gain_se,
        acted_on=share,
        n=follow_up.patients,
        events=follow_up.events,
    )
