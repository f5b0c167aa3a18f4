"""The conduct of trials over calendar time: loss to follow-up, looks, cut-off, analysis.

Each randomised patient brings two courses, one under each strategy, on the same random numbers.
A trial sees one of them: the one of the strategy that the patient really follows. A control patient
who gets local treatment after progression follows a third.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.survival import kaplan_meier
from debulk.trials.conduct.analysis import SurvivalTest, deciding_test
from debulk.trials.conduct.monitoring import Monitor, boundaries_of
from debulk.trials.conduct.observing import Observed, World, compare, statistics
from debulk.trials.conduct.worlds import Worlds, primary_endpoint, worlds_of

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
        Restricted mean of the primary endpoint at the estimand's horizon.
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
    patients_control, patients_experimental : int
        Randomised by the analysis.
    events : int
        Of the primary endpoint, as everything below but the arms' survival.
    cutoff_months : float
        Calendar time of the analysis.
    planned_cutoff_months : float
        Calendar time of the last analysis, had no look stopped the trial.
    z, log_hazard_ratio, se_log_hazard_ratio : float
        Log-rank test and Cox model; z > 0 means more events than expected in the experimental arm.
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
        Events and calendar time of the analysis in the null world.
    z_test_margin, crossed_margin : float, int
        Statistic and bound in a world where the hazard ratio is the design's margin.
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
    z_test_margin: float = math.nan
    crossed_margin: int = 0
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
    at_margin: tuple[Floats, Floats] | None = None,
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
    at_margin : tuple of two float64 arrays, optional
        Death and progression of each patient, were the hazards those of the control arm's course
        times the design's margin.

    Returns
    -------
    list of Conducted
        One a trial.
    """
    test = deciding_test(protocol)
    worlds = worlds_of(protocol, seed, randomised, allocation, starts, at_margin)
    boundaries = boundaries_of(protocol)
    monitor = None if boundaries is None else Monitor(protocol, boundaries, test)
    worlds_analysed = [worlds.primary, worlds.null]
    if worlds.margin is not None:
        worlds_analysed.append(worlds.margin)
    analyses = [_analyse(protocol, world, monitor, test) for world in worlds_analysed]
    trials = []
    for number, here in enumerate(worlds.primary.slices):
        experimental = allocation.experimental[here]
        if experimental.all() or not experimental.any():
            trials.append(_not_analysed(experimental))
            continue
        cutoff = float(analyses[0].ends.cutoff_months[number])
        arms = _arms(worlds, number, cutoff, experimental, protocol)
        inside = np.ones(experimental.size, np.bool_)
        if monitor is not None:
            # A trial that stops early has not randomised those who would have come later.
            inside = randomised.randomised_months[here] <= cutoff
        trial = _conducted(experimental[inside], arms, analyses[0], analyses[1], number)
        if worlds.margin is not None:
            z, bound = analyses[2].tested[number], int(analyses[2].ends.reason[number])
            trial = replace(trial, z_test_margin=z, crossed_margin=bound)
        trials.append(trial)
    return trials


@dataclass(frozen=True)
class _Ends:
    """Where trials end: when, at which look, by which bound, and when they would have ended."""

    cutoff_months: Floats
    look: npt.NDArray[np.int64]
    reason: npt.NDArray[np.int64]
    planned_months: Floats


@dataclass(frozen=True)
class _Analysed:
    """All trials of one world at their ends: what is known, log-rank and Cox, the own test."""

    ends: _Ends
    seen: list[Observed]
    compared: list[tuple[float, float, float]]
    tested: list[float]


def _analyse(
    protocol: Protocol, world: World, monitor: Monitor | None, test: SurvivalTest
) -> _Analysed:
    ends = _ends(protocol, world, monitor)
    seen = [world.seen(trial, float(moment)) for trial, moment in enumerate(ends.cutoff_months)]
    compared = compare(seen, world.experimental, world.starts)
    tested = [each[0] for each in compared]
    if test.has_margin and test.kind == "logrank":
        tested = [test.against_margin(each[1], each[2]) for each in compared]
    elif test.kind != "logrank":
        tested = [float(each) for each in statistics(world, seen, test)]
    return _Analysed(ends, seen, compared, tested)


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


def _not_analysed(experimental: npt.NDArray[np.bool_]) -> Conducted:
    """A trial that has no patient in one of its arms."""
    here = int(experimental.sum())
    return Conducted(patients_control=experimental.size - here, patients_experimental=here)


def _arms(
    worlds: Worlds,
    number: int,
    cutoff_months: float,
    experimental: npt.NDArray[np.bool_],
    protocol: Protocol,
) -> tuple[ArmSurvival, ArmSurvival]:
    """Survival of one trial's control arm and of its experimental one."""
    os, pfs = worlds.os.seen(number, cutoff_months), worlds.pfs.seen(number, cutoff_months)
    primary = pfs if primary_endpoint(protocol) == "pfs" else os
    tau = protocol.estimand.tau_months
    control, treated = (_arm(os, pfs, primary, side, tau) for side in (~experimental, experimental))
    return control, treated


def _arm(
    os: Observed,
    pfs: Observed,
    primary: Observed,
    side: npt.NDArray[np.bool_],
    tau_months: float,
) -> ArmSurvival:
    """Survival of one arm of one trial."""
    curve = kaplan_meier(os.time[side], os.event[side])
    other = kaplan_meier(pfs.time[side], pfs.event[side])
    return ArmSurvival(
        median_os_months=curve.quantile(0.5).estimate,
        median_pfs_months=other.quantile(0.5).estimate,
        survival=survival_at(curve, np.array(LANDMARKS_MONTHS)),
        mean_months=restricted_mean(curve if primary is os else other, tau_months),
    )


def _conducted(
    experimental: npt.NDArray[np.bool_],
    arms: tuple[ArmSurvival, ArmSurvival],
    found: _Analysed,
    null: _Analysed,
    number: int,
) -> Conducted:
    """One trial as it is, beside its test in a world where local treatment does nothing."""
    control, treated = arms
    return Conducted(
        patients_control=int((~experimental).sum()),
        patients_experimental=int(experimental.sum()),
        events=int(found.seen[number].event.sum()),
        cutoff_months=found.seen[number].cutoff_months,
        planned_cutoff_months=float(found.ends.planned_months[number]),
        z=found.compared[number][0],
        log_hazard_ratio=found.compared[number][1],
        se_log_hazard_ratio=found.compared[number][2],
        z_null=null.compared[number][0],
        log_hazard_ratio_null=null.compared[number][1],
        z_test=found.tested[number],
        z_test_null=null.tested[number],
        look=int(found.ends.look[number]),
        look_null=int(null.ends.look[number]),
        crossed=int(found.ends.reason[number]),
        crossed_null=int(null.ends.reason[number]),
        events_null=int(null.seen[number].event.sum()),
        cutoff_null_months=null.seen[number].cutoff_months,
        rmst_difference_months=treated.mean_months - control.mean_months,
        control=control,
        experimental=treated,
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
