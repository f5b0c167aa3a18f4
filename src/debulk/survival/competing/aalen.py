"""Cumulative incidence and its variance from counts, by the delta method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.survival.competing.causes import CompetingSubjects
from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Floats


@dataclass(frozen=True, eq=False)
class CauseTable:
    """Counts at the m distinct times at which follow-up ends, for K causes.

    Attributes
    ----------
    times, at_risk, censored : array, shape (m,)
        Distinct times of exit, rising; weighted numbers with entry < t <= exit; weighted numbers
        of censored.
    events : array, shape (m, K)
        Weighted numbers that leave for each cause.
    survival : array, shape (m + 1,)
        Share free of every cause before the first and after each time (Kaplan-Meier).
    incidence : array, shape (m + 1, K)
        Share that has left for each cause.
    """

    times: Floats
    at_risk: Floats
    censored: Floats
    events: Floats
    survival: Floats
    incidence: Floats


def cause_table(subjects: CompetingSubjects) -> CauseTable:
    """Count, and estimate the incidence of each cause (Aalen and Johansen 1978)."""
    causes = len(subjects.labels)
    order = rising_order(np.ascontiguousarray(subjects.time))
    ordered = subjects.time[order]
    new = np.ones(ordered.size, dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    times = ordered[new]
    place = np.cumsum(new) - 1
    load = np.ones(subjects.n) if subjects.weights is None else subjects.weights[order]
    size = times.size
    flat = np.bincount(
        place * (causes + 1) + subjects.code[order], load, minlength=size * (causes + 1)
    )
    counts = flat.reshape(size, causes + 1).astype(np.float64)
    at_risk: Floats = np.cumsum(counts.sum(axis=1)[::-1])[::-1]
    if subjects.entry is not None:
        weights = np.ones(subjects.n) if subjects.weights is None else subjects.weights
        first = np.searchsorted(times, subjects.entry, side="right")
        begun = np.cumsum(np.bincount(first, weights, minlength=size + 1)[:size])
        # Those who enter later are not there yet.
        at_risk = at_risk - (weights.sum() - begun)
    events = counts[:, 1:]
    total = events.sum(axis=1)
    survival = np.ones(size + 1)
    left = 1.0 - total / np.maximum(at_risk, total)
    left[left < 1e-14] = 0.0
    np.cumprod(left, out=survival[1:])
    incidence = np.zeros((size + 1, causes))
    np.cumsum((survival[:-1] / at_risk)[:, None] * events, axis=0, out=incidence[1:])
    return CauseTable(times, at_risk, counts[:, 0], events, survival, incidence)


def aalen_variance(table: CauseTable, cause: int) -> Floats:
    """Variance of the incidence of one cause after each time.

    The increments of the cause-specific hazards vary independently with the hypergeometric
    variance d (Y - d) / (Y^2 (Y - 1)); an event at s moves the incidence at t by
    S(s-) (1{this cause} - (F(t) - F(s)) / S(s)) (delta method; Marubini and Valsecchi 1995,
    Analysing Survival Data from Clinical Trials, section 10.3). Where one subject alone is at risk
    and has an event, the increment counts 1, as in R's cmprsk.

    Parameters
    ----------
    table : CauseTable
        Of subjects without weights.
    cause : int
        Position of the cause.

    Returns
    -------
    array, shape (m,)
    """
    incidence = table.incidence[1:, cause]
    own, other, per_share = _parts(table, cause)
    base = 1.0 + incidence * per_share
    far = incidence * per_share
    first = np.cumsum(own * base**2 + other * far**2)
    second = np.cumsum((own * base + other * far) * per_share)
    third = np.cumsum((own + other) * per_share**2)
    result: Floats = first - 2.0 * incidence * second + incidence**2 * third
    # What rounding leaves of a difference that is 0 is no variance.
    return np.where(result > 1e-14 * first, result, 0.0)


def aalen_area_variance(table: CauseTable, cause: int, tau: float) -> float:
    """Variance of the area under the incidence of one cause from 0 to `tau`."""
    own, other, per_share = _parts(table, cause)
    inside = table.times < tau
    edges = np.append(table.times[inside], tau)
    gaps = np.diff(edges)
    incidence = table.incidence[1:, cause][inside]
    # Area still to come above the incidence reached at each time.
    area = np.cumsum((gaps * incidence)[::-1])[::-1] - incidence * (tau - table.times[inside])
    shift = area * per_share[inside]
    terms = own[inside] * (tau - table.times[inside] - shift) ** 2 + other[inside] * shift**2
    return float(terms.sum())


def _parts(table: CauseTable, cause: int) -> tuple[Floats, Floats, Floats]:
    """Variances S(s-)^2 var dA of this and of the other causes, and 1 / S(s) (0 where S is 0)."""
    at_risk = table.at_risk
    mine = table.events[:, cause]
    others = table.events.sum(axis=1) - mine
    before, after = table.survival[:-1], table.survival[1:]

    def spread(events: Floats) -> Floats:
        tied = np.where(events > 1, (events - 1.0) / np.maximum(at_risk - 1.0, 1.0), 0.0)
        result: Floats = (1.0 - tied) * events * (before / at_risk) ** 2
        return result

    per_share = np.divide(1.0, after, out=np.zeros_like(after), where=after > 0)
    return spread(mine), spread(others), per_share
