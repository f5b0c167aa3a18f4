"""Checks of the weights on clones whose weights are written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from debulk.emulation.checks.balance import check_balance
from debulk.emulation.checks.before_time_zero import check_calendar_time, check_prevalent_treatment
from debulk.emulation.checks.positivity import LEAST_UNTREATED_CHANCE, check_positivity
from debulk.emulation.checks.unseen_tail import MOST_SHARE, check_unseen_tail
from debulk.emulation.checks.weight_tails import MOST_OFF, check_weight_tails
from debulk.emulation.clones.weights import ArmWeights, CloneWeights, FittedModel
from debulk.emulation.logistic import LogisticFit
from debulk.emulation.person_time import Covariate, PersonTime
from debulk.emulation.weight_model import WeightModel

EXACT = 1e-12
OPTIMISED = 1e-4  # the general optimiser stops where its gradient is small
PATIENTS = 200


def one_visit(treated: np.ndarray, burden: np.ndarray) -> PersonTime:
    """Patients with one visit, the decision's, who all live for a year."""
    size = treated.size
    never = np.full(size, np.nan)
    start = np.where(treated, 0.0, np.nan)
    return PersonTime(
        time_months=np.full(size, 12.0),
        cause=np.ones(size, dtype=np.int8),
        entry_months=np.zeros(size),
        start_months=start,
        complete_months=start,
        progression_months=never,
        lost=np.zeros(size, dtype=np.bool_),
        first=np.arange(size + 1, dtype=np.int64),
        visit=np.zeros(size, dtype=np.int32),
        eligible=np.ones(size, dtype=np.bool_),
        values=burden[:, None].astype(np.float64),
        covariates=(Covariate("burden"),),
    )


def weights_of(person_time: PersonTime, chance: np.ndarray) -> CloneWeights:
    """Inverse probability weights at the one visit, from chances written by hand."""
    treated = person_time.start_visit == 0
    size = treated.size
    model = FittedModel(
        rows=np.arange(size),
        outcome=treated,
        learns=np.ones(size, dtype=np.bool_),
        probability=chance,
        design=np.ones((size, 1)),
        terms=("intercept",),
        fit=LogisticFit(np.zeros(1), np.eye(1), 1),
    )

    def arm(name: str, stays: np.ndarray, factor: np.ndarray) -> ArmWeights:
        weight = np.where(stays, factor, 0.0)
        left = np.where(stays, -1, 0).astype(np.int32)
        return ArmWeights(name, left, np.column_stack([weight, weight]), model)

    arms = (arm("no_local", ~treated, 1 / (1 - chance)), arm("local", treated, 1 / chance))
    return CloneWeights("natural", 1, 1.0, arms)


def alternating(size: int = PATIENTS) -> np.ndarray:
    return np.arange(size) % 2 == 0


def test_a_fair_coin_passes_every_check() -> None:
    treated = alternating()
    person_time = one_visit(treated, np.repeat([0.0, 1.0], PATIENTS // 2))
    weights = weights_of(person_time, np.full(PATIENTS, 0.5))
    for check in (check_positivity, check_unseen_tail, check_weight_tails, check_balance):
        assert check(person_time, weights).state == "pass", check.__name__
    # Squares expected at each decision: sum of 1 / 0.5; observed: half the patients with 2 squared.
    assert check_unseen_tail(person_time, weights).value == pytest.approx(1.0, abs=EXACT)
    assert check_weight_tails(person_time, weights).value == pytest.approx(1.0, abs=EXACT)
    tails = check_weight_tails(person_time, weights).details["visits"]
    assert [row["effective_size"] for row in tails] == pytest.approx([100.0, 100.0], abs=1e-9)


def test_patients_without_a_chance_fail_positivity() -> None:
    treated = alternating()
    person_time = one_visit(treated, np.zeros(PATIENTS))
    chance = np.full(PATIENTS, 0.5)
    chance[1:9:2] = 0.005  # four untreated patients who had next to none: 2 % of the eligible
    found = check_positivity(person_time, weights_of(person_time, chance))
    assert found.state == "fail"
    assert found.value == pytest.approx(0.02, abs=EXACT)


def test_a_stratum_that_nobody_was_treated_in_is_named() -> None:
    treated = alternating()
    burden = np.zeros(PATIENTS)
    burden[150:] = 1.0
    treated[150:] = False
    person_time = one_visit(treated, burden)
    found = check_positivity(person_time, weights_of(person_time, np.full(PATIENTS, 0.4)))
    assert found.state == "fail"
    assert "in burden = 1 nobody was treated" in found.text.lower()
    assert (found.value, found.threshold) == (None, None)


def test_a_patient_untreated_against_the_odds_decides_positivity() -> None:
    treated = alternating()
    person_time = one_visit(treated, np.zeros(PATIENTS))
    chance = np.full(PATIENTS, 0.5)
    chance[1] = 0.98
    found = check_positivity(person_time, weights_of(person_time, chance))
    assert found.state == "fail"
    assert (found.value, found.threshold) == (pytest.approx(0.02), LEAST_UNTREATED_CHANCE)


def test_expected_squares_that_are_not_there_fail_the_unseen_tail() -> None:
    treated = alternating()
    person_time = one_visit(treated, np.zeros(PATIENTS))
    chance = np.full(PATIENTS, 0.5)
    chance[1:41:2] = 0.02  # twenty untreated ones, whose treated twins would weigh 50 each
    found = check_unseen_tail(person_time, weights_of(person_time, chance))
    expected = (180 / 0.5 + 20 / 0.02) / (100 * 4.0)
    assert found.state == "fail"
    assert found.value == pytest.approx(expected, abs=1e-9)


def test_one_heavy_clone_fails_the_unseen_tail() -> None:
    treated = alternating()
    person_time = one_visit(treated, np.zeros(PATIENTS))
    chance = np.full(PATIENTS, 0.5)
    chance[0] = 0.05
    found = check_unseen_tail(person_time, weights_of(person_time, chance))
    assert found.state == "fail"
    assert "one clone holds" in found.text.lower()
    assert found.details["most_share"] == found.threshold == MOST_SHARE
    # Of 99 treated clones at 1 / 0.5 and one at 1 / 0.05.
    assert found.value == pytest.approx(20 / (99 * 2 + 20), abs=EXACT)


def test_weights_that_do_not_add_up_fail() -> None:
    treated = alternating()
    person_time = one_visit(treated, np.zeros(PATIENTS))
    found = check_weight_tails(person_time, weights_of(person_time, np.full(PATIENTS, 0.3)))
    assert found.state == "fail"
    # Strategy 1: half of the patients at 1 / 0.3.
    assert found.value == pytest.approx(0.5 / 0.3, abs=1e-9)
    assert found.threshold == 1 + MOST_OFF
    less = weights_of(person_time, np.full(PATIENTS, 0.5))
    lighter = [replace(arm, weight=arm.weight * 0.8) for arm in less.arms]
    found = check_weight_tails(person_time, replace(less, arms=tuple(lighter)))
    assert (found.value, found.threshold) == (pytest.approx(0.8), 1 - MOST_OFF)


def test_imbalance_is_measured_in_standard_deviations_of_time_zero() -> None:
    treated = alternating()
    burden = np.where(treated, 1.0, 0.0)
    person_time = one_visit(treated, burden)
    found = check_balance(person_time, weights_of(person_time, np.full(PATIENTS, 0.5)))
    assert found.state == "fail"
    assert found.value == pytest.approx(1.0, abs=EXACT)  # (1 - 0.5) / 0.5 either way


def test_calendar_time_that_decides_treatment_fails_unless_it_is_a_covariate() -> None:
    years = np.tile(np.arange(10.0), PATIENTS // 10)
    treated = (years + np.repeat(np.arange(20.0), 10)) % 10 < years
    person_time = one_visit(treated, np.zeros(PATIENTS))
    assert check_calendar_time(person_time, years).state == "fail"
    known = one_visit(treated, years)
    assert check_calendar_time(known, years).state == "unknown"  # the same column twice
    assert check_calendar_time(person_time, None).state == "unknown"
    assert check_calendar_time(person_time, np.full(PATIENTS, 2020.0)).state == "unknown"


def test_calendar_time_is_asked_of_the_form_that_the_weights_have() -> None:
    years = np.tile(np.arange(10.0), PATIENTS // 10)
    treated = (years + np.repeat(np.arange(20.0), 10)) % 10 < 0.6 * years
    scaled = (years - years.mean()) / years.std()

    def fitted(slopes: int) -> float:
        def minus(coef: np.ndarray) -> float:
            kept = np.exp(-np.exp(coef[0] + sum(coef[1:]) * scaled))
            return -float(np.sum(np.log(np.where(treated, 1.0 - kept, kept))))

        return -minimize(minus, np.full(1 + slopes, -1.0)).fun

    p = chi2.sf(2 * (fitted(1) - fitted(0)), 1)
    asked = (one_visit(treated, np.zeros(PATIENTS)), years)
    cox = check_calendar_time(*asked, model=WeightModel(form="cox"))
    assert cox.value == pytest.approx(p, rel=OPTIMISED)
    assert cox.value != pytest.approx(check_calendar_time(*asked).value, rel=0.01)


def test_prevalent_treatment() -> None:
    assert check_prevalent_treatment(100, 10, 0).state == "pass"
    assert check_prevalent_treatment(100, 30, 0).state == "fail"
    assert check_prevalent_treatment(100, 0, 1).state == "unknown"
    assert check_prevalent_treatment(0, 0, 0).state == "unknown"


def test_without_covariates_there_is_no_balance_to_judge() -> None:
    treated = alternating()
    person_time = one_visit(treated, np.zeros(PATIENTS))
    bare = replace(person_time, values=np.zeros((PATIENTS, 0)), covariates=())
    found = check_balance(bare, weights_of(bare, np.full(PATIENTS, 0.5)))
    assert found.state == "unknown"
