"""Models of weights beside other implementations of the same likelihoods."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.emulation.logistic import (
    chances,
    fit_logistic,
    newton_steps,
    score_and_information,
    solve_positive,
)
from debulk.survival import cox

CLOSED_FORM = 1e-12
ITERATIVE = 1e-8


def rows(size: int = 403) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(31)
    design = np.column_stack((np.ones(size), random.normal(size=(size, 3))))
    outcome = random.random(size) < 1.0 / (1.0 + np.exp(1.0 - design[:, 1]))
    return design, outcome, random.integers(0, 4, size).astype(float)


@pytest.mark.parametrize("log_link", [False, True])
def test_score_and_information_are_the_sums_over_rows(log_link: bool) -> None:
    """The plain NumPy twin; rows without weight lie between those taken four at a time."""
    design, outcome, weights = rows()
    coef = np.array([-0.5, 0.3, -0.2, 0.1])
    odds = np.exp(design @ coef)
    mean = odds if log_link else odds / (1.0 + odds)
    spread = weights * (mean if log_link else mean * (1.0 - mean))
    score, information = score_and_information(
        design, outcome.astype(float), weights, coef, log_link
    )
    assert score == pytest.approx(design.T @ (weights * (outcome - mean)), rel=1e-11, abs=1e-11)
    expected = design.T @ (spread[:, None] * design)
    assert information == pytest.approx(expected, rel=1e-11, abs=1e-11)
    chance = -np.expm1(-odds) if log_link else mean
    found = chances(design, coef, weights, log_link)
    assert found == pytest.approx(np.where(weights > 0, chance, 0.5), abs=CLOSED_FORM)


def test_weights_are_repeated_rows_and_two_steps_are_newton() -> None:
    design, outcome, weights = rows()
    times = weights.astype(int)
    whole = fit_logistic(np.repeat(design, times, axis=0), np.repeat(outcome, times))
    fit = fit_logistic(design, outcome, weights=weights)
    assert fit.coef == pytest.approx(whole.coef, abs=1e-10)
    start = fit.coef + 0.02
    near, possible = newton_steps(design, outcome.astype(float), weights, start, 2, False)
    assert possible
    assert near == pytest.approx(fit.coef, abs=1e-6)


def test_the_cox_form_is_breslow_s_partial_likelihood() -> None:
    """Poisson with a term for each visit: coefficients and baseline of Cox with tied visits."""
    random = np.random.default_rng(32)
    covariate = random.normal(size=300)
    last = np.minimum(1 + random.poisson(2.0, 300), 5)
    event = random.random(300) < 0.6
    patient = np.repeat(np.arange(300), last)
    visit = np.concatenate([np.arange(each) for each in last])
    outcome = event[patient] & (visit == last[patient] - 1)
    months = [(visit == each).astype(float) for each in range(1, 5)]
    design = np.column_stack((np.ones(visit.size), *months, covariate[patient]))
    fit = fit_logistic(design, outcome, log_link=True)
    frame = {"time": last.astype(float), "event": event, "x": covariate}
    model = cox(frame, time="time", event="event", covariates=["x"], ties="breslow")
    assert fit.coef[-1] == pytest.approx(float(model.coef[0]), abs=ITERATIVE)
    at_first = np.sum(np.exp(covariate * fit.coef[-1]))
    assert np.exp(fit.coef[0]) == pytest.approx(np.sum(event & (last == 1)) / at_first)


def test_a_system_that_is_not_definite_is_told() -> None:
    matrix = np.array([[4.0, 2.0], [2.0, 3.0]])
    right = np.array([2.0, 5.0])
    expected = np.linalg.solve(matrix, right)
    assert solve_positive(matrix.copy(), right)
    assert right == pytest.approx(expected, abs=CLOSED_FORM)
    assert not solve_positive(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([1.0, 1.0]))


def test_what_cannot_be_fitted_is_refused() -> None:
    design, outcome, _ = rows()
    with pytest.raises(InputError, match="never occurs"):
        fit_logistic(design, np.zeros(outcome.size, dtype=bool))
    with pytest.raises(InputError, match="always occurs"):
        fit_logistic(design, np.ones(outcome.size, dtype=bool), what="loss")
    with pytest.raises(InputError, match="combination of others"):
        fit_logistic(np.column_stack((design, design[:, 1])), outcome)
    decided = np.column_stack((np.ones(outcome.size), outcome.astype(float)))
    with pytest.raises(InputError, match="separation"):
        fit_logistic(decided, outcome)
