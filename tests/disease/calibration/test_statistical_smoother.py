"""Does the smoother sample the posterior of a linear simulator, and survive a bad one?"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.disease.calibration.smoother import (
    SPREAD_LEAST,
    STEP_MOST,
    inflations,
    smoother_step,
)

MEMBERS = 6000
MONTE_CARLO = 0.06  # 4 standard errors of a mean of 6,000, in posterior standard deviations
SLOPES = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -1.0]])
OBSERVED = np.array([1.0, -2.0])


def walk(members, *, safeguards, waves=4):
    generator = np.random.default_rng(5)
    unit = generator.standard_normal((members, 3))
    for inflation in inflations(waves):
        step = smoother_step(
            *(unit, unit @ SLOPES.T, OBSERVED, np.array([0.25, 0.5]), float(inflation), generator),
            safeguards=safeguards,
        )
        unit = step.unit
    return unit


@pytest.mark.parametrize("safeguards", [False, True])
def test_linear_and_normal_gives_the_posterior(toys, safeguards):
    mean, covariance = toys.normal_posterior(SLOPES, OBSERVED, np.sqrt([0.25, 0.5]))
    unit = walk(MEMBERS, safeguards=safeguards)
    spread = np.sqrt(np.diag(covariance))
    assert (unit.mean(axis=0) - mean) / spread == pytest.approx(np.zeros(3), abs=MONTE_CARLO)
    assert np.cov(unit.T) / np.outer(spread, spread) == pytest.approx(
        covariance / np.outer(spread, spread), abs=MONTE_CARLO
    )


@pytest.mark.parametrize("waves", [1, 3, 5])
def test_inverse_inflations_add_up_to_one_and_fall(waves):
    found = inflations(waves)
    assert np.sum(1.0 / found) == pytest.approx(1.0, rel=1e-12)
    assert np.all(np.diff(found) < 0.0)


def one_step(unit, statistics, observed, inflation=1.0, error=1.0, seed=1):
    targets = statistics.shape[1]
    return smoother_step(
        unit,
        statistics,
        np.full(targets, float(observed)),
        np.full(targets, error),
        inflation,
        np.random.default_rng(seed),
    )


def test_steps_and_misfits_far_off_are_clipped_and_counted():
    unit = np.random.default_rng(2).standard_normal((200, 2))
    step = one_step(unit, unit[:, :1], observed=1000.0)
    assert step.clipped_misfits == 200
    assert step.clipped_steps > 0
    assert np.abs(step.unit - unit).max() <= STEP_MOST + 1e-12


def test_the_spread_has_a_floor():
    unit = 0.5 * np.random.default_rng(2).standard_normal((400, 1))
    step = one_step(unit, unit, observed=0.0, error=0.005)
    assert step.widened == 1
    assert step.unit.std(ddof=1) == pytest.approx(SPREAD_LEAST, rel=0.15)


def test_parameters_without_influence_keep_their_place_but_for_chance():
    unit = np.random.default_rng(2).standard_normal((300, 40))
    step = one_step(unit, unit[:, :1], observed=2.0)
    still = np.all(step.unit[:, 1:] == unit[:, 1:], axis=0)
    # By chance alone one in twenty correlations is beyond the cut.
    assert still.mean() > 0.85
    assert step.unit[:, 0].mean() > 0.5


def test_members_and_targets_without_statistics_are_set_aside():
    unit = np.random.default_rng(2).standard_normal((100, 2))
    statistics = np.column_stack([unit[:, 0], unit[:, 1], unit[:, 1]])
    statistics[:10] = np.nan
    statistics[:60, 2] = np.nan
    step = one_step(unit, statistics, observed=1.0)
    assert step.redrawn == 10
    assert step.left_out == 1
    assert np.isfinite(step.unit).all()


def test_a_wave_that_mostly_fails_is_refused():
    unit = np.random.default_rng(2).standard_normal((20, 2))
    statistics = np.full((20, 1), np.nan)
    statistics[:9] = 0.0
    with pytest.raises(InputError, match="11 of 20 members"):
        one_step(unit, statistics, observed=1.0)


@pytest.mark.parametrize(("waves", "ratio"), [(0, 0.6), (3, 0.0), (3, 1.5)])
def test_impossible_inflations_are_refused(waves, ratio):
    with pytest.raises(InputError):
        inflations(waves, ratio)
