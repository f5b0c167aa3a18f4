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


def cluster_scores(
    prepared: PreparedCox,
    weights: Floats,
    coef: Floats,
    efron: bool,
    cluster: Ints,
    clusters: int,
) -> Floats:
    """Weighted score residuals summed by cluster, in units of the covariates as given.

    Parameters
    ----------
    prepared : PreparedCox
        The sorted rows.
    weights : array, shape (m,)
        Case weights of the prepared rows.
    coef : array, shape (p,)
        Coefficients of the covariates as given.
    efron : bool
        Efron's ties, else Breslow's.
    cluster : array of int, shape (m,)
        Cluster of each prepared row, from 0 to `clusters` - 1.

    Returns
    -------
    array, shape (clusters, p)
    """
    p = coef.size
    likelihood = Likelihood(prepared, weights, efron)
    sums = np.zeros((prepared.slots, p + 1))
    likelihood.risk_sets(coef / prepared.scale, np.zeros(p), np.zeros((p, p)), sums)
    found = np.zeros((clusters, p))
    _sum_scores(
        prepared.x,
        weights,
        likelihood.risk,
        likelihood.hazard,
        likelihood.own,
        sums,
        prepared.rows_from,
        prepared.deaths,
        prepared.opens,
        prepared.first,
        efron,
        cluster,
        found,
    )
    return found / prepared.scale


def scores_by_cluster(rows: CoxRows, prepared: PreparedCox, coef: Floats, efron: bool) -> Floats:
    """Scores summed by the rows' clusters; by row, in prepared order, where there are none."""
    if rows.cluster is None:
        count = prepared.order.size
        cluster = np.arange(count)
    else:
        count = int(rows.cluster.max()) + 1
        cluster = rows.cluster[prepared.order]
    return cluster_scores(prepared, prepared.weights, coef, efron, cluster, count)


def sandwich(scores: Floats, covariance: Floats) -> Floats:
    """Robust covariance from scores by cluster, shape (clusters, p), and the model's covariance."""
    influence = scores @ covariance
    return np.asarray(influence.T @ influence)


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
    cluster: Ints,
    found: Floats,
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
        mean[:] = 0.0
        seen[:] = 0.0
        if count > 0:
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
            total[p] += hazard[slot]
        for j in range(p + 1):
            sums[slot, j] = total[j]
        for i in range(start, stop):
            if i % _AHEAD == 0:
                # A look at what the next rows need brings it from memory many rows at once.
                for k in range(i, min(i + _AHEAD, x.shape[0])):
                    looked += found[cluster[k], 0] + found[cluster[k], p - 1]
                    if first.size:
                        looked += sums[first[k], 0] + sums[first[k], p]
            r, group = risk[i], cluster[i]
            span = total[p]
            if i < alive:
                span -= own[slot]
                for j in range(p):
                    found[group, j] += weights[i] * (x[i, j] - mean[j]) - r * seen[j]
            if first.size:
                begin = first[i]
                span -= sums[begin, p]
                for j in range(p):
                    found[group, j] -= r * (x[i, j] * span - (total[j] - sums[begin, j]))
            else:
                for j in range(p):
                    found[group, j] -= r * (x[i, j] * span - total[j])
    return looked
