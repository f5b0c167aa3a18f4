"""Concordance where weights change during follow-up, as those of clones do."""

from __future__ import annotations

import math

import numpy as np

from debulk.core.results import Estimate
from debulk.prognosis.validation.estimates import Statistic, estimate_of
from debulk.prognosis.validation.follow_up import FollowUp
from debulk.prognosis.validation.status import HorizonStatus
from debulk.survival.subjects import Floats


def weighted_concordance(
    status: HorizonStatus, follow_up: FollowUp, score: Floats, conf_level: float
) -> Estimate:
    """Uno's concordance of events by a horizon, each pair weighted at the time of its event.

    Parameters
    ----------
    status : HorizonStatus
        Of the follow-up at the horizon.
    follow_up : FollowUp
        Rows whose weights make up for whom the strategy no longer describes.
    score : array, shape (patients,)
        Higher means an earlier event.
    conf_level : float

    Returns
    -------
    Estimate
        A pair of an event at u and a patient at risk after u counts by the product of the two
        weights at u and of (S(u-) / Y(u))^2, with S the weighted Kaplan-Meier curve and Y the
        weight at risk: with weights of 1 this is Uno's 1 / G(u-)^2. These factors are taken as
        known in the standard error, as for `debulk.survival.concordance`.
    """
    rows, words = follow_up, f"concordance (Uno, weighted) of events up to {status.horizon:g}"
    net, pairs, total = np.zeros(rows.patients), np.zeros(rows.patients), 0.0
    for row, mass in zip(status.row[status.case], status.mass[status.case], strict=True):
        now, own = rows.stop[row], rows.patient[row]
        # Of those whose time is the same, only the censored are at risk after the event.
        later = (rows.start < now) & ((rows.stop > now) | ((rows.stop == now) & (rows.cause == 0)))
        whose = rows.patient[later]
        worth = mass * mass / rows.weight[row] * rows.weight[later]
        sign = np.sign(score[own] - score[whose])
        sums, gains = float(worth.sum()), float(worth @ sign)
        total += sums
        pairs[own] += sums
        net[own] += gains
        # A patient has at most one row at risk at a time.
        pairs[whose] += worth
        net[whose] += worth * sign
    if total <= 0.0:
        nothing = Statistic(math.nan, np.full(rows.patients, math.nan))
        return estimate_of(nothing, words, rows, conf_level, note="no comparable pair")
    difference = float(net.sum()) / 2.0 / total
    found = Statistic(0.5 * (1.0 + difference), (net - difference * pairs) / (2.0 * total))
    return estimate_of(
        found, words, rows, conf_level, within=(0.0, 1.0), note="weights taken as known"
    )
