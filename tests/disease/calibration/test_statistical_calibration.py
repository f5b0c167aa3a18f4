"""Does a whole calibration find the posterior where it is known, and say what it cannot find?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.disease.calibration import CalibrationSettings, calibrate

MEAN_ERROR = 0.3  # 4 standard errors of the mean of 200 candidates, in posterior deviations
SPREAD_ERROR = 0.25  # the same for a standard deviation
VARIANCE_ERROR = 0.45  # the same for a variance
NORMAL = CalibrationSettings(
    members=200,
    waves=3,
    refinements=2,
    draws=200,
    checked=20,
    tail_degrees=float("inf"),
    chain_steps=300,
)


def draws_of(found):
    return np.array([found.posterior.values[name] for name in sorted(found.posterior.values)]).T


def test_linear_and_normal(toys, tmp_path):
    generator = np.random.default_rng(3)
    slopes = generator.standard_normal((5, 6))
    observed, errors = slopes @ generator.standard_normal(6), np.full(5, 0.5)
    mean, covariance = toys.normal_posterior(slopes, observed, errors)
    spread = np.sqrt(np.diag(covariance))
    found = calibrate(toys.linear_problem(slopes, observed, errors), tmp_path, settings=NORMAL)
    unit = draws_of(found)
    assert (unit.mean(axis=0) - mean) / spread == pytest.approx(np.zeros(6), abs=MEAN_ERROR)
    assert np.cov(unit.T) / np.outer(spread, spread) == pytest.approx(
        covariance / np.outer(spread, spread), abs=VARIANCE_ERROR
    )
    report = found.identifiability["structures"][0]
    ratios = [each["spread_ratio"] for each in report["parameters"]]
    assert ratios == pytest.approx(spread, abs=0.05)
    (about,) = found.posterior.provenance["structures"]
    assert about["weights_power"] == 1.0
    assert about["effective_draws"] > 150


def test_monte_carlo_noise_widens_the_posterior(toys, tmp_path):
    """Noise of the simulation is part of the error: with much of it less is known."""
    problem = toys.linear_problem([[3.0]], [3.0], [0.5])

    def noisy(values, structure, seed):
        return 3.0 * values, np.array([2.0])

    settings = dataclasses.replace(NORMAL, effective_share=0.05)
    found = calibrate(dataclasses.replace(problem, simulate=noisy), tmp_path, settings=settings)
    mean, covariance = toys.normal_posterior([[3.0]], [3.0], [1.5])
    unit = draws_of(found)
    assert unit.mean() == pytest.approx(mean[0], abs=MEAN_ERROR * np.sqrt(covariance[0, 0]))
    assert unit.std() == pytest.approx(np.sqrt(covariance[0, 0]), rel=SPREAD_ERROR)


def test_collinear_parameters_keep_the_prior_across_the_ridge(toys, tmp_path):
    """Two parameters of which only the sum is seen: their difference stays as wide as before."""
    problem = toys.linear_problem([[1.0, 1.0, 0.0]], [1.0], [0.1])
    found = calibrate(problem, tmp_path, settings=NORMAL)
    unit = draws_of(found)
    assert (unit[:, 0] + unit[:, 1]).std() < 0.2
    assert ((unit[:, 0] - unit[:, 1]) / np.sqrt(2)).std() == pytest.approx(1.0, abs=SPREAD_ERROR)
    rows = found.identifiability["structures"][0]["parameters"]
    assert [each["at_prior"] for each in rows] == [False, False, True]
    informing = found.identifiability["structures"][0]["targets"][0]["informs"]
    assert {each["parameter"] for each in informing} == {"x0", "x1"}


def test_a_bent_ridge(toys, tmp_path):
    """The banana: what the draws do to the target is what the data allow."""
    problem = toys.linear_problem([[1.0, 0.0]], [1.0], [0.2])

    def bent(values, structure, seed):
        return np.array([values[0] + values[1] ** 2]), np.zeros(1)

    found = calibrate(dataclasses.replace(problem, simulate=bent), tmp_path, settings=NORMAL)
    unit = draws_of(found)
    target = unit[:, 0] + unit[:, 1] ** 2
    assert target.mean() == pytest.approx(1.0, abs=0.1)
    assert target.std() == pytest.approx(0.2, rel=0.35)
    grid = np.linspace(-5, 5, 401)
    first, second = np.meshgrid(grid, grid, indexing="ij")
    density = np.exp(-0.5 * (first**2 + second**2 + ((first + second**2 - 1.0) / 0.2) ** 2))
    exact = float((density * first).sum() / density.sum())
    spread = float(np.sqrt((density * (first - exact) ** 2).sum() / density.sum()))
    assert unit[:, 0].mean() == pytest.approx(exact, abs=MEAN_ERROR * spread)


def test_a_parameter_that_a_structure_does_not_know_keeps_its_prior(toys, tmp_path):
    problem = toys.linear_problem(
        [[1.0, 1.0]],
        [2.0],
        [0.1],
        structures=("both", "first"),
        fixed={"first": ("x1",)},
    )
    found = calibrate(problem, tmp_path, settings=NORMAL)
    structures = np.array(found.posterior.structures)
    assert (structures == "both").sum() == (structures == "first").sum() == 200
    first, second = (found.posterior.values[name] for name in ("x0", "x1"))
    alone = structures == "first"
    assert first[alone].mean() == pytest.approx(2.0, abs=0.1)
    assert second[alone].std() == pytest.approx(1.0, abs=0.2)
    assert abs(second[alone].mean()) < 4 / np.sqrt(200)
    rows = found.identifiability["structures"][1]["parameters"]
    assert rows[1]["in_structure"] is False
    # The first draws are a sample of all structures.
    assert set(found.posterior.structures[:2]) == {"both", "first"}


def test_structures_are_weighed_only_if_asked(toys, tmp_path):
    """A structure under which the data are far less likely gets few draws."""

    def simulate(values, structure, seed):
        return values + (3.0 if structure == "far" else 0.0), np.zeros(1)

    problem = dataclasses.replace(
        toys.linear_problem([[1.0]], [0.0], [0.5]), simulate=simulate, structures=("near", "far")
    )
    settings = dataclasses.replace(NORMAL, weigh_structures=True)
    found = calibrate(problem, tmp_path, settings=settings)
    # Evidence: normal densities of 0 and 3 with variance 1.25.
    exact = 1.0 / (1.0 + np.exp(-0.5 * 9.0 / 1.25))
    weights = found.posterior.provenance["evidence_weights"]
    assert weights[0] == pytest.approx(exact, abs=0.01)
    assert np.mean(np.array(found.posterior.structures) == "near") == pytest.approx(
        exact, abs=0.012
    )
    assert len(found.posterior) == 400


def test_statistics_that_are_not_defined_are_counted_and_carry_no_draw(toys, tmp_path):
    problem = toys.linear_problem([[1.0, 0.0], [0.0, 1.0]], [0.5, 0.0], [0.3, 1.0])

    def sometimes(values, structure, seed):
        if values[0] > 1.8:
            raise InputError("toy", "too much", "Give less")
        return np.array([values[0], values[1] if values[1] > -0.3 else np.nan]), np.zeros(2)

    found = calibrate(dataclasses.replace(problem, simulate=sometimes), tmp_path, settings=NORMAL)
    assert np.all(found.posterior.values["x1"] > -0.3)
    waves = found.posterior.provenance["structures"][0]["waves"]
    assert waves[0]["failures"] > 0
    assert waves[0]["complaint"] == "toy: too much. Give less."
    assert waves[0]["undefined"]["y1"] > waves[0]["undefined"]["y0"] == waves[0]["failures"]
    assert found.posterior.provenance["structures"][0]["without_weight"] > 0


def test_a_simulator_that_mostly_fails_is_refused_with_its_own_words(toys, tmp_path):
    def never(values, structure, seed):
        raise ZeroDivisionError("nobody was selected")

    problem = dataclasses.replace(toys.linear_problem([[1.0]], [0.0], [1.0]), simulate=never)
    with pytest.raises(InputError, match=r"200 of 200 members.*nobody was selected"):
        calibrate(problem, tmp_path, settings=NORMAL)
    assert not (tmp_path / "posterior.parquet").exists()


def test_a_target_out_of_reach_spoils_nothing_else(toys, tmp_path):
    """Two parameters, three targets, one of which no parameter set comes near."""
    problem = toys.linear_problem(
        [[1.0, 0.0], [0.0, 1.0], [0.05, 0.0]], [0.5, -0.5, 9.0], [0.2] * 3
    )
    settings = dataclasses.replace(NORMAL, tail_degrees=5.0)
    found = calibrate(problem, tmp_path, settings=settings)
    unit = draws_of(found)
    assert unit.mean(axis=0) == pytest.approx([0.5, -0.5], abs=0.15)
    (report,) = found.identifiability["structures"]
    assert [each["inside_2"] for each in report["targets"]] == [True, True, False]
    last = found.posterior.provenance["structures"][0]["waves"][-1]
    assert last["targets_not_reached"] == 1


def test_a_target_that_names_a_direction_alone_cuts_the_prior_off(toys, tmp_path):
    """Below a number: nothing pulls what is below it, and an error softens its edge."""
    problem = toys.linear_problem([[1.0, 0.0]], [-0.5], [0.1])
    below = dataclasses.replace(problem.targets[0], side="below")
    settings = dataclasses.replace(NORMAL, effective_share=0.05)
    found = calibrate(dataclasses.replace(problem, targets=(below,)), tmp_path, settings=settings)
    grid = np.linspace(-6, 6, 2001)
    over = np.maximum(grid + 0.5, 0.0)
    density = np.exp(-0.5 * grid**2 - 0.5 * (over / 0.1) ** 2)
    mean = (density * grid).sum() / density.sum()
    spread = np.sqrt((density * (grid - mean) ** 2).sum() / density.sum())
    unit = draws_of(found)
    assert unit[:, 0].mean() == pytest.approx(mean, abs=MEAN_ERROR * spread)
    assert unit[:, 0].std() == pytest.approx(spread, rel=SPREAD_ERROR)
    assert unit[:, 1].std() == pytest.approx(1.0, abs=SPREAD_ERROR)
    (target,) = found.identifiability["structures"][0]["targets"]
    assert target["inside_2"] is True
    assert target["misfit"]["lower"] >= 0.0
