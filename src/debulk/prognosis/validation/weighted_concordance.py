"""Concordance where weights change during follow-up, as those of clones do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from debulk.core.results import Estimate
from debulk.prognosis.validation.follow_up import FollowUp
from debulk.prognosis.validation.status import HorizonStatus
from debulk.survival.concordant_pairs import concordance_of
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
    rows = follow_up
    factor = np.zeros(rows.stop.size)
    events = status.row[status.case]
    # Times n, so that numbers are of the size of Uno's whatever the number of patients.
    factor[events] = (rows.patients * status.mass[status.case] / rows.weight[events]) ** 2
    found = concordance_of(
        rows.stop,
        rows.event,
        score[rows.patient],
        entry=rows.start,
        weights=rows.weight,
        cluster=rows.patient,
        pair_weights=factor,
        conf_level=conf_level,
    )
    return replace(
        found,
        estimand=f"concordance (Uno, weighted) of events up to {status.horizon:g}",
        n=rows.patients,
        note="weights taken as known; normal interval cut at 0 and 1",
    )
