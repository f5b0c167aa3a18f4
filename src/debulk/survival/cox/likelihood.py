"""The log partial likelihood of prepared rows with its gradient and information, in two passes.

With tied events counted by Efron (1977, J Am Stat Assoc 72:557; case weights averaged over the
tied events) or Breslow (1974, Biometrics 30:89). Write w for the case weights, r for the hazard
ratios ``exp(x @ beta + offset)``, and L for the cumulative baseline hazard over each row's own
interval, in which a tied event counts its own time in part. The information is then
``X' diag(w r L) X`` less the sum over events of the outer product of the risk set's mean.
"""

from __future__ import annotations

import math

import numpy as np

from debulk.core.compiled import kernel
from debulk.survival.cox.prepared import PreparedCox, Slots
from debulk.survival.subjects import Bools, Floats, Ints

_PENDING = 64  # risk-set means whose outer products are summed in one go
_BLOCK = 2048  # rows summed before they are added to the total, which keeps rounding small


class Evaluation:
    """Log-likelihood and derivatives at one `beta`, in the units of the prepared covariates."""

    __slots__ = ("gradient", "hazard", "information", "loglik", "own", "risk")

    def __init__(
        self,
        loglik: float,
        gradient: Floats,
        information: Floats,
        risk: Floats,
        hazard: Floats,
        own: Floats,
    ) -> None:
        self.loglik = loglik
        self.gradient = gradient
        self.information = information
        self.risk = risk
        self.hazard = hazard
        self.own = own


def evaluate(prepared: PreparedCox, weights: Floats, beta: Floats, efron: bool) -> Evaluation:
    """Log-likelihood, gradient and information at `beta`.

    Parameters
    ----------
    prepared : PreparedCox
        The sorted rows.
    weights : array, shape (m,)
        Case weights of the prepared rows; rows of weight 0 are as if absent.
    beta : array, shape (p,)
        Coefficients of the prepared covariates.
    efron : bool
        Efron's ties, else Breslow's.
    """
    m, p = prepared.x.shape
    risk, work = np.empty(m), np.empty(m)
    hazard, own = np.empty(prepared.slots), np.empty(prepared.slots)
    means = np.zeros((p, p))
    gradient = np.zeros(p)
    loglik = sums_over_risk_sets(
        prepared.x,
        weights,
        prepared.offset,
        prepared.rows_from,
        prepared.deaths,
        prepared.opens,
        prepared.entering_from,
        prepared.entering,
        beta,
        efron,
        risk,
        hazard,
        own,
        gradient,
        means,
        np.zeros((0, p)),
    )
    cumulative_weights(
        risk, hazard, own, prepared.rows_from, prepared.deaths, prepared.opens, prepared.first, work
    )
    information = np.zeros((p, p))
    add_outer(information, prepared.x, work, m)
    information -= means
    return Evaluation(loglik, gradient, _symmetric(information), risk, hazard, own)


def _symmetric(lower: Floats) -> Floats:
    full: Floats = np.tril(lower) + np.tril(lower, -1).T
    return full


def null_loglik(prepared: PreparedCox, weights: Floats, efron: bool) -> float:
    """Log-likelihood with all coefficients 0, without a look at the covariates."""
    return sums_over_risk_sets(
        np.zeros((weights.size, 0)),
        weights,
        prepared.offset,
        prepared.rows_from,
        prepared.deaths,
        prepared.opens,
        prepared.entering_from,
        prepared.entering,
        np.zeros(0),
        efron,
        np.empty(weights.size),
        np.empty(prepared.slots),
        np.empty(prepared.slots),
        np.zeros(0),
        np.zeros((0, 0)),
        np.zeros((0, 0)),
    )


@kernel
def sums_over_risk_sets(
    x: Floats,
    weights: Floats,
    offset: Floats,
    rows_from: Ints,
    deaths: Ints,
    opens: Bools,
    entering_from: Ints,
    entering: Slots,
    beta: Floats,
    efron: bool,
    risk: Floats,
    hazard: Floats,
    own: Floats,
    gradient: Floats,
    means: Floats,
    sums: Floats,
) -> float:
    """Pass from the last slot to the first: log-likelihood, gradient, means of the risk sets.

    Fills `risk` (weight times hazard ratio of each row), `hazard` (step of the baseline hazard in
    each slot), `own` (the part of that step which a row with an event there does not see), adds
    to `gradient`, to the lower triangle of `means` (the outer products of the risk sets' means)
    and, where it has rows, writes the risk sets' sums of risk and of risk times covariates
    (shape (slots, 1 + p)) to `sums`.
    """
    p = x.shape[1]
    at_risk, lost = np.zeros(p + 1), np.zeros(p + 1)
    tied, mean = np.zeros(p + 1), np.empty(p)
    pending, factor = np.empty((_PENDING, p)), np.empty(_PENDING)
    filled = 0
    loglik = 0.0
    left = entering.size > 0
    for slot in range(deaths.size - 1, -1, -1):
        hazard[slot] = 0.0
        own[slot] = 0.0
        if opens[slot]:
            at_risk[:] = 0.0
            lost[:] = 0.0
            continue
        count, load = 0, 0.0
        start, stop = rows_from[slot], rows_from[slot + 1]
        alive = start + deaths[slot]
        several = efron and deaths[slot] > 1
        if several:
            tied[:] = 0.0
        for i in range(start, stop):
            weight = weights[i]
            if weight == 0.0:
                risk[i] = 0.0
                continue
            eta = _predictor(x, i, beta)
            if offset.size:
                eta += offset[i]
            r = weight * math.exp(eta)
            risk[i] = r
            if left:
                _compensated(at_risk, lost, x, i, r)
            else:
                at_risk[p] += r
                for j in range(p):
                    at_risk[j] += r * x[i, j]
            if i < alive:
                count += 1
                load += weight
                loglik += weight * eta
                for j in range(p):
                    gradient[j] += weight * x[i, j]
                if several:
                    tied[p] += r
                    for j in range(p):
                        tied[j] += r * x[i, j]
        if left:
            for place in range(entering_from[slot], entering_from[slot + 1]):
                i = entering[place]
                _compensated(at_risk, lost, x, i, -risk[i])
        if count == 0:
            continue
        total = at_risk[p] + lost[p]
        if sums.shape[0]:
            for j in range(p + 1):
                sums[slot, j] = at_risk[j] + lost[j]
        if count == 1 or not efron:
            loglik -= load * math.log(total)
            hazard[slot] = load / total
            for j in range(p):
                mean[j] = (at_risk[j] + lost[j]) / total
                gradient[j] -= load * mean[j]
                pending[filled, j] = mean[j]
            factor[filled] = load
            filled += 1
        else:
            each = load / count
            step, seen, a, b, c = 0.0, 0.0, 0.0, 0.0, 0.0
            for turn in range(count):
                part = turn / count
                rest = total - part * tied[p]
                loglik -= each * math.log(rest)
                h = each / rest
                step += h
                seen += h * part
                a += h / rest
                b += h / rest * part
                c += h / rest * part * part
            hazard[slot] = step
            own[slot] = seen
            # The sum over the tied events of (s - part * d)(s - part * d)' is that of two outer
            # products, whatever their number.
            for j in range(p):
                s = at_risk[j] + lost[j]
                gradient[j] -= step * s - seen * tied[j]
                pending[filled, j] = s - b / a * tied[j]
                pending[filled + 1, j] = tied[j]
            factor[filled] = a
            factor[filled + 1] = max(c - b * b / a, 0.0)
            filled += 2
        if filled >= _PENDING - 1:
            if p > 0:
                add_outer(means, pending, factor, filled)
            filled = 0
    if p > 0:
        add_outer(means, pending, factor, filled)
    return loglik


@kernel
def _predictor(x: Floats, i: int, beta: Floats) -> float:
    """Linear predictor of a row, in four sums so that the additions need not wait."""
    p = beta.size
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    whole = p - p % 4
    for j in range(0, whole, 4):
        a += x[i, j] * beta[j]
        b += x[i, j + 1] * beta[j + 1]
        c += x[i, j + 2] * beta[j + 2]
        d += x[i, j + 3] * beta[j + 3]
    for j in range(whole, p):
        a += x[i, j] * beta[j]
    return (a + b) + (c + d)


@kernel
def _compensated(total: Floats, lost: Floats, x: Floats, i: int, r: float) -> None:
    """Add a row's risk and risk times covariates, keeping what each addition rounds away.

    Sums from which rows are taken again would else be spoilt by the rounding of rows long gone
    (Knuth's exact sum of two numbers).
    """
    p = x.shape[1]
    for j in range(p):
        term = r * x[i, j]
        new = total[j] + term
        back = new - total[j]
        lost[j] += (total[j] - (new - back)) + (term - back)
        total[j] = new
    new = total[p] + r
    back = new - total[p]
    lost[p] += (total[p] - (new - back)) + (r - back)
    total[p] = new


@kernel
def cumulative_weights(
    risk: Floats,
    hazard: Floats,
    own: Floats,
    rows_from: Ints,
    deaths: Ints,
    opens: Bools,
    first: Slots,
    found: Floats,
) -> None:
    """Risk times the cumulative baseline hazard over each row's interval, into `found`.

    With entry times the hazards of two slots are subtracted, so that the sum is kept in two
    numbers: a huge step over a tiny early risk set must not swallow the steps after it.
    """
    left = first.size > 0
    high = np.zeros(deaths.size if left else 0)
    low = np.zeros(deaths.size if left else 0)
    total, rest = 0.0, 0.0
    for slot in range(deaths.size):
        if opens[slot]:
            total, rest = 0.0, 0.0
        new = total + hazard[slot]
        back = new - total
        rest += (total - (new - back)) + (hazard[slot] - back)
        total = new
        if left:
            high[slot] = total
            low[slot] = rest
        alive = rows_from[slot] + deaths[slot]
        for i in range(rows_from[slot], rows_from[slot + 1]):
            if left:
                seen = (total - high[first[i]]) + (rest - low[first[i]])
            else:
                seen = total + rest
            if i < alive:
                seen -= own[slot]
            found[i] = risk[i] * seen


@kernel
def add_outer(total: Floats, x: Floats, factor: Floats, rows: int) -> None:
    """Add ``factor[i] * outer(x[i], x[i])`` over the first `rows` rows to the lower triangle."""
    p = x.shape[1]
    block = np.empty((p, p))
    start = 0
    while start < rows:
        stop = min(start + _BLOCK, rows)
        whole = start + (stop - start) // 4 * 4
        block[:] = 0.0
        for i in range(start, whole, 4):
            for a in range(p):
                u = factor[i] * x[i, a]
                v = factor[i + 1] * x[i + 1, a]
                y = factor[i + 2] * x[i + 2, a]
                z = factor[i + 3] * x[i + 3, a]
                for b in range(a + 1):
                    block[a, b] += (u * x[i, b] + v * x[i + 1, b]) + (
                        y * x[i + 2, b] + z * x[i + 3, b]
                    )
        for i in range(whole, stop):
            for a in range(p):
                u = factor[i] * x[i, a]
                for b in range(a + 1):
                    block[a, b] += u * x[i, b]
        for a in range(p):
            for b in range(a + 1):
                total[a, b] += block[a, b]
        start = stop
