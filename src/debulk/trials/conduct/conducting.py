"""The conduct of trials over calendar time: loss to follow-up, looks, cut-off, analysis.

Each randomised patient brings two courses, one under each strategy, on the same random numbers.
A trial sees one of them: the one of the strategy that the patient really follows. A control patient
who gets local treatment after progression follows a third.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import exponential, patient_key
from debulk.survival import kaplan_meier
from debulk.trials.conduct.analysis import SurvivalTest, parse_test
from debulk.trials.conduct.assessments import last_attended, with_missed_visits
from debulk.trials.conduct.monitoring import Monitor, boundaries_of
from debulk.trials.conduct.observing import Observed, World, compare, statistics
from debulk.trials.conduct.strata import strata_of
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
    planned_cutoff_months : float
        Calendar time of the last analysis, had no look stopped the trial.
    z, log_hazard_ratio, se_log_hazard_ratio : float
        Log-rank test and Cox model; z > 0 means more deaths than expected with local treatment.
    z_null, log_hazard_ratio_null : float
        The same in the null world, on the same patients and the same allocation.
    z_test, z_test_null : float
        Statistic of the protocol's test in both worlds, of the sign of `z`.
    look, look_null : int
        Look at which the trial stopped, from 1, in both worlds; the last one unless a bound was
        crossed before.
    crossed, crossed_null : int
        Bound crossed there, see `debulk.trials.conduct.monitoring`; 0 for none.
    events_null, cutoff_null_months : int, float
        Deaths and calendar time of the analysis in the null world.
    rmst_difference_months : float
        Experimental minus control.
    control, experimental : ArmSurvival
    """

    patients_control: int
    patients_experimental: int
    events: int = 0
    cutoff_months: float = math.nan
    planned_cutoff_months: float = math.nan
    z: float = math.nan
    log_hazard_ratio: float = math.nan
    se_log_hazard_ratio: float = math.nan
    z_null: float = math.nan
    log_hazard_ratio_null: float = math.nan
    z_test: float = math.nan
    z_test_null: float = math.nan
    look: int = 1
    look_null: int = 1
    crossed: int = 0
    crossed_null: int = 0
    events_null: int = 0
    cutoff_null_months: float = math.nan
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
    where = f"{protocol.source_name or protocol.name}, design.test"
    test = parse_test(protocol.design.test, where)
    worlds = _worlds(protocol, seed, randomised, allocation, starts)
    boundaries = boundaries_of(protocol)
    monitor = None if boundaries is None else Monitor(protocol, boundaries, test)
    ends = [_ends(protocol, world, monitor) for world in worlds]
    seen = [
        [world.seen(trial, float(moment)) for trial, moment in enumerate(end.cutoff_months)]
        for world, end in zip(worlds, ends, strict=True)
    ]
    compared = [
        compare(each, world.experimental, starts) for each, world in zip(seen, worlds, strict=True)
    ]
    tested = [
        _tested(world, each, test, found)
        for world, each, found in zip(worlds, seen, compared, strict=True)
    ]
    assessed = with_missed_visits(seed, protocol.conduct.missed_visits, randomised)
    follows = allocation.follows_experimental
    progression = np.where(follows, assessed.progression_experimental, assessed.progression_control)
    trials = []
    for number, here in enumerate(worlds[0].slices):
        experimental = allocation.experimental[here]
        if experimental.all() or not experimental.any():
            trials.append(_not_analysed(experimental))
            continue
        now = seen[0][number]
        missed = protocol.conduct.missed_visits
        attended = last_attended(seed, missed, randomised, now.until, here)
        death = worlds[0].death_months[here]
        arms = _arms(now, death, progression[here], experimental, attended, protocol)
        trials.append(
            _conducted(
                experimental=experimental[randomised.randomised_months[here] <= now.cutoff_months]
                if protocol.design.monitoring is not None
                else experimental,
                arms=arms,
                seen=(now, seen[1][number]),
                compared=(compared[0][number], compared[1][number]),
                tested=(tested[0][number], tested[1][number]),
                ends=(ends[0], ends[1]),
                number=number,
            )
        )
    return trials


def _worlds(
    protocol: Protocol,
    seed: int,
    randomised: Randomised,
    allocation: Allocation,
    starts: npt.NDArray[np.int64],
) -> tuple[World, World]:
    """The world simulated, and the one in which everybody has the control arm's course."""
    lost_per_month = -math.log1p(-protocol.conduct.lost_per_year) / 12.0
    lost = _losses(seed, randomised.trial, randomised.patient, lost_per_month)
    strata = strata_of(protocol, randomised)

    def world(death: Floats) -> World:
        entry = randomised.randomised_months
        return World(death, entry, lost, allocation.experimental, strata, starts)

    return world(really_dies(randomised, allocation)), world(randomised.death_control)


def really_dies(randomised: Randomised, allocation: Allocation) -> Floats:
    """Death of each patient in the arm assigned, as they are really treated there."""
    in_control = np.where(
        allocation.experimental, randomised.death_control, randomised.death_salvage
    )
    follows = allocation.follows_experimental
    return np.where(follows, randomised.death_experimental, in_control)


def _ends(protocol: Protocol, world: World, monitor: Monitor | None) -> _Ends:
    """Where every trial of a world ends, with and without looks before the last analysis."""
    planned = np.array(
        [
            world.planned_end(protocol, trial)
            if here.stop > here.start
            else protocol.conduct.cutoff_months
            for trial, here in enumerate(world.slices)
        ]
    )
    if monitor is None:
        none = np.zeros(planned.size, np.int64)
        return _Ends(planned, none + 1, none, planned)
    stops = monitor.stops(world, planned)
    return _Ends(stops.cutoff_months, stops.look, stops.reason, planned)


@dataclass(frozen=True)
class _Ends:
    """Where trials end: when, at which look, by which bound, and when they would have ended."""

    cutoff_months: Floats
    look: npt.NDArray[np.int64]
    reason: npt.NDArray[np.int64]
    planned_months: Floats


def _tested(
    world: World,
    seen: list[Observed],
    test: SurvivalTest,
    compared: list[tuple[float, float, float]],
) -> list[float]:
    """Statistic of every trial by the protocol's test."""
    if test.kind == "logrank":
        return [each[0] for each in compared]
    return [float(each) for each in statistics(world, seen, test)]


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


def _not_analysed(experimental: npt.NDArray[np.bool_]) -> Conducted:
    """A trial that has no patient in one of its arms."""
    here = int(experimental.sum())
    return Conducted(patients_control=experimental.size - here, patients_experimental=here)


def _arms(
    seen: Observed,
    death: Floats,
    progression: Floats,
    experimental: npt.NDArray[np.bool_],
    attended: Floats,
    protocol: Protocol,
) -> tuple[ArmSurvival, ArmSurvival]:
    """Survival of the control arm and of the experimental one."""
    # Progression is known at assessments; death whenever it comes.
    failure = np.minimum(progression, death)
    until = np.where(failure <= seen.until, seen.until, attended)
    control, treated = (
        _arm(seen, np.minimum(failure, until), failure <= until, side, protocol)
        for side in (~experimental, experimental)
    )
    return control, treated


def _conducted(
    *,
    experimental: npt.NDArray[np.bool_],
    arms: tuple[ArmSurvival, ArmSurvival],
    seen: tuple[Observed, Observed],
    compared: tuple[tuple[float, float, float], tuple[float, float, float]],
    tested: tuple[float, float],
    ends: tuple[_Ends, _Ends],
    number: int,
) -> Conducted:
    """One trial as it is, beside its test in a world where local treatment does nothing."""
    control, treated = arms
    return Conducted(
        patients_control=int((~experimental).sum()),
        patients_experimental=int(experimental.sum()),
        events=int(seen[0].event.sum()),
        cutoff_months=seen[0].cutoff_months,
        planned_cutoff_months=float(ends[0].planned_months[number]),
        z=compared[0][0],
        log_hazard_ratio=compared[0][1],
        se_log_hazard_ratio=compared[0][2],
        z_null=compared[1][0],
        log_hazard_ratio_null=compared[1][1],
        z_test=tested[0],
        z_test_null=tested[1],
        look=int(ends[0].look[number]),
        look_null=int(ends[1].look[number]),
        crossed=int(ends[0].reason[number]),
        crossed_null=int(ends[1].reason[number]),
        events_null=int(seen[1].event.sum()),
        cutoff_null_months=seen[1].cutoff_months,
        rmst_difference_months=treated.mean_months - control.mean_months,
        control=control,
        experimental=treated,
    )


def _arm(
    seen: Observed,
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
