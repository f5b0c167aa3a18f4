"""The conduct of trials over calendar time: allocation, cross-over, loss, cut-off, analysis.

Each randomised patient brings two courses, one under each strategy, on the same random numbers.
A trial sees one of them: the one of the strategy that the patient really follows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from debulk.core.compiled import kernel, parallel_kernel, prange
from debulk.core.streams import exponential, patient_key, uniform
from debulk.survival.kernels import (
    kaplan_meier_grid,
    median_survival,
    restricted_mean,
    two_arm_test,
)
from debulk.trials.decisions import BLOCK, CROSSED_OVER, LOST, TRIAL_ITSELF, WITHDRAWN

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.protocols import Protocol
    from debulk.trials.randomised import Randomised

LANDMARKS_MONTHS = (12.0, 24.0, 36.0, 60.0)
"""Times at which survival is reported."""

_LANDMARKS = np.array(LANDMARKS_MONTHS)

COLUMNS = (
    "patients",
    "patients_control",
    "patients_experimental",
    "events",
    "cutoff_months",
    "z",
    "log_hazard_ratio",
    "se_log_hazard_ratio",
    "z_null",
    "log_hazard_ratio_null",
    "rmst_difference_months",
    "median_os_control_months",
    "median_os_experimental_months",
    "median_pfs_control_months",
    "median_pfs_experimental_months",
    "survival_12_control",
    "survival_24_control",
    "survival_36_control",
    "survival_60_control",
    "survival_12_experimental",
    "survival_24_experimental",
    "survival_36_experimental",
    "survival_60_experimental",
)
"""What is kept of each trial, in the order of the columns of `conduct_trials`."""


@dataclass(frozen=True)
class Allocation:
    """Who was assigned to what, and what they would really follow; one entry a patient.

    Attributes
    ----------
    experimental : bool array
        Assigned to the experimental arm.
    withdraws : bool array
        Would refuse the experimental treatment if assigned to it.
    crosses_over : bool array
        Would get the experimental treatment if assigned to the control arm.
    """

    experimental: npt.NDArray[np.bool_]
    withdraws: npt.NDArray[np.bool_]
    crosses_over: npt.NDArray[np.bool_]

    @property
    def follows_experimental(self) -> npt.NDArray[np.bool_]:
        """Who really follows the experimental strategy."""
        return np.where(self.experimental, ~self.withdraws, self.crosses_over)


def allocate(protocol: Protocol, seed: int, randomised: Randomised) -> Allocation:
    """Assign patients in permuted blocks and draw who would follow another strategy.

    Parameters
    ----------
    protocol : Protocol
        Gives allocation, block size and the shares who withdraw and cross over.
    seed : int
        Seed of the random streams.
    randomised : Randomised
        Patients in the order of randomisation within each trial.

    Returns
    -------
    Allocation
    """
    conduct = protocol.conduct
    in_block = round(conduct.block_size * protocol.planned_share)
    trial, patient = randomised.trial, randomised.patient
    return Allocation(
        _permuted_blocks(seed, trial, randomised.order, conduct.block_size, in_block),
        _happens(seed, trial, patient, WITHDRAWN, conduct.withdrawn),
        _happens(seed, trial, patient, CROSSED_OVER, conduct.crossed_over),
    )


def conduct_trials(
    protocol: Protocol,
    seed: int,
    randomised: Randomised,
    allocation: Allocation,
    starts: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
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
    float64[trials, len(COLUMNS)]
        NaN where a trial has no such number: a median not reached, no event in an arm.
    """
    conduct = protocol.conduct
    lost_per_month = -math.log1p(-conduct.lost_per_year) / 12.0
    cutoff = np.array(
        [conduct.cutoff_months, float(protocol.design.events or 0), protocol.estimand.tau_months]
    )
    return _conduct(
        seed,
        starts,
        randomised.trial,
        randomised.patient,
        randomised.randomised_months,
        allocation.experimental,
        allocation.follows_experimental,
        randomised.outcomes(),
        np.stack([randomised.visit_phase_months, randomised.visit_interval_months]),
        lost_per_month,
        cutoff,
    )


@kernel
def _permuted_blocks(
    seed: int,
    trial: npt.NDArray[np.int32],
    order: npt.NDArray[np.int64],
    block_size: int,
    experimental_in_block: int,
) -> npt.NDArray[np.bool_]:
    """Assign the experimental arm to those with the smallest draws of their block."""
    experimental = np.empty(trial.size, np.bool_)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], TRIAL_ITSELF)
        first = order[row] // block_size * block_size
        own = uniform(key, BLOCK, 0, order[row])
        before = 0
        for place in range(first, first + block_size):
            before += int(uniform(key, BLOCK, 0, place) < own)
        experimental[row] = before < experimental_in_block
    return experimental


@kernel
def _happens(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    decision: np.uint64,
    probability: float,
) -> npt.NDArray[np.bool_]:
    """Draw one decision for every patient."""
    draws = np.empty(trial.size, np.bool_)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], patient[row])
        draws[row] = uniform(key, decision, 0, 0) < probability
    return draws


@kernel
def last_assessment(until: float, phase: float, interval: float) -> float:
    """Time of the last assessment up to a moment; 0 (randomisation) when there was none."""
    if until < phase:
        return 0.0
    return phase + interval * math.floor((until - phase) / interval)


@kernel
def _calendar_cutoff(
    death: npt.NDArray[np.float64],
    lost: npt.NDArray[np.float64],
    entry: npt.NDArray[np.float64],
    latest: float,
    events: int,
) -> float:
    """Calendar time of the analysis: the planned deaths, not before the last patient is in."""
    if events == 0:
        return latest
    seen = np.empty(death.size)
    count = 0
    last_entry = 0.0
    for row in range(death.size):
        last_entry = max(last_entry, entry[row])
        if death[row] <= lost[row] and death[row] < np.inf:
            seen[count] = entry[row] + death[row]
            count += 1
    if count < events:
        return latest
    planned = float(np.sort(seen[:count])[events - 1])
    return min(latest, max(planned, last_entry))


@kernel
def _observe(
    until: npt.NDArray[np.float64], moment: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Times seen up to each patient's end of observation, and whether they are events."""
    time = np.empty(until.size)
    event = np.empty(until.size, np.bool_)
    for row in range(until.size):
        event[row] = moment[row] <= until[row]
        time[row] = min(moment[row], until[row])
    return time, event


@kernel
def _at_landmarks(
    time: npt.NDArray[np.float64], event: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Survival at the landmarks; once everybody has died it is 0, not unknown."""
    survival = kaplan_meier_grid(time, event, _LANDMARKS)
    if time.size > 0:
        last = time.max()
        if kaplan_meier_grid(time, event, np.array([last]))[0] == 0.0:
            survival[last < _LANDMARKS] = 0.0
    return survival


@kernel
def _analyse_world(
    death: npt.NDArray[np.float64],
    progression: npt.NDArray[np.float64],
    entry: npt.NDArray[np.float64],
    lost: npt.NDArray[np.float64],
    arm: npt.NDArray[np.uint8],
    visits: npt.NDArray[np.float64],
    cutoff: npt.NDArray[np.float64],
    result: npt.NDArray[np.float64],
) -> None:
    """Analyse one trial whose patients have these times; fills its row of results."""
    end = _calendar_cutoff(death, lost, entry, cutoff[0], int(cutoff[1]))
    observed = np.minimum(lost, np.maximum(end - entry, 0.0))
    time, event = _observe(observed, death)
    z, log_hazard_ratio, standard_error = two_arm_test(time, event, arm)
    result[3] = float(event.sum())
    result[4] = end
    result[5] = z
    result[6] = log_hazard_ratio
    result[7] = standard_error
    until = np.empty(death.size)
    for row in range(death.size):
        until[row] = last_assessment(observed[row], visits[0, row], visits[1, row])
        if min(progression[row], death[row]) <= observed[row]:
            until[row] = observed[row]
    pfs_time, pfs_event = _observe(until, np.minimum(progression, death))
    means = np.empty(2)
    for side in range(2):
        chosen = arm == side
        means[side] = restricted_mean(time[chosen], event[chosen], cutoff[2])
        result[11 + side] = median_survival(time[chosen], event[chosen])
        result[13 + side] = median_survival(pfs_time[chosen], pfs_event[chosen])
        result[15 + 4 * side : 19 + 4 * side] = _at_landmarks(time[chosen], event[chosen])
    result[10] = means[1] - means[0]


@kernel
def _one_trial(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    entry: npt.NDArray[np.float64],
    experimental: npt.NDArray[np.bool_],
    follows: npt.NDArray[np.bool_],
    outcomes: npt.NDArray[np.float64],
    visits: npt.NDArray[np.float64],
    lost_per_month: float,
    cutoff: npt.NDArray[np.float64],
    result: npt.NDArray[np.float64],
) -> None:
    """Analyse one trial twice: as it is, and as it would be if local treatment did nothing."""
    size = trial.size
    result[:] = np.nan
    arm = experimental.astype(np.uint8)
    result[0] = float(size)
    result[1] = float(size - arm.sum())
    result[2] = float(arm.sum())
    if arm.sum() == 0 or arm.sum() == size:
        return
    death = np.empty(size)
    progression = np.empty(size)
    lost = np.full(size, np.inf)
    for row in range(size):
        side = 1 if follows[row] else 0
        death[row] = outcomes[2 * side, row]
        progression[row] = outcomes[2 * side + 1, row]
        if lost_per_month > 0.0:
            key = patient_key(seed, trial[row], patient[row])
            lost[row] = exponential(key, LOST, 0, 0) / lost_per_month
    null = np.empty(result.size)
    _analyse_world(outcomes[0], outcomes[1], entry, lost, arm, visits, cutoff, null)
    _analyse_world(death, progression, entry, lost, arm, visits, cutoff, result)
    result[8] = null[5]
    result[9] = null[6]


@parallel_kernel
def _conduct(
    seed: int,
    starts: npt.NDArray[np.int64],
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    entry: npt.NDArray[np.float64],
    experimental: npt.NDArray[np.bool_],
    follows: npt.NDArray[np.bool_],
    outcomes: npt.NDArray[np.float64],
    visits: npt.NDArray[np.float64],
    lost_per_month: float,
    cutoff: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    trials = starts.size - 1
    results = np.empty((trials, 23))
    for each in prange(trials):
        here = slice(starts[each], starts[each + 1])
        _one_trial(
            seed,
            trial[here],
            patient[here],
            entry[here],
            experimental[here],
            follows[here],
            outcomes[:, here],
            visits[:, here],
            lost_per_month,
            cutoff,
            results[each],
        )
    return results
