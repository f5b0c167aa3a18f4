"""Logistic regression by Newton's method, over rows with weights: the engine of all weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.errors import InputError

Floats = npt.NDArray[np.float64]

_TOLERANCE = 1e-10
_STEPS = 40
_SEPARATED = 30.0  # a log odds beyond this is a probability of 0 or 1 for every use here


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """Maximum likelihood fit.

    Attributes
    ----------
    coef : (p,) float64
    information : (p, p) float64
        Minus the second derivative of the log-likelihood.
    steps : int
        Newton steps taken.
    """

    coef: Floats
    information: Floats
    steps: int


def fit_logistic(
    design: Floats,
    outcome: npt.NDArray[np.bool_],
    *,
    weights: Floats | None = None,
    start: Floats | None = None,
    what: str = "treatment",
    grouped_cox: bool = False,
) -> LogisticFit:
    """Fit a logistic regression, or the Cox form of one.

    Parameters
    ----------
    design : (R, p) float64
    outcome : (R,) bool
    weights : (R,) float64, optional
        Weight of each row.
    start : (p,) float64, optional
        Coefficients to start from.
    what : str
        What is modelled, for messages.
    grouped_cox : bool
        Whether the probability is 1 - exp(-exp(x b)): Cox's model of times grouped by visits. Its
        terms of the visits are the logarithms of the baseline hazard's steps (Prentice and
        Gloeckler 1978, Biometrics 34:57); Breslow's steps would make it too small where many are
        treated at one visit.

    Raises
    ------
    InputError
        If the outcome never or always occurs, a column is a combination of others, or the
        coefficients run away because some covariate decides the outcome (separation).
    """
    told = outcome.astype(np.float64)
    given = np.ones(told.size) if weights is None else weights
    share = float(np.sum(given * told) / np.sum(given)) if told.size else 0.0
    if told.size == 0 or share in (0.0, 1.0):
        word = "never" if share == 0.0 else "always"
        found = f"it {word} occurs at the {told.size} visits of the model"
        raise InputError(
            f"model of {what}", found, "Nothing can be weighted: compare other strategies"
        )
    coef = np.zeros(design.shape[1]) if start is None else start.copy()
    if start is None:
        odds = share / (1.0 - share)
        coef[0] = np.log(np.log1p(odds) if grouped_cox else odds)
    for step in range(1, _STEPS + 1):
        score, information = score_and_information(design, told, given, coef, grouped_cox)
        move = score.copy()
        # Rounding leaves a column that adds up from others just off it; a general solver goes on.
        if not solve_positive(information.copy(), move) or not np.all(np.isfinite(move)):
            found = "a covariate is a combination of others"
            raise InputError(f"model of {what}", found, "Leave a covariate out")
        coef = coef + np.clip(move, -5.0, 5.0)
        if np.max(np.abs(coef)) > 1e6 or np.max(np.abs(design @ coef)) > _SEPARATED:
            found = "a covariate decides it in some patients (separation)"
            raise InputError(f"model of {what}", found, "Use fewer terms, or months as a spline")
        if np.max(np.abs(move) * np.sqrt(np.diag(information))) < _TOLERANCE:
            return LogisticFit(coef, information, step)
    raise InputError(f"model of {what}", "the fit does not converge", "Use fewer terms")


@kernel
def chance_of(odds: float, grouped_cox: bool) -> float:
    """Probability of the outcome within the visit's interval: logistic, or 1 - exp(-hazard)."""
    return -math.expm1(-math.exp(odds)) if grouped_cox else 1.0 / (1.0 + math.exp(-odds))


@kernel
def chances(design: Floats, coef: Floats, needed: Floats, grouped_cox: bool) -> Floats:
    """Probability of the outcome at each row that is needed (not 0); one half at any other."""
    found = np.full(design.shape[0], 0.5)
    for row in range(design.shape[0]):
        if needed[row] != 0.0:
            odds = 0.0
            for term in range(coef.size):
                odds += design[row, term] * coef[term]
            found[row] = chance_of(odds, grouped_cox)
    return found


@kernel
def score_and_information(
    design: Floats, outcome: Floats, weights: Floats, coef: Floats, grouped_cox: bool = False
) -> tuple[Floats, Floats]:
    """First and minus second derivative of the log-likelihood, in one pass over the rows.

    Rows are taken four at a time, so that the matrix is read and written once for four.
    """
    rows, terms = design.shape
    score = np.zeros(terms)
    information = np.zeros((terms, terms))
    taken, residual, spread = np.zeros(4, dtype=np.int64), np.zeros(4), np.zeros(4)
    filled = 0
    for row in range(rows):
        weight = weights[row]
        if weight != 0.0:
            odds = 0.0
            for term in range(terms):
                odds += design[row, term] * coef[term]
            slope, bend = _derivatives(odds, outcome[row], grouped_cox)
            taken[filled], residual[filled], spread[filled] = row, weight * slope, weight * bend
            filled += 1
        if filled == 4 or (row == rows - 1 and filled > 0):
            for empty in range(filled, 4):
                taken[empty], residual[empty], spread[empty] = row, 0.0, 0.0
            _add_four(score, information, design, taken, residual, spread)
            filled = 0
    for term in range(terms):
        for other in range(term):
            information[other, term] = information[term, other]
    return score, information


@kernel
def _derivatives(odds: float, outcome: float, grouped_cox: bool) -> tuple[float, float]:
    """First and minus second derivative of a row's log-likelihood by its linear predictor."""
    if not grouped_cox:
        mean = 1.0 / (1.0 + np.exp(-odds))
        return outcome - mean, mean * (1.0 - mean)
    hazard = np.exp(odds)
    if outcome == 0.0:
        return -hazard, hazard
    mean = -np.expm1(-hazard)
    slope = hazard * (1.0 - mean) / mean
    return slope, slope * (hazard / mean - 1.0)


@kernel
def residuals(outcome: Floats, probability: Floats, grouped_cox: bool) -> Floats:
    """First derivative of each row's log-likelihood by its linear predictor, as fitted."""
    if not grouped_cox:
        return outcome - probability
    return (outcome - probability) * -np.log1p(-probability) / probability


@kernel
def _add_four(
    score: Floats,
    information: Floats,
    design: Floats,
    taken: npt.NDArray[np.int64],
    residual: Floats,
    spread: Floats,
) -> None:
    """Add four rows to the score and to the lower triangle of the information."""
    one, two, three, four = design[taken[0]], design[taken[1]], design[taken[2]], design[taken[3]]
    for term in range(score.size):
        a, b, c, d = one[term], two[term], three[term], four[term]
        score[term] += residual[0] * a + residual[1] * b + residual[2] * c + residual[3] * d
        a, b, c, d = a * spread[0], b * spread[1], c * spread[2], d * spread[3]
        for other in range(term + 1):
            information[term, other] += (
                a * one[other] + b * two[other] + c * three[other] + d * four[other]
            )


@kernel
def newton_steps(
    design: Floats, outcome: Floats, weights: Floats, start: Floats, steps: int, grouped_cox: bool
) -> tuple[Floats, bool]:
    """Coefficients some Newton steps from where they start, and whether each step was possible."""
    coef = start.copy()
    for _ in range(steps):
        score, information = score_and_information(design, outcome, weights, coef, grouped_cox)
        if not solve_positive(information, score):
            return coef, False
        coef += score
    return coef, bool(np.all(np.isfinite(coef)))


@kernel
def solve_positive(matrix: Floats, right: Floats) -> bool:
    """Solve a positive definite system in place (Cholesky); False where it is not definite."""
    size = right.size
    for column in range(size):
        for row in range(column, size):
            part = matrix[row, column]
            for inner in range(column):
                part -= matrix[row, inner] * matrix[column, inner]
            if row > column:
                matrix[row, column] = part / matrix[column, column]
            elif part > 1e-12 * abs(matrix[row, row]):
                matrix[row, row] = np.sqrt(part)
            else:
                return False
    for row in range(size):
        for inner in range(row):
            right[row] -= matrix[row, inner] * right[inner]
        right[row] /= matrix[row, row]
    for row in range(size - 1, -1, -1):
        for inner in range(row + 1, size):
            right[row] -= matrix[inner, row] * right[inner]
        right[row] /= matrix[row, row]
    return True
