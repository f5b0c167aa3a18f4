"""Discrimination at a horizon: the cumulative/dynamic area under the ROC curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.prognosis.validation.estimates import Statistic, estimate_of
from debulk.prognosis.validation.follow_up import (
    read_follow_up,
    read_horizon,
    refuse_constant,
)
from debulk.prognosis.validation.status import HorizonStatus, horizon_status
from debulk.survival.options import check_level
from debulk.survival.subjects import Floats, numbers, same_length

AUC_NOTE = (
    "weighted for unseen status by Kaplan-Meier, the weights' own error counted; ties in risk "
    "count one half; normal interval cut at 0 and 1"
)


def time_dependent_auc(
    time: Any,
    event: Any,
    risk: Any,
    *,
    horizon: float,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Probability that a patient with the event by a horizon has the higher risk than one without.

    Parameters
    ----------
    time : array-like, shape (n,)
        End of follow-up in any unit, above 0.
    event : array-like, shape (n,)
        0 without an event, 1 (or True) the event, 2 and more a competing event. Who had a
        competing event by the horizon did not have the event.
    risk : array-like, shape (n,)
        Any finite score; higher means an earlier event.
    horizon : float
        In the unit of `time`; somebody must be followed beyond it.
    entry : array-like, shape (n,), optional
        Start of observation; entry must not depend on the risk.
    weights : array-like, shape (n,), optional
        Weights of patients, above 0.
    conf_level : float
        Level of the interval.

    Returns
    -------
    Estimate
        Cumulative cases, dynamic controls, weighted by inverse probability of censoring (Blanche,
        Dartigues and Jacqmin-Gadda 2013, Stat Med 32:5381); standard error by the infinitesimal
        jackknife of the whole estimate. Censoring must not depend on the risk.

    Raises
    ------
    InputError
        On arrays that do not fit, a horizon that follow-up does not reach or before the first
        event, and scores that are all the same.
    """
    return _areas(time, event, (risk,), horizon, entry, weights, conf_level)


def auc_difference(
    time: Any,
    event: Any,
    risk: Any,
    reference: Any,
    *,
    horizon: float,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Area under the ROC curve of one score less that of another, in the same patients.

    Parameters
    ----------
    time, event, risk, horizon, entry, weights, conf_level
        As in `time_dependent_auc`.
    reference : array-like, shape (n,)
        The score whose area is taken off.

    Returns
    -------
    Estimate
        With a two-sided p-value against no difference.

    Raises
    ------
    InputError
        As `time_dependent_auc`.
    """
    return _areas(time, event, (risk, reference), horizon, entry, weights, conf_level)


def _areas(
    time: Any,
    event: Any,
    risks: tuple[Any, ...],
    horizon: float,
    entry: Any,
    weights: Any,
    conf_level: float,
) -> Estimate:
    check_level(conf_level)
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    status = horizon_status(follow_up, read_horizon(horizon, follow_up))
    found = []
    for name, risk in zip(("risk", "reference"), risks, strict=False):
        scores = numbers(risk, name)
        same_length(scores, follow_up.patients, name)
        refuse_constant(scores, name)
        found.append(auc_of(status, scores))
    words = f"area under the ROC curve of events by {status.horizon:g}"
    if len(found) == 1:
        return estimate_of(found[0], words, follow_up, conf_level, within=(0.0, 1.0), note=AUC_NOTE)
    return estimate_of(
        found[0].less(found[1]),
        f"difference in {words}",
        follow_up,
        conf_level,
        tested=True,
        note="both areas in the same patients; normal interval",
    )


def auc_of(status: HorizonStatus, risk: Floats) -> Statistic:
    """The area under the ROC curve of scores already checked, one a patient.

    Raises
    ------
    InputError
        If nobody is without the event at the horizon.
    """
    case, mass = status.case, status.mass
    score = risk[status.patient]
    cases, controls = float(mass[case].sum()), float(mass[~case].sum())
    if not (cases > 0.0 and controls > 0.0):
        found = f"by {status.horizon:g} there are not both patients with and without the event"
        raise InputError("horizon", found, "Give a horizon at which some have had the event")
    lower = _share_below(score[~case], mass[~case], score[case])
    higher = 1.0 - _share_below(score[case], mass[case], score[~case])
    area = float(mass[case] @ lower) / cases
    value = np.empty(score.size)
    value[case] = (lower - area) / cases
    value[~case] = (higher - area) / controls
    return Statistic(area, status.influence(value))


def _share_below(scores: Floats, mass: Floats, at: Floats) -> Floats:
    """Share of the mass that has a lower score, half of an equal one counted."""
    order = np.argsort(scores, kind="stable")
    sums = np.append(0.0, np.cumsum(mass[order]))
    ranked = scores[order]
    left = sums[np.searchsorted(ranked, at, side="left")]
    right = sums[np.searchsorted(ranked, at, side="right")]
    result: Floats = 0.5 * (left + right) / sums[-1]
    return result
