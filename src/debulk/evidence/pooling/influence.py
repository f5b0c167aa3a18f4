"""Influence of single studies: outliers, leverage, and what their deletion changes.

Definitions and rules of Viechtbauer and Cheung (2010, Res Synth Methods 1:112), as in R's metafor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtri

from debulk.evidence.pooling.checks import Influence, StudyInfluence
from debulk.evidence.pooling.study_set import StudySet, study_set

if TYPE_CHECKING:
    from debulk.evidence.pooling.pooled import IntervalMethod, Method, PooledEffect

LARGE_CHANGE = 1.0
"""A study that moves the pooled effect by more than one standard error."""


def study_influence(
    estimates: Any,
    std_errors: Any,
    *,
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> Influence:
    """Influence of every study on the pooled effect.

    Parameters
    ----------
    estimates, std_errors, method, interval, names, conf_level
        As `pool` takes them.

    Returns
    -------
    Influence

    Raises
    ------
    InputError
        If there are fewer than three studies, or one cannot be pooled.
    """
    studies = study_set(
        estimates,
        std_errors,
        names=names,
        method=method,
        interval=interval,
        conf_level=conf_level,
        least=3,
        purpose="measuring influence",
    )
    k, overall = len(studies), studies.overall
    limits = {
        "dffits": 3.0 * math.sqrt(1.0 / (k - 1)),
        "cooks_distance": float(chdtri(1, 0.5)),
        "hat": 3.0 / k,
        "dfbetas": LARGE_CHANGE,
    }
    return Influence(
        rows=tuple(_influence_of(index, studies, overall, limits) for index in range(k)),
        overall=overall,
        limits=limits,
        provenance=studies.provenance(
            "A flag asks for a look at the study; it is no reason to leave it out"
        ),
    )


def _influence_of(
    index: int, studies: StudySet, overall: PooledEffect, limits: dict[str, float]
) -> StudyInfluence:
    others = np.delete(np.arange(len(studies)), index)
    rest = studies.pooled(others)
    variances = studies.std_errors**2
    deleted_weights = 1.0 / (variances + rest.tau2)
    rest_variance = float(rest.covariance[0, 0])
    # How much Hartung and Knapp's adjustment stretches the variance; 1 without it.
    stretch = rest_variance * float(deleted_weights[others].sum())
    total = float(variances[index]) + rest.tau2
    change = overall.estimate - rest.estimate
    leverage = overall.studies[index].weight
    full_variance = float(overall.covariance[0, 0])
    measures = {
        "dffits": _ratio(change, math.sqrt(stretch * leverage * total)),
        "cooks_distance": _ratio(change**2, full_variance),
        "hat": leverage,
        "dfbetas": _ratio(change, math.sqrt(stretch / float(deleted_weights.sum()))),
    }
    rules = tuple(rule for rule, limit in limits.items() if abs(measures[rule]) > limit)
    distance = float(studies.estimates[index]) - rest.estimate
    return StudyInfluence(
        name=studies.names[index],
        rstudent=_ratio(distance, math.sqrt(stretch * total + rest_variance)),
        covariance_ratio=_ratio(rest_variance, full_variance),
        tau2_deleted=rest.tau2,
        q_deleted=rest.q,
        weight=leverage,
        influential=bool(rules),
        rules=rules,
        **measures,
    )


def _ratio(above: float, below: float) -> float:
    """A quotient; not a number where the other studies agree to the last digit."""
    return above / below if below > 0.0 else math.nan
