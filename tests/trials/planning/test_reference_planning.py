"""Do the planning functions give the numbers of R (rpact, mvtnorm, integrate, exact binomials)?"""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from debulk.trials.planning.bivariate import both_below
from debulk.trials.planning.centres import PlannedCentres
from debulk.trials.planning.coprimary import coprimary_alpha
from debulk.trials.planning.curves import ControlCurve, restricted_mean
from debulk.trials.planning.dilution import diluted_hazard_ratio
from debulk.trials.planning.expected_power import assurance
from debulk.trials.planning.feasibility import FeasibilityCriterion, feasibility_stage
from debulk.trials.planning.goals import goal_hazard_ratio
from debulk.trials.planning.information import schoenfeld_events
from debulk.trials.planning.interim import conditional_power
from debulk.trials.planning.priors import normal_prior
from debulk.trials.planning.recruitment import CentreRecord, accrual_forecast, accrual_update
from debulk.trials.planning.remaining import benefit_probability, planned_looks

CLOSED_FORM = 1e-12  # both sides evaluate special functions
QUADRATURE = 1e-8  # Simpson here, adaptive quadrature and root finding in R
RECURSION = 1e-6  # rpact integrates the looks on a grid of its own


@pytest.mark.parametrize("case", range(6))
def test_dilution_is_that_of_adaptive_quadrature(from_r, case) -> None:
    wanted = from_r["dilution"][case]
    found = diluted_hazard_ratio(**wanted["args"])
    assert found.cox_limit == pytest.approx(wanted["cox_limit"], rel=QUADRATURE)
    assert found.average == pytest.approx(wanted["average"], rel=QUADRATURE)
    assert found.events_a_patient == pytest.approx(wanted["events_a_patient"], rel=QUADRATURE)


def test_goals_on_a_piecewise_curve_with_cure(from_r) -> None:
    wanted = from_r["goals"]
    curve = ControlCurve(tuple(map(tuple, wanted["hazards"])), wanted["cured"])
    median = goal_hazard_ratio(curve, gain=6)
    rmst = goal_hazard_ratio(curve, gain=4, measure="rmst", tau_months=60)
    share = goal_hazard_ratio(curve, gain=0.1, measure="milestone", tau_months=36)
    assert median.control == pytest.approx(wanted["median"], rel=QUADRATURE)
    assert median.hazard_ratio == pytest.approx(wanted["median_gain_6"], rel=QUADRATURE)
    assert restricted_mean(curve, 1.0, 60.0) == pytest.approx(wanted["rmst_60"], rel=QUADRATURE)
    assert rmst.hazard_ratio == pytest.approx(wanted["rmst_gain_4"], rel=QUADRATURE)
    assert share.hazard_ratio == pytest.approx(
        wanted["milestone_36_gain_10_points"], rel=CLOSED_FORM
    )


@pytest.mark.parametrize("case", range(3))
def test_schoenfeld_events_are_those_of_rpact(from_r, case) -> None:
    wanted = from_r["events"][case]
    found = schoenfeld_events(
        math.log(wanted["hazard_ratio"]),
        wanted["alpha"] / wanted["sided"],
        0.8,
        wanted["allocation"],
    )
    assert found == pytest.approx(wanted["events"], rel=1e-11)


def test_feasibility_is_exactly_binomial(from_r) -> None:
    wanted = from_r["feasibility"]
    stage = feasibility_stage(
        [
            FeasibilityCriterion("withdrawal", "below", 0.1),
            FeasibilityCriterion("delivered", "at least", 0.85, patients=50),
        ]
    )
    withdrawal, delivered = stage.boundaries
    assert (withdrawal.most, delivered.fewest) == (9, 43)
    for boundary, rates, name in (
        (withdrawal, (0.03, 0.05, 0.08, 0.1, 0.15), "withdrawal"),
        (delivered, (0.7, 0.8, 0.85, 0.9, 0.95), "delivered"),
    ):
        found = [boundary.probability_to_go(rate) for rate in rates]
        np.testing.assert_allclose(found, wanted[name], rtol=1e-10)
    assert withdrawal.upper == pytest.approx(wanted["upper_9_of_100"], rel=CLOSED_FORM)
    assert delivered.lower == pytest.approx(wanted["lower_43_of_50"], rel=CLOSED_FORM)


@pytest.mark.parametrize("case", range(4))
def test_conditional_power_is_that_of_rpact(from_r, case) -> None:
    wanted = from_r["conditional_power"][case]
    bounds = SimpleNamespace(information=wanted["information"], efficacy_z=wanted["critical"])
    found = conditional_power(
        wanted["z"],
        wanted["at"],
        hazard_ratio=wanted["hazard_ratio"],
        events=wanted["events"],
        boundaries=bounds,
    )
    # rpact lists the power by look, cumulated.
    last = np.atleast_1d(wanted["power"])[-1]
    assert found.user == pytest.approx(last, abs=RECURSION)


def test_power_with_futility_is_that_of_rpact(from_r) -> None:
    wanted = from_r["gs"]
    bounds = SimpleNamespace(
        information=wanted["information"],
        efficacy_z=wanted["critical"],
        futility_z=[*wanted["futility"], None],
    )
    looks = planned_looks(bounds, 0.025, 1)
    found = [benefit_probability(looks, theta) for theta in wanted["theta"]]
    np.testing.assert_allclose(found, wanted["power"], atol=RECURSION)


def test_assurance_is_the_integral_of_power(from_r) -> None:
    wanted, gs = from_r["assurance"], from_r["gs"]
    prior = normal_prior(wanted["mean"], wanted["sd"])
    fixed = assurance(prior, events=wanted["events"])
    assert fixed.assurance == pytest.approx(wanted["fixed"], rel=1e-9)
    assert fixed.success_and_benefit == pytest.approx(wanted["fixed_benefit"], rel=1e-9)
    bounds = SimpleNamespace(
        information=gs["information"],
        efficacy_z=gs["critical"],
        futility_z=[*gs["futility"], None],
    )
    sequential = assurance(prior, events=wanted["events"], boundaries=bounds)
    assert sequential.assurance == pytest.approx(wanted["sequential"], abs=RECURSION)


def test_two_correlated_normals_are_those_of_mvtnorm(from_r) -> None:
    wanted = from_r["bivariate"]
    found = [
        both_below(*each) for each in zip(wanted["h"], wanted["k"], wanted["rho"], strict=True)
    ]
    np.testing.assert_allclose(found, wanted["p"], atol=1e-13)


def test_coprimary_power_is_that_of_mvtnorm(from_r) -> None:
    wanted = from_r["coprimary"]
    rho = wanted["correlation"]
    fallback = coprimary_alpha().power(wanted["theta"], correlation=rho)
    holm = coprimary_alpha(passed_on="holm").power(wanted["theta"], correlation=rho)
    assert fallback.os == pytest.approx(wanted["os_fallback"], abs=1e-12)
    assert fallback.both == pytest.approx(wanted["both_fallback"], abs=1e-12)
    assert fallback.either == pytest.approx(wanted["either"], abs=1e-12)
    assert holm.both == pytest.approx(wanted["both_holm"], abs=1e-12)
    parametric = coprimary_alpha(correlation=rho)
    assert parametric.first_level[0] / 0.005 == pytest.approx(wanted["factor"], rel=1e-10)


def test_accrual_is_the_convolution_of_negative_binomials(from_r) -> None:
    wanted = from_r["accrual"]
    found = accrual_forecast(
        wanted["n"],
        centres=[PlannedCentres(0, 0.6, 5), PlannedCentres(6, 0.4, 10)],
        heterogeneity_cv=0.5,
        months=wanted["months"],
    )
    np.testing.assert_allclose(found.probability_full, wanted["full"], atol=1e-11)
    assert found.months_to_target[2] == pytest.approx(wanted["median"], rel=1e-7)


def test_variation_between_centres_is_that_of_optim(from_r) -> None:
    wanted = from_r["empirical_bayes"]
    records = [
        CentreRecord(k, v) for k, v in zip(wanted["patients"], wanted["months"], strict=True)
    ]
    found = accrual_update(100, observed=records)
    # A flat maximum: optim stops where the likelihood no longer changes in double precision.
    assert found.rate_per_month == pytest.approx(wanted["rate"], rel=1e-4)
    assert found.heterogeneity_cv == pytest.approx(wanted["cv"], rel=1e-4)
