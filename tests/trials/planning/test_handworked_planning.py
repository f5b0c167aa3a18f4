"""Numbers that a reader can check with a pocket calculator, and the lessons of the field."""

from __future__ import annotations

import math

import pytest

from debulk.trials.planning.centres import PlannedCentres
from debulk.trials.planning.clusters import cluster_inflation
from debulk.trials.planning.coprimary import coprimary_alpha
from debulk.trials.planning.curves import ControlCurve, exponential_curve
from debulk.trials.planning.dilution import diluted_hazard_ratio
from debulk.trials.planning.early_stop import information_at_stop
from debulk.trials.planning.expected_power import assurance
from debulk.trials.planning.feasibility import FeasibilityCriterion, feasibility_stage
from debulk.trials.planning.goals import goal_hazard_ratio, goal_table
from debulk.trials.planning.interim import conditional_power, predictive_power
from debulk.trials.planning.margins import non_inferiority_margin, synthesis_test
from debulk.trials.planning.monitoring import continuous_monitoring
from debulk.trials.planning.priors import mixture_prior, normal_prior, point_prior
from debulk.trials.planning.recruitment import CentreRecord, accrual_forecast, accrual_update
from debulk.trials.planning.slow_accrual import slow_accrual_rule
from debulk.trials.planning.surgeons import learning_curve


def test_six_months_are_another_ratio_at_the_end_of_the_funnel() -> None:
    """ORCHESTRA: 18 months at the front of the funnel, 27.5 at its end."""
    table = goal_table({"front of the funnel": 18, "its end": 27.5}, gain=6)
    (_, front), (_, end) = table.rows
    assert front.hazard_ratio == pytest.approx(0.75, abs=1e-14)
    assert end.hazard_ratio == pytest.approx(27.5 / 33.5, abs=1e-14)
    assert round(end.hazard_ratio, 2) == 0.82
    # (1.959964 + 0.841621)^2 x 4 / log(0.75)^2
    assert front.events == pytest.approx(4 * 2.801585**2 / math.log(0.75) ** 2, rel=1e-6)
    assert end.events > 2 * front.events
    assert table.to_dict()["rows"][1]["population"] == "its end"


def test_milestone_goal_by_hand() -> None:
    # 40 % to 50 % at 24 months: log 0.5 / log 0.4
    curve = ControlCurve(((0, -math.log(0.4) / 24),))
    found = goal_hazard_ratio(curve, gain=0.1, measure="milestone", tau_months=24)
    assert found.hazard_ratio == pytest.approx(math.log(0.5) / math.log(0.4), rel=1e-12)


def test_curves_know_their_quantiles() -> None:
    curve = ControlCurve(((0, 0.0), (3, 0.1), (6, 0.0), (9, 0.2)), 0.2)
    assert curve.survival(3) == 1.0
    for level in (0.9, 0.7, 0.4):
        assert curve.survival(curve.quantile_months(level)) == pytest.approx(level, abs=1e-12)
    assert curve.quantile_months(0.2) == math.inf
    assert ControlCurve(((0, 0.1), (5, 0.0))).quantile_months(0.3) == math.inf
    assert exponential_curve(20, cured=0.3).survival(20) == pytest.approx(0.5, abs=1e-14)


def test_nobody_treated_by_half_leaves_half_the_log_ratio() -> None:
    found = diluted_hazard_ratio(0.64, control=20, follow_up_months=20, partly_treated=1.0)
    assert found.log_linear == pytest.approx(0.8, abs=1e-12)
    # All alike: no mixture, so that the limit is the same and the inflation 4.
    assert found.cox_limit == pytest.approx(0.8, abs=1e-9)
    assert found.events_inflation == pytest.approx(4.0, rel=1e-7)


def test_design_effects_by_hand() -> None:
    cluster = cluster_inflation(layout="cluster", mean_size=20, icc=0.05)
    assert cluster.design_effect == pytest.approx(1.95)
    uneven = cluster_inflation(layout="cluster", mean_size=20, icc=0.05, size_cv=0.5)
    assert uneven.design_effect == pytest.approx(1 + (25 - 1) * 0.05)
    surgeons = cluster_inflation(layout="experimental", mean_size=20, icc=0.05, allocation=2)
    assert surgeons.inflation == pytest.approx((1.95 + 2) / 3)
    effect = cluster_inflation(layout="within", mean_size=12, effect_variance=0.04)
    # centres of 12 events: variance 4 / 12 of the log ratio and 0.04 on top
    assert effect.inflation == pytest.approx((4 / 12 + 0.04) / (4 / 12))


def test_learning_by_hand() -> None:
    found = learning_curve(
        0.5, patients_by_surgeon=[2, 1], first_skill=0.5, shape="power", exponent=1
    )
    assert found.skill == pytest.approx((0.5, 0.75))
    assert found.mean_skill == pytest.approx((0.5 + 0.75 + 0.5) / 3)
    assert found.log_linear == pytest.approx(0.5 ** (1.75 / 3))
    assert found.events_inflation == pytest.approx((3 / 1.75) ** 2)
    experienced = learning_curve(
        0.5, patients_by_surgeon=[2], first_skill=0.5, shape="power", exponent=1, experience=1
    )
    assert experienced.skill == pytest.approx((0.75, 1 - 0.5 / 3))
    # A geometric series: the mean gap over n patients is gap (1 - q^n) / (n (1 - q)).
    many = learning_curve(0.5, patients_by_surgeon=[30], first_skill=0.2, learning_patients=10)
    q = math.exp(-0.1)
    assert many.mean_skill == pytest.approx(1 - 0.8 * (1 - q**30) / (30 * (1 - q)), rel=1e-13)


def test_margin_by_hand() -> None:
    found = non_inferiority_margin(-0.5, 0.1, new_standard_error=0.1)
    limit = -0.5 + 1.959963984540054 * 0.1
    assert found.m1 == pytest.approx(math.exp(-limit), rel=1e-12)
    assert found.m2 == pytest.approx(math.exp(-limit / 2), rel=1e-12)
    assert found.m2 < found.synthesis < found.point_m2
    # At the synthesis margin the synthesis test is just significant.
    edge = math.log(found.synthesis) - 1.959963984540054 * 0.1
    test = synthesis_test(-0.5, 0.1, new_log_hazard_ratio=edge, new_standard_error=0.1)
    assert test.p == pytest.approx(0.025, abs=1e-10)
    assert synthesis_test(
        -0.5, 0.1, new_log_hazard_ratio=0.2, new_standard_error=0.1
    ).preserved_estimate == pytest.approx(0.6)


def test_feasibility_of_two_patients() -> None:
    stage = feasibility_stage(
        [FeasibilityCriterion("a", "below", 0.5), FeasibilityCriterion("b", "above", 0.5)],
        scenarios={"x": {"a": 0.5, "b": 0.25}},
        patients=2,
    )
    (row,) = stage.scenarios
    assert row.each == {"a": pytest.approx(0.25), "b": pytest.approx(0.0625)}
    assert row.go == pytest.approx(0.25 * 0.0625)
    assert (row.go_at_least, row.go_at_most) == (0.0, pytest.approx(0.0625))


@pytest.mark.parametrize(
    ("direction", "share", "fewest", "most"),
    [
        ("below", 0.07, 0, 6),
        ("at most", 0.07, 0, 7),
        ("at least", 0.29, 29, 100),
        ("above", 0.29, 30, 100),
        ("at most", 1.0, 0, 100),
    ],
)
def test_boundaries_count_as_the_decimal_says(direction, share, fewest, most) -> None:
    (found,) = feasibility_stage([FeasibilityCriterion("c", direction, share)]).boundaries
    assert (found.fewest, found.most) == (fewest, most)


def test_monitoring_of_two_patients() -> None:
    found = continuous_monitoring(0.2, patients=2, rates=[0.5], alpha=0.05)
    # One event is too likely (0.2, 0.36); two of two have probability 0.04.
    assert found.boundary == (None, 2)
    assert found.error == pytest.approx(0.04)
    assert found.stop == (pytest.approx(0.25),)


def test_conditional_power_at_the_bound_is_a_coin() -> None:
    # At half the information, no effect and B(1/2) = c: as likely up as down.
    critical = 1.959963984540054
    found = conditional_power(critical * math.sqrt(2), 0.5)
    assert found.null == pytest.approx(0.5, abs=1e-12)
    flat = predictive_power(critical * math.sqrt(0.5), 0.5)
    assert flat.predictive_power == pytest.approx(0.5, abs=1e-12)


def test_assurance_of_points_is_mean_power() -> None:
    prior = point_prior([0.7, 1.0], [0.5, 0.5])
    found = assurance(prior, events=247.3)
    strong = assurance(point_prior([0.7]), events=247.3)
    assert strong.assurance == pytest.approx(0.8, abs=1e-3)
    assert found.assurance == pytest.approx(0.5 * strong.assurance + 0.5 * 0.025)
    assert found.expected_power == pytest.approx(strong.assurance)
    assert found.false_success_share == pytest.approx(0.0125 / found.assurance)
    assert found.probability_benefit == 0.5


def test_a_posterior_pools_by_precision() -> None:
    after = normal_prior(-0.2, 0.2).updated(-0.4, 0.2)
    assert after.mean == pytest.approx(-0.3)
    assert after.standard_deviation == pytest.approx(0.2 / math.sqrt(2))
    null = mixture_prior([(0.5, point_prior([1.0])), (0.5, point_prior([0.5]))])
    # Equal weights: the odds are the likelihood ratio.
    odds = math.exp(-0.5 * (math.log(0.5) / 0.5) ** 2)
    assert null.updated(math.log(0.5), 0.5).components[0][0] == pytest.approx(odds / (1 + odds))


def test_alpha_passed_on_by_hand() -> None:
    plan = coprimary_alpha(0.05, pfs_share=0.2, passed_on="fallback")
    assert plan.first_level == pytest.approx((0.005, 0.02))
    assert plan.after_other == pytest.approx((0.005, 0.025))
    assert coprimary_alpha(passed_on="holm").after_other == pytest.approx((0.025, 0.025))
    assert coprimary_alpha(passed_on=(0.5, 0.0)).after_other == pytest.approx((0.005, 0.0225))
    sure = plan.power((20, 20), correlation=0.0)
    assert (sure.pfs, sure.os, sure.both, sure.either) == pytest.approx((1, 1, 1, 1))


def test_known_rates_make_a_poisson_forecast() -> None:
    found = accrual_forecast(2, centres=[PlannedCentres(0, 0.5, 2)], heterogeneity_cv=0, months=[3])
    assert found.probability_full == (pytest.approx(1 - 4 * math.exp(-3)),)
    assert found.expected_patients == (3.0,)
    assert found.rate_per_month == 0.5


def test_a_centre_that_opens_late_by_chance() -> None:
    # Open for e months, e uniform on 0 to 2: no patient with probability (1 - exp(-2)) / 2.
    found = accrual_forecast(
        1, centres=[PlannedCentres(1, 1.0, 1, 2)], heterogeneity_cv=0, months=[3, 2]
    )
    none = (1 - math.exp(-2)) / 2
    assert found.probability_full[0] == pytest.approx(1 - none, rel=1e-12)
    # At month 2 half of the delays are over.
    assert found.probability_full[1] == pytest.approx(0.5 * (1 - (1 - math.exp(-1))), rel=1e-12)
    assert found.expected_patients == pytest.approx((1.0, 0.25))


def test_update_shrinks_a_centre_towards_the_prior() -> None:
    found = accrual_update(
        10,
        observed=[CentreRecord(6, 10), CentreRecord(3, 10, closed=True)],
        rate_per_month=0.4,
        heterogeneity_cv=0.5,
        months=[5],
    )
    # Gamma(4 + 6, 10 + 10): half a patient a month; the closed centre brings none.
    assert found.enrolled == 9
    assert found.expected_patients == (pytest.approx(9 + 2.5),)
    assert found.probability_full == (pytest.approx(1 - (20 / 25) ** 10),)


def test_full_trials_need_no_more_time() -> None:
    found = accrual_update(
        5, observed=[CentreRecord(6, 10)], rate_per_month=0.4, heterogeneity_cv=0.5, months=[0]
    )
    assert found.months_to_target == (0.0,) * 5
    assert found.probability_full == (1.0,)


def test_one_check_for_slow_accrual_is_exact() -> None:
    found = slow_accrual_rule(
        [(4, 0.5)], centres=[PlannedCentres(0, 1.0)], heterogeneity_cv=0, speed=0.5
    )
    # 4 planned, go on with 2, mean 2: P(0 or 1) = 3 exp(-2)
    assert found.fewest_to_go_on == (2,)
    assert found.stop == pytest.approx(3 * math.exp(-2))
    assert (found.stop_se, found.trials) == (0.0, 0)


@pytest.mark.parametrize(
    ("trial", "patients", "error", "limit"),
    [
        # 2 / sqrt(patients); exp(-1.96 x that): enrolment as registered, no outcome of any trial
        ("GRECCAR 8", 5, 0.8944, 0.173),
        ("Korean trial of primary resection, 52 of 480", 52, 0.2774, 0.581),
        ("PulMiCC", 93, 0.2074, 0.666),
        ("ORCHESTRA, 382 of 478", 382, 0.1023, 0.818),
    ],
)
def test_most_that_trials_of_the_field_could_tell(trial, patients, error, limit) -> None:
    found = information_at_stop(patients, planned_events=380, planned_hazard_ratio=0.75)
    assert found.events_assumed
    assert found.standard_error == pytest.approx(error, abs=1e-4), trial
    assert found.largest_significant == pytest.approx(limit, abs=1e-3)
    assert found.excluded_if_null[0] == pytest.approx(limit, abs=1e-3)


def test_five_patients_cannot_be_significant() -> None:
    found = information_at_stop(5, planned_events=380, planned_hazard_ratio=0.75)
    assert found.smallest_p == pytest.approx(0.1)
    assert not found.can_be_significant
    assert any("no result could be significant" in note for note in found.notes)


def test_a_stopped_trial_updates_a_belief() -> None:
    found = information_at_stop(
        200,
        100,
        planned_events=380,
        planned_hazard_ratio=0.75,
        prior=normal_prior(0.0, 0.2),
        observed_hazard_ratio=0.8,
    )
    # standard error 0.2: the posterior mean lies half-way
    assert found.posterior["mean_log_hazard_ratio"] == pytest.approx(math.log(0.8) / 2)
    assert found.prior_probability_benefit == pytest.approx(0.5)
    assert found.estimate_predicted["lower"] == pytest.approx(
        math.exp(-1.959964 * 0.2 * math.sqrt(2)), rel=1e-6
    )
    before = information_at_stop(
        200, 100, planned_events=380, planned_hazard_ratio=0.75, prior=normal_prior(0.0, 0.2)
    )
    assert before.posterior["standard_deviation"] == pytest.approx(0.2)
