"""Models of weights beside other implementations of the same likelihoods."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.emulation.logistic import (
    chances,
    fit_logistic,
    newton_steps,
    residuals,
    score_and_information,
    solve_positive,
)
from debulk.survival import cox

CLOSED_FORM = 1e-12
DIFFERENCES = 1e-6  # of central differences at a step of 1e-5


def rows(size: int = 403) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(31)
    design = np.column_stack((np.ones(size), random.normal(size=(size, 3))))
    outcome = random.random(size) < 1.0 / (1.0 + np.exp(1.0 - design[:, 1]))
    return design, outcome, random.integers(0, 4, size).astype(float)


def log_likelihood(coef: np.ndarray, grouped_cox: bool) -> float:
    design, outcome, weights = rows()
    odds = design @ coef
    dies = np.log(-np.expm1(-np.exp(odds))) if grouped_cox else -np.log1p(np.exp(-odds))
    lives = -np.exp(odds) if grouped_cox else -np.log1p(np.exp(odds))
    return float(weights @ np.where(outcome, dies, lives))


@pytest.mark.parametrize("grouped_cox", [False, True])
def test_score_and_information_are_derivatives_of_the_likelihood(grouped_cox: bool) -> None:
    """The plain NumPy twin; rows without weight lie between those taken four at a time."""
    design, outcome, weights = rows()
    coef = np.array([-0.5, 0.3, -0.2, 0.1])
    told = outcome.astype(float)
    score, information = score_and_information(design, told, weights, coef, grouped_cox)
    for term, step in enumerate(1e-5 * np.eye(4)):
        ends = [log_likelihood(coef + turn * step, grouped_cox) for turn in (1, -1)]
        assert score[term] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=DIFFERENCES)
        scores = [
            score_and_information(design, told, weights, coef + turn * step, grouped_cox)[0]
            for turn in (1, -1)
        ]
        bent = (scores[1] - scores[0]) / 2e-5
        assert information[term] == pytest.approx(bent, abs=DIFFERENCES)
    odds = np.exp(design @ coef)
    chance = -np.expm1(-odds) if grouped_cox else odds / (1.0 + odds)
    found = chances(design, coef, weights, grouped_cox)
    assert found == pytest.approx(np.where(weights > 0, chance, 0.5), abs=CLOSED_FORM)
    by_row = residuals(told, chance, grouped_cox)
    assert design.T @ (weights * by_row) == pytest.approx(score, abs=1e-10)


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


def test_the_cox_form_nears_cox_as_visits_become_many() -> None:
    """A hundred visits leave few treated at each: the grouped model tends to the partial one."""
    random = np.random.default_rng(32)
    covariate = random.normal(size=400)
    last = np.minimum(1 + np.floor(40 * random.exponential(np.exp(-0.5 * covariate))), 100)
    event = last < 100
    patient = np.repeat(np.arange(400), last.astype(int))
    visit = np.concatenate([np.arange(each) for each in last])
    outcome = event[patient] & (visit == last[patient] - 1)
    bends = [np.ones(visit.size), visit / 100, (visit / 100) ** 2, covariate[patient]]
    fit = fit_logistic(np.column_stack(bends), outcome, grouped_cox=True)
    frame = {"time": last, "event": event, "x": covariate}
    model = cox(frame, time="time", event="event", covariates=["x"])
    # A smooth baseline instead of steps: both lie within a fifth of the standard error, 0.06.
    assert fit.coef[-1] == pytest.approx(float(model.coef[0]), abs=0.012)


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


@pytest.mark.parametrize("seed", range(6))
def test_a_column_that_adds_up_from_others_is_refused_whatever_the_rounding(seed: int) -> None:
    """Rounding leaves its information just off singular, where a general solver goes on."""
    random = np.random.default_rng(seed)
    design, outcome, _ = rows()
    counts, spread = random.integers(1, 6, 403).astype(float), random.normal(size=403)
    adding = np.column_stack((design, counts, spread, counts + spread, random.normal(size=403)))
    with pytest.raises(InputError, match="combination of others"):
        fit_logistic(adding, outcome)
