"""Closed forms: proportional hazards, no censoring, one event time; and small facts."""

from __future__ import annotations

import json
import math
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from debulk.survival import EarlyZero, FlemingHarrington, ModestlyWeighted
from debulk.survival.rank.largest import largest_beyond
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.average_effect import (
    average_hazard_ratio,
    average_hazard_ratio_design,
)
from debulk.trials.nonproportional.combined import max_combo_design
from debulk.trials.nonproportional.curve_designs import milestone_design, rmst_design
from debulk.trials.nonproportional.normal_boxes import below
from debulk.trials.nonproportional.rank_designs import weighted_logrank_design
from debulk.trials.nonproportional.sequential import Bounds, first_crossings
from debulk.trials.nonproportional.single_arm import WeibullControl, one_sample_logrank_design
from debulk.trials.survival_designs.assumptions import Stratum

EXACT = 1e-10
LATTICE = 2e-4  # normal probabilities over several looks and weights
CROSSING = Alternative(
    hazard_ratio=((0, 1.4), (4, 0.6)), median_control=14, accrual=24, dropout=0.05
)


def events_by(rate: float, loss: float, accrual: float, month: float) -> float:
    """Probability of the event with uniform accrual that has ended."""
    total = rate + loss
    left = math.exp(-total * (month - accrual)) - math.exp(-total * month)
    return rate / total * (1.0 - left / (total * accrual))


def test_events_of_exponential_arms() -> None:
    alternative = Alternative(hazard_ratio=0.7, median_control=12, accrual=24, dropout=(0.1, 0.05))
    found = average_hazard_ratio(alternative, [30.0, 48.0], patients=400)
    rate = math.log(2) / 12
    for row, month in enumerate((30.0, 48.0)):
        control = 200 * events_by(rate, -math.log(0.95) / 12, 24, month)
        treated = 200 * events_by(0.7 * rate, -math.log(0.9) / 12, 24, month)
        assert found.events_control[row] == pytest.approx(control, rel=EXACT)
        assert found.events_experimental[row] == pytest.approx(treated, rel=EXACT)
        assert found.hazard_ratio[row] == pytest.approx(0.7, rel=EXACT)
        information = control * treated / (control + treated)
        assert found.information[row] == pytest.approx(information, rel=EXACT)
        null = (control + treated) / 4
        assert found.information_null[row] == pytest.approx(null, rel=EXACT)


def test_proportional_hazards_need_the_events_of_one_ratio() -> None:
    alternative = Alternative(hazard_ratio=0.7, median_control=12, accrual=24)
    found = average_hazard_ratio_design(alternative, power=0.9, follow_up=12)
    wanted = ((ndtri(0.975) + ndtri(0.9)) / math.log(0.7)) ** 2
    assert found.looks[0].information == pytest.approx(wanted, rel=EXACT)
    assert found.power == pytest.approx(0.9, abs=EXACT)
    # Schoenfeld's events come close: his information is that of equal hazards.
    assert found.events == pytest.approx(4 * wanted, rel=0.02)


def test_small_effects_give_schoenfeld_for_the_log_rank_test() -> None:
    alternative = Alternative(hazard_ratio=0.98, median_control=12, accrual=24, allocation=2)
    found = weighted_logrank_design(alternative, power=0.8, follow_up=12)
    wanted = ((ndtri(0.975) + ndtri(0.8)) / math.log(0.98)) ** 2 * 9 / 2
    assert found.events == pytest.approx(wanted, rel=0.005)
    assert found.details["variance"] == pytest.approx(1.0, abs=0.01)


def test_two_periods_weigh_by_their_events() -> None:
    # No censoring before month 60 matters: the early share of events is 1 - S(6).
    alternative = Alternative(hazard_ratio=((0, 1.0), (6, 0.5)), hazard_control=0.1, accrual=0.001)
    found = average_hazard_ratio(alternative, 10_000.0, patients=100)
    early = 1 - math.exp(-0.6)
    wanted = math.log(0.5) * (1 - early)
    assert found.log_hazard_ratio[0] == pytest.approx(wanted, rel=1e-6)


def test_month_of_events_and_its_patients() -> None:
    found = average_hazard_ratio_design(CROSSING, patients=400, events=200)
    assert found.events == pytest.approx(200, rel=EXACT)
    again = average_hazard_ratio_design(
        CROSSING, patients=400, follow_up=found.duration_months - 24
    )
    assert again.power == pytest.approx(found.power, rel=EXACT)
    early = average_hazard_ratio_design(CROSSING, patients=400, events=40)
    assert early.follow_up_months < 0
    assert early.patients == pytest.approx(400)
    assert early.looks[0].patients < 400


def test_area_without_censoring() -> None:
    # Of n patients an arm of min(T, tau) for exponential T: mean and variance in closed form.
    alternative = Alternative(hazard_ratio=0.5, hazard_control=0.1, accrual=1e-6)
    found = rmst_design(alternative, tau=10.0, patients=200, follow_up=1e6)
    means = [(1 - math.exp(-rate * 10)) / rate for rate in (0.1, 0.05)]
    second = [2 / rate**2 * (1 - math.exp(-rate * 10) * (1 + rate * 10)) for rate in (0.1, 0.05)]
    variance = sum((b - a * a) / 100 for a, b in zip(means, second, strict=True))
    assert found.details["difference"] == pytest.approx(means[1] - means[0], rel=EXACT)
    assert found.details["std_error"] == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert found.details["true_std_error"] == pytest.approx(math.sqrt(variance), rel=1e-9)


def test_milestone_without_censoring_is_binomial() -> None:
    alternative = Alternative(hazard_ratio=0.5, hazard_control=0.1, accrual=1e-6)
    found = milestone_design(alternative, at=10.0, patients=200, follow_up=1e6)
    low, high = math.exp(-1.0), math.exp(-0.5)
    error = math.sqrt((low * (1 - low) + high * (1 - high)) / 100)
    assert found.details["std_error"] == pytest.approx(error, rel=1e-9)
    assert found.details["true_std_error"] == pytest.approx(error, rel=1e-9)
    # Z depends on the two shares alone; its bound is where D = z sqrt(V), with both moving.
    pull = ndtri(0.975) / (2 * error)
    slopes = [sign - pull * (1 - 2 * share) / 100 for sign, share in ((-1, low), (1, high))]
    spread = math.sqrt(
        sum(
            slope**2 * share * (1 - share) / 100
            for slope, share in zip(slopes, (low, high), strict=True)
        )
    )
    wanted = float(ndtr((high - low - ndtri(0.975) * error) / spread))
    assert found.power == pytest.approx(wanted, rel=1e-8)


def test_one_sample_by_hand() -> None:
    # No censoring: every patient has the event, and Lambda_0(T) is exponential of mean 1 / ratio.
    found = one_sample_logrank_design(
        hazard_ratio=0.5, hazard_control=0.1, accrual=1e-6, patients=30, follow_up=1e5
    )
    assert found.events == pytest.approx(30, rel=1e-9)
    assert found.expected_events == pytest.approx(60, rel=1e-9)
    # E - O per patient has mean 1 and variance 4; the test divides by (2 + 1) / 2.
    assert found.expected_z == pytest.approx(math.sqrt(30 / 1.5), rel=1e-9)
    wanted = (math.sqrt(30) - ndtri(0.975) * math.sqrt(1.5)) / 2.0
    assert found.power == pytest.approx(float(ndtr(wanted)), rel=1e-9)


def test_weibull_of_shape_1_is_exponential() -> None:
    plan = {"hazard_ratio": 0.6, "accrual": 24, "power": 0.8, "follow_up": 12, "dropout": 0.05}
    weibull = one_sample_logrank_design(hazard_control=WeibullControl(1.0, 9.0), **plan)
    exponential = one_sample_logrank_design(median_control=9.0, **plan)
    assert weibull.patients == pytest.approx(exponential.patients, rel=1e-9)


def test_one_look_of_the_modest_weight_at_0_is_log_rank() -> None:
    plain = weighted_logrank_design(CROSSING, power=0.9, follow_up=18)
    for same in (ModestlyWeighted(t_star=0.0), FlemingHarrington(0, 0), EarlyZero(0.0)):
        found = weighted_logrank_design(CROSSING, weighting=same, power=0.9, follow_up=18)
        assert found.patients == pytest.approx(plain.patients, rel=EXACT)


def test_strata_that_are_alike_change_nothing() -> None:
    hazard = math.log(2) / 14
    alike = Alternative(
        hazard_ratio=((0, 1.4), (4, 0.6)),
        strata=(Stratum(0.3, hazard), Stratum(0.7, hazard)),
        accrual=24,
        dropout=0.05,
    )
    for design in (
        lambda a: weighted_logrank_design(
            a, weighting=FlemingHarrington(0, 1), power=0.9, follow_up=18
        ),
        lambda a: rmst_design(a, tau=36, power=0.9, follow_up=18),
        lambda a: milestone_design(a, at=36, power=0.9, follow_up=18),
        lambda a: average_hazard_ratio_design(a, power=0.9, follow_up=18),
    ):
        assert design(alike).patients == pytest.approx(design(CROSSING).patients, rel=1e-9)


def test_a_combination_of_one_is_that_one() -> None:
    kind = FlemingHarrington(0, 1)
    one = weighted_logrank_design(CROSSING, weighting=kind, power=0.9, follow_up=18)
    found = max_combo_design(CROSSING, weightings=[kind], power=0.9, follow_up=18)
    assert found.patients == pytest.approx(one.patients, rel=1e-6)
    assert found.critical_z == pytest.approx(one.critical_z, abs=1e-9)


def test_bound_of_the_combination_spends_alpha() -> None:
    found = max_combo_design(CROSSING, patients=300, follow_up=18)
    tail = largest_beyond(np.array(found.details["correlation"]), found.critical_z, two_sided=False)
    assert tail.probability == pytest.approx(0.025, abs=1e-6)
    best = max(found.details["expected_z"].values())
    assert found.expected_z == pytest.approx(best)
    single = weighted_logrank_design(
        CROSSING, weighting=FlemingHarrington(0, 1), patients=300, follow_up=18
    )
    assert found.power < single.power + 0.02


def test_looks_split_the_power() -> None:
    bounds = SimpleNamespace(information=(0.6, 1.0), efficacy_z=(math.inf, ndtri(0.975)))
    for design in (average_hazard_ratio_design, weighted_logrank_design):
        one = design(CROSSING, patients=500, follow_up=18)
        two = design(CROSSING, patients=500, follow_up=18, boundaries=bounds)
        assert two.looks[0].crossing == 0
        assert two.power == pytest.approx(one.power, abs=LATTICE)
        assert two.looks[0].fraction == pytest.approx(0.6, rel=1e-8)


def test_combination_over_looks_of_one_weight_is_group_sequential() -> None:
    found = max_combo_design(
        CROSSING,
        weightings=["logrank"],
        patients=500,
        follow_up=18,
        fractions=(0.5, 1.0),
        alpha_spent=(0.003, 0.025),
    )
    bounds = SimpleNamespace(information=(0.5, 1.0), efficacy_z=found.details["critical_z"])
    wanted = weighted_logrank_design(CROSSING, patients=500, follow_up=18, boundaries=bounds)
    for look, other in zip(found.looks, wanted.looks, strict=True):
        assert look.crossing == pytest.approx(other.crossing, abs=LATTICE)


def test_correlation_of_looks_is_that_of_events() -> None:
    bounds = SimpleNamespace(information=(0.25, 1.0), efficacy_z=(3.0, 1.96))
    # Under nearly equal hazards the log-rank variance is events / 4.
    alternative = Alternative(hazard_ratio=0.999, median_control=14, accrual=24)
    found = weighted_logrank_design(alternative, patients=500, follow_up=18, boundaries=bounds)
    assert found.details["correlation"][0][1] == pytest.approx(0.5, abs=1e-3)


def test_accrual_in_rates_is_the_same_as_in_months() -> None:
    months = Alternative(hazard_ratio=0.7, median_control=12, accrual=20)
    rates = Alternative(hazard_ratio=0.7, median_control=12, accrual=((0, 15),))
    for design in (average_hazard_ratio_design, weighted_logrank_design, max_combo_design):
        one = design(months, patients=300, follow_up=12)
        other = design(rates, patients=300, follow_up=12)
        assert other.power == pytest.approx(one.power, abs=1e-9)
        searched = design(rates, power=other.power, follow_up=12)
        assert searched.patients == pytest.approx(300, rel=1e-4)


def test_accrual_just_long_enough_for_the_horizon() -> None:
    alternative = Alternative(hazard_ratio=0.2, median_control=6, accrual=((0, 10),))
    found = rmst_design(alternative, tau=36, power=0.9, follow_up=24)
    assert found.power > 0.99  # with fewer patients nobody is followed to the horizon
    assert found.patients == pytest.approx(120, rel=1e-4)


@pytest.mark.parametrize(
    "design",
    [
        average_hazard_ratio_design(CROSSING, power=0.9, follow_up=18),
        weighted_logrank_design(CROSSING, power=0.9, follow_up=18),
        max_combo_design(CROSSING, power=0.9, follow_up=18),
        rmst_design(CROSSING, tau=36, power=0.9, follow_up=18),
        milestone_design(CROSSING, at=36, power=0.9, follow_up=18),
        one_sample_logrank_design(
            hazard_ratio=0.7, median_control=9, accrual=24, power=0.9, follow_up=12
        ),
    ],
    ids=lambda each: each.test,
)
def test_results_round_up_and_are_plain(design) -> None:  # type: ignore[no-untyped-def]
    whole = design.rounded()
    assert whole.patients == pytest.approx(math.ceil(design.patients))
    assert whole.power > 0.9 - 1e-6
    assert whole.rounded().patients == pytest.approx(whole.patients)
    text = json.dumps(design.to_dict(), allow_nan=False)
    assert json.loads(text)["power"] == pytest.approx(0.9, abs=1e-6)
    assert pickle.loads(pickle.dumps(design)) == design


def test_real_boundaries_keep_their_power_under_proportional_hazards() -> None:
    bounds = group_sequential(
        (0.5, 0.75, 1.0),
        efficacy=Spending("obrien-fleming"),
        futility=Spending("hwang-shih-decani", -4.0),
        beta=0.1,
    )
    alternative = Alternative(hazard_ratio=0.97, median_control=14, accrual=24)
    found = average_hazard_ratio_design(alternative, power=0.9, follow_up=18, boundaries=bounds)
    # Nearly equal hazards: drifts are those of one theta, which the boundaries were made for.
    assert found.expected_z == pytest.approx(bounds.drift, rel=1e-4)
    exact = bounds.probabilities(bounds.drift)
    assert [look.crossing for look in found.looks] == pytest.approx(
        np.asarray(exact.efficacy).tolist(), abs=1e-4
    )
    by_test = weighted_logrank_design(alternative, power=0.9, follow_up=18, boundaries=bounds)
    assert by_test.patients == pytest.approx(found.patients, rel=2e-3)


def test_two_sides_stop_for_harm() -> None:
    two = group_sequential((0.5, 1.0), alpha=0.05, sided=2, efficacy="obrien-fleming")
    found = average_hazard_ratio_design(
        CROSSING, alpha=0.05, sided=2, patients=400, follow_up=18, boundaries=two
    )
    one = group_sequential((0.5, 1.0), alpha=0.025, efficacy=tuple(two.efficacy_z))
    other = average_hazard_ratio_design(
        CROSSING, alpha=one.alpha, patients=400, follow_up=18, boundaries=one
    )
    assert found.power < other.power
    assert found.power == pytest.approx(other.power, abs=1e-3)


def test_twenty_looks() -> None:
    bounds = group_sequential(np.arange(1, 21) / 20, efficacy=Spending("obrien-fleming"))
    by_average = average_hazard_ratio_design(
        CROSSING, patients=500, follow_up=18, boundaries=bounds
    )
    by_test = weighted_logrank_design(CROSSING, patients=500, follow_up=18, boundaries=bounds)
    assert by_test.power == pytest.approx(by_average.power, abs=0.01)
    assert len(by_test.looks) == 20


@pytest.mark.parametrize("theta", [0.0, 2.0, 3.5])
@pytest.mark.parametrize("looks", [2, 5, 20])
def test_crossings_are_those_of_the_boundaries(looks: int, theta: float) -> None:
    fractions = np.arange(1, looks + 1) / looks
    real = group_sequential(fractions, efficacy=Spending("pocock"))
    none = (-math.inf,) * looks
    bounds = Bounds(tuple(fractions.tolist()), tuple(real.efficacy_z.tolist()), none, none)
    found = first_crossings(bounds, theta * np.sqrt(fractions), 200.0 * fractions)
    assert found == pytest.approx(np.asarray(real.probabilities(theta).efficacy), abs=1e-9)


def test_hazards_far_apart() -> None:
    alternative = Alternative(hazard_ratio=1e-6, hazard_control=1e4, accrual=24)
    found = average_hazard_ratio(alternative, 36.0, patients=200)
    assert found.events_control[0] == pytest.approx(100, rel=1e-9)
    wanted = 100 * events_by(0.01, 0.0, 24, 36)
    assert found.events_experimental[0] == pytest.approx(wanted, rel=1e-9)


def test_boxes_that_are_flat() -> None:
    half = float(ndtr(0.3))
    assert below(np.array([0.3, 1.0]), np.diag([1.0, 0.0])).probability == pytest.approx(half)
    assert below(np.array([0.3, -1.0]), np.diag([1.0, 0.0])).probability == 0.0
    assert below(np.array([0.3]), np.zeros((1, 1))).probability == 1.0
    tiny = below(np.array([0.3, 0.3e-9]), np.diag([1.0, 1e-18])).probability
    assert tiny == pytest.approx(half**2, abs=1e-6)
    opposite = below(np.array([0.3, 0.3]), np.array([[1.0, -1.0], [-1.0, 1.0]])).probability
    assert opposite == pytest.approx(2 * half - 1)
