"""The sandwich covariance: score residuals summed by cluster, in two passes (Lin and Wei 1989).

Lin and Wei, J Am Stat Assoc 84:1074. A row's score residual is its share of the gradient: the
covariates of its event less the risk set's mean, less what its own risk added to the expected
covariates over its interval.
"""

from __future__ import annotations

import numpy as np

from debulk.core.compiled import kernel
from debulk.survival.cox_model.likelihood import Likelihood
from debulk.survival.cox_model.prepared import PreparedCox, Slots
from debulk.survival.cox_model.rows import CoxRows
from debulk.survival.subjects import Bools, Floats, Ints

_AHEAD = 64
_BLOCK = 4096  # clusters whose influence stays in the nearest cache


def scores_by_cluster(
    rows: CoxRows,
    prepared: PreparedCox,
    coef: Floats,
    efron: bool,
) -> Floats:
    """Weighted score residuals summed by cluster, in units of the covariates as given.

    The arguments are those of `scores_and_information`; returns its first.
    """
    likelihood = Likelihood(prepared, prepared.weights, efron)
    return scores_and_information(rows, likelihood, coef)[0]


def scores_and_information(
    rows: CoxRows, likelihood: Likelihood, coef: Floats
) -> tuple[Floats, Floats]:
    """Weighted score residuals summed by cluster, and the information, at any coefficients.

    Parameters
    ----------
    rows : CoxRows
        The rows, with their clusters; where they have none each prepared row is one.
    likelihood : Likelihood
        Of the same rows.
    coef : array, shape (p,)
        Coefficients of the covariates as given.

    Returns
    -------
    scores : array, shape (clusters, p)
        In units of the covariates as given.
    information : array, shape (p, p)
        In units of the prepared covariates, as an `Evaluation`.
    """
    p = coef.size
    prepared = likelihood.prepared
    if rows.cluster is None:
        clusters = prepared.order.size
        cluster = np.arange(clusters, dtype=np.int32)
    else:
        clusters = int(rows.cluster.max()) + 1
        cluster = rows.cluster[prepared.order].astype(np.int32)
    sums = np.empty((prepared.slots, p + 1))
    means = np.zeros((p, p))
    likelihood.risk_sets(coef / prepared.scale, np.zeros(p), means, sums)
    found = np.zeros((clusters, p))
    _sum_scores(
        prepared.x,
        likelihood.weights,
        likelihood.risk,
        likelihood.hazard,
        likelihood.own,
        sums,
        prepared.rows_from,
        prepared.deaths,
        prepared.opens,
        prepared.first,
        likelihood.efron,
        cluster,
        found,
        likelihood.seen,
    )
    found /= prepared.scale
    return found, likelihood.information(means)


def sandwich(scores: Floats, covariance: Floats) -> Floats:
    """Robust covariance from scores by cluster, shape (clusters, p), and the model's covariance."""
    meat = np.zeros_like(covariance)
    for start in range(0, scores.shape[0], _BLOCK):
        influence = scores[start : start + _BLOCK] @ covariance
        meat += influence.T @ influence
    return meat


@kernel
def _sum_scores(
    x: Floats,
    weights: Floats,
    risk: Floats,
    hazard: Floats,
    own: Floats,
    sums: Floats,
    rows_from: Ints,
    deaths: Ints,
    opens: Bools,
    first: Slots,
    efron: bool,
    cluster: Slots,
    found: Floats,
    seen_hazard: Floats,
) -> float:
    """Pass from the first slot to the last; `sums` ends as cumulative hazards and means.

    `sums` comes with the risk sets' sums of risk times covariates (and, last, of risk). Slot by
    slot they become the cumulative sum of hazard steps times means (and, last, of steps). The
    number returned means nothing; it keeps the compiler from leaving out the looks ahead.
    """
    p = x.shape[1]
    mean, seen = np.zeros(p), np.zeros(p)
    looked = 0.0
    tied, total = np.zeros(p + 1), np.zeros(p + 1)
    for slot in range(deaths.size):
        if opens[slot]:
            total[:] = 0.0
            sums[slot, :] = 0.0
            continue
        start, stop = rows_from[slot], rows_from[slot + 1]
        alive = start + deaths[slot]
        count, load = 0, 0.0
        tied[:] = 0.0
        for i in range(start, alive):
            if weights[i] > 0.0:
                count += 1
                load += weights[i]
                tied[p] += risk[i]
                for j in range(p):
                    tied[j] += risk[i] * x[i, j]
        _means_of_slot(sums, slot, tied, load, count, efron, total, mean, seen)
        if count > 0:
            total[p] += hazard[slot]
        for j in range(p + 1):
            sums[slot, j] = total[j]
        for i in range(start, stop):
            if i % _AHEAD == 0:
                # A look at what the next rows need brings it from memory many rows at once.
                for k in range(i, min(i + _AHEAD, x.shape[0])):
                    looked += found[cluster[k], 0] + found[cluster[k], p - 1]
                    if first.size:
                        looked += sums[first[k], 0] + sums[first[k], p // 2] + sums[first[k], p]
            r, group = risk[i], cluster[i]
            span, load = total[p], 0.0
            if i < alive:
                load = weights[i]
                span -= own[slot]
                for j in range(p):
                    found[group, j] -= load * mean[j] + r * seen[j]
            if first.size:
                begin = first[i]
                span -= sums[begin, p]
                for j in range(p):
                    found[group, j] += (load - r * span) * x[i, j] + r * (total[j] - sums[begin, j])
            else:
                for j in range(p):
                    found[group, j] += (load - r * span) * x[i, j] + r * total[j]
            seen_hazard[i] = r * span
    return looked


@kernel
def _means_of_slot(
    sums: Floats,
    slot: int,
    tied: Floats,
    load: float,
    count: int,
    efron: bool,
    total: Floats,
    mean: Floats,
    seen: Floats,
) -> None:
    """Means of a slot's risk sets: over its events, into `mean`; times hazard steps, to `total`.

    `seen` is the part of the latter that rows with an event there do not see.
    """
    p = mean.size
    mean[:] = 0.0
    seen[:] = 0.0
    if count == 0:
        return
    turns = count if efron else 1
    a, b, c, d, e = 0.0, 0.0, 0.0, 0.0, 0.0
    for turn in range(turns):
        part = turn / turns
        rest = sums[slot, p] - part * tied[p]
        h = load / turns / rest
        a += h / rest
        b += h / rest * part
        c += h / rest * part * part
        d += 1.0 / (turns * rest)
        e += part / (turns * rest)
    for j in range(p):
        s = sums[slot, j]
        total[j] += a * s - b * tied[j]
        seen[j] = b * s - c * tied[j]
        mean[j] = d * s - e * tied[j]
