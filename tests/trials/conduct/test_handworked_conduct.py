"""Trials small enough to work out by hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from debulk.protocols import load_protocol
from debulk.survival import kaplan_meier
from debulk.trials.conduct.allocation import Allocation, allocate
from debulk.trials.conduct.assessments import last_assessment
from debulk.trials.conduct.conducting import conduct_trials, restricted_mean, survival_at
from debulk.trials.recruitment.randomised import Randomised
from debulk.trials.truth import true_effect

EXACT = 1e-12  # a handful of operations on small numbers


def randomised(trials: int, patients: int, **changes) -> Randomised:
    """Patients who never die nor progress, unless changes say so."""
    size = trials * patients
    never = np.full(size, np.inf)
    values = {
        "trial": np.repeat(np.arange(trials, dtype=np.int32), patients),
        "patient": np.tile(np.arange(patients, dtype=np.int64), trials),
        "order": np.tile(np.arange(patients, dtype=np.int64), trials),
        "randomised_months": np.zeros(size),
        "death_control": never,
        "progression_control": never,
        "death_experimental": never,
        "progression_experimental": never,
        "local_months": np.full(size, np.nan),
        "visible": np.zeros(size, np.int64),
        "treated": np.zeros(size, np.int64),
        "died_within_90_days": np.zeros(size, np.bool_),
        "systemic_days_lost_control": np.zeros(size),
        "systemic_days_lost_experimental": np.zeros(size),
        "visit_phase_months": np.full(size, 2.0),
        "visit_interval_months": np.full(size, 2.0),
    }
    return Randomised(**{**values, **changes})


def protocol(**changes: str):
    """ORCHESTRA with nobody lost, nobody changing arms, unless changes say so."""
    plain = {"withdrawn": "0", "crossed_over": "0", "lost_per_year": "0"}
    named = {f"conduct.{key}": value for key, value in {**plain, **changes}.items()}
    return load_protocol("orchestra", changes=named)


def both(arms: list[bool]) -> Allocation:
    """Patients who stay in the arms given."""
    stay = np.zeros(len(arms), np.bool_)
    return Allocation(np.array(arms), stay, stay)


def test_every_full_block_is_split_as_the_protocol_says() -> None:
    pool = randomised(5, 40)
    arms = allocate(protocol(), 3, pool).experimental.reshape(5, 10, 4)
    assert (arms.sum(axis=2) == 2).all()
    three_to_one = load_protocol("orchestra", changes={"conduct.allocation": "3"})
    assert (allocate(three_to_one, 3, pool).experimental.reshape(5, 10, 4).sum(axis=2) == 3).all()


def test_all_six_orders_of_a_block_occur() -> None:
    arms = allocate(protocol(), 5, randomised(400, 4)).experimental.reshape(400, 4)
    orders, counts = np.unique(arms, axis=0, return_counts=True)
    assert len(orders) == 6
    # 400 blocks over six orders: 66.7 each, standard deviation 7.5; five of them allow no chance.
    assert abs(counts - 400 / 6).max() < 5 * 7.5


def test_everybody_withdraws_and_everybody_crosses_over() -> None:
    swapped = allocate(protocol(withdrawn="1", crossed_over="1"), 1, randomised(2, 8))
    assert (swapped.follows_experimental == ~swapped.experimental).all()


def test_assessments_fall_on_their_grid() -> None:
    until = np.array([0.0, 1.9, 2.0, 3.9, 4.0, 11.0])
    found = last_assessment(until, np.full(6, 2.0), np.full(6, 2.0))
    assert found.tolist() == [0.0, 0.0, 2.0, 2.0, 4.0, 10.0]


def test_the_cutoff_is_at_the_planned_deaths_once_everybody_is_in() -> None:
    entry = np.array([0.0, 1.0, 2.0, 30.0])
    death = np.array([5.0, 10.0, 15.0, 50.0])
    pool = randomised(1, 4, randomised_months=entry, death_control=death, death_experimental=death)
    starts = np.array([0, 4])
    for planned, expected in ((1, 30.0), (3, 30.0), (4, 80.0), (5, 132.0)):
        plan = protocol()
        plan = dataclasses.replace(plan, design=dataclasses.replace(plan.design, events=planned))
        trial = conduct_trials(plan, 1, pool, both([True, False, True, False]), starts)[0]
        assert trial.cutoff_months == pytest.approx(expected, abs=EXACT)


def test_a_trial_of_four_by_hand() -> None:
    """Control dies at 2 and 6, experimental at 4 and 8: O - E = 2 - (1/2 + 2/3 + 1/2 + 1)."""
    times = np.array([2.0, 6.0, 4.0, 8.0])
    pool = randomised(1, 4, death_control=times, death_experimental=times)
    arms = both([False, False, True, True])
    trial = conduct_trials(protocol(), 1, pool, arms, np.array([0, 4]))[0]
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert trial.z == pytest.approx((2 - (1 / 2 + 2 / 3 + 1 / 2 + 1)) / math.sqrt(variance))
    assert (trial.patients_control, trial.patients_experimental, trial.events) == (2, 2, 4)
    assert trial.control.median_os_months == pytest.approx(4.0)  # midway of a flat half
    assert trial.experimental.median_os_months == pytest.approx(6.0)
    # Everybody has died by 8 months: survival later is 0 and the mean is known.
    assert trial.control.survival.tolist() == [0.0, 0.0, 0.0, 0.0]
    assert trial.rmst_difference_months == pytest.approx(2.0)


def test_progression_is_censored_at_the_last_assessment() -> None:
    """Cut off at 5 months, visits at 2, 4, ...: nobody is known free of progression after 4."""
    pool = randomised(1, 4, progression_control=np.array([2.0, np.inf, np.inf, np.inf]))
    short = protocol(cutoff_months="5", accrual_months="5")
    trial = conduct_trials(short, 1, pool, both([False, False, True, True]), np.array([0, 4]))[0]
    assert trial.control.median_pfs_months == pytest.approx(3.0)  # half from 2 to the last visit
    assert math.isnan(trial.control.median_os_months)


def test_an_arm_without_patients_is_said_to_be_not_analysed() -> None:
    trial = conduct_trials(protocol(), 1, randomised(1, 2), both([True, True]), np.array([0, 2]))[0]
    assert math.isnan(trial.z)
    assert (trial.patients_control, trial.patients_experimental) == (0, 2)


def test_a_mean_beyond_follow_up_is_not_made_up() -> None:
    censored = kaplan_meier([3.0, 5.0], [True, False])
    assert math.isnan(restricted_mean(censored, 10.0))
    assert restricted_mean(censored, 5.0) == pytest.approx(4.0)
    assert np.isnan(survival_at(censored, np.array([6.0]))).all()


def test_the_truth_of_two_identical_arms_is_one_to_the_bit() -> None:
    times = np.random.default_rng(1).exponential(20.0, 200)
    pool = randomised(2, 100, death_control=times, death_experimental=times)
    stay = both([False] * 200)
    truth = true_effect(pool, stay, np.full(200, 60.0), 36.0, ("control", "debulking"))
    assert (truth.hazard_ratio, truth.rmst_difference_months) == (1.0, 0.0)
    assert (truth.hazard_ratio_error, truth.rmst_error_months) == (0.0, 0.0)


def test_the_truth_follows_what_patients_would_really_do() -> None:
    short, long = np.full(100, 10.0), np.full(100, 20.0)
    pool = randomised(1, 100, death_control=short, death_experimental=long)
    nobody, everybody = np.zeros(100, np.bool_), np.ones(100, np.bool_)
    for withdraws, crosses, expected in (
        (nobody, nobody, 10.0),
        (everybody, nobody, 0.0),
        (nobody, everybody, 0.0),
        (everybody, everybody, -10.0),
    ):
        policy = Allocation(nobody, withdraws, crosses)
        truth = true_effect(pool, policy, np.full(100, 60.0), 30.0, ("a", "b"))
        assert truth.rmst_difference_months == pytest.approx(expected, abs=EXACT)
