"""Overall accuracy: the Brier score, its share explained (IPA), and its mean over time."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.prognosis.validation.estimates import Statistic, estimate_of
from debulk.prognosis.validation.follow_up import (
    FollowUp,
    read_follow_up,
    read_horizon,
    read_risk,
)
from debulk.prognosis.validation.status import HorizonStatus, horizon_status
from debulk.survival.options import check_level, check_word
from debulk.survival.subjects import Floats, as_array

Rule = Literal["trapezoid", "left"]
"""How the Brier score is integrated between horizons: straight lines from 0 at time 0, or steps at
the value of the horizon before (as R's riskRegression)."""


def brier_score(
    time: Any,
    event: Any,
    risk: Any,
    *,
    horizon: float,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Mean squared distance between predicted risk and status at a horizon; 0 is perfect.

    Parameters
    ----------
    time, event, horizon, entry, weights, conf_level
        As in `time_dependent_auc`.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon.

    Returns
    -------
    Estimate
        Weighted by inverse probability of censoring (Graf and others 1999, Stat Med 18:2529);
        standard error by the infinitesimal jackknife, normal interval.

    Raises
    ------
    InputError
        As `time_dependent_auc`, and on risks that are not within 0 to 1.
    """
    follow_up, status, risks = _read(time, event, risk, horizon, entry, weights, conf_level)
    return estimate_of(
        brier_of(status, risks),
        f"Brier score of events by {status.horizon:g}",
        follow_up,
        conf_level,
        within=(0.0, 1.0),
    )


def brier_difference(
    time: Any,
    event: Any,
    risk: Any,
    reference: Any = None,
    *,
    horizon: float,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Brier score of one set of risks less that of another; below 0 the first is the better.

    Parameters
    ----------
    time, event, risk, horizon, entry, weights, conf_level
        As in `brier_score`.
    reference : array-like, shape (n,), optional
        The other risks; by default everybody's is the observed risk (the null model).

    Returns
    -------
    Estimate
        With a two-sided p-value against no difference.

    Raises
    ------
    InputError
        As `brier_score`.
    """
    follow_up, status, risks = _read(time, event, risk, horizon, entry, weights, conf_level)
    if reference is None:
        other = null_brier_of(status)
    else:
        other = brier_of(status, read_risk(reference, follow_up.patients, "reference"))
    return estimate_of(
        brier_of(status, risks).less(other),
        f"difference in Brier score of events by {status.horizon:g}",
        follow_up,
        conf_level,
        tested=True,
    )


def prediction_accuracy(
    time: Any,
    event: Any,
    risk: Any,
    *,
    horizon: float,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Index of prediction accuracy: the share of the null model's Brier score that is taken away.

    Parameters
    ----------
    time, event, risk, horizon, entry, weights, conf_level
        As in `brier_score`.

    Returns
    -------
    Estimate
        1 is perfect, 0 no better than telling everybody the observed risk, below 0 worse (Kattan
        and Gerds 2018, Diagn Progn Res 2:7); the error of the null model's risk is counted.

    Raises
    ------
    InputError
        As `brier_score`.
    """
    follow_up, status, risks = _read(time, event, risk, horizon, entry, weights, conf_level)
    return estimate_of(
        accuracy_of(brier_of(status, risks), null_brier_of(status)),
        f"index of prediction accuracy of events by {status.horizon:g}",
        follow_up,
        conf_level,
        within=(-np.inf, 1.0),
    )


def integrated_brier(
    time: Any,
    event: Any,
    risks: Any,
    *,
    horizons: Any,
    rule: Rule = "trapezoid",
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Brier score averaged over time up to the last horizon.

    Parameters
    ----------
    time, event, entry, weights, conf_level
        As in `brier_score`.
    risks : array-like, shape (n, k)
        Predicted probability of the event by each horizon.
    horizons : array-like, shape (k,)
        Rising, above 0.
    rule : {"trapezoid", "left"}
        See `Rule`.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        As `brier_score`, and on horizons that do not rise or do not fit the risks.
    """
    check_level(conf_level)
    check_word(rule, Rule, "rule")
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    table, moments = as_array(risks, "risks"), as_array(horizons, "horizons")
    if table.shape != (follow_up.patients, moments.size) or moments.ndim != 1:
        found = f"has the shape {table.shape}, for {moments.size} horizons"
        raise InputError("risks", found, "Give a row a patient and a column a horizon")
    times = np.array([read_horizon(each, follow_up, "horizons") for each in moments.tolist()])
    if times.size == 0 or (np.diff(times) <= 0.0).any():
        raise InputError("horizons", "do not rise", "Sort them, each once")
    found_all = [
        brier_of(
            horizon_status(follow_up, float(moment)),
            read_risk(table[:, k], follow_up.patients, f"risks, column {k + 1}"),
        )
        for k, moment in enumerate(times)
    ]
    share = _shares(times, rule)
    whole = Statistic(
        float(share @ np.array([each.value for each in found_all])),
        np.stack([each.influence for each in found_all], axis=1) @ share,
    )
    words = f"Brier score averaged from 0 to {times[-1]:g}"
    return estimate_of(whole, words, follow_up, conf_level, within=(0.0, 1.0), note=f"{rule} rule")


def brier_of(status: HorizonStatus, risk: Floats) -> Statistic:
    """The Brier score of risks already checked, one a patient."""
    value: Floats = (status.case - risk[status.patient]) ** 2
    return Statistic(float(status.mass @ value), status.influence(value))


def null_brier_of(status: HorizonStatus) -> Statistic:
    """The Brier score where everybody is told the observed risk: risk times one less risk."""
    risk = status.observed
    value = np.square(status.case - risk, dtype=np.float64)
    return Statistic(risk * (1.0 - risk), status.influence(value))


def accuracy_of(brier: Statistic, null: Statistic) -> Statistic:
    """The index of prediction accuracy from two Brier scores."""
    ratio = brier.over(null)
    return Statistic(1.0 - ratio.value, -ratio.influence)


def _shares(times: Floats, rule: Rule) -> Floats:
    """Share of the time up to the last horizon that each horizon's score stands for."""
    edges = np.append(0.0, times)
    widths = np.diff(edges)
    share = np.zeros(times.size)
    if rule == "left":  # before the first horizon the score is taken for 0
        share[:-1] = widths[1:]
    else:
        share += widths / 2.0
        share[:-1] += widths[1:] / 2.0
    result: Floats = share / times[-1]
    return result


def _read(
    time: Any, event: Any, risk: Any, horizon: Any, entry: Any, weights: Any, conf_level: float
) -> tuple[FollowUp, HorizonStatus, Floats]:
    check_level(conf_level)
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    risks = read_risk(risk, follow_up.patients)
    return follow_up, horizon_status(follow_up, read_horizon(horizon, follow_up)), risks
