"""Usual estimators of each estimand, from what trials know; one value a trial."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from debulk.survival.batch import analyse_trials
from debulk.trials.endpoints.areas import two_arm_areas
from debulk.trials.estimands.observed import TrialData
from debulk.trials.estimands.rpsft import structural_times

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Estimates:
    """What one estimator gives, one value a trial; NaN where it gives none.

    Attributes
    ----------
    log_hazard_ratio, log_ratio_error : float64[trials]
        Cox model (Efron), experimental / control, and its standard error.
    rmst_difference_months, rmst_error_months : float64[trials]
        Experimental minus control, up to the horizon.
    """

    log_hazard_ratio: Floats
    log_ratio_error: Floats
    rmst_difference_months: Floats
    rmst_error_months: Floats


_Z_95 = 1.959963984540054
_FLAT = 1e-3  # below it, the ratio of log hazard ratio to psi is noise over noise

Estimator = Callable[[TrialData, float], Estimates]


def as_randomised(data: TrialData, tau_months: float) -> Estimates:
    """Everybody in the arm assigned: Cox model and Kaplan-Meier.

    Parameters
    ----------
    data : TrialData
    tau_months : float
        Horizon of the restricted mean.
    """
    arms = np.ascontiguousarray(data.experimental).view(np.uint8)
    _, ratio, error = analyse_trials(
        data.time, np.ascontiguousarray(data.event).view(np.uint8), arms, data.starts, True
    )
    area, variance = two_arm_areas(
        data.time, data.event, data.experimental, data.starts, tau_months
    )
    difference = area[:, 1] - area[:, 0]
    return Estimates(ratio, error, difference, np.sqrt(variance.sum(axis=1)))


def censored_at_change(data: TrialData, tau_months: float) -> Estimates:
    """Follow-up ends when treatment changes, as if that told nothing of the prognosis.

    Those who refuse or cross over do so at randomisation, and leave the analysis; local treatment
    after progression ends follow-up.

    Parameters
    ----------
    data, tau_months
        As in `as_randomised`.
    """
    changes = np.where(data.experimental, np.inf, data.treated_from)
    censored = replace(
        data, time=np.minimum(data.time, changes), event=data.event & (data.time <= changes)
    )
    return as_randomised(censored.keep(~data.deviates), tau_months)


def per_protocol(data: TrialData, tau_months: float) -> Estimates:
    """Only those who got what they were assigned, known by the end of follow-up.

    Controls without any local treatment against those of the experimental arm who did not refuse
    and, where local treatment can be told, had it. Who dies early cannot have had it: the
    comparison favours the experimental arm.

    Parameters
    ----------
    data, tau_months
        As in `as_randomised`.
    """
    told = np.isfinite(data.local_months[data.experimental]).any()
    had = np.isfinite(data.local_months) if told else np.ones(data.time.size, np.bool_)
    changed = ~data.experimental & (data.treated_from <= data.time)
    kept = ~data.deviates & ~changed & (had | ~data.experimental)
    return as_randomised(data.keep(kept), tau_months)


def rank_preserving(data: TrialData, tau_months: float) -> Estimates:
    """Both arms as if nobody had changed treatment, by a structural model of the survival time.

    The standard error of the log hazard ratio is that of the g-estimate (from the width of its
    interval by inversion of the log-rank test as randomised, brought to the scale of the hazard
    ratio by the ratio of the two estimates), but not below that of the Cox model; the restricted
    mean has none.

    Parameters
    ----------
    data, tau_months
        As in `as_randomised`.
    """
    found = structural_times(
        data.time,
        data.event,
        data.experimental,
        data.treated_from,
        data.censoring_months,
        data.starts,
    )
    estimates = as_randomised(replace(data, time=found.time, event=found.event), tau_months)
    none = np.isnan(found.psi)
    ratio = np.where(none, np.nan, estimates.log_hazard_ratio)
    # Of exponential patients this is 1, of Weibull ones their shape.
    far = np.abs(found.psi) > _FLAT
    shape = np.divide(ratio, found.psi, out=np.ones(ratio.size), where=far)
    tested = np.abs(shape) * (found.upper - found.lower) / (2.0 * _Z_95)
    # The Cox model of the counterfactual times knows nothing of psi's error, and the g-estimate
    # nothing of the events that censoring again takes from the model.
    error = np.maximum(tested, estimates.log_ratio_error)
    difference = np.where(none, np.nan, estimates.rmst_difference_months)
    return Estimates(ratio, error, difference, np.full(ratio.size, math.nan))


def treated_against_all_controls(least: float) -> Estimator:
    """Those of the experimental arm who were treated to a share, against all controls.

    Parameters
    ----------
    least : float
        Share of visible lesions treated at least.
    """

    def estimate(data: TrialData, tau_months: float) -> Estimates:
        done = np.isfinite(data.local_months) & (data.complete_share >= least)
        return as_randomised(data.keep(~data.experimental | done), tau_months)

    return estimate


def local_treatment_is_failure(data: TrialData, tau_months: float) -> Estimates:
    """Local treatment in the control arm counts as an event, when it happens.

    Parameters
    ----------
    data, tau_months
        As in `as_randomised`; local treatment of the control arm by crossover is in
        `local_months`, that after progression in `treated_from`.
    """
    late = np.where(data.treated_from > 0.0, data.treated_from, np.inf)
    crossed = np.where(data.deviates, data.local_months, np.inf)
    local = np.where(data.experimental, np.inf, np.minimum(late, crossed))
    fails = local <= data.time
    changed = replace(data, time=np.minimum(data.time, local), event=data.event | fails)
    return as_randomised(changed, tau_months)


ESTIMATORS: dict[str, tuple[tuple[str, str, Estimator], ...]] = {
    "treatment_policy": (("as_randomised", "all as randomised", as_randomised),),
    "hypothetical": (
        ("as_randomised", "all as randomised", as_randomised),
        ("censored", "censored at the change of treatment", censored_at_change),
        ("per_protocol", "those treated as assigned", per_protocol),
        ("rpsft", "rank-preserving structural failure times", rank_preserving),
    ),
    "composite": (
        ("as_failure", "all as randomised, with its events", local_treatment_is_failure),
    ),
    "principal_stratum_all": (
        (
            "treated_against_controls",
            "those treated completely against all controls",
            treated_against_all_controls(1.0),
        ),
    ),
    "principal_stratum_80": (
        (
            "treated_against_controls",
            "those treated to 80 % against all controls",
            treated_against_all_controls(0.8),
        ),
    ),
}
"""By estimand: name, title and function of each estimator."""
