"""Firth's penalty for the partial likelihood (Heinze and Schemper 2001, Biometrics 57:114).

The log-likelihood gets half the logarithm of the information's determinant. Its gradient needs the
third moments of each risk set about its mean, of which only the contraction with the inverse
information V is ever formed: the mean of ``(x - m)' V (x - m) (x - m)``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.survival.cox_model.existence import refuse_dependent
from debulk.survival.cox_model.fit import CoxFit, factor
from debulk.survival.cox_model.likelihood import Evaluation, Likelihood
from debulk.survival.cox_model.prepared import PreparedCox, Slots
from debulk.survival.subjects import Bools, Floats, Ints

_MOST_STEPS = 500
_SMALLEST_STEP = 1e-11
_LONGEST_STEP = 2.0
_LOWEST = 1e6
_FARTHEST = 50.0
"""Profile limits are looked for this many standard errors away at most."""


class PenalisedLikelihood:
    """Firth's penalised likelihood of prepared rows, with some coefficients held fixed."""

    def __init__(self, prepared: PreparedCox, weights: Floats, efron: bool) -> None:
        self.plain = Likelihood(prepared, weights, efron)
        self.efron = efron

    def evaluate(self, beta: Floats) -> tuple[float, Floats, Evaluation, Floats]:
        """Penalised log-likelihood and gradient, the plain evaluation, inverse information."""
        at = self.plain.evaluate(beta)
        found = factor(at.information)
        if found.dependent >= 0:
            return -np.inf, np.zeros_like(beta), at, found.inverse
        prepared = self.plain.prepared
        third = contracted_third_moments(
            prepared.x,
            self.plain.risk,
            self.plain.counts,
            self.plain.loads,
            prepared.rows_from,
            prepared.deaths,
            prepared.opens,
            prepared.entering_from,
            prepared.entering,
            np.ascontiguousarray(found.inverse),
            self.efron,
        )
        penalty = 0.5 * float(np.linalg.slogdet(at.information)[1])
        return at.loglik + penalty, at.gradient + 0.5 * third, at, found.inverse

    def maximise(self, beta: Floats, free: Ints) -> tuple[Floats, float, Floats]:
        """Maximum over the free coefficients: where, how high, and the inverse information there.

        Raises
        ------
        InputError
            If the steps do not come to rest.
        """
        value, gradient, at, inverse = self.evaluate(beta)
        for _ in range(_MOST_STEPS):
            part = at.information[np.ix_(free, free)]
            step = np.zeros_like(beta)
            step[free] = np.linalg.solve(part, gradient[free])
            length = float(np.abs(step).max(initial=0.0))
            if length <= _SMALLEST_STEP * (1.0 + float(np.abs(beta).max(initial=0.0))):
                return beta + step, value, inverse
            step *= min(1.0, _LONGEST_STEP / length)
            for _ in range(40):
                new = self.evaluate(beta + step)
                if new[0] >= value - 1e-12 * abs(value):
                    break
                step /= 2
            else:
                break  # risk sets so uneven that their third moments are rounding
            beta = beta + step
            value, gradient, at, inverse = new
        raise InputError(
            "penalty",
            "the search for the maximum of the penalised likelihood came to no end",
            "Leave out covariates that nearly follow from others, or from the order of the events",
        )


def maximise_penalised(
    prepared: PreparedCox,
    weights: Floats,
    efron: bool,
    names: tuple[str, ...],
    conf_level: float,
) -> tuple[CoxFit, Floats]:
    """Fit with Firth's penalty; profile-likelihood limits and p-values of each coefficient.

    Parameters
    ----------
    prepared : PreparedCox
        The sorted rows.
    weights : array, shape (m,)
        Case weights of the prepared rows.
    efron : bool
        Efron's ties, else Breslow's.
    names : tuple of str
        What the covariates are called in messages.
    conf_level : float
        Level of the limits.

    Returns
    -------
    CoxFit
        `loglik` is penalised; `covariance` is the inverse of the information without penalty.
    array, shape (p, 3)
        Lower limit, upper limit (infinite where the profile never falls so far), p-value of the
        penalised likelihood ratio.

    Raises
    ------
    InputError
        If a covariate follows from the others in every risk set.
    """
    likelihood = PenalisedLikelihood(prepared, weights, efron)
    p = len(names)
    zero = np.zeros(p)
    null, _, at, inverse = likelihood.evaluate(zero)
    dependent = factor(at.information).dependent
    if dependent >= 0:
        refuse_dependent(prepared, at.information, dependent, names)
    beta, height, inverse = likelihood.maximise(zero, np.arange(p))
    unit = prepared.scale
    # The information of the covariates as given differs from the prepared ones' by their units.
    shift = -float(np.log(unit).sum())
    fitted = CoxFit(
        coef=beta * unit,
        covariance=inverse * np.outer(unit, unit),
        loglik=(null + shift, height + shift),
        iterations=0,
        likelihood=likelihood.plain,
    )
    limits = np.empty((p, 3))
    for j in range(p):
        limits[j] = _profile(likelihood, beta, height, float(np.sqrt(inverse[j, j])), j, conf_level)
        limits[j, :2] *= unit[j]
    return fitted, limits


def _profile(
    likelihood: PenalisedLikelihood,
    beta: Floats,
    height: float,
    se: float,
    j: int,
    conf_level: float,
) -> tuple[float, float, float]:
    free = np.array([k for k in range(beta.size) if k != j], dtype=np.int64)

    def drop(value: float) -> float:
        start = beta.copy()
        start[j] = value
        # Infinite where the information is lost; a root is sought between finite numbers.
        return min(2.0 * (height - likelihood.maximise(start, free)[1]), _LOWEST)

    critical = float(chdtri(1, 1.0 - conf_level))
    lower = _crossing(lambda away: drop(beta[j] - away) - critical, se)
    upper = _crossing(lambda away: drop(beta[j] + away) - critical, se)
    p = float(chdtrc(1, max(drop(0.0), 0.0)))
    return float(beta[j]) - lower, float(beta[j]) + upper, p


def _crossing(excess: Callable[[float], float], se: float) -> float:
    """Distance at which the profile has fallen by the critical value; infinite if it never has."""
    near, far = 0.0, 2.0 * se
    while excess(far) < 0.0:
        near, far = far, 1.5 * far
        if far > _FARTHEST * se:
            return np.inf
    return float(brentq(excess, near, far, xtol=1e-10, rtol=1e-12))


@kernel
def contracted_third_moments(
    x: Floats,
    risk: Floats,
    counts: Ints,
    loads: Floats,
    rows_from: Ints,
    deaths: Ints,
    opens: Bools,
    entering_from: Ints,
    entering: Slots,
    v: Floats,
    efron: bool,
) -> Floats:
    """Sum over events of the risk set's mean of ``(x - m)' V (x - m) (x - m)``, shape (p,).

    Each risk set is summed as a vector of risk, risk u, risk x, risk u x, and risk x x', where u is
    x' V x.
    """
    p = x.shape[1]
    size = 2 + 2 * p + p * p
    total, lost, tied = np.zeros(size), np.zeros(size), np.zeros(size)
    row, now, found = np.empty(size), np.empty(size), np.zeros(p)
    for slot in range(deaths.size - 1, -1, -1):
        if opens[slot]:
            total[:] = 0.0
            lost[:] = 0.0
            continue
        tied[:] = 0.0
        for i in range(rows_from[slot], rows_from[slot + 1]):
            _moments_of_row(x, i, risk[i], v, row)
            _add_exactly(total, lost, row)
            if i < rows_from[slot] + deaths[slot]:
                tied += row
        if entering.size:
            for place in range(entering_from[slot], entering_from[slot + 1]):
                i = entering[place]
                _moments_of_row(x, i, -risk[i], v, row)
                _add_exactly(total, lost, row)
        if counts[slot] == 0:
            continue
        turns = counts[slot] if efron else 1
        for turn in range(turns):
            for k in range(size):
                now[k] = total[k] + lost[k] - turn / turns * tied[k]
            _add_third(now, v, loads[slot] / turns, found)
    return found


@kernel
def _moments_of_row(x: Floats, i: int, r: float, v: Floats, row: Floats) -> None:
    p = x.shape[1]
    u = 0.0
    for a in range(p):
        for b in range(p):
            u += x[i, a] * v[a, b] * x[i, b]
            row[2 + 2 * p + a * p + b] = r * x[i, a] * x[i, b]
    row[0] = r
    row[1] = r * u
    for a in range(p):
        row[2 + a] = r * x[i, a]
        row[2 + p + a] = r * u * x[i, a]


@kernel
def _add_exactly(total: Floats, lost: Floats, row: Floats) -> None:
    for k in range(row.size):
        new = total[k] + row[k]
        back = new - total[k]
        lost[k] += (total[k] - (new - back)) + (row[k] - back)
        total[k] = new


@kernel
def _add_third(now: Floats, v: Floats, load: float, found: Floats) -> None:
    """Add ``E(ux) - m E(u) - 2 (E(xx') - m m') V m``, which is the contracted third moment."""
    p = found.size
    vm = np.zeros(p)
    for a in range(p):
        for b in range(p):
            vm[a] += v[a, b] * now[2 + b] / now[0]
    mvm = 0.0
    for a in range(p):
        mvm += vm[a] * now[2 + a] / now[0]
    for a in range(p):
        mean = now[2 + a] / now[0]
        twice = 0.0
        for b in range(p):
            twice += now[2 + 2 * p + a * p + b] / now[0] * vm[b]
        found[a] += load * (
            now[2 + p + a] / now[0] - mean * now[1] / now[0] - 2.0 * (twice - mean * mvm)
        )
