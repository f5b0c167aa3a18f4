"""Resampling of patients, both clones together, with every weight model fitted again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from debulk.core.compiled import kernel, parallel_kernel, prange
from debulk.core.streams import claim, patient_key, uniform
from debulk.emulation.clones.decisions import ModelRows
from debulk.emulation.clones.passes import contrasts, risk_sums
from debulk.emulation.clones.timeline import Timeline
from debulk.emulation.clones.weighting import (
    AVOID,
    fill_weights,
    multiply_weights,
    remaining_factors,
    staying_share,
)
from debulk.emulation.logistic import chances, newton_steps
from debulk.emulation.person_time import Floats, Wholes

RESAMPLE = claim(5001, "emulation: patients of a bootstrap replicate (index: draw)")

NEWTON_STEPS = 2
"""From the full-data fit: the error in the log hazard ratio is 7e-6 (standard error 0.04)."""


class Resampled(NamedTuple):
    """Tuple of what every replicate needs beside the timeline and the models' rows.

    Attributes
    ----------
    starting_coef, completing_coef, losing_coef : float64 arrays
        The full-data fits.
    shared : bool
        Whether both strategies read one model.
    censored_0, censored_1 : (n,) int32
        Visit at which each strategy's clones leave it.
    rule : int
        What strategy 1 asks (`weighting.NATURAL` or `weighting.UNIFORM`).
    visits : int
        Visits of the grace period.
    intervals : int
    stabilise : bool
    caps : (2,) float64
    tau : float
    tau_place : int
        Places from here on have times of at least `tau`.
    log_hazard_ratio : float
        Where Cox's iterations start.
    """

    starting_coef: Floats
    completing_coef: Floats
    losing_coef: Floats
    shared: bool
    censored_0: Wholes
    censored_1: Wholes
    rule: int
    visits: int
    intervals: int
    stabilise: bool
    caps: Floats
    tau: float
    tau_place: int
    log_hazard_ratio: float


@parallel_kernel
def resample(
    timeline: Timeline,
    starting: ModelRows,
    completing: ModelRows,
    losing: ModelRows,
    data: Resampled,
    replicates: int,
    seed: int,
    chunks: int,
    steps: int,
) -> Floats:
    """Contrasts of each replicate (replicates, 3); NaN where a model could not be fitted.

    A replicate draws from a stream of its own, so that the chunks decide nothing but who works.
    `losing` has no rows where loss has no model.
    """
    found = np.full((replicates, 3), np.nan)
    for chunk in prange(chunks):
        size = timeline.order.size
        weight = np.zeros((data.intervals, size))
        remaining = np.zeros((data.intervals if losing.visit.size > 0 else 0, size))
        for replicate in range(chunk, replicates, chunks):
            counts = drawn_counts(seed, replicate, size)
            beta, mean, risk = replicate_contrasts(
                timeline, starting, completing, losing, data, counts, weight, remaining, steps
            )
            found[replicate, 0] = beta
            found[replicate, 1] = mean
            found[replicate, 2] = risk
    return found


@kernel
def drawn_counts(seed: int, replicate: int, size: int) -> Floats:
    """How often each patient is drawn in a replicate."""
    counts = np.zeros(size)
    key = patient_key(seed, replicate, 0)
    for draw in range(size):
        counts[int(uniform(key, RESAMPLE, 0, draw) * size)] += 1.0
    return counts


@kernel
def replicate_contrasts(
    timeline: Timeline,
    starting: ModelRows,
    completing: ModelRows,
    losing: ModelRows,
    data: Resampled,
    counts: Floats,
    weight: Floats,
    remaining: Floats,
    steps: int,
) -> tuple[float, float, float]:
    """Contrasts with patients counted so often; `weight` and `remaining` are room to work in."""
    failed = (np.nan, np.nan, np.nan)
    if not _represented(starting, completing, counts, data.visits):
        return failed
    chance_0, possible = refitted(starting, data.starting_coef, counts, steps)
    if not possible:
        return failed
    chance_1 = chance_0
    if not data.shared:
        chance_1, possible = refitted(completing, data.completing_coef, counts, steps)
        if not possible:
            return failed
    if remaining.shape[0] > 0:
        lost, possible = refitted(losing, data.losing_coef, counts, steps)
        if not possible:
            return failed
        remaining_factors(remaining, timeline, losing, lost)
    share = np.ones(data.intervals)
    if data.stabilise:
        share = staying_share(timeline, data.censored_0, counts, data.intervals)
    fill_weights(weight, timeline, starting, chance_0, AVOID, data.visits)
    multiply_weights(weight, timeline, remaining, share, data.caps[0])
    if not _followed(weight, counts, timeline, data.tau_place):
        return failed
    first = risk_sums(timeline, weight, counts)
    if data.stabilise:
        share = staying_share(timeline, data.censored_1, counts, data.intervals)
    fill_weights(weight, timeline, completing, chance_1, data.rule, data.visits)
    multiply_weights(weight, timeline, remaining, share, data.caps[1])
    if not _followed(weight, counts, timeline, data.tau_place):
        return failed
    second = risk_sums(timeline, weight, counts)
    beta, mean, risk = contrasts(timeline.times, first, second, data.tau, data.log_hazard_ratio)
    if not np.isfinite(beta + mean + risk):
        return failed
    return beta, mean, risk


@kernel
def refitted(rows: ModelRows, coef: Floats, counts: Floats, steps: int) -> tuple[Floats, bool]:
    """Probabilities at a model's rows after some Newton steps, and whether they could be made."""
    drawn = np.empty(rows.visit.size)
    for patient in range(counts.size):
        for row in range(rows.first[patient], rows.first[patient + 1]):
            drawn[row] = counts[patient]
    weights = drawn * rows.learns
    if rows.both and not _both_outcomes(rows, weights):
        return weights, False
    found, possible = newton_steps(
        rows.design, rows.outcome, weights, coef, steps, rows.grouped_cox
    )
    if not possible:
        return weights, False
    return chances(rows.design, found, drawn, rows.grouped_cox), True


@kernel
def _represented(starting: ModelRows, completing: ModelRows, counts: Floats, visits: int) -> bool:
    """Whether some stay to stand for those who leave: at every visit, and at the last one."""
    there, stay = np.zeros(visits), np.zeros(visits)
    due = done = 0.0
    for patient in range(counts.size):
        for row in range(starting.first[patient], starting.first[patient + 1]):
            there[starting.visit[row]] += counts[patient]
            stay[starting.visit[row]] += counts[patient] * (1.0 - starting.outcome[row])
        for row in range(completing.first[patient], completing.first[patient + 1]):
            if completing.visit[row] == visits - 1:
                due += counts[patient]
                done += counts[patient] * completing.outcome[row]
    for visit in range(visits):
        if there[visit] > 0.0 and stay[visit] == 0.0:
            return False
    return due == 0.0 or done > 0.0


@kernel
def _both_outcomes(rows: ModelRows, weights: Floats) -> bool:
    """Whether every visit that learns has rows of both outcomes: its term runs away else."""
    size = np.max(rows.visit) + 1
    there, happened, asked = np.zeros(size), np.zeros(size), np.zeros(size)
    for row in range(rows.visit.size):
        there[rows.visit[row]] += weights[row]
        happened[rows.visit[row]] += weights[row] * rows.outcome[row]
        asked[rows.visit[row]] += rows.learns[row]
    for visit in range(size):
        if asked[visit] > 0.0 and not 0.0 < happened[visit] < there[visit]:
            return False
    return True


@kernel
def _followed(weight: Floats, counts: Floats, timeline: Timeline, start: int) -> bool:
    """Whether a clone with weight is followed to the horizon."""
    for place in range(start, timeline.order.size):
        interval = min(timeline.last[place], weight.shape[0] - 1)
        if counts[timeline.order[place]] > 0.0 and weight[interval, place] > 0.0:
            return True
    return False
