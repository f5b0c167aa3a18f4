"""Calibration in the large: events observed against events expected."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.prognosis.validation.estimates import Statistic, estimate_from, estimate_of
from debulk.prognosis.validation.follow_up import (
    FollowUp,
    read_follow_up,
    read_horizon,
    read_risk,
    refuse,
)
from debulk.prognosis.validation.status import HorizonStatus, horizon_status
from debulk.survival.options import check_level
from debulk.survival.subjects import Floats, numbers, same_length


def observed_expected(
    time: Any,
    event: Any,
    risk: Any,
    *,
    horizon: float,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Observed risk at a horizon over the mean predicted risk; above 1, risks were too low.

    Parameters
    ----------
    time, event, horizon, entry, weights, conf_level
        As in `time_dependent_auc`.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon.

    Returns
    -------
    Estimate
        Observed by Kaplan and Meier, or with competing events by Aalen and Johansen. Interval on
        the log scale (`se` is of the log ratio), the predictions taken as given.

    Raises
    ------
    InputError
        As `brier_score`.
    """
    check_level(conf_level)
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    risks = read_risk(risk, follow_up.patients)
    status = horizon_status(follow_up, read_horizon(horizon, follow_up))
    return ratio_at(status, follow_up, risks, conf_level)


def ratio_at(
    status: HorizonStatus, follow_up: FollowUp, risk: Floats, conf_level: float
) -> Estimate:
    """The ratio for risks already checked."""
    expected = follow_up.mean(risk)
    observed = observed_of(status)
    ratio = Statistic(observed.value / expected, observed.influence / expected)
    return estimate_of(
        ratio,
        f"observed over expected risk by {status.horizon:g}",
        follow_up,
        conf_level,
        scale="log",
        note="standard error of the log ratio, predictions taken as given; log interval",
    )


def observed_of(status: HorizonStatus) -> Statistic:
    """The observed risk at the horizon."""
    return Statistic(status.observed, status.influence(status.case.astype(np.float64)))


def observed_expected_events(
    time: Any, event: Any, expected: Any, *, conf_level: float = 0.95
) -> Estimate:
    """Events observed over events expected, each patient's over his or her own follow-up.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up and whether it ended with the event.
    expected : array-like, shape (n,)
        Predicted cumulative hazard of each patient at the end of follow-up (for rare events near
        the risk), not below 0.
    conf_level : float
        Level of the interval.

    Returns
    -------
    Estimate
        Intercept of a Poisson (log-linear) model of the event with log expected as offset
        (Crowson, Atkinson and Therneau 2016, Stat Methods Med Res 25:1692), as a ratio; `se` is of
        its logarithm, one over the root of the events.

    Raises
    ------
    InputError
        On arrays that do not fit, negative numbers, or nothing expected.
    """
    check_level(conf_level)
    follow_up = read_follow_up(time, event)
    hazard = numbers(expected, "expected")
    same_length(hazard, follow_up.patients, "expected")
    refuse(hazard < 0.0, hazard, "expected", "is negative", "A cumulative hazard runs from 0 on")
    total = float(hazard.sum())
    if total == 0.0:
        raise InputError("expected", "no event is expected", "Give cumulative hazards above 0")
    ratio = follow_up.events / total
    return estimate_from(
        ratio,
        ratio / math.sqrt(follow_up.events),
        "events observed over events expected during follow-up",
        follow_up,
        conf_level,
        scale="log",
        note=f"{follow_up.events} observed, {total:.6g} expected; standard error of the log "
        "ratio by Poisson's law; log interval",
    )
