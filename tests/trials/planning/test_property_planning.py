"""What must hold for every plan, and with the boundaries of the group-sequential designs."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.planning.bivariate import both_below
from debulk.trials.planning.centres import PlannedCentres, Stream, count_probabilities, mean_count
from debulk.trials.planning.coprimary import coprimary_alpha
from debulk.trials.planning.curves import ControlCurve
from debulk.trials.planning.dilution import diluted_hazard_ratio, undiluted_hazard_ratio
from debulk.trials.planning.expected_power import assurance
from debulk.trials.planning.goals import absolute_gain, goal_hazard_ratio
from debulk.trials.planning.interim import conditional_power, predictive_power
from debulk.trials.planning.priors import EffectPrior, normal_prior, point_prior
from debulk.trials.planning.recruitment import accrual_forecast
from debulk.trials.planning.remaining import benefit_probability, planned_looks
from debulk.trials.planning.slow_accrual import slow_accrual_rule

share = st.floats(0.0, 0.4)
FEW = settings(max_examples=40, deadline=None)
BOUNDS = group_sequential((0.5, 0.75, 1.0), efficacy="obrien-fleming")


@FEW
@given(
    ratio=st.floats(0.1, 0.95),
    not_treated=share,
    partly=share,
    crossover=st.floats(0.0, 0.15),
    drop_in=st.floats(0.0, 0.005),
    cured=st.floats(0.0, 0.4),
    accrual=st.floats(0.1, 60.0),
)
def test_dilution_moves_towards_no_effect(
    ratio, not_treated, partly, crossover, drop_in, cured, accrual
) -> None:
    found = diluted_hazard_ratio(
        ratio,
        control=ControlCurve(((0, 0.01), (6, 0.06)), cured),
        follow_up_months=24,
        accrual_months=accrual,
        not_treated=not_treated,
        partly_treated=partly,
        crossover=crossover,
        drop_in_per_month=drop_in,
    )
    for diluted in (found.log_linear, found.average, found.cox_limit):
        assert ratio - 1e-9 <= diluted < 1.0
    assert found.events_inflation >= 1.0 - 1e-7
    json.dumps(found.to_dict(), allow_nan=False)


@FEW
@given(not_treated=share, partly=share, crossover=st.floats(0.0, 0.15), drop_in=st.floats(0, 0.02))
def test_log_linear_is_the_limit_of_small_effects(not_treated, partly, crossover, drop_in) -> None:
    plan = {
        "control": 20,
        "follow_up_months": 30,
        "accrual_months": 24,
        "not_treated": not_treated,
        "partly_treated": partly,
        "crossover": crossover,
        "drop_in_per_month": drop_in,
    }
    if not_treated + 0.5 * partly + crossover > 0.75:
        return
    found = diluted_hazard_ratio(0.999, **plan)
    # The next order is the effect squared, a thousandth of the first.
    assert math.log(found.cox_limit) == pytest.approx(math.log(found.log_linear), rel=5e-3)
    assert math.log(found.average) == pytest.approx(math.log(found.log_linear), rel=5e-3)


@FEW
@given(ratio=st.floats(0.3, 0.9), not_treated=share, drop_in=st.floats(0.0, 0.01))
def test_undiluting_inverts_diluting(ratio, not_treated, drop_in) -> None:
    plan = {
        "control": 20,
        "follow_up_months": 24,
        "not_treated": not_treated,
        "drop_in_per_month": drop_in,
    }
    diluted = diluted_hazard_ratio(ratio, **plan).cox_limit
    assert undiluted_hazard_ratio(diluted, **plan).hazard_ratio == pytest.approx(ratio, rel=1e-7)


@FEW
@given(h=st.floats(-6, 6), k=st.floats(-6, 6), rho=st.floats(-1, 1))
def test_bivariate_probabilities_add_up(h, k, rho) -> None:
    below = both_below(h, k, rho)
    assert below == pytest.approx(both_below(k, h, rho), abs=1e-14)
    other = both_below(h, -k, -rho)
    assert below + other == pytest.approx(0.5 * math.erfc(-h / math.sqrt(2)), abs=1e-13)


@FEW
@given(
    shape=st.floats(0.3, 20),
    scale=st.floats(0.02, 1),
    delay=st.floats(0, 12),
    month=st.floats(1, 30),
)
def test_counts_are_distributions_with_the_stated_mean(shape, scale, delay, month) -> None:
    streams = [Stream(0.0, shape, scale, delay), Stream(4.0, math.inf, scale, delay)]
    found = count_probabilities(streams, month, 4000)
    assert found.min() >= 0.0
    assert found.sum() == pytest.approx(1.0, abs=1e-9)
    mean = found @ np.arange(found.size)
    assert mean == pytest.approx(mean_count(streams, month), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("measure", ["median", "rmst", "milestone"])
def test_larger_goals_need_smaller_ratios_and_fewer_events(measure) -> None:
    curve = ControlCurve(((0, 0.02), (12, 0.05)), 0.1)
    tau = None if measure == "median" else 48
    gains = (0.05, 0.1, 0.2) if measure == "milestone" else (2, 4, 8)
    found = [goal_hazard_ratio(curve, gain=gain, measure=measure, tau_months=tau) for gain in gains]
    ratios = [each.hazard_ratio for each in found]
    events = [each.events for each in found]
    assert ratios == sorted(ratios, reverse=True)
    assert events == sorted(events, reverse=True)


@pytest.mark.parametrize("theta", [-1.0, 0.0, 1.7, 3.2])
def test_power_is_that_of_the_boundaries(theta) -> None:
    for bounds, follow in (
        (BOUNDS, True),
        (group_sequential((0.3, 0.6, 1), efficacy="pocock", futility=(0.0, 0.5)), True),
        (group_sequential((0.3, 0.6, 1), efficacy="pocock", futility=(0.0, 0.5)), False),
        (group_sequential((0.5, 1), efficacy="pocock", sided=2, alpha=0.05), True),
    ):
        looks = planned_looks(bounds, 0.025, 1, futility=follow)
        wanted = bounds.probabilities(theta, futility=follow).power
        assert benefit_probability(looks, theta) == pytest.approx(wanted, abs=1e-9)


def test_conditional_power_averages_to_power() -> None:
    """Martingale: the mean of conditional power over the first interim is the power."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    theta, at = 2.0, 0.3
    mean = 0.0
    for point, weight in zip(points, weights / weights.sum(), strict=True):
        z = theta * math.sqrt(at) + point
        mean += weight * conditional_power(z, at, design_theta=theta, boundaries=BOUNDS).design
    assert mean == pytest.approx(BOUNDS.probabilities(theta).power, abs=1e-7)


def test_predictive_power_tends_to_conditional_as_the_prior_sharpens() -> None:
    sharp = predictive_power(
        1.0, 0.5, prior=normal_prior(math.log(0.8), 1e-4), events=300, boundaries=BOUNDS
    )
    point = predictive_power(1.0, 0.5, prior=point_prior([0.8]), events=300, boundaries=BOUNDS)
    user = conditional_power(1.0, 0.5, hazard_ratio=0.8, events=300, boundaries=BOUNDS)
    assert point.predictive_power == pytest.approx(user.user, abs=1e-12)
    assert sharp.predictive_power == pytest.approx(user.user, abs=1e-6)
    vague = predictive_power(1.0, 0.5, prior=normal_prior(0.0, 50.0), events=300)
    flat = predictive_power(1.0, 0.5)
    assert vague.predictive_power == pytest.approx(flat.predictive_power, abs=1e-5)


def test_a_split_normal_has_the_assurance_of_the_whole() -> None:
    whole = assurance(normal_prior(-0.2, 0.3), events=200, boundaries=BOUNDS)
    halves = EffectPrior(((0.4, -0.2, 0.3), (0.6, -0.2, 0.3)))
    assert assurance(halves, events=200, boundaries=BOUNDS).assurance == pytest.approx(
        whole.assurance, abs=1e-12
    )
    assert whole.success_and_benefit < whole.assurance < whole.probability_benefit


@FEW
@given(first=st.floats(0.01, 0.99), g1=st.floats(0, 1), g2=st.floats(0, 1), rho=st.floats(-0.9, 1))
def test_levels_never_exceed_alpha(first, g1, g2, rho) -> None:
    plan = coprimary_alpha(pfs_share=first, passed_on=(g1, g2), correlation=rho)
    for early, late in zip(plan.first_level, plan.after_other, strict=True):
        assert early <= late + 1e-15 <= 0.025 + 1e-12
    assert plan.error_global_null <= 0.025 + 1e-12


def test_more_centres_finish_earlier_and_slower_ones_stop_more_often() -> None:
    few = accrual_forecast(100, centres=[PlannedCentres(0, 0.5, 5)])
    many = accrual_forecast(100, centres=[PlannedCentres(0, 0.5, 10)])
    assert all(a > b for a, b in zip(few.months_to_target, many.months_to_target, strict=True))
    assert list(few.months_to_target) == sorted(few.months_to_target)
    stops = [
        slow_accrual_rule(
            [(6, 0.5), (12, 0.7)], centres=[PlannedCentres(0, 0.5, 8)], speed=speed, trials=2000
        )
        for speed in (1.2, 0.8, 0.5)
    ]
    # Common random numbers: slower is worse in every simulated trial.
    assert [each.stop for each in stops] == sorted(each.stop for each in stops)
    again = slow_accrual_rule(
        [(6, 0.5), (12, 0.7)], centres=[PlannedCentres(0, 0.5, 8)], speed=0.5, trials=2000
    )
    assert again == stops[2]


def test_a_very_wide_prior_is_a_coin_between_sure_failure_and_sure_success() -> None:
    wide = assurance(normal_prior(0.0, 100.0), events=400, boundaries=BOUNDS)
    closed = assurance(normal_prior(0.0, 100.0), events=400)
    # One look at c: Phi(-c / sqrt(1 + s^2)) with s = 1000; the looks move that by less than 1e-3.
    assert closed.assurance == pytest.approx(0.5, abs=1e-3)
    assert wide.assurance == pytest.approx(closed.assurance, abs=1e-4)
    assert wide.success_and_benefit == pytest.approx(closed.success_and_benefit, abs=1e-4)


@FEW
@given(ratio=st.floats(0.4, 0.98), measure=st.sampled_from(["median", "rmst", "milestone"]))
def test_a_gain_leads_back_to_its_ratio(ratio, measure) -> None:
    curve = ControlCurve(((0, 0.02), (12, 0.05)), 0.1)
    tau = None if measure == "median" else 48
    found = absolute_gain(curve, hazard_ratio=ratio, measure=measure, tau_months=tau)
    assert found.hazard_ratio == pytest.approx(ratio, rel=1e-9)
    assert absolute_gain(27.5, hazard_ratio=0.75).gain == pytest.approx(27.5 / 0.75 - 27.5)


def test_long_counts_by_fourier_transform_are_those_by_hand() -> None:
    streams = [Stream(0.0, 4.0, 2.0), Stream(0.0, 3.0, 5.0), Stream(2.0, math.inf, 3.0, 4.0)]
    short = count_probabilities(streams, 20.0, 600)
    long = count_probabilities(streams, 20.0, 2500)
    np.testing.assert_allclose(long[:601], short, atol=1e-15)
    assert long.min() >= 0.0
