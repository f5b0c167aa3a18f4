"""Interval weights of both strategies' clones, from fitted probabilities: one walk a patient."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.emulation.clones.decisions import ModelRows
from debulk.emulation.clones.timeline import Timeline
from debulk.emulation.person_time import Floats, Wholes

AVOID, NATURAL, UNIFORM = 0, 1, 2
"""What a strategy asks: no treatment, treatment as usual care does with the rest at the last visit,
or treatment spread evenly over the visits."""


@kernel
def decision_factor(
    rule: int, visit: int, visits: int, happened: bool, probability: float
) -> float:
    """Factor that a decision puts on a clone's weight; 0 where the clone leaves its strategy."""
    if rule == AVOID:
        return 0.0 if happened else 1.0 / (1.0 - probability)
    if rule == NATURAL:
        if visit < visits - 1:
            return 1.0
        return 1.0 / probability if happened else 0.0
    planned = 1.0 / (visits - visit)  # 1 at the last visit (Cain and others 2010)
    if happened:
        return planned / probability
    return (1.0 - planned) / (1.0 - probability) if visit < visits - 1 else 0.0


@kernel
def fill_weights(
    weight: Floats,
    timeline: Timeline,
    rows: ModelRows,
    probability: Floats,
    rule: int,
    visits: int,
) -> None:
    """Fill in (K, n) weights by place: 0 from the interval after whose visit the clone left."""
    intervals = weight.shape[0]
    for place in range(timeline.order.size):
        patient = timeline.order[place]
        row, stop = rows.first[patient], rows.first[patient + 1]
        product = 1.0
        for interval in range(min(timeline.last[place], intervals - 1) + 1):
            if row < stop and rows.visit[row] == interval:
                product *= decision_factor(
                    rule, interval, visits, rows.outcome[row] > 0.5, probability[row]
                )
                row += 1
            weight[interval, place] = product


@kernel
def remaining_factors(factor: Floats, timeline: Timeline, rows: ModelRows, lost: Floats) -> None:
    """Fill in (K, n) inverse probabilities of having remained in follow-up up to each interval.

    Loss in interval m is settled at visit m + 1, so its factor applies from interval m + 1 on.
    """
    intervals = factor.shape[0]
    for place in range(timeline.order.size):
        patient = timeline.order[place]
        row, stop = rows.first[patient], rows.first[patient + 1]
        product = 1.0
        for interval in range(min(timeline.last[place], intervals - 1) + 1):
            factor[interval, place] = product
            if row < stop and rows.visit[row] == interval:
                product /= 1.0 - lost[row]
                row += 1


@kernel
def staying_share(timeline: Timeline, censored: Wholes, counts: Floats, intervals: int) -> Floats:
    """Share of a strategy's clones that remained in it, by time alone (Kaplan-Meier), (K,).

    It is the numerator of stabilised weights: of arm and time only, so that it cancels in curves.
    """
    share = np.ones(intervals)
    product = 1.0
    for interval in range(intervals):
        there = left = 0.0
        for place in range(timeline.place_at[interval], timeline.order.size):
            patient = timeline.order[place]
            leaves = censored[patient]
            if leaves < 0 or leaves >= interval:
                there += counts[patient]
                if leaves == interval:
                    left += counts[patient]
        if there > 0.0:
            product *= 1.0 - left / there
        share[interval] = product
    return share


@kernel
def multiply_weights(
    weight: Floats, timeline: Timeline, remaining: Floats, share: Floats, cap: float
) -> None:
    """Put the inverse probability of remaining, the numerator and the cap on weights, in place."""
    intervals = weight.shape[0]
    for interval in range(intervals):
        for place in range(timeline.place_at[interval], timeline.order.size):
            found = weight[interval, place] * share[interval]
            if remaining.size > 0:
                found *= remaining[interval, place]
            weight[interval, place] = min(found, cap)


def by_patient(weight: Floats, timeline: Timeline) -> Floats:
    """Weights (n, K) in the patients' order; the last known one runs on after a patient's time."""
    intervals = weight.shape[0]
    there = np.minimum(np.arange(intervals)[:, None], timeline.last[None, :])
    carried = np.take_along_axis(weight, there, axis=0)
    found: npt.NDArray[np.float64] = np.empty((timeline.order.size, intervals))
    found[timeline.order] = carried.T
    return found
