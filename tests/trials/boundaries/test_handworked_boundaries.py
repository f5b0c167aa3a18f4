"""Closed forms, and slow twins: a dense trapezoid and the multivariate normal of scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from debulk.trials.boundaries.families import HaybittlePeto, WangTsiatis
from debulk.trials.boundaries.futility import (
    ConditionalPowerFutility,
    HazardRatioFutility,
    PredictivePowerFutility,
)
from debulk.trials.boundaries.rule import Harm, NullSpending
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending, SpendingFunction, UserSpending

THIRDS = (0.3, 0.65, 1.0)
CLOSED = 1e-10
TWIN = 1e-8  # the trapezoid's own error
GENZ = 2e-5  # scipy's multivariate normal is randomised quasi Monte Carlo


def trapezoid_crossing(information, lower, upper, theta, points=6001):
    """Probabilities of stopping, by a dense trapezoid on the score scale."""
    down, up, density, grid, before = [], [], None, None, 0.0
    for t, a, b in zip(information, lower, upper, strict=True):
        step, root = t - before, math.sqrt(t)
        spread = math.sqrt(step)
        if grid is None:
            up.append(norm.sf(b * root, theta * step, spread))
            down.append(norm.cdf(a * root, theta * step, spread))
        else:
            weights = np.full(grid.size, grid[1] - grid[0])
            weights[[0, -1]] /= 2
            mass = density * weights
            up.append(mass @ norm.sf(b * root, grid + theta * step, spread))
            down.append(mass @ norm.cdf(a * root, grid + theta * step, spread))
        low = max(a * root, theta * t - 9 * root)
        high = min(b * root, theta * t + 9 * root)
        new = np.linspace(low, high, points)
        if grid is None:
            density = norm.pdf(new, theta * step, spread)
        else:
            density = np.array([mass @ norm.pdf(x, grid + theta * step, spread) for x in new])
        grid, before = new, t
    return np.array(down), np.array(up)


def test_one_look_is_the_plain_test():
    found = group_sequential((1.0,), alpha=0.025, beta=0.1, efficacy="pocock")
    assert found.efficacy_z[0] == pytest.approx(norm.isf(0.025), abs=CLOSED)
    assert found.drift == pytest.approx(norm.isf(0.025) + norm.isf(0.1), abs=CLOSED)
    assert found.inflation_factor == pytest.approx(1.0, abs=CLOSED)
    assert found.nominal_p[0] == pytest.approx(0.025, abs=CLOSED)


@pytest.mark.parametrize("theta", [-1.0, 0.0, 2.5])
def test_a_dense_trapezoid_gives_the_same(theta):
    design = group_sequential(
        THIRDS,
        beta=0.1,
        efficacy=Spending("obrien-fleming"),
        futility=Spending("hwang-shih-decani", -2),
        binding=True,
    )
    down, up = trapezoid_crossing(THIRDS, design.futility_z, design.efficacy_z, theta, 1501)
    found = design.probabilities(theta)
    np.testing.assert_allclose(found.efficacy, up, atol=2e-6)
    np.testing.assert_allclose(found.futility, down, atol=2e-6)


def test_two_looks_are_a_bivariate_normal():
    design = group_sequential((0.4, 1.0), efficacy="pocock")
    c = design.efficacy_z[0]
    rho = math.sqrt(0.4)
    both_below = multivariate_normal(cov=[[1, rho], [rho, 1]]).cdf([c, c])
    assert both_below == pytest.approx(0.975, abs=TWIN)


def test_five_looks_are_a_multivariate_normal():
    t = np.array([0.1, 0.3, 0.5, 0.8, 1.0])
    design = group_sequential(t, alpha=0.05, efficacy=Spending("kim-demets", 1.5))
    covariance = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    generator = np.random.default_rng(1)
    theta = 2.0
    normal = multivariate_normal(
        mean=theta * np.sqrt(t), cov=covariance, maxpts=2_000_000, seed=generator
    )
    crossed = 1.0 - normal.cdf(design.efficacy_z)
    assert design.probabilities(theta).power == pytest.approx(crossed, abs=GENZ)


@pytest.mark.parametrize(
    ("spending", "share"),
    [
        (Spending("kim-demets", 2.0), [0.09, 0.4225, 1.0]),
        (Spending("hwang-shih-decani", 0.0), [0.3, 0.65, 1.0]),
        (SpendingFunction(lambda t: t**3), [0.027, 0.274625, 1.0]),
        (Spending("pocock"), np.log(1 + (math.e - 1) * np.array(THIRDS))),
        (
            Spending("hwang-shih-decani", -4.0),
            (1 - np.exp(4 * np.array(THIRDS))) / (1 - math.exp(4)),
        ),
    ],
)
@pytest.mark.parametrize("sided", [1, 2])
def test_a_spending_function_spends_its_share(spending, share, sided):
    found = group_sequential(THIRDS, alpha=0.05, sided=sided, efficacy=spending)
    np.testing.assert_allclose(found.alpha_spent, 0.05 * np.array(share), atol=1e-11)


def test_the_obrien_fleming_type_of_two_sides_is_that_of_each_side():
    two = group_sequential(THIRDS, alpha=0.05, sided=2, efficacy=Spending("obrien-fleming"))
    t = np.array(THIRDS)
    np.testing.assert_allclose(
        two.alpha_spent, 4 * norm.sf(norm.isf(0.0125) / np.sqrt(t)), atol=1e-11
    )


def test_families_are_special_cases_of_each_other():
    fleming = group_sequential(THIRDS, efficacy="obrien-fleming").efficacy_z
    np.testing.assert_array_equal(
        fleming, group_sequential(THIRDS, efficacy=WangTsiatis(0)).efficacy_z
    )
    np.testing.assert_allclose(fleming * np.sqrt(THIRDS), fleming[-1], atol=CLOSED)
    pocock = group_sequential(THIRDS, efficacy="pocock")
    again = group_sequential(THIRDS, efficacy=HaybittlePeto(float(pocock.efficacy_z[0])))
    np.testing.assert_allclose(again.efficacy_z, pocock.efficacy_z, atol=CLOSED)
    spent = UserSpending(tuple([*pocock.alpha_spent[:-1], 0.025]))
    by_user = group_sequential(THIRDS, efficacy=spent)
    np.testing.assert_allclose(by_user.efficacy_z, pocock.efficacy_z, atol=1e-9)


def test_bounds_given_one_by_one_spend_what_they_spend():
    given = group_sequential(THIRDS, efficacy=(None, 2.5, 1.0))
    assert given.efficacy_z.tolist() == [math.inf, 2.5, 1.0]
    assert given.alpha_spent[0] == 0.0
    assert given.alpha_spent[-1] > 0.15
    assert "more than alpha" in given.notes[0]
    assert given.to_dict()["efficacy_z"] == [None, 2.5, 1.0]


def test_conditional_power_at_its_bound_is_the_threshold():
    rule = {"efficacy": "obrien-fleming", "beta": 0.1}
    for under in ("planned", "trend", "null", 2.0):
        design = group_sequential(THIRDS, futility=ConditionalPowerFutility(0.15, under), **rule)
        for t, z in zip(THIRDS[:-1], design.futility_z[:-1], strict=True):
            theta = {"planned": design.drift, "trend": z / math.sqrt(t), "null": 0.0}.get(under, 2)
            mean = z * math.sqrt(t) + theta * (1 - t)
            power = norm.sf(design.efficacy_z[-1], mean, math.sqrt(1 - t))
            assert power == pytest.approx(0.15, abs=1e-9)


def test_predictive_power_at_its_bound_is_the_mean_of_conditional_power():
    theta = np.linspace(-30, 30, 200_001)
    for prior in ((None, None), (1.0, 2.0)):
        design = group_sequential(
            THIRDS, efficacy="pocock", futility=PredictivePowerFutility((0.1, 0.2), *prior)
        )
        for t, z, goal in zip(THIRDS[:-1], design.futility_z[:-1], (0.1, 0.2), strict=True):
            weight = norm.pdf(z, theta * math.sqrt(t))
            if prior[0] is not None:
                weight *= norm.pdf(theta, *prior)
            power = norm.sf(
                design.efficacy_z[-1], z * math.sqrt(t) + theta * (1 - t), math.sqrt(1 - t)
            )
            assert (weight @ power) / weight.sum() == pytest.approx(goal, abs=1e-7)


def test_a_hazard_ratio_as_futility_bound():
    design = group_sequential(
        THIRDS, efficacy="pocock", futility=HazardRatioFutility(0.95, events=300, allocation=2.0)
    )
    expected = -np.log(0.95) * np.sqrt(300 * np.array(THIRDS[:-1]) * 2) / 3
    np.testing.assert_allclose(design.futility_z[:-1], expected, atol=CLOSED)


@pytest.mark.parametrize("binding", [False, True])
def test_beta_is_spent_under_the_planned_effect(binding):
    for efficacy in (Spending("pocock"), "obrien-fleming", HaybittlePeto(3.0)):
        design = group_sequential(
            THIRDS,
            beta=0.2,
            efficacy=efficacy,
            futility=Spending("kim-demets", 2.0),
            binding=binding,
        )
        np.testing.assert_allclose(design.beta_spent, 0.2 * np.array(THIRDS) ** 2, atol=1e-9)
        assert design.alpha_spent[-1] == pytest.approx(0.025, abs=1e-9)
        assert design.probabilities(design.drift).power == pytest.approx(0.8, abs=1e-9)
        null = design.probabilities(0.0)
        assert null.power == pytest.approx(0.025, abs=1e-9) if binding else null.power < 0.0249
        free = design.probabilities(0.0, futility=False).power
        assert free > 0.0251 if binding else free == pytest.approx(0.025, abs=1e-9)


@pytest.mark.parametrize("binding", [False, True])
def test_futility_spent_under_no_effect(binding):
    design = group_sequential(
        THIRDS,
        efficacy="pocock" if not binding else Spending("pocock"),
        futility=NullSpending(Spending("kim-demets", 2.0)),
        binding=binding,
    )
    null = design.probabilities(0.0)
    lost = np.cumsum(null.futility)
    np.testing.assert_allclose(lost, lost[-1] * np.array(THIRDS) ** 2, atol=1e-9)
    assert lost[-1] + null.power == pytest.approx(1.0, abs=1e-9)


def test_harm_spends_its_own_error_and_leaves_efficacy_alone():
    rule = {"efficacy": Spending("obrien-fleming"), "beta": 0.1, "futility": (-0.5, 0.2)}
    without = group_sequential(THIRDS, **rule)
    design = group_sequential(THIRDS, **rule, harm=Harm(Spending("pocock"), alpha=0.1))
    np.testing.assert_array_equal(design.efficacy_z, without.efficacy_z)
    np.testing.assert_array_equal(design.futility_z, without.futility_z)
    down, _ = trapezoid_crossing(THIRDS, design.harm_z, [40.0] * 3, 0.0, 1501)
    share = np.log(1 + (math.e - 1) * np.array(THIRDS))
    np.testing.assert_allclose(np.cumsum(down), 0.1 * share, atol=2e-6)
    found = design.probabilities(0.0)
    np.testing.assert_allclose(found.harm[0], norm.cdf(design.harm_z[0]), atol=CLOSED)
    np.testing.assert_allclose((found.harm + found.futility)[0], norm.cdf(-0.5), atol=CLOSED)
    total = found.efficacy.sum() + found.futility.sum() + found.harm.sum()
    assert total == pytest.approx(1.0, abs=CLOSED)


def test_tiny_errors_at_a_first_look():
    spent = UserSpending((1e-15, 0.01, 0.025))
    found = group_sequential(THIRDS, efficacy=spent)
    assert found.efficacy_z[0] == pytest.approx(norm.isf(1e-15), abs=1e-9)
    nothing = group_sequential(THIRDS, efficacy=UserSpending((0.0, 0.01, 0.025)))
    assert nothing.efficacy_z[0] == math.inf
    np.testing.assert_allclose(found.efficacy_z[1:], nothing.efficacy_z[1:], atol=1e-9)


def test_what_is_left_below_full_information_is_not_spent():
    found = group_sequential((0.3, 0.6), efficacy=Spending("kim-demets", 1.0))
    assert found.alpha_spent[-1] == pytest.approx(0.015, abs=1e-11)


def test_expected_information():
    design = group_sequential(THIRDS, efficacy="pocock")
    found = design.probabilities(2.0)
    stop = found.efficacy[:2]
    expected = stop @ np.array(THIRDS[:2]) + (1 - stop.sum())
    assert found.expected_information == pytest.approx(expected, abs=CLOSED)
