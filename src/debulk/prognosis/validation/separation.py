"""Prognostic separation: Royston and Sauerbrei's D, and the variation it explains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri

from debulk.core.results import Estimate, plain
from debulk.prognosis.validation.calibration_slopes import cox_of
from debulk.prognosis.validation.estimates import estimate_from
from debulk.prognosis.validation.follow_up import FollowUp, read_follow_up, refuse_constant
from debulk.survival.options import check_level, check_word
from debulk.survival.subjects import Floats, numbers, same_length

Ties = Literal["mean score", "mean rank"]
"""What equal scores share: the mean of their normal scores (Royston and Sauerbrei), or the normal
score of their mean rank (as ``royston(ties = FALSE)`` of R's survival)."""

_KAPPA = math.sqrt(8.0 / math.pi)
"""Twice the mean of the upper half of a standard normal variable."""
_EXTREME_VALUE = math.pi**2 / 6.0
"""Variance of the log survival time's error in a proportional hazards model."""


@dataclass(frozen=True, slots=True)
class Separation:
    """How far a score parts the prognoses of patients.

    Attributes
    ----------
    d : Estimate
        Log hazard ratio between the two halves of patients of lower and higher score.
    explained : Estimate
        R2_D, the share of the variation in log survival time that goes with the score.
    """

    d: Estimate
    explained: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {"d": plain(self.d), "explained": plain(self.explained)}


def royston_d(
    time: Any,
    event: Any,
    risk: Any,
    *,
    entry: Any = None,
    weights: Any = None,
    ties: Ties = "mean score",
    conf_level: float = 0.95,
) -> Separation:
    """Royston and Sauerbrei's D and R2_D (2004, Stat Med 23:723).

    Parameters
    ----------
    time, event, entry, weights, conf_level
        As in `time_dependent_auc`; competing events count as censored.
    risk : array-like, shape (n,)
        Any finite score; higher means an earlier event.
    ties : {"mean score", "mean rank"}
        See `Ties`; with few points to a score the two differ by a per cent or two.

    Returns
    -------
    Separation
        Coefficient of a Cox model on the normal scores of the ranks (Blom); the limits of R2_D are
        those of D carried over.

    Raises
    ------
    InputError
        On arrays that do not fit, and scores that are all the same.
    """
    check_level(conf_level)
    check_word(ties, Ties, "ties")
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    scores = numbers(risk, "risk")
    same_length(scores, follow_up.patients, "risk")
    refuse_constant(scores, "risk")
    return separation_of(follow_up, scores, conf_level, ties)


def separation_of(
    follow_up: FollowUp, score: Floats, conf_level: float, ties: Ties = "mean score"
) -> Separation:
    """The two for scores already checked."""
    model = cox_of(follow_up, {"normal_score": normal_scores(score, ties) / _KAPPA})
    d = estimate_from(
        float(model.coef[0]),
        float(np.sqrt(model.covariance[0, 0])),
        "Royston and Sauerbrei's D",
        follow_up,
        conf_level,
        note="Cox model on normal scores; normal interval",
    )
    slope = 2.0 * d.estimate / _KAPPA**2 * _EXTREME_VALUE
    slope /= (_EXTREME_VALUE + d.estimate**2 / _KAPPA**2) ** 2
    ends = sorted((_explained(d.lower), _explained(d.upper)))
    explained = Estimate(
        estimand="variation explained (R2_D)",
        estimate=_explained(d.estimate),
        se=abs(slope) * d.se,
        lower=0.0 if d.lower < 0.0 < d.upper else ends[0],
        upper=ends[1],
        conf_level=conf_level,
        n=d.n,
        events=d.events,
        note="limits from those of D",
    )
    return Separation(d, explained)


def normal_scores(values: Floats, ties: Ties = "mean score") -> Floats:
    """Blom's normal scores of the ranks."""
    n = values.size
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    if ties == "mean rank":
        ranks = np.cumsum(counts) - (counts - 1) / 2.0
        return np.asarray(ndtri((ranks - 0.375) / (n + 0.25)))[group]
    order = np.argsort(values, kind="stable")
    scores = np.empty(n)
    scores[order] = ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    result: Floats = (np.bincount(group, weights=scores) / counts)[group]
    return result


def _explained(d: float) -> float:
    part = d * d / _KAPPA**2
    return part / (_EXTREME_VALUE + part)
