"""Estimands by hand: who is asked about, and what happens to them in either arm."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.survival import cox, rmst_difference
from debulk.trials.conduct.allocation import Allocation
from debulk.trials.conduct.observing import World
from debulk.trials.estimands.contrast import contrast, jackknife_error
from debulk.trials.estimands.estimators import (
    as_randomised,
    censored_at_change,
    local_treatment_is_failure,
    per_protocol,
    treated_against_all_controls,
)
from debulk.trials.estimands.observed import trial_data
from debulk.trials.estimands.questions import questions

INFINITE = np.inf


@pytest.fixture
def world(patients):
    """Six patients: three in each arm, one who refuses, one who crosses over, one with salvage."""
    pool = patients(
        6,
        death_control=[10.0, 11.0, 12.0, 13.0, 14.0, 15.0],
        progression_control=[5.0] * 6,
        death_experimental=[20.0, 21.0, 22.0, 23.0, 24.0, 25.0],
        progression_experimental=[8.0] * 6,
        local_months=[1.0, 1.0, np.nan, 1.0, 1.0, 1.0],
        visible=[5, 5, 5, 5, 5, 5],
        treated=[5, 4, 0, 3, 5, 5],
        salvage_months=[np.nan, np.nan, np.nan, np.nan, np.nan, 6.0],
        death_salvage=[10.0, 11.0, 12.0, 13.0, 14.0, 18.0],
    )
    allocation = Allocation(
        experimental=np.array([1, 1, 1, 0, 0, 0], np.bool_),
        withdraws=np.array([0, 0, 0, 0, 1, 0], np.bool_),
        crosses_over=np.array([0, 0, 0, 1, 0, 0], np.bool_),
    )
    return pool, allocation


def asked(world, endpoint="os"):
    return {each.name: each for each in questions(*world, endpoint)}


def test_treatment_policy_takes_patients_as_they_would_be_treated(world) -> None:
    found = asked(world)["treatment_policy"].times
    # The fourth crosses over, the fifth would refuse, the sixth has salvage: in every arm.
    assert found[0].tolist() == [10.0, 11.0, 12.0, 23.0, 14.0, 18.0]
    assert found[1].tolist() == [20.0, 21.0, 22.0, 23.0, 14.0, 25.0]


def test_hypothetical_takes_them_as_assigned(world) -> None:
    found = asked(world)["hypothetical"].times
    assert found[0].tolist() == [10.0, 11.0, 12.0, 13.0, 14.0, 15.0]
    assert found[1].tolist() == [20.0, 21.0, 22.0, 23.0, 24.0, 25.0]


def test_composite_counts_local_treatment_of_controls(world) -> None:
    found = asked(world)["composite"].times
    assert found[0].tolist() == [10.0, 11.0, 12.0, 1.0, 14.0, 6.0]
    assert found[1].tolist() == asked(world)["treatment_policy"].times[1].tolist()


def test_principal_strata_are_known_from_the_course_in_the_experimental_arm(world) -> None:
    found = asked(world)
    # The third is never treated, the fourth to three fifths, the fifth would refuse.
    assert found["principal_stratum_all"].members.tolist() == [1, 0, 0, 0, 0, 1]
    assert found["principal_stratum_80"].members.tolist() == [1, 1, 0, 0, 0, 1]


def test_salvage_comes_too_late_for_progression(world) -> None:
    found = asked(world, "pfs")["treatment_policy"].times
    assert found.tolist() == [[5.0, 5.0, 5.0, 8.0, 5.0, 5.0], [8.0, 8.0, 8.0, 8.0, 5.0, 8.0]]


def test_without_local_treatment_there_is_neither_composite_nor_stratum(patients) -> None:
    nobody = np.zeros(2, np.bool_)
    found = questions(patients(2), Allocation(nobody, nobody, nobody), "os")
    assert [each.name for each in found] == ["treatment_policy", "hypothetical"]


@pytest.fixture
def data(world):
    """What a trial knows of the six at month 16."""
    pool, allocation = world
    death = np.array([20.0, 21.0, 22.0, 23.0, 14.0, 18.0])
    never, starts = np.full(6, INFINITE), np.array([0, 6])
    place = np.zeros(6, np.int64)
    seen = World(death, np.zeros(6), never, allocation.experimental, place, starts)
    return trial_data(seen, pool, allocation, np.array([16.0]))


def test_what_a_trial_knows(data) -> None:
    assert data.time.tolist() == [16.0, 16.0, 16.0, 16.0, 14.0, 16.0]
    assert data.event.tolist() == [0, 0, 0, 0, 1, 0]
    assert data.deviates.tolist() == [0, 0, 0, 1, 0, 0]
    assert data.treated_from.tolist() == [0.0, 0.0, 0.0, 0.0, INFINITE, 6.0]
    assert data.local_months.tolist() == [1.0, 1.0, INFINITE, 1.0, INFINITE, INFINITE]
    assert data.complete_share.tolist() == pytest.approx([1.0, 0.8, 0.0, 0.6, 0.0, 0.0])


def kept(monkeypatch, estimator, data):
    """The data that an estimator hands on to the comparison as randomised."""
    caught = []
    monkeypatch.setattr(
        "debulk.trials.estimands.estimators.as_randomised",
        lambda given, tau: caught.append(given),
    )
    estimator(data, 12.0)
    return caught[0]


def test_censoring_ends_follow_up_where_treatment_changes(monkeypatch, data) -> None:
    found = kept(monkeypatch, censored_at_change, data)
    # The one who crossed over has left; the one with salvage is followed to it.
    assert found.experimental.tolist() == [1, 1, 1, 0, 0]
    assert found.time.tolist() == [16.0, 16.0, 16.0, 14.0, 6.0]
    assert found.starts.tolist() == [0, 5]


def test_per_protocol_keeps_those_treated_as_assigned(monkeypatch, data) -> None:
    found = kept(monkeypatch, per_protocol, data)
    assert found.experimental.tolist() == [1, 1, 0]
    assert found.time.tolist() == [16.0, 16.0, 14.0]


def test_the_naive_stratum_is_those_treated_against_all_controls(monkeypatch, data) -> None:
    found = kept(monkeypatch, treated_against_all_controls(1.0), data)
    assert found.experimental.tolist() == [1, 0, 0, 0]
    found = kept(monkeypatch, treated_against_all_controls(0.8), data)
    assert found.experimental.tolist() == [1, 1, 0, 0, 0]


def test_failure_is_local_treatment_of_a_control_patient(monkeypatch, data) -> None:
    found = kept(monkeypatch, local_treatment_is_failure, data)
    assert found.time.tolist() == [16.0, 16.0, 16.0, 1.0, 14.0, 6.0]
    assert found.event.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_trial_with_one_arm_gives_nothing(data) -> None:
    found = as_randomised(data.keep(data.experimental), 12.0)
    assert np.isnan(found.log_hazard_ratio).all()
    assert np.isnan(found.rmst_difference_months).all()


def test_a_contrast_is_cox_and_restricted_means_and_their_jackknife() -> None:
    random = np.random.default_rng(6)
    times = random.exponential([[10.0], [14.0]], (2, 200))
    follow_up = random.uniform(13.0, 30.0, 200)
    found = contrast(times, follow_up, 12.0)

    def by_survival(kept) -> tuple[float, float]:
        time = np.minimum(times, follow_up)[:, kept].ravel()
        event = (times <= follow_up)[:, kept].ravel()
        arm = np.repeat([0, 1], kept.sum())
        model = cox(
            {"time": time, "event": event, "arm": arm},
            time="time",
            event="event",
            covariates=["arm"],
        )
        mean = rmst_difference(time, event, arm, 12.0, reference=0).estimate
        return float(model.coef[0]), mean

    everybody = by_survival(np.ones(200, np.bool_))
    without = np.array([by_survival(np.arange(200) % 20 != each) for each in range(20)])
    spread = np.sqrt(19.0 / 20.0 * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    assert np.log(found.hazard_ratio) == pytest.approx(everybody[0], abs=1e-8)
    assert found.rmst_difference_months == pytest.approx(everybody[1])
    assert found.hazard_ratio_error / found.hazard_ratio == pytest.approx(spread[0], rel=1e-6)
    assert found.rmst_error_months == pytest.approx(spread[1])


def test_a_contrast_of_a_course_with_itself_is_none() -> None:
    times = np.random.default_rng(1).exponential(10.0, 100)
    found = contrast(np.stack([times, times]), np.full(100, 12.0), 12.0)
    assert (found.hazard_ratio, found.rmst_difference_months) == (1.0, 0.0)
    assert found.hazard_ratio_error == pytest.approx(0.0, abs=1e-12)


def test_the_jackknife_of_means_is_the_standard_error_of_a_mean() -> None:
    values = np.array([1.0, 4.0, 2.0, 7.0])
    without = (values.sum() - values) / 3.0
    assert jackknife_error(without) == pytest.approx(values.std(ddof=1) / 2.0)
    assert np.isnan(jackknife_error(np.array([1.0])))
