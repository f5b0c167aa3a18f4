"""The log partial likelihood of prepared rows with its gradient and information, in two passes.

With tied events counted by Efron (1977, J Am Stat Assoc 72:557; case weights averaged over the
tied events) or Breslow (1974, Biometrics 30:89). Write w for the case weights, r for the hazard
ratios ``exp(x @ beta + offset)``, and L for the cumulative baseline hazard over each row's own
interval, in which a tied event counts its own time in part. The information is then
``X' diag(w r L) X`` less the sum over events of the outer product of the risk set's mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from debulk.core.compiled import kernel
from debulk.survival.cox_model.prepared import PreparedCox, Slots
from debulk.survival.subjects import Bools, Floats, Ints

_PENDING = 64  # risk-set means whose outer products are summed in one go
_BLOCK = 2048  # rows summed before they are added to the total, which keeps rounding small


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Log-likelihood and derivatives at one `beta`, in the units of the prepared covariates.

    Attributes
    ----------
    loglik : float
        Log partial likelihood.
    gradient, information : array, shapes (p,) and (p, p)
        First derivatives, and second derivatives with the sign turned.
    """

    loglik: float
    gradient: Floats
    information: Floats


class Likelihood:
    """The partial likelihood of prepared rows under given case weights, for any coefficients.

    Parameters
    ----------
    prepared : PreparedCox
        The sorted rows.
    weights : array, shape (m,)
        Case weights of the prepared rows; rows of weight 0 are as if absent.
    efron : bool
        Efron's ties, else Breslow's.
    """

    def __init__(self, prepared: PreparedCox, weights: Floats, efron: bool) -> None:
        self.prepared = prepared
        self.weights = weights
        self.efron = efron
        self.counts, self.loads, self.totals = event_totals(
            prepared.x, weights, prepared.offset, prepared.rows_from, prepared.deaths
        )
        m, slots = weights.size, prepared.slots
        self.risk, self._work = np.empty(m), np.empty(m)
        self.hazard, self.own = np.empty(slots), np.empty(slots)

    def evaluate(self, beta: Floats) -> Evaluation:
        """Log-likelihood, gradient and information at `beta`, shape (p,)."""
        prepared = self.prepared
        p = beta.size
        gradient, means = np.zeros(p), np.zeros((p, p))
        loglik = self.risk_sets(beta, gradient, means, np.zeros((0, 0)))
        cumulative_weights(
            self.risk,
            self.hazard,
            self.own,
            prepared.rows_from,
            prepared.deaths,
            prepared.opens,
            prepared.first,
            self._work,
        )
        lower = np.zeros((p, p))
        add_outer(lower, prepared.x, self._work, self._work.size)
        lower -= means
        return Evaluation(loglik, gradient, np.tril(lower) + np.tril(lower, -1).T)

    def risk_sets(self, beta: Floats, gradient: Floats, means: Floats, sums: Floats) -> float:
        """One pass over the risk sets; see `sums_over_risk_sets` for what it fills."""
        prepared = self.prepared
        set_risks(prepared.x, self.weights, prepared.offset, beta, self.risk)
        events = sums_over_risk_sets(
            prepared.x,
            self.risk,
            self.counts,
            self.loads,
            prepared.rows_from,
            prepared.deaths,
            prepared.opens,
            prepared.entering_from,
            prepared.entering,
            prepared.x_entering,
            self.efron,
            self.hazard,
            self.own,
            gradient,
            means,
            sums,
        )
        p = beta.size
        gradient += self.totals[:p]
        return float(self.totals[:p] @ beta) + float(self.totals[p]) + events

    def null(self) -> float:
        """Log-likelihood with all coefficients 0, without a look at the covariates."""
        prepared = self.prepared
        offset = prepared.offset
        risk = self.weights * np.exp(offset) if offset.size else self.weights
        nothing = np.zeros((0, 0))
        events = sums_over_risk_sets(
            np.zeros((self.weights.size, 0)),
            risk,
            self.counts,
            self.loads,
            prepared.rows_from,
            prepared.deaths,
            prepared.opens,
            prepared.entering_from,
            prepared.entering,
            np.zeros((prepared.entering.size, 0)),
            self.efron,
            self.hazard,
            self.own,
            np.zeros(0),
            nothing,
            nothing,
        )
        return float(self.totals[-1]) + events


@kernel
def event_totals(
    x: Floats, weights: Floats, offset: Floats, rows_from: Ints, deaths: Ints
) -> tuple[Ints, Floats, Floats]:
    """Events and their weight in each slot, and the events' weighted sum of covariates and offset.

    An event of weight 0 does not count.
    """
    p = x.shape[1]
    counts, loads = np.zeros(deaths.size, np.int64), np.zeros(deaths.size)
    totals = np.zeros(p + 1)
    for slot in range(deaths.size):
        for i in range(rows_from[slot], rows_from[slot] + deaths[slot]):
            weight = weights[i]
            if weight > 0.0:
                counts[slot] += 1
                loads[slot] += weight
                for j in range(p):
                    totals[j] += weight * x[i, j]
                if offset.size:
                    totals[p] += weight * offset[i]
    return counts, loads, totals


@kernel
def set_risks(x: Floats, weights: Floats, offset: Floats, beta: Floats, risk: Floats) -> None:
    """Weight times hazard ratio of each row, into `risk`."""
    for i in range(x.shape[0]):
        eta = offset[i] if offset.size else 0.0
        for j in range(beta.size):
            eta += x[i, j] * beta[j]
        risk[i] = eta
    for i in range(x.shape[0]):
        risk[i] = weights[i] * math.exp(risk[i]) if weights[i] > 0.0 else 0.0


@kernel
def sums_over_risk_sets(
    x: Floats,
    risk: Floats,
    counts: Ints,
    loads: Floats,
    rows_from: Ints,
    deaths: Ints,
    opens: Bools,
    entering_from: Ints,
    entering: Slots,
    x_entering: Floats,
    efron: bool,
    hazard: Floats,
    own: Floats,
    gradient: Floats,
    means: Floats,
    sums: Floats,
) -> float:
    """Pass from the last slot to the first: what the risk sets add to log-likelihood and gradient.

    Fills `hazard` (step of the baseline hazard in each slot) and `own` (the part of that step which
    a row with an event there does not see), takes from `gradient`, adds to the lower triangle of
    `means` (the outer products of the risk sets' means) and, where it has rows, writes the risk
    sets' sums of risk times covariates and of risk, shape (slots, p + 1), to `sums`. Memory is read
    strictly backwards: to turn round within each slot takes four times as long.
    """
    p = x.shape[1]
    total, lost = np.zeros(p), np.zeros(p)
    s, d, mean = np.zeros(p), np.zeros(p), np.zeros(p)
    pending, factor = np.empty((_PENDING, p)), np.empty(_PENDING)
    all_risk = np.zeros(2)  # sum of risk, and what its additions rounded away
    filled = 0
    loglik = 0.0
    left = entering.size > 0
    for slot in range(deaths.size - 1, -1, -1):
        hazard[slot] = 0.0
        own[slot] = 0.0
        if opens[slot]:
            total[:] = 0.0
            lost[:] = 0.0
            all_risk[:] = 0.0
            continue
        start, stop = rows_from[slot], rows_from[slot + 1]
        if left:
            for i in range(stop - 1, start - 1, -1):
                _compensated(total, lost, all_risk, x, i, risk[i])
            for place in range(entering_from[slot + 1] - 1, entering_from[slot] - 1, -1):
                _compensated(total, lost, all_risk, x_entering, place, -risk[entering[place]])
        else:
            for i in range(stop - 1, start - 1, -1):
                r = risk[i]
                all_risk[0] += r
                for j in range(p):
                    total[j] += r * x[i, j]
        count = counts[slot]
        if count == 0:
            continue
        load = loads[slot]
        whole = all_risk[0] + all_risk[1]
        for j in range(p):
            s[j] = total[j] + lost[j]
        if sums.shape[0]:
            for j in range(p):
                sums[slot, j] = s[j]
            sums[slot, p] = whole
        if count == 1 or not efron:
            step = load / whole
            loglik -= load * math.log(whole)
            hazard[slot] = step
            for j in range(p):
                mean[j] += step * s[j]
            for j in range(p):
                pending[filled, j] = s[j]
            factor[filled] = step / whole
            filled += 1
        else:
            tied = 0.0
            d[:] = 0.0
            for i in range(start, start + deaths[slot]):
                tied += risk[i]
                for j in range(p):
                    d[j] += risk[i] * x[i, j]
            each = load / count
            step, seen, a, b, c = 0.0, 0.0, 0.0, 0.0, 0.0
            for turn in range(count):
                part = turn / count
                rest = whole - part * tied
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
                mean[j] += step * s[j] - seen * d[j]
                pending[filled, j] = s[j] - b / a * d[j]
                pending[filled + 1, j] = d[j]
            factor[filled] = a
            factor[filled + 1] = max(c - b * b / a, 0.0)
            filled += 2
        if filled >= _PENDING - 1:
            if p > 0:
                add_outer(means, pending, factor, filled)
            filled = 0
    if p > 0:
        add_outer(means, pending, factor, filled)
    for j in range(p):
        gradient[j] -= mean[j]
    return loglik


@kernel
def _compensated(
    total: Floats, lost: Floats, all_risk: Floats, x: Floats, i: int, r: float
) -> None:
    """Add a row's risk and risk times covariates, keeping what each addition rounds away.

    Sums from which rows are taken again would else be spoilt by the rounding of rows long gone
    (Knuth's exact sum of two numbers).
    """
    for j in range(x.shape[1]):
        term = r * x[i, j]
        new = total[j] + term
        back = new - total[j]
        lost[j] += (total[j] - (new - back)) + (term - back)
        total[j] = new
    new = all_risk[0] + r
    back = new - all_risk[0]
    all_risk[1] += (all_risk[0] - (new - back)) + (r - back)
    all_risk[0] = new


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
            seen = total + rest
            if left:
                seen = (total - high[first[i]]) + (rest - low[first[i]])
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
