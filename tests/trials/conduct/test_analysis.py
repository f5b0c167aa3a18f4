"""Is a trial decided by the test its protocol names?"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.protocols.plans import Randomisation
from debulk.survival import (
    FlemingHarrington,
    ModestlyWeighted,
    logrank,
    max_combo,
    milestone_difference,
    rmst_difference,
)
from debulk.trials import run_trial
from debulk.trials.conduct.analysis import parse_test
from debulk.trials.recruitment.planned import PatientsFromPlan

TESTS = (
    "stratified-logrank",
    "fleming-harrington:0,1",
    "modestly-weighted:12",
    "max-combo",
    "rmst:24",
    "milestone:18",
)


@pytest.fixture(scope="module")
def data():
    """Two hundred patients, the treated living longer late."""
    draws = np.random.default_rng(3)
    arm = np.repeat([False, True], 100)
    time = draws.exponential(18.0, 200)
    time = np.where(arm & (time > 6.0), time * 1.8, time)
    until = draws.uniform(30.0, 60.0, 200)
    return np.minimum(time, until), time <= until, arm, np.tile([0, 1], 100)


@pytest.mark.parametrize("text", TESTS)
def test_the_statistic_is_that_of_the_survival_room(data, text) -> None:
    time, event, arm, strata = data
    group = arm.astype(int)
    expected = {
        "stratified-logrank": lambda: logrank(time, event, group, strata=strata).z,
        "fleming-harrington:0,1": lambda: (
            logrank(time, event, group, weighting=FlemingHarrington(0, 1)).z
        ),
        "modestly-weighted:12": lambda: (
            logrank(time, event, group, weighting=ModestlyWeighted(t_star=12.0)).z
        ),
        "rmst:24": lambda: _over_se(rmst_difference(time, event, group, 24.0)),
        "milestone:18": lambda: _over_se(milestone_difference(time, event, group, 18.0)),
    }
    found = parse_test(text, "here").z(time, event, arm, strata)
    assert found < 0.0  # the treated do better
    if text == "max-combo":
        one_sided = max_combo(time, event, group, reference=0, alternative="less").p
        assert 0.5 * math.erfc(-found / math.sqrt(2.0)) == pytest.approx(one_sided, abs=1e-4)
    else:
        assert found == pytest.approx(expected[text]())


def _over_se(estimate) -> float:
    return -estimate.estimate / estimate.se


def test_what_cannot_be_tested_has_no_statistic(data) -> None:
    time, event, arm, _ = data
    assert math.isnan(parse_test("rmst:500", "here").z(time, event, arm))
    assert math.isnan(parse_test("logrank", "here").z(time, event, np.ones(200, np.bool_)))
    assert math.isnan(parse_test("logrank", "here").z(time, np.zeros(200, np.bool_), arm))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("log-rank", "Did you mean 'logrank'"),
        ("rmst", "Write rmst:MONTHS"),
        ("rmst:0", "above 0"),
        ("rmst:inf", "is no number"),
        ("logrank:3", "Write logrank"),
        ("fleming-harrington:0", "Write fleming-harrington:RHO,GAMMA"),
        ("fleming-harrington:0,-1", "mine.yaml, design.test"),
    ],
)
def test_a_test_that_is_none_is_refused(text, match) -> None:
    with pytest.raises(InputError, match=match):
        parse_test(text, "mine.yaml, design.test")


@pytest.mark.parametrize("text", ["max-combo", "rmst:36", "milestone:24", "fleming-harrington:0,1"])
def test_power_is_that_of_the_protocols_test(plan_of, text) -> None:
    result = run_trial(plan_of(test=text, registered=400), trials=12, seed=2)
    plain = run_trial(plan_of(registered=400), trials=12, seed=2)
    table = result.trial_table
    assert table["z"].to_list() == plain.trial_table["z"].to_list()
    assert "z_test" not in plain.trial_table.columns
    assert table["z_test"].to_list() != table["z"].to_list()
    assert result.power == pytest.approx((table["z_test"] < -1.959964).mean())
    assert result.effect["test"] == text


def test_trials_too_short_for_the_horizon_declare_nothing_and_are_counted(plan_of) -> None:
    short = plan_of(test="rmst:200", registered=200)
    result = run_trial(short, trials=3, seed=2)
    assert result.power == 0.0
    assert result.provenance.exclusions[0].count == 3


def test_a_stratified_test_needs_strata(plan_of) -> None:
    with pytest.raises(InputError, match=r"orchestra.yaml, design.test.*strata"):
        run_trial(plan_of(test="stratified-logrank"), trials=1)


def test_the_stratified_test_uses_the_centres(plan_of) -> None:
    from debulk.protocols.plans import CentrePlan

    changes = {
        "centres": CentrePlan(number=6, size_variation=0.5),
        "randomisation": Randomisation(strata=("centre",)),
        "registered": 300,
    }
    strata = run_trial(plan_of(test="stratified-logrank", **changes), trials=4, seed=2)
    table = strata.trial_table
    assert (table["z_test"] - table["z"]).abs().max() < 1.0
    assert table["z_test"].to_list() != table["z"].to_list()


def test_a_trial_of_progression_free_survival_counts_its_events(plan_of) -> None:
    from debulk.protocols.spec import Endpoint

    protocol = dataclasses.replace(
        plan_of(events=150, cutoff_months=400.0),
        endpoints=(Endpoint("pfs", "progression-free survival", primary=True),),
    )
    result = run_trial(protocol, trials=12, seed=2)
    assert result.effect["endpoint"] == "pfs"
    assert result.trial_table["events"].min() >= 150
    # The plan: hazard ratio 0.7 for progression-free survival, 0.75 for survival.
    assert abs(result.truth.hazard_ratio - 0.7) < 3.3 * result.truth.hazard_ratio_error
    deaths = run_trial(plan_of(events=150, cutoff_months=400.0), trials=12, seed=2)
    assert result.duration_months["median"] <= deaths.duration_months["median"]
    assert (
        run_trial(
            protocol, model=PatientsFromPlan().null_world(), trials=3, seed=2
        ).truth.hazard_ratio
        == 1.0
    )


def test_an_endpoint_that_decides_no_trial_is_refused(plan_of) -> None:
    from debulk.protocols.spec import Endpoint

    protocol = dataclasses.replace(
        plan_of(), endpoints=(Endpoint("q_twist", "Q-TWiST", primary=True),)
    )
    with pytest.raises(InputError, match=r"orchestra.yaml, endpoints.*'q_twist'"):
        run_trial(protocol, trials=1)
