"""Endpoints of simulated trials: what they measure is what the simulator knows."""

from __future__ import annotations

import dataclasses
import json

import pytest

from debulk.core import InputError
from debulk.protocols import Protocol
from debulk.protocols.plans import Utilities
from debulk.protocols.spec import Endpoint
from debulk.trials import run_trial, trial_settings

NAMES = ("os", "pfs", "quality_adjusted", "q_twist", "days_off_chemotherapy", "complications")
# A difference lies within 4 Monte Carlo standard errors in all but one of 16,000 seeds.
MONTE_CARLO_WIDTH = 4.0


def with_endpoints(protocol: Protocol, *names, utilities=None) -> Protocol:
    endpoints = tuple(Endpoint(name, name, name == names[0]) for name in names)
    return dataclasses.replace(protocol, endpoints=endpoints, utilities=utilities)


@pytest.fixture(scope="module")
def run(small_protocol):
    """A dozen small trials with every endpoint."""
    worth = Utilities(0.7, 0.8, 0.5, 0.4)
    return run_trial(with_endpoints(small_protocol, *NAMES, utilities=worth), trials=12, seed=1)


def test_every_endpoint_named_is_given_in_its_order(run) -> None:
    assert tuple(each.name for each in run.endpoints) == NAMES
    assert all(each.measures and not each.not_told for each in run.endpoints)
    json.dumps(run.to_dict()["endpoints"], allow_nan=False)


def test_trials_measure_the_truth(run) -> None:
    for endpoint in run.endpoints:
        for each in endpoint.measures:
            gain = each.difference
            error = (gain["monte_carlo_error"] ** 2 + gain["truth_error"] ** 2) ** 0.5
            assert each.trials == 12
            assert abs(gain["mean"] - gain["truth"]) < MONTE_CARLO_WIDTH * error, each.name


def test_months_of_life_are_those_of_its_parts(run) -> None:
    by_name = {each.name: each for each in run.endpoints}
    life = by_name["os"].measures[0].arms
    parts = {each.name: each.arms for each in by_name["q_twist"].measures}
    for arm, each in life.items():
        total = sum(parts[name][arm]["truth"] for name in ("TOX", "TWiST", "REL"))
        assert total == pytest.approx(each["truth"])


def test_the_threshold_table_holds_the_protocol_s_own_utilities(run) -> None:
    twist = next(each for each in run.endpoints if each.name == "q_twist")
    parts = {each.name: each.difference["truth"] for each in twist.measures}
    for row in twist.extra["threshold"]:
        expected = row["TOX"] * parts["TOX"] + parts["TWiST"] + row["REL"] * parts["REL"]
        assert row["difference"] == pytest.approx(expected)
    assert twist.extra["utilities"] == {"TOX": 0.4, "TWiST": 1.0, "REL": 0.5}


def test_local_treatment_costs_days_of_therapy_as_the_arms_say(run) -> None:
    days = next(each for each in run.endpoints if each.name == "days_off_chemotherapy")
    lost = [arm["systemic_days_lost"] for arm in run.arms.values()]
    seen = [arm["mean"] for arm in days.measures[0].arms.values()]
    # The arms' own number counts every patient alike, and time beyond follow-up.
    assert seen == pytest.approx(lost, rel=0.05, abs=1.0)


@pytest.mark.parametrize("name", ["quality_adjusted", "q_twist"])
def test_without_utilities_endpoints_that_weigh_time_are_refused(small_protocol, name) -> None:
    with pytest.raises(InputError, match=f"utilities.*{name}"):
        trial_settings(with_endpoints(small_protocol, "os", name))


def test_patients_from_a_plan_say_what_they_cannot_tell(plan_of) -> None:
    protocol = with_endpoints(plan_of(), *NAMES, utilities=Utilities(0.7, 0.8, 0.5, 0.4))
    run = run_trial(protocol, trials=3, seed=1)
    told = {each.name: not each.not_told for each in run.endpoints}
    assert told == {name: name in ("os", "pfs") for name in NAMES}


def test_endpoints_that_are_not_named_are_not_given(small_run) -> None:
    assert [each.name for each in small_run.endpoints] == ["os", "pfs"]
