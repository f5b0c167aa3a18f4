"""Do chains on an emulator, weights and resampling give draws of the posterior they name?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, t

from debulk.core.errors import InputError
from debulk.disease.calibration.emulator import fit_emulator
from debulk.disease.calibration.likelihood import EmulatedPosterior, Likelihood
from debulk.disease.calibration.sampling import (
    chain_diagnostics,
    effective_size,
    resample,
    sample_posterior,
    tempering,
)

MONTE_CARLO = 0.05  # 4 standard errors at the effective 6,000 draws, in posterior deviations
CLOSED_RTOL = 1e-10


def emulated(response, observed, *, parameters, degrees=np.inf, directions=3, extra=0.0):
    unit = np.random.default_rng(8).standard_normal((300, parameters))
    emulator = fit_emulator(unit, response(unit), directions=directions)
    targets = len(observed)
    likelihood = Likelihood(
        np.asarray(observed, float), np.zeros(targets), np.full(targets, extra), degrees
    )
    return EmulatedPosterior(emulator, likelihood, np.arange(targets))


def test_linear_and_normal(toys):
    slopes = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, -3.0]])
    mean, covariance = toys.normal_posterior(slopes, [1.0, -4.0], [1.0, 1.0])
    posterior = emulated(lambda unit: unit @ slopes.T, [1.0, -4.0], parameters=3)
    found = sample_posterior(posterior, np.random.default_rng(1), steps=500, burn_in=100)
    spread = np.sqrt(np.diag(covariance))
    assert (found.unit.mean(axis=0) - mean) / spread == pytest.approx(np.zeros(3), abs=MONTE_CARLO)
    assert np.cov(found.unit.T) / np.outer(spread, spread) == pytest.approx(
        covariance / np.outer(spread, spread), abs=MONTE_CARLO
    )
    assert found.effective > 6000
    assert found.r_hat < 1.01
    # The evidence is the density of the data under prior and errors together.
    exact = multivariate_normal(np.zeros(2), np.eye(2) + slopes @ slopes.T).logpdf([1.0, -4.0])
    assert found.log_evidence == pytest.approx(exact, abs=4 * found.evidence_error + 1e-3)


def test_a_banana_agrees_with_quadrature():
    """A ridge that bends: one target, the first parameter plus the square of the second."""
    posterior = emulated(
        lambda unit: 3.0 * (unit[:, :1] + unit[:, 1:] ** 2), [3.0], parameters=2, directions=2
    )
    grid = np.linspace(-5, 5, 401)
    both = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1).reshape(-1, 2)
    density = np.exp(posterior.log_density(both))
    weight = density / density.sum()
    mean = weight @ both
    covariance = (both - mean).T @ ((both - mean) * weight[:, None])
    found = sample_posterior(posterior, np.random.default_rng(1), steps=800, burn_in=200)
    error = np.sqrt(np.diag(covariance) / found.effective)
    assert found.unit.mean(axis=0) == pytest.approx(mean, abs=4 * error.max())
    assert np.cov(found.unit.T) == pytest.approx(covariance, abs=0.08)
    cell = (grid[1] - grid[0]) ** 2
    assert found.log_evidence == pytest.approx(np.log(density.sum() * cell), abs=0.1)


def test_the_bend_of_the_banana_is_seen():
    posterior = emulated(
        lambda unit: 3.0 * (unit[:, :1] + unit[:, 1:] ** 2), [3.0], parameters=2, directions=2
    )
    found = sample_posterior(posterior, np.random.default_rng(1), steps=300, burn_in=100)
    residual = found.unit[:, 0] + found.unit[:, 1] ** 2
    assert residual.mean() == pytest.approx(1.0, abs=0.15)
    assert residual.std() < 0.45


def test_tails_bound_the_pull_of_a_target_out_of_reach(toys):
    """Of two targets that contradict each other the nearer to the prior wins under heavy tails."""
    slopes = np.ones((3, 1))
    observed = [0.5, 0.5, 12.0]
    normal = emulated(lambda unit: unit @ slopes.T, observed, parameters=1)
    heavy = emulated(lambda unit: unit @ slopes.T, observed, parameters=1, degrees=4.0)
    means = [
        sample_posterior(each, np.random.default_rng(1), steps=300, burn_in=100).unit.mean()
        for each in (normal, heavy)
    ]
    assert means[0] > 2.5
    assert means[1] < 1.2


def test_handworked_likelihood_is_the_student_density():
    likelihood = Likelihood(np.array([0.0, 1.0]), np.zeros(2), np.array([0.0, 3.0]), 5.0)
    predicted = np.array([[1.0, -1.0]])
    exact = t(5).logpdf(1.0) + t(5, scale=2.0).logpdf(-2.0)
    assert likelihood.log_density(predicted)[0] == pytest.approx(exact, rel=CLOSED_RTOL)
    with pytest.raises(InputError, match="degrees"):
        Likelihood(np.zeros(1), np.zeros(1), np.zeros(1), 0.5)


def test_chains_that_do_not_agree_are_told():
    generator = np.random.default_rng(3)
    chains = generator.standard_normal((400, 8, 2))
    r_hat, effective = chain_diagnostics(chains)
    assert r_hat < 1.02
    assert 2000 < effective < 4500
    chains[:, :4, 1] += 3.0
    assert chain_diagnostics(chains)[0] > 1.5
    slow = np.cumsum(generator.standard_normal((400, 8, 1)) * 0.05, axis=0)
    assert chain_diagnostics(slow)[1] < 100


def test_effective_size_and_tempering():
    assert effective_size(np.zeros(50)) == pytest.approx(50.0)
    assert effective_size(np.array([0.0, -np.inf, -np.inf])) == pytest.approx(1.0)
    assert effective_size(np.full(3, -np.inf)) == 0.0
    log_ratio = 4.0 * np.random.default_rng(2).standard_normal(200)
    log_ratio[:5] = -np.inf
    power = tempering(log_ratio, 60.0)
    assert 0.0 < power < 1.0
    scaled = np.where(np.isfinite(log_ratio), power * log_ratio, -np.inf)
    assert effective_size(scaled) == pytest.approx(60.0, rel=1e-6)
    assert tempering(np.zeros(10), 5.0) == 1.0
    assert tempering(log_ratio, 199.0) == 0.0


def test_resampling_takes_rows_in_proportion():
    weights = np.log(np.array([0.5, 0.25, 0.25, 1e-300]))
    rows = resample(weights, 4000, np.random.default_rng(1))
    counts = np.bincount(rows, minlength=4)
    assert counts == pytest.approx([2000, 1000, 1000, 0], abs=1)
    assert np.any(np.diff(rows) < 0)
    only = resample(np.array([-np.inf, 0.0, -np.inf]), 7, np.random.default_rng(1))
    assert only.tolist() == [1] * 7
