"""Trials planned for a weighted log-rank test."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from scipy.special import ndtr

from debulk.survival.rank.weightings import Weighting, WeightingLike
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.designs import NonproportionalDesign
from debulk.trials.nonproportional.enrolment import enrolment_of, most_patients
from debulk.trials.nonproportional.limit_weights import planned_weighting
from debulk.trials.nonproportional.looks import (
    assembled,
    check_alternative,
    expected_looks,
    look_months,
)
from debulk.trials.nonproportional.normal_boxes import first_beyond
from debulk.trials.nonproportional.rank_moments import rank_moments
from debulk.trials.nonproportional.requests import patients_for, read_follow_up, read_request
from debulk.trials.nonproportional.sequential import Bounds, read_bounds

_PRECISION = 1e-6  # of the root of the number of patients, where power is by a lattice
_SOURCE = "Yung and Liu (2020), Biometrics; Schoenfeld (1981), Biometrika"


def weighted_logrank_design(
    alternative: Alternative,
    *,
    weighting: WeightingLike = "logrank",
    alpha: float = 0.025,
    sided: int = 1,
    power: float | None = None,
    patients: float | None = None,
    follow_up: float,
    boundaries: Any = None,
) -> NonproportionalDesign:
    """Plan a trial for a weighted log-rank test, stratified where the alternative has strata.

    Parameters
    ----------
    alternative : Alternative
        Hazards, accrual and drop-out.
    weighting : str or weighting
        As `debulk.survival.logrank` takes them, but no function: "logrank", "peto", "gehan",
        "tarone-ware", FlemingHarrington(rho, gamma), ModestlyWeighted(t_star), EarlyZero(...).
    alpha : float
        Total at `sided`.
    sided : {1, 2}
    power, patients : float
        The power wanted, or the patients there are (both arms).
    follow_up : float
        Months from the last patient's entry to the final analysis.
    boundaries : Boundaries, optional
        What `group_sequential` returns; each look comes when its share of the final events is
        expected. By default one analysis.

    Returns
    -------
    NonproportionalDesign
        `details`: `weighting`; `variance`, that of the final Z near its bound under the
        alternative; `correlation` of the looks as the test estimates it.

    Raises
    ------
    InputError
        On values out of range, an alternative without benefit to this test, weights of 0 at all
        events, or a power that is not reached.

    Notes
    -----
    One analysis: power is Phi((sqrt(n) mean - z s) / s_1) with s the spread that the test
    estimates and s_1 that under the alternative, estimated weights included (see `rank_moments`).
    Several looks: the same spreads, and covariances under the alternative. Their normal
    probability is by a lattice of fixed seed, its error about 1e-5.
    """
    check_alternative(alternative, effect=True)
    request = read_request(alpha, sided, power, patients)
    kind = planned_weighting(weighting)
    bounds = read_bounds(boundaries, request)
    after = read_follow_up(follow_up)
    at = functools.lru_cache(maxsize=4)(functools.partial(_Plan, alternative, kind, after, bounds))
    fixed = isinstance(alternative.accrual_pieces, float)

    def plan(n: float) -> _Plan:
        return at(2.0 if fixed else n)

    n = patients_for(
        request,
        lambda each: float(plan(each).crossings(each).sum()),
        lambda each: float(plan(each).means(each)[-1]),
        most_patients(alternative.accrual_pieces),
        precision=1e-10 if len(bounds.fractions) == 1 else _PRECISION,
    )
    found = plan(n)
    enrolment = enrolment_of(alternative.accrual_pieces, n)
    looks = expected_looks(
        alternative, enrolment, n, found.months, found.means(n), bounds, found.crossings(n)
    )
    details: dict[str, Any] = {
        "weighting": kind.name,
        "variance": float(found.covariance(n)[-1, -1]),
        "correlation": found.moments.correlation().tolist(),
    }
    again = functools.partial(
        weighted_logrank_design,
        alternative,
        weighting=weighting,
        alpha=alpha,
        sided=sided,
        follow_up=follow_up,
        boundaries=boundaries,
    )
    test = f"weighted log-rank: {kind.name}"
    return assembled(test, request, looks, enrolment, details, _SOURCE, alternative, again)


class _Plan:
    """Looks at one course of accrual, and what the statistic does at each, per patient."""

    def __init__(
        self,
        alternative: Alternative,
        weighting: Weighting,
        follow_up: float,
        bounds: Bounds,
        patients: float,
    ) -> None:
        enrolment = enrolment_of(alternative.accrual_pieces, patients)
        month = enrolment.months + follow_up
        self.bounds = bounds
        self.months = look_months(alternative, enrolment, month, bounds.fractions)
        self.moments = rank_moments(alternative, enrolment, self.months, [weighting])

    def means(self, patients: float) -> Floats:
        """Expected Z at the looks."""
        return math.sqrt(patients) * self.moments.scaled_mean()

    def covariance(self, patients: float) -> Floats:
        """Of Z at the looks, near the bounds."""
        return self.moments.covariance_near(np.asarray(self.bounds.efficacy), patients)

    def crossings(self, patients: float) -> Floats:
        """Probability to cross the efficacy bound first at each look."""
        means = self.means(patients)
        upper = np.asarray(self.bounds.efficacy) - means
        lower = self.bounds.lower() - means
        covariance = self.covariance(patients)
        if len(self.months) == 1:
            return np.array([ndtr(-upper[0] / math.sqrt(float(covariance[0, 0])))])
        return first_beyond(lower, upper, covariance)
