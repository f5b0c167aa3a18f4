"""Influence of each patient, both clones together, on the three contrasts; sandwich variance."""

from __future__ import annotations

import numpy as np

from debulk.core.compiled import kernel
from debulk.emulation.clones.decisions import ModelRows
from debulk.emulation.clones.timeline import Timeline
from debulk.emulation.person_time import Floats

Sums = tuple[Floats, Floats, Floats]


@kernel
def incidence_parts(times: Floats, sums: Sums, tau: float) -> tuple[Floats, Floats, Floats]:
    """What an event of interest, another event and being at risk put on the two numbers of a curve.

    Both are integrals of ``w dM``; columns are the area under the incidence and the incidence at
    tau (T, 2). With S = S(t-), F the incidence, B the area between F and F(t) beyond t, and L the
    hazard of all events: an event of interest has (S (tau - t) - B / (1 - dL)) / Y and
    (S - (F(tau) - F(t)) / (1 - dL)) / Y; any other has the second part alone.
    """
    size = times.size
    survival, risk = np.ones(size + 1), np.zeros(size + 1)
    for slot in range(size):
        share = sums[2][slot] / sums[0][slot] if sums[2][slot] > 0.0 else 0.0
        gained = sums[1][slot] / sums[0][slot] if sums[1][slot] > 0.0 else 0.0
        risk[slot + 1] = risk[slot] + survival[slot] * gained
        survival[slot + 1] = survival[slot] * (1.0 - share)
    last = 0  # event times up to tau
    while last < size and times[last] <= tau:
        last += 1
    of_interest, other = np.zeros((size, 2)), np.zeros((size, 2))
    at_risk = np.zeros((size, 2))
    beyond, until = 0.0, tau  # area under the incidence from the slot's time to tau
    for slot in range(last - 1, -1, -1):
        beyond += risk[slot + 1] * (until - times[slot])
        until = times[slot]
        if sums[2][slot] <= 0.0:
            continue
        left = tau - times[slot]
        share = sums[2][slot] / sums[0][slot]
        staying = 1.0 - share
        area = (beyond - risk[slot + 1] * left) / staying if staying > 0.0 else 0.0
        rise = (risk[last] - risk[slot + 1]) / staying if staying > 0.0 else 0.0
        other[slot, 0], other[slot, 1] = -area / sums[0][slot], -rise / sums[0][slot]
        of_interest[slot, 0] = (survival[slot] * left - area) / sums[0][slot]
        of_interest[slot, 1] = (survival[slot] - rise) / sums[0][slot]
        hazard = sums[1][slot] / sums[0][slot]
        for column in range(2):
            at_risk[slot, column] = hazard * of_interest[slot, column]
            at_risk[slot, column] += (share - hazard) * other[slot, column]
    return of_interest, other, at_risk


@kernel
def cox_parts(first: Sums, second: Sums, beta: float, arm: int) -> tuple[Floats, Floats]:
    """What an event of interest and being at risk in one arm put on the log hazard ratio (T,)."""
    size = first[0].size
    of_interest, at_risk = np.zeros(size), np.zeros(size)
    information, ratio = 0.0, np.exp(beta)
    for slot in range(size):
        both = first[1][slot] + second[1][slot]
        if both <= 0.0:
            continue
        risk = first[0][slot] + ratio * second[0][slot]
        mean = ratio * second[0][slot] / risk
        information += both * mean * (1.0 - mean)
        of_interest[slot] = arm - mean
        at_risk[slot] = of_interest[slot] * both / risk * (ratio if arm == 1 else 1.0)
    return of_interest / information, at_risk / information


@kernel
def add_influence(
    found: Floats,
    timeline: Timeline,
    weight: Floats,
    of_interest: Floats,
    other: Floats,
    at_risk: Floats,
    sign: float,
) -> None:
    """Add one strategy's clones to the influence (n, q) of their patients, in patients' order."""
    size, columns = at_risk.shape
    intervals = weight.shape[0]
    summed = np.zeros((size + 1, columns))
    for slot in range(size):
        for column in range(columns):
            summed[slot + 1, column] = summed[slot, column] + at_risk[slot, column]
    for place in range(timeline.order.size):
        patient = timeline.order[place]
        final = min(timeline.last[place], intervals - 1)
        for interval in range(final + 1):
            mass = sign * weight[interval, place]
            start = max(timeline.slot_at[interval], timeline.slots_missed[place])
            stop = min(timeline.slot_at[interval + 1], timeline.slots_seen[place])
            if mass == 0.0 or stop <= start:
                continue
            for column in range(columns):
                found[patient, column] -= mass * (summed[stop, column] - summed[start, column])
        cause, mass = timeline.cause[place], sign * weight[final, place]
        if cause > 0 and mass != 0.0:
            part = of_interest if cause == 1 else other
            for column in range(columns):
                found[patient, column] += mass * part[timeline.slot[place], column]


def influence_of(
    timeline: Timeline,
    weights: tuple[Floats, Floats],
    sums: tuple[Sums, Sums],
    tau: float,
    beta: float,
) -> Floats:
    """Influence on log hazard ratio, difference in restricted mean and in risk, (n, 3)."""
    found = np.zeros((timeline.order.size, 3))
    for arm in (0, 1):
        of_interest, other, at_risk = incidence_parts(timeline.times, sums[arm], tau)
        cox_event, cox_risk = cox_parts(sums[0], sums[1], beta, arm)
        size = timeline.times.size
        # The restricted mean falls with the area under the incidence; arm 1 minus arm 0. The Cox
        # score of both arms adds up, hence its sign below.
        sign = 1.0 if arm == 1 else -1.0
        turn = np.array([-1.0, 1.0])
        add_influence(
            found,
            timeline,
            weights[arm],
            np.column_stack((sign * cox_event, turn * of_interest)),
            np.column_stack((np.zeros(size), turn * other)),
            np.column_stack((sign * cox_risk, turn * at_risk)),
            sign,
        )
    return found


@kernel
def add_scores(scores: Floats, rows: ModelRows, residual: Floats) -> None:
    """Add each patient's score of a weight model into (n, p)."""
    for patient in range(scores.shape[0]):
        for row in range(rows.first[patient], rows.first[patient + 1]):
            part = rows.learns[row] * residual[row]
            for term in range(rows.design.shape[1]):
                scores[patient, term] += part * rows.design[row, term]


def residual_influence(influence: Floats, scores: Floats) -> Floats:
    """Influence less its least squares fit on the scores of the weight models.

    For weights fitted by maximum likelihood it is the influence that counts their estimation
    (Robins, Rotnitzky and Zhao 1994; Lunceford and Davidian 2004).
    """
    if scores.shape[1] == 0:
        return influence
    slope = np.linalg.lstsq(scores.T @ scores, scores.T @ influence, rcond=None)[0]
    return influence - scores @ slope
