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
from debulk.survival.cox_model.parts import on_threads, parts_of
from debulk.survival.cox_model.passes import add_outer, sums_over_risk_sets
from debulk.survival.cox_model.prepared import PreparedCox, Slots
from debulk.survival.subjects import Bools, Floats, Ints


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
        self.risk, self.seen = np.empty(m), np.empty(m)
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
            self.seen,
        )
        return Evaluation(loglik, gradient, self.information(means))

    def information(self, means: Floats) -> Floats:
        """Information from `seen` and the outer products of the risk sets' means."""
        x, seen = self.prepared.x, self.seen
        sums = np.zeros((len(parts_of(seen.size)), *means.shape))

        def add(part: int, start: int, stop: int) -> None:
            add_outer(sums[part], x[start:stop], seen[start:stop], stop - start)

        on_threads(seen.size, add)
        lower: Floats = sums.sum(axis=0) - means
        both: Floats = np.tril(lower) + np.tril(lower, -1).T
        return both

    def risk_sets(self, beta: Floats, gradient: Floats, means: Floats, sums: Floats) -> float:
        """One pass over the risk sets; see `sums_over_risk_sets` for what it fills."""
        prepared = self.prepared
        offset = prepared.offset

        def set_part(_part: int, start: int, stop: int) -> None:
            set_risks(
                prepared.x[start:stop],
                self.weights[start:stop],
                offset[start:stop],
                beta,
                self.risk[start:stop],
            )

        on_threads(self.risk.size, set_part)
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
