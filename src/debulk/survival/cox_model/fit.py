"""Newton's method for the log partial likelihood, from a start found on a part of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.cox_model.existence import refuse_dependent, refuse_runaway
from debulk.survival.cox_model.likelihood import Evaluation, Likelihood
from debulk.survival.cox_model.prepared import PreparedCox
from debulk.survival.cox_model.surrogate import Surrogate
from debulk.survival.cox_model.thinning import thinned
from debulk.survival.subjects import Floats

_SMALLEST_STEP = 5e-10
"""In standard deviations of the covariates. The error after a step is about the square of the
step, so that estimates end exact to rounding."""
_SMALLEST_DECREMENT = 1e-9
"""Length of a step in standard errors below which nothing is gained, if the step is small too: a
coefficient that runs away has a standard error without end, and none of its steps is long."""
_SMALL_STEP = 1e-6
_NO_STEP = 1e-12
_SMALLEST_SURROGATE_STEP = 1e-5
"""The same where a part of the rows corrects each step, which leaves a hundredth of the error."""
_LONGEST_SURROGATE_STEP = 0.1
_SHORT_STEP = 3e-6  # the square of which does not matter
_LONGEST_STEP = 5.0
_MOST_STEPS = 60
_SUSPICIOUS_STEPS = 12
"""By then Newton's method has found a maximum, or it is time to ask whether there is one."""
_SLACK = 1e-11
"""Part of the log-likelihood by which rounding may lower it."""
_THINNED_ROWS = 32_768
_EVERY = 16
_PIVOT = 1e-10
"""Share of a covariate's information that the covariates before it must leave."""


class Factor(NamedTuple):
    """An information matrix taken apart: its inverse, or the first column that has none left."""

    inverse: Floats
    dependent: int


class Climb(NamedTuple):
    """Where Newton's steps ended: the last evaluation, the step from there, and whether at rest."""

    beta: Floats
    at: Evaluation
    inverse: Floats
    step: Floats
    steps: int
    converged: bool


@dataclass(frozen=True, eq=False)
class CoxFit:
    """A maximum of the partial likelihood.

    Attributes
    ----------
    coef : array, shape (p,)
        Log hazard ratios for the covariates as given.
    covariance : array, shape (p, p)
        Inverse of the information.
    loglik : tuple of float
        Log partial likelihood with all coefficients 0, and at the maximum.
    iterations : int
        Evaluations over all rows until the last step was short enough.
    likelihood : Likelihood
        Whose maximum it is.
    """

    coef: Floats
    covariance: Floats
    loglik: tuple[float, float]
    iterations: int
    likelihood: Likelihood


def maximise(
    prepared: PreparedCox,
    weights: Floats,
    efron: bool,
    names: tuple[str, ...],
    start: Floats | None = None,
    coefficients_only: bool = False,
) -> CoxFit:
    """Fit by Newton's method with step halving.

    Parameters
    ----------
    prepared : PreparedCox
        The sorted rows.
    weights : array, shape (m,)
        Case weights of the prepared rows; rows of weight 0 are as if absent.
    efron : bool
        Efron's ties, else Breslow's.
    names : tuple of str
        What the covariates are called in messages.
    start : array, shape (p,), optional
        Coefficients, of the covariates as given, near which the maximum is expected.
    coefficients_only : bool
        Whether the covariance may be off by a millionth in long data, since another pass at the
        maximum will give it (`scores_and_information`).

    Raises
    ------
    InputError
        If a covariate follows from the others in every risk set, or the likelihood has no
        maximum.
    """
    likelihood = Likelihood(prepared, weights, efron)
    null = likelihood.null()
    _refuse_overflow(null)
    beta, surrogate = np.zeros(len(names)), None
    if start is not None:
        beta = start / prepared.scale
    elif weights.size >= _THINNED_ROWS:
        beta, surrogate = _start(prepared, weights, efron, len(names))
    beta, at = _begin(likelihood, beta, null, names)
    end = _climb(
        likelihood, beta, at, _SUSPICIOUS_STEPS, surrogate=surrogate if coefficients_only else None
    )
    steps = end.steps
    if not end.converged:
        refuse_runaway(prepared, weights, names)
        end = _climb(likelihood, end.beta, end.at)
        steps += end.steps
    if not end.converged:
        raise InputError(
            "cox",
            f"Newton's method found no maximum in {steps} steps",
            "Look for covariates that nearly follow from others, or ask for penalty='firth'",
        )
    inverse = end.inverse
    if not coefficients_only:
        inverse = _settle(likelihood, end, surrogate)
    unit = prepared.scale
    return CoxFit(
        coef=(end.beta + end.step) * unit,
        covariance=inverse * np.outer(unit, unit),
        loglik=(null, end.at.loglik + float(end.step @ end.at.gradient) / 2),
        iterations=steps,
        likelihood=likelihood,
    )


def _begin(
    likelihood: Likelihood, beta: Floats, null: float, names: tuple[str, ...]
) -> tuple[Floats, Evaluation]:
    """The first evaluation: at `beta`, or at zeros where that is no better than they are."""
    at = likelihood.evaluate(beta)
    if at.loglik >= null - _SLACK * abs(null) and factor(at.information).dependent < 0:
        return beta, at
    beta = np.zeros_like(beta)
    at = likelihood.evaluate(beta)
    dependent = factor(at.information).dependent
    if dependent >= 0:
        refuse_dependent(likelihood.prepared, at.information, dependent, names)
    return beta, at


def _start(
    prepared: PreparedCox, weights: Floats, efron: bool, p: int
) -> tuple[Floats, Surrogate | None]:
    """Coefficients of every 16th row, and those rows; zeros if they have no maximum themselves."""
    part, load = thinned(prepared, weights, _EVERY)
    nothing = np.zeros(p)
    if not part.deaths.any():
        return nothing, None
    likelihood = Likelihood(part, load, efron)
    at = likelihood.evaluate(nothing)
    if factor(at.information).dependent >= 0:
        return nothing, None
    end = _climb(likelihood, nothing, at, _SUSPICIOUS_STEPS, 1e-4)
    if not end.converged:
        return nothing, None
    return end.beta + end.step, Surrogate(likelihood, _EVERY)


def _climb(
    likelihood: Likelihood,
    beta: Floats,
    at: Evaluation,
    most: int = _MOST_STEPS,
    smallest: float = _SMALLEST_STEP,
    surrogate: Surrogate | None = None,
) -> Climb:
    """Newton's steps from `beta` until the next is too short to be worth an evaluation."""
    steps = 1
    inverse = np.full_like(at.information, np.nan)
    if surrogate is not None:
        smallest = _SMALLEST_SURROGATE_STEP
    while steps < most:
        found = factor(at.information)
        if found.dependent >= 0:
            break
        inverse = found.inverse
        step = inverse @ at.gradient
        length = float(np.abs(step).max(initial=0.0))
        decrement = float(np.sqrt(max(float(step @ at.gradient), 0.0)))
        idle = decrement <= _SMALLEST_DECREMENT and length <= _SMALL_STEP
        if surrogate is not None and _SHORT_STEP < length <= _LONGEST_SURROGATE_STEP:
            step = surrogate.step(beta, at, inverse)
        if length <= smallest or idle:
            return Climb(beta, at, inverse, step, steps, True)
        if length > _LONGEST_STEP:
            step = step * (_LONGEST_STEP / length)
        while True:
            new = likelihood.evaluate(beta + step)
            steps += 1
            if new.loglik >= at.loglik - _SLACK * abs(at.loglik) or steps >= most:
                break
            step = step / 2
        if not np.isfinite(new.loglik):
            break
        beta, at = beta + step, new
    return Climb(beta, at, inverse, np.zeros_like(beta), steps, False)


def _settle(likelihood: Likelihood, end: Climb, surrogate: Surrogate | None) -> Floats:
    """Inverse information where a climb's last step leads."""
    if np.abs(end.step).max(initial=0.0) <= _NO_STEP:
        return end.inverse
    if surrogate is None:
        information = likelihood.evaluate(end.beta + end.step).information
    else:
        information = surrogate.information(end.beta, end.at, end.step)
    found = factor(information)
    return end.inverse if found.dependent >= 0 else found.inverse


def factor(information: Floats) -> Factor:
    """Invert an information matrix, or find the first column that follows from those before."""
    diagonal = np.diag(information)
    nothing = np.zeros_like(information)
    if not np.isfinite(information).all():
        return Factor(nothing, 0)
    largest = float(diagonal.max(initial=0.0))
    flat = diagonal <= _PIVOT**2 * largest
    if flat.any():
        return Factor(nothing, int(np.argmax(flat)))
    unit = np.sqrt(diagonal)
    scaled = information / np.outer(unit, unit)
    try:
        lower = np.linalg.cholesky(scaled)
        pivots = np.diag(lower) ** 2
    except np.linalg.LinAlgError:
        pivots = _pivots(scaled)
    if (pivots < _PIVOT).any():
        return Factor(nothing, int(np.argmax(pivots < _PIVOT)))
    half = np.linalg.inv(lower)
    return Factor(half.T @ half / np.outer(unit, unit), -1)


def _pivots(matrix: Floats) -> Floats:
    """Pivots of Cholesky's decomposition up to the first that is not positive, then zeros."""
    rest = matrix.copy()
    pivots = np.zeros(rest.shape[0])
    for j in range(rest.shape[0]):
        pivots[j] = rest[j, j]
        if pivots[j] < _PIVOT:
            break
        rest[j:, j:] -= np.outer(rest[j:, j], rest[j, j:]) / pivots[j]
    return pivots


def _refuse_overflow(null: float) -> None:
    if not np.isfinite(null):
        raise InputError(
            "offset",
            "differs so much between rows that hazard ratios are beyond the computer's numbers",
            "Check its unit; an offset is on the scale of log hazard ratios",
        )
