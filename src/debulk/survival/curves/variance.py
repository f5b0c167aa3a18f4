"""Increments of the cumulative hazard, and variances: by a model of counts, or by influence."""

from __future__ import annotations

from typing import Literal

import numpy as np

from debulk.core.compiled import kernel
from debulk.survival.curves.counts import Counted, Counts
from debulk.survival.subjects import Bools, Floats, Ints

Estimator = Literal["product-limit", "nelson-aalen", "fleming-harrington"]
"""What is summed: -log of the factors of survival, D / Y, or D / Y with ties taken one by one."""


def hazard_terms(counts: Counts, estimator: Estimator) -> Floats:
    """Increments of the cumulative hazard at each time.

    With Y at risk, D events (weighted) and d of them (each counted once): "nelson-aalen" D / Y;
    "fleming-harrington" the sum over k < d of (D / d) / (Y - k D / d), as if the events came one
    after another (Fleming and Harrington 1984, Commun Stat Theory Methods 13:2469).
    """
    if estimator == "fleming-harrington":
        return _one_by_one(*_as_floats(counts), counts.deaths)[0]
    at_risk, events = _as_floats(counts)
    result: Floats = events / at_risk
    return result


def variance_terms(counts: Counts, estimator: Estimator) -> Floats:
    """Variance added at each time; also how an increment falls per unit of weight at risk.

    "product-limit": Greenwood's D / (Y (Y - D)), 0 where everyone at risk has the event.
    "nelson-aalen": Aalen's D / Y**2 (Aalen 1978, Ann Stat 6:534). "fleming-harrington": the sum
    over k < d of (D / d) / (Y - k D / d)**2.
    """
    at_risk, events = _as_floats(counts)
    if estimator == "fleming-harrington":
        return _one_by_one(at_risk, events, counts.deaths)[1]
    if estimator == "nelson-aalen":
        result: Floats = events / at_risk**2
        return result
    left = at_risk - events
    left *= at_risk
    greenwood: Floats = np.divide(events, left, out=np.zeros(left.size), where=left > 0)
    return greenwood


def running_variance(counts: Counts, estimator: Estimator, load: Floats | None = None) -> Floats:
    """Variance of the running sum of increments, each times `load`.

    By the terms above, or where rows are kept by the infinitesimal jackknife: every row's
    influence (its weight times the derivative by its weight) is summed within its cluster,
    squared, and summed over clusters (Efron 1981, Biometrika 68:589; for clusters Lin and Wei
    1989, J Am Stat Assoc 84:1074).
    """
    terms = variance_terms(counts, estimator)
    rows = counts.rows
    if rows is None or not counts.robust:
        if load is not None:
            terms *= load**2
        return np.cumsum(terms, out=terms)
    own = _own_terms(counts, estimator)
    if load is not None:
        own *= load
        terms *= load
    fall = np.concatenate(([0.0], np.cumsum(terms)))
    return _influence_variance(
        rows.last,
        rows.event,
        rows.weights,
        rows.cluster,
        rows.clusters,
        rows.first,
        rows.entry_order,
        own,
        fall,
    )


def _own_terms(counts: Counts, estimator: Estimator) -> Floats:
    """What an event adds per unit of its weight, its being at risk set aside."""
    at_risk, events = _as_floats(counts)
    if estimator == "fleming-harrington":
        return _one_by_one(at_risk, events, counts.deaths)[2]
    left = at_risk if estimator == "nelson-aalen" else at_risk - events
    return np.divide(1.0, left, out=np.zeros(left.size), where=left > 0)


def _as_floats(counts: Counts) -> tuple[Floats, Floats]:
    return counts.at_risk.astype(np.float64), counts.events.astype(np.float64)


@kernel
def _one_by_one(at_risk: Floats, events: Floats, deaths: Counted) -> tuple[Floats, Floats, Floats]:
    """Hazard, variance and an event's own part at each time, its events one after another."""
    m = at_risk.size
    hazard, variance, own = np.zeros(m), np.zeros(m), np.zeros(m)
    for j in range(m):
        if deaths[j] == 0:
            own[j] = 1.0 / at_risk[j]
            continue
        each = events[j] / deaths[j]
        for k in range(deaths[j]):
            share = 1.0 / (at_risk[j] - k * each)
            hazard[j] += each * share
            variance[j] += each * share * share
            own[j] += (share + k * each * share * share) / deaths[j]
    return hazard, variance, own


@kernel
def _influence_variance(
    last: Counted,
    event: Bools,
    weights: Floats,
    cluster: Ints,
    clusters: int,
    first: Ints,
    entry_order: Ints,
    own: Floats,
    fall: Floats,
) -> Floats:
    """Sum over clusters of the squared influence, after each time.

    A row's influence is its weight times: own at its event, less the fall of the hazard while it
    was at risk. A cluster's influence at any time is therefore fixed - present * fall, where
    `fixed` and `present` change only when a row comes or goes: the three sums of their products
    are kept up to date, and every row costs two steps.
    """
    fixed, present = np.zeros(clusters), np.zeros(clusters)
    fixed_2, both, present_2 = 0.0, 0.0, 0.0
    if entry_order.size == 0:
        for i in range(last.size):
            present[cluster[i] if cluster.size else i] += weights[i]
        for c in range(clusters):
            present_2 += present[c] * present[c]
    result = np.empty(own.size)
    came, gone = 0, 0
    for j in range(own.size):
        while came < entry_order.size and first[entry_order[came]] <= j:
            row = entry_order[came]
            came += 1
            c, weight = cluster[row] if cluster.size else row, weights[row]
            a, b = fixed[c], present[c]
            fixed[c], present[c] = a + weight * fall[j], b + weight
            fixed_2 += fixed[c] * fixed[c] - a * a
            both += fixed[c] * present[c] - a * b
            present_2 += present[c] * present[c] - b * b
        while gone < last.size and last[gone] <= j:
            row = gone
            gone += 1
            c, weight = cluster[row] if cluster.size else row, weights[row]
            a, b = fixed[c], present[c]
            fixed[c] = a - weight * fall[j + 1] + (weight * own[j] if event[row] else 0.0)
            present[c] = b - weight
            fixed_2 += fixed[c] * fixed[c] - a * a
            both += fixed[c] * present[c] - a * b
            present_2 += present[c] * present[c] - b * b
        now = fall[j + 1]
        if j > 0 and now == fall[j]:
            # Nothing happened: influences stay, and rounding must not make the limits waver.
            result[j] = result[j - 1]
            continue
        result[j] = max(fixed_2 - 2.0 * now * both + now * now * present_2, 0.0)
    return result
