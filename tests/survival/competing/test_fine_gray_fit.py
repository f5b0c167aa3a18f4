"""The linear passes against plain double loops, and the sandwich against derivatives."""

import numpy as np
import pytest

from debulk.survival.competing.fine_gray_fit import fit_fine_gray

CLOSE = 1e-9  # both sum the same numbers in another order


def draw(seed, n=80, tied=False, groups=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    time = rng.exponential(size=n)
    time = np.ceil(time * 5) if tied else time
    return time, rng.integers(0, 3, n), x, rng.integers(0, groups, n)


def slow_censoring(time, kind, weights, t):
    """G(t-), each subject with a weight."""
    free = 1.0
    for u in np.unique(time[(kind == 0) & (time < t)]):
        out = weights[(time == u) & (kind == 0)].sum()
        free *= 1 - out / weights[time >= u].sum()
    return free


def slow_fit(time, kind, x, group, weights):
    """Newton's method with every weight of every risk set written out."""
    events = np.flatnonzero(kind == 1)
    load = np.zeros((events.size, time.size))
    for code in np.unique(group):
        inside = group == code
        parts = time[inside], kind[inside], weights[inside]
        own = np.array([slow_censoring(*parts, t) for t in time[inside]])
        for row, event in enumerate(events):
            # As in crr, a group's competing events count up to its last follow-up.
            followed = time[event] <= time[inside].max()
            now = slow_censoring(*parts, time[event]) if followed else 0.0
            gone = (kind[inside] == 2) & (time[inside] < time[event])
            share = np.where(time[inside] >= time[event], 1.0, np.where(gone, now / own, 0.0))
            load[row, inside] = share
    load = load * weights
    beta = np.zeros(x.shape[1])
    for _ in range(25):
        risk = load * np.exp(x @ beta)
        mean = risk @ x / risk.sum(axis=1)[:, None]
        second = np.einsum("ei,ip,iq->epq", risk, x, x) / risk.sum(axis=1)[:, None, None]
        own = weights[events]
        score = (own[:, None] * (x[events] - mean)).sum(axis=0)
        curve = second - np.einsum("ep,eq->epq", mean, mean)
        information = (own[:, None, None] * curve).sum(axis=0)
        beta = beta + np.linalg.solve(information, score)
    return beta, np.linalg.inv(information)


@pytest.mark.parametrize(("tied", "groups"), [(False, 1), (True, 1), (False, 2), (True, 3)])
def test_estimate_is_that_of_plain_loops(tied, groups):
    time, kind, x, group = draw(3, tied=tied, groups=groups)
    fit = fit_fine_gray(time, kind, x, ("a", "b"), groups=group)
    beta, naive = slow_fit(time, kind, x, group, np.ones(time.size))
    np.testing.assert_allclose(fit.coef, beta, rtol=CLOSE)
    np.testing.assert_allclose(fit.naive_covariance, naive, rtol=CLOSE)


@pytest.mark.parametrize("groups", [1, 2])
def test_sandwich_is_the_sum_of_squared_derivatives_by_case_weights(groups):
    time, kind, x, group = draw(8, n=60, groups=groups)
    fit = fit_fine_gray(time, kind, x, ("a", "b"), groups=group)
    step, moved = 1e-4, np.zeros((time.size, 2))
    for row in range(time.size):
        up, down = np.ones(time.size), np.ones(time.size)
        up[row] += step
        down[row] -= step
        higher, lower = (slow_fit(time, kind, x, group, each)[0] for each in (up, down))
        moved[row] = (higher - lower) / (2 * step)
    expected = moved.T @ moved
    # The paper's martingales and the product-limit weights differ at the order of 1 / n at risk,
    # which leaves the two sandwiches a little apart in a sample as small as this.
    np.testing.assert_allclose(np.diag(fit.covariance), np.diag(expected), rtol=0.05)
    assert (
        np.abs(fit.covariance / expected - 1).max()
        < np.abs(fit.robust_covariance / expected - 1).max()
    )


def test_without_competing_events_it_is_a_cox_model():
    time, kind, x, _ = draw(1)
    kind = np.where(kind == 2, 0, kind)
    fit = fit_fine_gray(time, kind, x, ("a", "b"))
    beta, naive = slow_fit(time, kind, x, np.zeros(time.size), np.ones(time.size))
    np.testing.assert_allclose(fit.coef, beta, rtol=CLOSE)
    np.testing.assert_allclose(fit.naive_covariance, naive, rtol=CLOSE)
    np.testing.assert_allclose(fit.covariance, fit.robust_covariance, rtol=1e-12)


def test_shift_and_scale_of_covariates_only_change_units():
    time, kind, x, _ = draw(2)
    fit = fit_fine_gray(time, kind, x, ("a", "b"))
    moved = fit_fine_gray(time, kind, x * [1000, 0.01] + [5e4, -3], ("a", "b"))
    np.testing.assert_allclose(moved.coef * [1000, 0.01], fit.coef, rtol=1e-6)
    np.testing.assert_allclose(
        moved.predict_incidence(x * [1000, 0.01] + [5e4, -3], np.array([0.5])),
        fit.predict_incidence(x, np.array([0.5])),
        rtol=1e-6,
    )


def test_an_extreme_covariate_does_not_throw_the_steps_off():
    time, kind, x, _ = draw(6)
    x[0, 0] = 1e6
    fit = fit_fine_gray(time, kind, x, ("a", "b"))
    assert np.isfinite(fit.coef).all()
    assert fit.loglik[1] >= fit.loglik[0]
