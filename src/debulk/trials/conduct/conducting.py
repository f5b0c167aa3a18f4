"""The conduct of trials over calendar time: loss to follow-up, cut-off, analysis.

Each randomised patient brings two courses, one under each strategy, on the same random numbers.
A trial sees one of them: the one of the strategy that the patient really follows.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import exponential, patient_key
from debulk.survival import kaplan_meier
from debulk.survival.batch import analyse_trials
from debulk.trials.decisions import LOST

if TYPE_CHECKING:
    from debulk.protocols import Protocol
    from debulk.survival import SurvivalCurve
    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.recruitment.randomised import Randomised

LANDMARKS_MONTHS = (12.0, 24.0, 36.0, 60.0)
"""Times at which survival is reported."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ArmSurvival:
    """Survival of one arm of a trial; NaN is not reached.

    Attributes
    ----------
    median_os_months, median_pfs_months : float
        Kaplan-Meier medians.
    survival : float64 array
        At `LANDMARKS_MONTHS`.
    mean_months : float
        Restricted mean at the estimand's horizon.
    """

    median_os_months: float
    median_pfs_months: float
    survival: Floats
    mean_months: float


NOTHING = ArmSurvival(math.nan, math.nan, np.full(len(LANDMARKS_MONTHS), math.nan), math.nan)
"""Survival of an arm without patients."""


@dataclass(frozen=True)
class Conducted:
    """One trial, conducted and analysed; NaN where a trial has no such number.

    Attributes
    ----------
    patients_control, patients_experimental, events : int
    cutoff_months : float
        Calendar time of the analysis.
    z, log_hazard_ratio, se_log_hazard_ratio : float
        Log-rank test and Cox model; z > 0 means more deaths than expected with local treatment.
    z_null, log_hazard_ratio_null : float
        The same in the null world, on the same patients and the same allocation.
    rmst_difference_months : float
        Experimental minus control.
    control, experimental : ArmSurvival
    """

    patients_control: int
    patients_experimental: int
    events: int = 0
    cutoff_months: float = math.nan
    z: float = math.nan
    log_hazard_ratio: float = math.nan
    se_log_hazard_ratio: float = math.nan
    z_null: float = math.nan
    log_hazard_ratio_null: float = math.nan
    rmst_difference_months: float = math.nan
    control: ArmSurvival = NOTHING
    experimental: ArmSurvival = NOTHING

    def row(self) -> dict[str, float]:
        """Flat numbers by name, one a column of the table of trials."""
        row = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if each.name not in ("control", "experimental")
        }
        for name, arm in (("control", self.control), ("experimental", self.experimental)):
            row[f"median_os_{name}_months"] = arm.median_os_months
            row[f"median_pfs_{name}_months"] = arm.median_pfs_months
            for month, survival in zip(LANDMARKS_MONTHS, arm.survival, strict=True):
                row[f"survival_{month:g}_{name}"] = float(survival)
        return row


def conduct_trials(
    protocol: Protocol,
    seed: int,
    randomised: Randomised,
    allocation: Allocation,
    starts: npt.NDArray[np.int64],
) -> list[Conducted]:
    """Run every trial to its cut-off and analyse it, in the world simulated and in the null one.

    Parameters
    ----------
    protocol : Protocol
        Gives loss to follow-up, cut-off and the horizon of the restricted mean.
    seed : int
        Seed of the random streams.
    randomised : Randomised
        Patients, sorted by trial.
    allocation : Allocation
        Their arms.
    starts : int64[trials + 1]
        Where each trial's patients begin.

    Returns
    -------
    list of Conducted
        One a trial.
    """
    lost_per_month = -math.log1p(-protocol.conduct.lost_per_year) / 12.0
    lost = _losses(seed, randomised.trial, randomised.patient, lost_per_month)
    follows = allocation.follows_experimental
    death = np.where(follows, randomised.death_experimental, randomised.death_control)
    progression = np.where(
        follows, randomised.progression_experimental, randomised.progression_control
    )
    slices = [slice(int(first), int(end)) for first, end in itertools.pairwise(starts)]
    entry = randomised.randomised_months
    worlds = [
        [_observe(protocol, deaths[here], entry[here], lost[here]) for here in slices]
        for deaths in (death, randomised.death_control)
    ]
    tests = [_compare(world, allocation.experimental, starts) for world in worlds]
    trials = []
    for number, here in enumerate(slices):
        experimental = allocation.experimental[here]
        if experimental.all() or not experimental.any():
            trials.append(_not_analysed(experimental))
            continue
        visits = (randomised.visit_phase_months[here], randomised.visit_interval_months[here])
        seen = worlds[0][number]
        arms = _arms(seen, death[here], progression[here], experimental, visits, protocol)
        trials.append(_conducted(seen, experimental, arms, *(test[number] for test in tests)))
    return trials


@kernel
def _losses(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    lost_per_month: float,
) -> npt.NDArray[np.float64]:
    """Draw when each patient is lost to follow-up; infinity where nobody is."""
    lost = np.full(trial.size, np.inf)
    if lost_per_month > 0.0:
        for row in range(trial.size):
            key = patient_key(seed, trial[row], patient[row])
            lost[row] = exponential(key, LOST, 0, 0) / lost_per_month
    return lost


@dataclass(frozen=True)
class _Observed:
    """Survival as a trial sees it at its cut-off."""

    cutoff_months: float
    until: Floats
    time: Floats
    event: npt.NDArray[np.bool_]


def _observe(protocol: Protocol, death: Floats, entry: Floats, lost: Floats) -> _Observed:
    """Follow patients to the cut-off: the planned deaths, not before the last patient is in."""
    cutoff = protocol.conduct.cutoff_months
    planned = protocol.design.events
    deaths = np.sort((entry + death)[np.isfinite(death) & (death <= lost)])
    if planned is not None and deaths.size >= planned:
        cutoff = min(cutoff, max(float(deaths[planned - 1]), float(entry.max())))
    until = np.minimum(lost, np.maximum(cutoff - entry, 0.0))
    return _Observed(cutoff, until, np.minimum(death, until), death <= until)


def last_assessment(until: Floats, phase: Floats, interval: Floats) -> Floats:
    """Time of the last assessment up to a moment; 0 (randomisation) when there was none."""
    visits = phase + interval * np.floor((until - phase) / interval)
    return np.where(until < phase, 0.0, visits)


def _not_analysed(experimental: npt.NDArray[np.bool_]) -> Conducted:
    """A trial that has no patient in one of its arms."""
    here = int(experimental.sum())
    return Conducted(patients_control=experimental.size - here, patients_experimental=here)


def _compare(
    world: list[_Observed], experimental: npt.NDArray[np.bool_], starts: npt.NDArray[np.int64]
) -> list[tuple[float, float, float]]:
    """Log-rank z, log hazard ratio (Cox, Efron) and its standard error of every trial."""
    if not world:
        return []
    time = np.concatenate([each.time for each in world])
    event = np.concatenate([each.event for each in world])
    arms = np.ascontiguousarray(experimental).view(np.uint8)
    found = analyse_trials(time, event.view(np.uint8), arms, starts, True)
    return list(zip(*(each.tolist() for each in found), strict=True))


def _arms(
    seen: _Observed,
    death: Floats,
    progression: Floats,
    experimental: npt.NDArray[np.bool_],
    visits: tuple[Floats, Floats],
    protocol: Protocol,
) -> tuple[ArmSurvival, ArmSurvival]:
    """Survival of the control arm and of the experimental one."""
    # Progression is known at assessments; death whenever it comes.
    failure = np.minimum(progression, death)
    until = np.where(failure <= seen.until, seen.until, last_assessment(seen.until, *visits))
    control, treated = (
        _arm(seen, np.minimum(failure, until), failure <= until, side, protocol)
        for side in (~experimental, experimental)
    )
    return control, treated


def _conducted(
    seen: _Observed,
    experimental: npt.NDArray[np.bool_],
    arms: tuple[ArmSurvival, ArmSurvival],
    test: tuple[float, float, float],
    null_test: tuple[float, float, float],
) -> Conducted:
    """One trial as it is, beside its test in a world where local treatment does nothing."""
    control, treated = arms
    return Conducted(
        patients_control=int((~experimental).sum()),
        patients_experimental=int(experimental.sum()),
        events=int(seen.event.sum()),
        cutoff_months=seen.cutoff_months,
        z=test[0],
        log_hazard_ratio=test[1],
        se_log_hazard_ratio=test[2],
        z_null=null_test[0],
        log_hazard_ratio_null=null_test[1],
        rmst_difference_months=treated.mean_months - control.mean_months,
        control=control,
        experimental=treated,
    )


def _arm(
    seen: _Observed,
    pfs_time: Floats,
    pfs_event: npt.NDArray[np.bool_],
    side: npt.NDArray[np.bool_],
    protocol: Protocol,
) -> ArmSurvival:
    """Survival of one arm of one trial."""
    curve = kaplan_meier(seen.time[side], seen.event[side])
    pfs = kaplan_meier(pfs_time[side], pfs_event[side])
    return ArmSurvival(
        median_os_months=curve.quantile(0.5).estimate,
        median_pfs_months=pfs.quantile(0.5).estimate,
        survival=survival_at(curve, np.array(LANDMARKS_MONTHS)),
        mean_months=restricted_mean(curve, protocol.estimand.tau_months),
    )


def survival_at(curve: SurvivalCurve, months: Floats) -> Floats:
    """Survival at some times; NaN beyond follow-up, unless everybody has died: then 0."""
    survival = np.asarray(curve.at(months), dtype=np.float64)
    if curve.survival[-1] == 0.0:
        survival = np.where(months > curve.time[-1], 0.0, survival)
    return survival


def restricted_mean(curve: SurvivalCurve, tau_months: float) -> float:
    """Mean survival time up to a horizon; NaN where follow-up is too short for it."""
    last = float(curve.time[-1])
    if last >= tau_months:
        return curve.rmst(tau_months).estimate
    return curve.rmst(last).estimate if curve.survival[-1] == 0.0 else math.nan
