"""The compiled kernels against plain NumPy written from the formulas."""

import math

import numpy as np
import pytest

from debulk.survival import kaplan_meier
from debulk.survival import kernels as k

CLOSED = 1e-12


def sample(seed, n, tied):
    random = np.random.default_rng(seed)
    arm = (random.random(n) < 0.5).astype(np.uint8)
    death = random.exponential(30 / np.where(arm == 1, 0.7, 1.0))
    lost = random.uniform(5, 90, n)
    time = np.minimum(death, lost)
    return (np.ceil(time / 5) if tied else time), death <= lost, arm


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_curve_kernels_agree_with_the_public_curve(seed, tied):
    time, event, _ = sample(seed, 80, tied)
    curve = kaplan_meier(time, event)
    last = time.max()
    grid = np.linspace(0, last * 1.1, 23)
    same = {"rtol": CLOSED, "equal_nan": True}
    np.testing.assert_allclose(k.kaplan_meier_grid(time, event, grid), curve.at(grid), **same)
    np.testing.assert_allclose(k.median_survival(time, event), curve.quantile(0.5).estimate, **same)
    np.testing.assert_allclose(k.survival_at(time, event, 12.0), curve.at(12.0), **same)
    np.testing.assert_allclose(
        k.restricted_mean(time, event, 14.5), curve.rmst(14.5).estimate, **same
    )


def test_median_takes_the_midpoint():
    time = np.array([1.0, 2.0, 3.0, 4.0])
    assert k.median_survival(time, np.ones(4, dtype=bool)) == 2.5
    assert k.median_survival(time, np.array([True, True, False, False])) == 3.0
    assert math.isnan(k.median_survival(time, np.array([True, False, False, False])))


def test_restricted_mean_extends_nothing():
    time = np.array([1.0, 2.0])
    assert math.isnan(k.restricted_mean(time, np.array([True, False]), 3.0))
    assert k.restricted_mean(time, np.array([True, True]), 3.0) == 1.5
    assert math.isnan(k.survival_at(time, np.array([True, True]), 3.0))


def test_no_patients_give_nan():
    none, nobody = np.empty(0), np.empty(0, dtype=bool)
    assert math.isnan(k.median_survival(none, nobody))
    assert math.isnan(k.survival_at(none, nobody, 1.0))
    assert math.isnan(k.restricted_mean(none, nobody, 1.0))
