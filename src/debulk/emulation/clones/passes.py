"""Weighted risk sets of one strategy in one pass over time, and what is estimated from them."""

from __future__ import annotations

import numpy as np

from debulk.core.compiled import kernel
from debulk.emulation.clones.timeline import Timeline
from debulk.emulation.person_time import Floats

_COX_STEPS = 50
_COX_TOLERANCE = 1e-12
_ROUNDING = 1e-12


@kernel
def risk_sums(timeline: Timeline, weight: Floats, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Sum of weights at risk, of events of interest and of all events, at each event time (T,).

    The pass runs backwards, so that sums only grow inside an interval; where an interval begins,
    the weights of all who are at risk change, and the sum is made anew.
    """
    at_risk = np.zeros(timeline.times.size)
    of_interest = np.zeros(timeline.times.size)
    events = np.zeros(timeline.times.size)
    entering = 0
    late = timeline.entering.size > 0
    for interval in range(weight.shape[0] - 1, -1, -1):
        start, stop = timeline.place_at[interval], timeline.place_at[interval + 1]
        end = timeline.starts[interval + 1]
        total = 0.0
        for place in range(stop, timeline.order.size):
            if not late or timeline.entry[place] < end:
                total += counts[timeline.order[place]] * weight[interval, place]
        while (
            entering < timeline.entering.size and timeline.entry[timeline.entering[entering]] >= end
        ):
            entering += 1
        for place in range(stop - 1, start - 1, -1):
            mass = counts[timeline.order[place]] * weight[interval, place]
            total += mass
            slot = timeline.slot[place]
            if slot < 0:
                continue
            if timeline.cause[place] > 0:
                events[slot] += mass
                if timeline.cause[place] == 1:
                    of_interest[slot] += mass
            if not timeline.leads[place]:
                continue
            while entering < timeline.entering.size:
                other = timeline.entering[entering]
                if timeline.entry[other] < timeline.times[slot]:
                    break
                total -= counts[timeline.order[other]] * weight[interval, other]
                entering += 1
            # Where all who are at risk die, taking out late entries must leave no rounding behind.
            alone = total - events[slot] < _ROUNDING * events[slot]
            at_risk[slot] = events[slot] if alone else total
    return at_risk, of_interest, events


@kernel
def incidence(
    times: Floats, at_risk: Floats, of_interest: Floats, events: Floats, tau: float
) -> tuple[float, float]:
    """Cumulative incidence of the event at `tau`, and the area under it (Aalen-Johansen).

    Without competing events they are 1 - S(tau) and tau minus the restricted mean.
    """
    survival, risk, area, before = 1.0, 0.0, 0.0, 0.0
    for slot in range(times.size):
        if times[slot] > tau:
            break
        if events[slot] <= 0.0:
            continue
        area += risk * (times[slot] - before)
        before = times[slot]
        risk += survival * of_interest[slot] / at_risk[slot]
        survival *= 1.0 - events[slot] / at_risk[slot]
    return risk, area + risk * (tau - before)


@kernel
def log_hazard_ratio(
    at_risk_0: Floats, events_0: Floats, at_risk_1: Floats, events_1: Floats, start: float
) -> tuple[float, float]:
    """Cox's log hazard ratio of two strategies and its information (Breslow's ties).

    NaN where a strategy has no event.
    """
    beta = start
    if not (np.sum(events_0) > 0.0 and np.sum(events_1) > 0.0):
        return np.nan, np.nan
    for _ in range(_COX_STEPS):
        score, information, ratio = 0.0, 0.0, np.exp(beta)
        for slot in range(events_0.size):
            both = events_0[slot] + events_1[slot]
            if both <= 0.0:
                continue
            mean = ratio * at_risk_1[slot] / (at_risk_0[slot] + ratio * at_risk_1[slot])
            score += events_1[slot] - both * mean
            information += both * mean * (1.0 - mean)
        if not information > 0.0:
            return np.nan, np.nan
        move = score / information
        beta += min(max(move, -1.0), 1.0)
        if abs(move) < _COX_TOLERANCE * max(1.0, abs(beta)):
            return beta, information
    return np.nan, np.nan


@kernel
def contrasts(
    times: Floats,
    first: tuple[Floats, Floats, Floats],
    second: tuple[Floats, Floats, Floats],
    tau: float,
    start: float,
) -> tuple[float, float, float]:
    """Log hazard ratio, difference in restricted mean and in risk: strategy 1 minus 0."""
    risk_0, lost_0 = incidence(times, first[0], first[1], first[2], tau)
    risk_1, lost_1 = incidence(times, second[0], second[1], second[2], tau)
    beta, _ = log_hazard_ratio(first[0], first[1], second[0], second[1], start)
    return beta, lost_0 - lost_1, risk_1 - risk_0
