"""The compiled kernels against plain NumPy written from the formulas."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from debulk.survival import hazard_ratio, kaplan_meier, logrank
from debulk.survival import kernels as k

CLOSED = 1e-12
ITERATIVE = 1e-8  # Newton against a bracketing root finder


def sample(seed, n, tied):
    random = np.random.default_rng(seed)
    arm = (random.random(n) < 0.5).astype(np.uint8)
    death = random.exponential(30 / np.where(arm == 1, 0.7, 1.0))
    lost = random.uniform(5, 90, n)
    time = np.minimum(death, lost)
    return (np.ceil(time / 5) if tied else time), death <= lost, arm


def twin_test(time, event, arm):
    """Loops over times and tied events; the root of the score by bracketing."""
    excess = variance = 0.0
    terms = []
    for now in np.unique(time[event]):
        at_risk = np.array([(time >= now)[arm == a].sum() for a in (0, 1)], dtype=float)
        dead = np.array([((time == now) & event)[arm == a].sum() for a in (0, 1)], dtype=float)
        n, d = at_risk.sum(), dead.sum()
        excess += dead[1] - d * at_risk[1] / n
        if n > 1:
            variance += d * (at_risk[0] / n) * (at_risk[1] / n) * (n - d) / (n - 1)
        terms += [at_risk - place / d * dead for place in range(int(d))]
    rows = np.array(terms)

    def shares(beta):
        risk = rows[:, 1] * np.exp(beta)
        return risk / (rows[:, 0] + risk)

    beta = brentq(lambda b: event[arm == 1].sum() - shares(b).sum(), -20, 20, xtol=1e-13)
    information = (shares(beta) * (1 - shares(beta))).sum()
    return excess / math.sqrt(variance), beta, 1 / math.sqrt(information)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_two_arm_test(seed, tied):
    time, event, arm = sample(seed, 120, tied)
    z, beta, se = k.two_arm_test(time, event, arm)
    expected = twin_test(time, event, arm)
    assert z == pytest.approx(expected[0], rel=CLOSED, abs=CLOSED)
    assert (beta, se) == pytest.approx(expected[1:], rel=ITERATIVE, abs=ITERATIVE)
    assert z == pytest.approx(logrank(time, event, arm).z, rel=CLOSED, abs=CLOSED)
    public = hazard_ratio(time, event, arm)
    assert beta == pytest.approx(math.log(public.estimate), rel=ITERATIVE, abs=ITERATIVE)


def test_two_arm_test_takes_events_as_bytes_and_does_not_change_its_arrays():
    time, event, arm = sample(1, 50, True)
    before = time.copy()
    assert k.two_arm_test(time, event.astype(np.uint8), arm) == k.two_arm_test(time, event, arm)
    np.testing.assert_array_equal(time, before)


def test_an_arm_without_events_has_a_z_and_no_ratio():
    time = np.array([1.0, 2.0, 3.0, 4.0])
    event = np.array([True, True, False, False])
    z, beta, se = k.two_arm_test(time, event, np.array([0, 0, 1, 1], dtype=np.uint8))
    assert z < 0
    assert math.isnan(beta)
    assert math.isnan(se)


def test_events_in_one_arm_only_after_the_other_has_gone_give_no_ratio():
    time, event = np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4, dtype=bool)
    _, beta, _ = k.two_arm_test(time, event, np.array([0, 0, 1, 1], dtype=np.uint8))
    assert math.isnan(beta)


@pytest.mark.parametrize("events", [np.zeros(4, bool), np.array([0, 0, 0, 1], bool)])
def test_nothing_to_compare_gives_nan(events):
    time, arm = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 0, 1], dtype=np.uint8)
    assert all(math.isnan(each) for each in k.two_arm_test(time, events, arm))


def test_a_ratio_far_from_1_converges():
    # One experimental death among many early control deaths.
    time = np.arange(1.0, 201.0)
    arm = (np.arange(200) >= 100).astype(np.uint8)
    arm[50] = 1
    event = np.ones(200, dtype=bool)
    z, beta, se = k.two_arm_test(time, event, arm)
    expected = twin_test(time, event, arm)
    assert (z, beta, se) == pytest.approx(expected, rel=ITERATIVE)


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
    assert math.isnan(k.two_arm_test(none, nobody, np.empty(0, dtype=np.uint8))[0])
