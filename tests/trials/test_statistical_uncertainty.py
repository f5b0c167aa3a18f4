"""Are sampling, parameters and structure told apart as the formula says?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.trials.uncertainty import nested_variances, parts_of, told_apart

SAMPLING, PARAMETERS = 0.15, 0.08
CENTRES = np.array([-0.10, 0.0, 0.05, 0.15])
STRUCTURE = float(np.sqrt(((CENTRES - CENTRES.mean()) ** 2).mean()))

CLOSED_FORM = 1e-12
"""Relative tolerance of sums that are the same sums in another order."""


def simulated(random: np.random.Generator, draws: int, trials: int):
    """Log hazard ratios of trials whose three variances are known."""
    structure = np.arange(draws) % CENTRES.size
    centre = CENTRES[structure] + random.normal(0.0, PARAMETERS, draws)
    draw = np.arange(trials) % draws
    return random.normal(centre[draw], SAMPLING), draw, structure[draw]


@pytest.mark.parametrize(("draws", "trials"), [(40, 400), (64, 150)])
def test_known_variances_are_found_without_bias(draws: int, trials: int) -> None:
    """Mean over 2,000 sets within four Monte Carlo errors, with replicates and unbalanced."""
    random = np.random.default_rng(5)
    found = np.array([nested_variances(*simulated(random, draws, trials)) for _ in range(2000)])
    known = np.array([SAMPLING**2, PARAMETERS**2, STRUCTURE**2])
    error = found.std(axis=0, ddof=1) / math.sqrt(len(found))
    assert np.all(np.abs(found.mean(axis=0) - known) < 4.0 * error)


def test_standard_errors_stand_for_trials_of_the_same_draw() -> None:
    """With one trial a draw the variance within comes from the standard errors alone."""
    random = np.random.default_rng(6)
    found = []
    for _ in range(1500):
        values, draw, structure = simulated(random, 100, 100)
        parts = parts_of(values, np.full(100, SAMPLING), draw, structure)
        assert parts.sampling_from == "standard errors of the trials"
        assert parts.sampling == pytest.approx(SAMPLING**2, rel=CLOSED_FORM)
        found.append((parts.parameters, parts.structure))
    means, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / math.sqrt(1500)
    assert np.all(np.abs(means - [PARAMETERS**2, STRUCTURE**2]) < 4.0 * error)


def test_the_jackknife_says_how_far_the_variances_scatter() -> None:
    """Mean jackknife variance against the real one over 400 sets, whose ratio has error 0.07."""
    random = np.random.default_rng(7)
    variances, errors = [], []
    for _ in range(400):
        values, draw, structure = simulated(random, 80, 400)
        parts = parts_of(values, np.full(400, SAMPLING), draw, structure)
        variances.append(parts.parameters)
        errors.append(parts.parameters_error)
    assert np.mean(np.square(errors)) / np.var(variances, ddof=1) == pytest.approx(1.0, abs=0.25)


@given(seed=st.integers(0, 10_000), repeats=st.integers(2, 5))
def test_balanced_parts_are_those_of_the_textbook(seed: int, repeats: int) -> None:
    """Balanced data: mean squares between and within draws, as in any nested analysis."""
    draws, random = 12, np.random.default_rng(seed)
    values, draw, structure = simulated(random, draws, draws * repeats)
    table = values.reshape(repeats, draws)
    means = table.mean(axis=0)
    within = ((table - means) ** 2).sum() / (draws * (repeats - 1))
    by_structure = means.reshape(-1, CENTRES.size)
    centres = by_structure.mean(axis=0)
    between = repeats * ((by_structure - centres) ** 2).sum() / (draws - CENTRES.size)
    parameters = (between - within) / repeats
    spread = ((centres - centres.mean()) ** 2).mean()
    of_mean = max(parameters, 0.0) / 3 + within / (3 * repeats)
    expected = (within, parameters, spread - of_mean * (1 - 1 / CENTRES.size))
    assert nested_variances(values, draw, structure) == pytest.approx(
        expected, rel=1e-9, abs=CLOSED_FORM
    )


def test_one_set_of_parameters_leaves_sampling_alone() -> None:
    random = np.random.default_rng(8)
    values = random.normal(0.0, 0.2, 50)
    found = told_apart((), (values, np.full(50, 0.2)), None).to_dict()
    assert found["sampling_sd"] == pytest.approx(values.std(ddof=1), rel=CLOSED_FORM)
    assert found["parameter_sd"] is None
    assert found["structure_sd"] is None
    assert found["draws"] == 1
    assert found["true"] is None


def test_the_truth_gives_parameters_and_structure() -> None:
    """Estimates full of noise beside truths without: the parts of the model are the truths'."""
    structures = ("a", "b") * 10
    level = np.where(np.arange(20) % 2 == 0, -0.1, 0.1) + np.linspace(-0.01, 0.01, 20)
    noisy = level + np.random.default_rng(9).normal(0.0, 1.0, 20)
    true = (level, np.full(20, 1e-9))
    found = told_apart(structures, (noisy, np.ones(20)), true).to_dict()
    assert found["sampling_sd"] == pytest.approx(1.0, rel=CLOSED_FORM)
    assert found["parameter_sd"] == found["true"]["parameter_sd"]
    assert found["structure_sd"] == pytest.approx(0.1, abs=0.002)
    assert [each["structure"] for each in found["by_structure"]] == ["a", "b"]
    squares = sum(found[f"{name}_sd"] ** 2 for name in ("sampling", "parameter", "structure"))
    assert found["total_sd"] == pytest.approx(math.sqrt(squares), rel=CLOSED_FORM)


def test_trials_without_a_ratio_are_left_out_and_none_tells_nothing() -> None:
    values, draw = np.array([0.1, np.nan, -0.1, 0.3]), np.array([0, 1, 2, 3])
    structure = np.zeros(4, np.int64)
    assert parts_of(values, np.full(4, 0.1), draw, structure).trials == 3
    nothing = parts_of(np.full(4, np.nan), np.full(4, np.nan), draw, structure)
    assert nothing.trials == 0
    assert nothing.to_dict()["sampling_sd"] is None
