"""What one design delivers: power, type I error, bias against its own truth and the trial's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from debulk.core.results import plain
from debulk.survival.batch import analyse_trials
from debulk.trials.alternatives.weighting import weighted_log_ratio
from debulk.trials.conduct.assessments import with_missed_visits
from debulk.trials.conduct.conducting import conduct_trials
from debulk.trials.conduct.worlds import primary_endpoint, worlds_of
from debulk.trials.effect import benefit_declared
from debulk.trials.estimands.contrast import Contrast, contrast
from debulk.trials.estimands.questions import policy_times
from debulk.trials.estimands.table import Performance, performance
from debulk.trials.over_trials import share, spread

if TYPE_CHECKING:
    from debulk.trials.alternatives.designs import Enrolled
    from debulk.trials.conduct.observing import World

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DesignResult:
    """One design over all trials.

    Attributes
    ----------
    name, title : str
    available, randomised : float
        Mean patients who would take part over the whole accrual, and who are in the analysis; for
        a single arm the former counts those who would be treated.
    months_to_full : dict
        Calendar time at which the planned number is in: median, lower, upper; None: never.
    full : dict
        Share of trials that are ever full, with its standard error.
    events, duration_months : dict
        At the analysis: median, lower, upper.
    power, declared_in_null_world : dict
        Share of trials that declare benefit (or, with a margin, no inferiority) as simulated, and
        in the null world on the same patients, with standard errors. Without a margin the latter
        is the type I error.
    log_hazard_ratio, against_trial : Performance
        Estimates against the design's own truth, and against that of the parallel trial.
    null_log_hazard_ratio : Performance
        Estimates in the null world against 0, the truth there.
    truth : Contrast
        Of the design's own estimand: treatment policy, in the patients it is about.
    remarks : tuple of str
    """

    name: str
    title: str
    available: float
    randomised: float
    months_to_full: dict[str, float | None]
    full: dict[str, float]
    events: dict[str, float | None]
    duration_months: dict[str, float | None]
    power: dict[str, float]
    declared_in_null_world: dict[str, float]
    log_hazard_ratio: Performance
    against_trial: Performance
    null_log_hazard_ratio: Performance
    truth: Contrast
    remarks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values; mean hazard ratios are geometric."""
        content: dict[str, Any] = plain(
            {
                **{name: getattr(self, name) for name in self.__dataclass_fields__},
                "hazard_ratio": math.exp(self.log_hazard_ratio.mean),
                "null_hazard_ratio": math.exp(self.null_log_hazard_ratio.mean),
                "truth": self.truth.to_dict(),
                "remarks": list(self.remarks),
            }
        )
        return content


@dataclass(frozen=True)
class Analysed:
    """One number a trial, as simulated and in the null world; z as of the log-rank test."""

    log_ratio: Floats
    error: Floats
    null_log_ratio: Floats
    null_error: Floats
    declared: npt.NDArray[np.bool_]
    declared_null: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Conducted:
    """One design, conducted: its truth, its naive analysis and, where asked, the adjusted one."""

    truth: Contrast
    events: Floats
    cutoff_months: Floats
    naive: Analysed
    weighted: Analysed | None = None


def conduct_design(
    enrolled: Enrolled, seed: int, trials: int, adjust_for: tuple[str, ...] = ()
) -> Conducted:
    """Conduct and analyse one design.

    Parameters
    ----------
    enrolled : Enrolled
        Its patients.
    seed, trials : int
    adjust_for : tuple of str
        Features for the weighted analysis; none without.
    """
    protocol, people, allocation = enrolled.protocol, enrolled.patients, enrolled.allocation
    starts = people.starts(0, trials)
    rows = [each.row() for each in conduct_trials(protocol, seed, people, allocation, starts)]
    table = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    latest = protocol.conduct.cutoff_months

    def known(name: str) -> Floats:
        return np.where(np.isnan(table[name]), latest, table[name])

    worlds = worlds_of(protocol, seed, people, allocation, starts)
    seen = with_missed_visits(seed, protocol.conduct.missed_visits, people)
    times = policy_times(seen, allocation, primary_endpoint(protocol))
    follow_up = np.maximum(
        known("planned_cutoff_months")[people.trial] - people.randomised_months, 0.0
    )
    about = enrolled.asked_about
    truth = contrast(times[:, about], follow_up[about], protocol.estimand.tau_months)
    null_errors = _errors(worlds.null, known("cutoff_null_months"))
    naive = Analysed(
        table["log_hazard_ratio"],
        table["se_log_hazard_ratio"],
        table["log_hazard_ratio_null"],
        null_errors,
        benefit_declared(protocol, table, ""),
        benefit_declared(protocol, table, "_null"),
    )
    weighted = None
    if adjust_for:
        features = np.column_stack([people.covariates[name] for name in adjust_for])
        found = _weighted(worlds.primary, known("cutoff_months"), features)
        other = _weighted(worlds.null, known("cutoff_null_months"), features)
        tail = protocol.design.alpha / protocol.design.sided
        critical = float(ndtri(1.0 - tail))
        weighted = Analysed(
            *found, *other, -found[0] / found[1] > critical, -other[0] / other[1] > critical
        )
    return Conducted(truth, table["events"], table["cutoff_months"], naive, weighted)


def design_result(
    name: str,
    title: str,
    enrolled: Enrolled,
    conducted: Conducted,
    trial_truth: Contrast,
    *,
    weighted: bool = False,
    remarks: tuple[str, ...] = (),
) -> DesignResult:
    """Sum up one design's analysis over trials.

    Parameters
    ----------
    name, title : str
        How results call it.
    enrolled : Enrolled
    conducted : Conducted
    trial_truth : Contrast
        Of the parallel trial.
    weighted : bool
        Whether the adjusted analysis is meant.
    remarks : tuple of str
        What a reader must know.
    """
    found = conducted.weighted if weighted else conducted.naive
    assert found is not None
    truth = conducted.truth
    people = np.bincount(enrolled.patients.trial, minlength=enrolled.available.size)
    return DesignResult(
        name=name,
        title=title,
        available=float(enrolled.available.mean()),
        randomised=float(people.mean()),
        months_to_full=spread(enrolled.full_months),
        full=share(np.isfinite(enrolled.full_months)),
        events=spread(conducted.events),
        duration_months=spread(conducted.cutoff_months),
        power=share(found.declared),
        declared_in_null_world=share(found.declared_null),
        log_hazard_ratio=_against(found.log_ratio, found.error, truth),
        against_trial=_against(found.log_ratio, found.error, trial_truth),
        null_log_hazard_ratio=performance(found.null_log_ratio, found.null_error, 0.0, 0.0),
        truth=truth,
        remarks=remarks,
    )


def _against(estimates: Floats, errors: Floats, truth: Contrast) -> Performance:
    ratio = truth.hazard_ratio
    log_ratio = math.log(ratio) if ratio > 0.0 else math.nan
    return performance(estimates, errors, log_ratio, truth.hazard_ratio_error / ratio)


def _errors(world: World, cutoff_months: Floats) -> Floats:
    """Standard errors of the log hazard ratio, one a trial."""
    seen = [world.seen(trial, float(at)) for trial, at in enumerate(cutoff_months)]
    time = np.concatenate([each.time for each in seen])
    event = np.concatenate([each.event for each in seen])
    arms = np.ascontiguousarray(world.experimental).view(np.uint8)
    errors: Floats = analyse_trials(time, event.view(np.uint8), arms, world.starts, True)[2]
    return errors


def _weighted(world: World, cutoff_months: Floats, features: Floats) -> tuple[Floats, Floats]:
    """Weighted log hazard ratio and robust standard error, one a trial."""
    ratios = np.full((2, cutoff_months.size), np.nan)
    for trial, here in enumerate(world.slices):
        if here.stop == here.start:
            continue
        seen = world.seen(trial, float(cutoff_months[trial]))
        ratios[:, trial] = weighted_log_ratio(
            seen.time, seen.event, world.experimental[here], features[here]
        )
    return ratios[0], ratios[1]
