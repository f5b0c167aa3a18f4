"""Every estimand's truth beside what usual estimators find of it, over simulated trials."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from debulk.core.results import plain
from debulk.trials.conduct.worlds import primary_endpoint
from debulk.trials.estimands.contrast import Contrast, contrast
from debulk.trials.estimands.estimators import ESTIMATORS, Estimates, Estimator
from debulk.trials.estimands.observed import TrialData
from debulk.trials.estimands.questions import Question, questions

if TYPE_CHECKING:
    from debulk.protocols import Protocol
    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.recruitment.randomised import Randomised

Floats = npt.NDArray[np.float64]

_Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Performance:
    """How one estimator does against a truth, over the trials in which it gives a number.

    Attributes
    ----------
    trials : int
        How many.
    mean, mean_error : float
        Mean estimate and its Monte Carlo standard error from the number of trials.
    bias : float
        Mean estimate minus truth.
    bias_error : float
        Monte Carlo standard error of `bias`, from trials and truth, taken as independent.
    coverage, coverage_error : float
        Share of 95 % intervals that hold the truth; NaN where there is no interval.
    """

    trials: int
    mean: float
    mean_error: float
    bias: float
    bias_error: float
    coverage: float
    coverage_error: float


@dataclass(frozen=True)
class EstimatorResult:
    """One estimator of one estimand: on the log hazard ratio, and on the restricted mean."""

    name: str
    title: str
    log_hazard_ratio: Performance
    rmst_difference_months: Performance

    def to_dict(self) -> dict[str, Any]:
        """Plain values; the mean hazard ratio is the geometric one."""
        mean = self.log_hazard_ratio.mean
        content: dict[str, Any] = plain(
            {
                "name": self.name,
                "title": self.title,
                "hazard_ratio": math.exp(mean),
                "log_hazard_ratio": self.log_hazard_ratio,
                "rmst_difference_months": self.rmst_difference_months,
            }
        )
        return content


@dataclass(frozen=True)
class EstimandResult:
    """One estimand: its truth, and its estimators.

    Attributes
    ----------
    name, title, strategy, events : str
        As in `debulk.trials.estimands.questions.Question`.
    share : float
        Share of the randomised whom it is about.
    truth : Contrast
    estimators : tuple of EstimatorResult
    """

    name: str
    title: str
    strategy: str
    events: str
    share: float
    truth: Contrast
    estimators: tuple[EstimatorResult, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        content: dict[str, Any] = plain(
            {
                "name": self.name,
                "title": self.title,
                "strategy": self.strategy,
                "events": self.events,
                "share": self.share,
                "truth": self.truth.to_dict(),
                "estimators": [each.to_dict() for each in self.estimators],
            }
        )
        return content


@dataclass(frozen=True)
class EstimandTable:
    """All estimands of a protocol's run.

    Attributes
    ----------
    endpoint : {"os", "pfs"}
        Whose events they are about.
    tau_months : float
        Horizon of the restricted mean.
    estimands : tuple of EstimandResult
    not_told : tuple of str
        What the simulated patients cannot tell, and why.
    """

    endpoint: str
    tau_months: float
    estimands: tuple[EstimandResult, ...]
    not_told: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "endpoint": self.endpoint,
            "tau_months": self.tau_months,
            "estimands": [each.to_dict() for each in self.estimands],
            "not_told": list(self.not_told),
        }


def estimand_table(
    protocol: Protocol,
    pool: Randomised,
    allocation: Allocation,
    data: TrialData,
    planned_cutoff_months: Floats,
    policy: Contrast,
) -> EstimandTable:
    """Hold every estimand's truth against its estimators.

    Parameters
    ----------
    protocol : Protocol
        Gives endpoint and horizon.
    pool : Randomised
        Patients of all trials; progression as it is found.
    allocation : Allocation
    data : TrialData
        What the trials know at their analyses.
    planned_cutoff_months : float64 array
        Calendar time of the last planned analysis of each patient's trial; the truth is followed
        up to it.
    policy : Contrast
        The truth of the treatment policy, which every run knows.
    """
    endpoint, tau = primary_endpoint(protocol), protocol.estimand.tau_months
    follow_up = np.maximum(planned_cutoff_months - pool.randomised_months, 0.0)
    known: dict[Estimator, Estimates] = {}
    results = []
    for question in questions(pool, allocation, endpoint):
        members = question.members
        truth = policy
        if question.name != "treatment_policy":
            truth = contrast(question.times[:, members], follow_up[members], tau)
        estimators = []
        for name, title, estimator in ESTIMATORS[question.name]:
            if estimator not in known:
                known[estimator] = estimator(data, tau)
            estimators.append(_held_against(name, title, known[estimator], truth))
        results.append(_result(question, truth, tuple(estimators)))
    return EstimandTable(endpoint, tau, tuple(results), _not_told(pool, allocation))


def _result(
    question: Question, truth: Contrast, estimators: tuple[EstimatorResult, ...]
) -> EstimandResult:
    share = float(question.members.mean()) if question.members.size else math.nan
    return EstimandResult(
        question.name, question.title, question.strategy, question.events, share, truth, estimators
    )


def _held_against(name: str, title: str, found: Estimates, truth: Contrast) -> EstimatorResult:
    ratio = truth.hazard_ratio
    true_log = math.log(ratio) if ratio > 0.0 else math.nan
    return EstimatorResult(
        name,
        title,
        performance(
            found.log_hazard_ratio,
            found.log_ratio_error,
            true_log,
            truth.hazard_ratio_error / ratio if ratio > 0.0 else math.nan,
        ),
        performance(
            found.rmst_difference_months,
            found.rmst_error_months,
            truth.rmst_difference_months,
            truth.rmst_error_months,
        ),
    )


def performance(estimates: Floats, errors: Floats, truth: float, truth_error: float) -> Performance:
    """Mean, bias and coverage of one estimator.

    Parameters
    ----------
    estimates, errors : float64[trials]
        Estimates and their standard errors; NaN where there is none.
    truth, truth_error : float
        What they are held against, and its Monte Carlo standard error; NaN counts as none.
    """
    known = estimates[np.isfinite(estimates)]
    if known.size == 0:
        nan = math.nan
        return Performance(0, nan, nan, nan, nan, nan, nan)
    mean = float(known.mean())
    error = float(known.std(ddof=1)) / math.sqrt(known.size) if known.size > 1 else math.nan
    own = truth_error if math.isfinite(truth_error) else 0.0
    usable = np.isfinite(estimates) & np.isfinite(errors)
    coverage = coverage_error = math.nan
    if usable.any() and math.isfinite(truth):
        inside = np.abs(estimates[usable] - truth) <= _Z_95 * errors[usable]
        coverage = float(inside.mean())
        coverage_error = math.sqrt(coverage * (1.0 - coverage) / inside.size)
    return Performance(
        known.size, mean, error, mean - truth, math.hypot(error, own), coverage, coverage_error
    )


def _not_told(pool: Randomised, allocation: Allocation) -> tuple[str, ...]:
    """What no estimand is given for, and why."""
    notes = [
        "had local treatment always been delivered as planned: needs a simulation of its own (in "
        "Python, debulk.trials.delivered_as_planned)",
        "while on treatment: for survival it is censoring at the change of treatment, the naive "
        "estimator above",
    ]
    if not np.isfinite(pool.local_months).any():
        notes.append("principal strata: nobody is known to be treated locally in this run")
    if (
        not (allocation.withdraws.any() or allocation.crosses_over.any())
        and not np.isfinite(pool.salvage_months).any()
    ):
        notes.append("nobody refuses, crosses over or is treated after progression in this run")
    return tuple(notes)
