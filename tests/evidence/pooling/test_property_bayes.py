"""Bayesian pooling against a slow twin, closed forms, and what users get wrong."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import halfnorm, norm

from debulk.core.errors import InputError
from debulk.evidence.pooling.bayes import pool_bayesian, prior_sensitivity
from debulk.evidence.pooling.bayes_priors import HalfNormal, Normal, Uniform
from debulk.evidence.pooling.random_effects import pool

Y = np.array([-0.31, -0.12, 0.18, -0.52])
S = np.array([0.21, 0.14, 0.33, 0.26])

QUADRATURE = 1e-8  # the twin sums a rectangle of mu and tau, 1,080 by 140 points
CLOSED = 1e-10  # a narrow prior leaves a closed form
PRIOR = 1e-6  # data without weight leave the prior, but for the weight they have
INVARIANT = 1e-8  # a shift moves the last digits of the inputs

CASES = {
    "flat": (HalfNormal(0.5), None),
    "half-normal and normal": (HalfNormal(0.8), Normal(0.1, 0.4)),
    "uniform": (Uniform(1.2), Normal(-0.2, 1.0)),
}


def graded(at):
    """Gauss-Legendre nodes and weights about a point, ever finer towards it.

    Given a small tau the distribution function of a new effect is nearly a step there.
    """
    nodes, shares = np.polynomial.legendre.leggauss(12)
    edges = np.concatenate([[0.0], np.geomspace(1e-7, 25.0, 45)])
    half = np.diff(edges)[:, None] / 2.0
    away = (edges[:-1, None] + half * (nodes + 1.0)).ravel()
    weights = (half * shares).ravel()
    return np.concatenate([at - away, at + away]), np.concatenate([weights, weights])


def rectangle(tau_prior, effect_prior, at):
    """Posterior probabilities on a rectangle of mu and tau, and the logarithm of their integral."""
    end = tau_prior.upper if isinstance(tau_prior, Uniform) else 9.0 * tau_prior.scale
    nodes, shares = np.polynomial.legendre.leggauss(140)
    tau, tau_weights = end * (nodes + 1.0) / 2.0, end * shares / 2.0
    mu, mu_weights = graded(at)
    logs = np.zeros((mu.size, tau.size))
    for estimate, error in zip(Y, S, strict=True):
        variance = error**2 + tau**2
        logs -= 0.5 * (np.log(2.0 * np.pi * variance) + (estimate - mu[:, None]) ** 2 / variance)
    if effect_prior is not None:
        logs += norm.logpdf(mu, effect_prior.mean, effect_prior.sd)[:, None]
    if isinstance(tau_prior, Uniform):
        logs -= math.log(tau_prior.upper)
    else:
        logs += halfnorm.logpdf(tau, scale=tau_prior.scale)
    joint = np.exp(logs) * tau_weights * mu_weights[:, None]
    total = joint.sum()
    return mu[:, None], tau, joint / total, math.log(total)


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES.keys())
def beside(request):
    """What is found, and the twin about a point."""
    tau_prior, effect_prior = request.param
    found = pool_bayesian(Y, S, tau_prior=tau_prior, effect_prior=effect_prior)
    return found, lambda at: rectangle(tau_prior, effect_prior, at)


def test_means_and_spreads_are_the_twins(beside):
    found, twin = beside
    mu, tau, joint, log_total = twin(-0.2)
    np.testing.assert_allclose(found.log_marginal_likelihood, log_total, atol=QUADRATURE)
    for told, value in ((found.effect, mu), (found.tau, tau)):
        mean = float(np.sum(joint * value))
        spread = math.sqrt(np.sum(joint * (value - mean) ** 2))
        np.testing.assert_allclose([told.mean, told.sd], [mean, spread], rtol=QUADRATURE)
    for told, estimate, error in zip(found.studies, Y, S, strict=True):
        means, variance = own_effect(estimate, error, mu, tau)
        mean = float(np.sum(joint * means))
        spread = math.sqrt(np.sum(joint * (variance + (means - mean) ** 2)))
        told_numbers = [told.effect.mean, told.effect.sd]
        np.testing.assert_allclose(told_numbers, [mean, spread], rtol=QUADRATURE)


def own_effect(estimate, error, mu, tau):
    """Mean and variance of a study's own effect, given mu and tau."""
    own = tau**2 / (tau**2 + error**2)
    return own * estimate + (1.0 - own) * mu, own * error**2


def test_probabilities_below_zero_are_the_twins(beside):
    found, twin = beside
    mu, tau, joint, _ = twin(0.0)
    below = float(np.sum(joint * (mu < 0.0)))
    new = float(np.sum(joint * ndtr(-mu / tau)))
    np.testing.assert_allclose(found.p_effect_below_zero, below, atol=QUADRATURE)
    np.testing.assert_allclose(found.p_new_effect_below_zero, new, atol=QUADRATURE)


def reached(summary, below):
    """Every limit of a summary has the probability below it that it should have."""
    for limit, probability in (
        (summary.lower, 0.025),
        (summary.median, 0.5),
        (summary.upper, 0.975),
    ):
        np.testing.assert_allclose(below(limit), probability, atol=QUADRATURE)
    inside = below(summary.shortest.upper) - below(summary.shortest.lower)
    np.testing.assert_allclose(inside, 0.95, atol=QUADRATURE)


def test_limits_of_the_mean_and_a_new_effect_are_the_twins(beside):
    found, twin = beside

    def mean_below(limit):
        mu, _, joint, _ = twin(limit)
        return float(np.sum(joint * (mu < limit)))

    def new_below(limit):
        mu, tau, joint, _ = twin(limit)
        return float(np.sum(joint * ndtr((limit - mu) / tau)))

    reached(found.effect, mean_below)
    reached(found.prediction, new_below)


def test_limits_of_a_studys_own_effect_are_the_twins(beside):
    found, twin = beside
    for told, estimate, error in zip(found.studies[:2], Y, S, strict=False):

        def below(limit, estimate=estimate, error=error):
            mu, tau, joint, _ = twin(limit)
            means, variance = own_effect(estimate, error, mu, tau)
            return float(np.sum(joint * ndtr((limit - means) / np.sqrt(variance))))

        reached(told.effect, below)


def test_no_interval_is_shorter_than_the_shortest():
    found = pool_bayesian(Y, S)
    for each in (found.effect, found.tau, found.prediction):
        width = each.shortest.upper - each.shortest.lower
        assert width <= each.upper - each.lower
    assert found.tau.shortest.lower == 0.0


def test_a_prior_without_heterogeneity_gives_equal_effects():
    found = pool_bayesian(Y, S, tau_prior=HalfNormal(1e-9))
    common = pool(Y, S, method="ee", interval="wald")
    np.testing.assert_allclose(found.effect.mean, common.estimate, rtol=CLOSED)
    np.testing.assert_allclose(found.effect.sd, common.se, rtol=CLOSED)
    np.testing.assert_allclose(found.effect.upper, common.upper, rtol=CLOSED)


def test_studies_that_say_nothing_leave_the_priors():
    found = pool_bayesian(
        Y, 1e6 * np.ones(4), tau_prior=HalfNormal(0.5), effect_prior=Normal(0.2, 0.3)
    )
    prior = halfnorm(scale=0.5)
    for name in ("mean", "median"):
        np.testing.assert_allclose(getattr(found.tau, name), getattr(prior, name)(), rtol=PRIOR)
    np.testing.assert_allclose(found.tau.upper, prior.ppf(0.975), rtol=PRIOR)
    np.testing.assert_allclose(found.tau.shortest.upper, prior.ppf(0.95), rtol=PRIOR)
    np.testing.assert_allclose([found.effect.mean, found.effect.sd], [0.2, 0.3], rtol=PRIOR)


effects = st.lists(st.floats(-3.0, 3.0), min_size=2, max_size=5)


@settings(max_examples=40)
@given(effects, st.floats(0.0, 6.0), st.floats(-2.0, 1.0))
def test_wild_studies_give_distributions(estimates, decades, log_scale):
    errors = 10.0 ** (decades * (np.linspace(0.0, 1.0, len(estimates)) - 0.5))
    found = pool_bayesian(estimates, errors, tau_prior=HalfNormal(10.0**log_scale))
    everything = [found.effect, found.tau, found.prediction, *(s.effect for s in found.studies)]
    for each in everything:
        assert each.lower < each.median < each.upper
        assert each.shortest.upper - each.shortest.lower <= (each.upper - each.lower) * (1 + 1e-9)
        assert math.isfinite(each.mean)
        assert each.sd > 0.0
    assert found.tau.lower > 0.0
    assert 0.0 <= found.p_effect_below_zero <= 1.0
    assert found.prediction.sd >= found.effect.sd


@settings(max_examples=20)
@given(effects, st.floats(-100.0, 100.0))
def test_a_shift_moves_only_the_effects(estimates, shift):
    errors = np.linspace(0.1, 0.4, len(estimates))
    here = pool_bayesian(estimates, errors)
    there = pool_bayesian(np.array(estimates) + shift, errors)
    close = {"rtol": INVARIANT, "atol": INVARIANT}
    np.testing.assert_allclose(there.effect.lower, here.effect.lower + shift, **close)
    np.testing.assert_allclose(there.tau.median, here.tau.median, **close)


def test_studies_and_prior_at_odds():
    """Tau is torn between the studies, near 1,000, and a prior near 0: d^2 / tau^3 = tau / s^2."""
    found = pool_bayesian([0.0, 2000.0], [1e-5, 1e-5], tau_prior=HalfNormal(1e-4))
    middle = math.sqrt(1e-4 * 2000.0 / math.sqrt(2.0))
    np.testing.assert_allclose(found.tau.median, middle, rtol=1e-3)
    np.testing.assert_allclose(found.effect.median, 1000.0, rtol=1e-6)


def test_sensitivity_is_each_scale_by_itself():
    found = prior_sensitivity(Y, S, scales=(1.0, 0.2))
    rows = found.rows()
    assert [row["scale"] for row in rows] == [0.2, 1.0]
    alone = pool_bayesian(Y, S, tau_prior=HalfNormal(0.2))
    assert rows[0]["effect"] == alone.effect.median
    assert rows[0]["tau"] < rows[1]["tau"]
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_default_scale_is_said_to_be_an_assumption():
    found = pool_bayesian(Y, S)
    assert any("is an assumption" in each for each in found.provenance.remarks)
    prior = found.provenance.parameters[0]
    assert (prior.status, prior.is_assumption) == ("default", True)
    chosen = pool_bayesian(Y, S, tau_prior=HalfNormal(0.3), effect_prior=Normal(0.0, 1.0))
    assert chosen.provenance.remarks == ()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tau_prior": 0.5}, "tau_prior: 0.5 is no prior"),
        ({"tau_prior": Normal(0.0, 1.0)}, "tau_prior: .* is no prior"),
        ({"effect_prior": HalfNormal(1.0)}, "effect_prior: .* is no prior"),
        ({"conf_level": 1.0}, "conf_level: 1.0 is not between"),
        ({"names": ["a", "a", "b", "c"]}, "two studies with one id"),
    ],
)
def test_a_mistake_is_named(options, told):
    with pytest.raises(InputError, match=told):
        pool_bayesian(Y, S, **options)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: HalfNormal(0.0), "scale of HalfNormal: 0 is out of range"),
        (lambda: HalfNormal(math.nan), "scale of HalfNormal: nan"),
        (lambda: Uniform(-1.0), "upper of Uniform: -1 is out of range"),
        (lambda: Normal("a", 1.0), "mean of Normal: 'a'"),
        (lambda: Normal(0.0, math.inf), "sd of Normal: inf"),
        (lambda: pool_bayesian([0.1], [0.2]), "1 study does not show"),
        (lambda: prior_sensitivity(Y, S, scales=()), "scales: is empty"),
        (lambda: prior_sensitivity(Y, S, scales=(0.5, 0.5)), "repeats a scale"),
        (lambda: prior_sensitivity(Y, S, scales=(0.5, -0.5)), "scale of HalfNormal: -0.5"),
    ],
)
def test_a_bad_prior_is_refused(make, told):
    with pytest.raises(InputError, match=told):
        make()
