"""Curves of both strategies with standard errors that count the estimation of the weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.emulation.answers import StrategyCurve
from debulk.emulation.clones.analysis import Analysis
from debulk.emulation.clones.timeline import Timeline
from debulk.emulation.person_time import Floats
from debulk.survival.curves.limits import survival_limits


def strategy_curves(analysis: Analysis, conf_level: float) -> tuple[StrategyCurve, StrategyCurve]:
    """Event-free survival under each strategy, at the event times of its clones."""
    scores = analysis.scores()
    basis = np.linalg.pinv(scores.T @ scores, hermitian=True)
    found = []
    for arm in (0, 1):
        at_risk, _, events = analysis.sums[arm]
        weight = analysis.weights[arm]
        squared, crossed = log_survival_squares(
            analysis.timeline, weight, at_risk, events, scores[analysis.timeline.order]
        )
        log_se = np.sqrt(
            np.maximum(squared - np.einsum("ti,ij,tj->t", crossed, basis, crossed), 0.0)
        )
        seen = events > 0.0
        hazard = events[seen] / at_risk[seen]
        survival = np.cumprod(1.0 - hazard, dtype=np.float64)
        lower, upper = survival_limits(survival, log_se[seen], conf_level, "log-log")
        found.append(
            StrategyCurve(
                strategy=analysis.grace.names[arm],
                time_months=analysis.timeline.times[seen],
                survival=survival,
                std_error=survival * log_se[seen],
                lower=lower,
                upper=upper,
                at_risk=at_risk[seen],
                competing=_incidences(analysis, arm, seen, survival),
            )
        )
    return found[0], found[1]


def _incidences(
    analysis: Analysis, arm: int, seen: npt.NDArray[np.bool_], survival: Floats
) -> dict[int, Floats]:
    """Cumulative incidence of each cause, where there are several (Aalen-Johansen)."""
    timeline, weight = analysis.timeline, analysis.weights[arm]
    causes = [int(each) for each in np.unique(timeline.cause) if each > 0]
    if causes in ([], [1]):
        return {}
    interval = np.minimum(timeline.last, weight.shape[0] - 1)
    final = weight[interval, np.arange(timeline.order.size)]
    before = np.r_[1.0, survival[:-1]]
    found = {}
    for cause in causes:
        died = timeline.cause == cause
        size = timeline.times.size
        sums = np.bincount(timeline.slot[died], weights=final[died], minlength=size)
        found[cause] = np.cumsum(before * sums[seen] / analysis.sums[arm][0][seen])
    return found


@kernel
def log_survival_squares(
    timeline: Timeline, weight: Floats, at_risk: Floats, events: Floats, scores: Floats
) -> tuple[Floats, Floats]:
    """Sums over patients of J(t)^2 and of J(t) times the scores, J the influence on -log S(t).

    ``J_i(t) = int_0^t w_i dM_i / ((1 - dL) Y)``. While a clone is at risk with weight w, a step
    h = dL / ((1 - dL) Y) takes w h from J, so that both sums move by sums over those at risk of
    w^2, w J and w s alone. These are made anew where an interval begins, and lose who leaves.

    Parameters
    ----------
    scores : (n, p) float64
        By place.

    Returns
    -------
    squared : (T,) float64
    crossed : (T, p) float64
    """
    size, terms = timeline.order.size, scores.shape[1]
    squared, crossed = np.zeros(timeline.times.size), np.zeros((timeline.times.size, terms))
    spent, opened = np.zeros(size), np.zeros(size)  # J before the interval, `gone` at entry
    risk = np.zeros(2 + terms)
    total, cross, entering = 0.0, np.zeros(terms), timeline.entering.size - 1
    for interval in range(weight.shape[0]):
        begin, end = timeline.slot_at[interval], timeline.slot_at[interval + 1]
        mass, gone, leaving = weight[interval], 0.0, timeline.place_at[interval]
        opened[:] = 0.0
        risk[:] = 0.0
        for place in range(leaving, size):
            if timeline.slots_missed[place] <= begin < timeline.slots_seen[place]:
                _move(risk, 1.0, mass[place], spent[place], scores[place])
        for slot in range(begin, end):
            while entering >= 0 and timeline.slots_missed[timeline.entering[entering]] <= slot:
                other = timeline.entering[entering]
                if timeline.slots_missed[other] > begin and timeline.slots_seen[other] > slot:
                    opened[other] = gone
                    _move(risk, 1.0, mass[other], spent[other], scores[other])
                entering -= 1
            while timeline.slots_seen[leaving] <= slot:
                if max(begin, timeline.slots_missed[leaving]) < timeline.slots_seen[leaving]:
                    held = spent[leaving] - mass[leaving] * (gone - opened[leaving])
                    _move(risk, -1.0, mass[leaving], held, scores[leaving])
                leaving += 1
            if events[slot] > 0.0:
                hazard = events[slot] / at_risk[slot]
                inverse = 1.0 / ((1.0 - hazard) * at_risk[slot]) if hazard < 1.0 else 0.0
                step = hazard * inverse
                total += step * (step * risk[0] - 2.0 * risk[1])
                cross -= step * risk[2:]
                risk[1] -= step * risk[0]
                gone += step
                for place in range(leaving, size):
                    if timeline.slot[place] != slot:
                        break
                    if timeline.cause[place] > 0:
                        held = spent[place] - mass[place] * (gone - opened[place])
                        jump = mass[place] * inverse
                        total += jump * (2.0 * held + jump)
                        cross += jump * scores[place]
            squared[slot] = total
            crossed[slot] = cross
        for place in range(leaving, size):
            if timeline.slots_missed[place] < end:
                spent[place] -= mass[place] * (gone - opened[place])
    return squared, crossed


@kernel
def _move(risk: Floats, sign: float, mass: float, held: float, scores: Floats) -> None:
    """Let a clone with that weight and J into the sums of those at risk, or out of them."""
    risk[0] += sign * mass * mass
    risk[1] += sign * mass * held
    for term in range(scores.size):
        risk[2 + term] += sign * mass * scores[term]
