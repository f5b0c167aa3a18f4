"""What a registry can do to a method: one group empty, nobody left, no events, values missing."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from tests.emulation.simulated import registry

from debulk.core.errors import InputError
from debulk.emulation.grace import GracePeriod
from debulk.emulation.methods.baseline import baseline_weighting
from debulk.emulation.methods.landmark import landmark_groups
from debulk.emulation.methods.naive import naive_ever_never
from debulk.emulation.methods.sequential import sequential_trials
from debulk.emulation.methods.time_dependent import mantel_byar, time_varying_cox
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel

GRACE = GracePeriod("natural")
REGISTRY = registry(200, 2)
ALL = (
    naive_ever_never,
    landmark_groups,
    mantel_byar,
    time_varying_cox,
    sequential_trials,
    baseline_weighting,
)
WITH_TAU = (naive_ever_never, landmark_groups, sequential_trials, baseline_weighting)


def changed(**fields: Any) -> PersonTime:
    return dataclasses.replace(REGISTRY, **fields)


def treated_at(months: float) -> PersonTime:
    start = np.full(200, months)
    return changed(start_months=start, complete_months=start)


@pytest.mark.parametrize("method", ALL)
def test_nobody_treated_is_refused(method: Any) -> None:
    with pytest.raises(InputError, match=r"none of \d+ .*treat"):
        method(treated_at(float("nan")), GRACE, tau_months=12.0)


@pytest.mark.parametrize("method", ALL)
def test_everybody_treated_at_once_is_refused(method: Any) -> None:
    with pytest.raises(InputError, match=r"all \d+ patients are treated|all of \d+ patient-trials"):
        method(treated_at(0.0), GRACE, tau_months=12.0)


@pytest.mark.parametrize("method", ALL)
def test_no_event_is_refused(method: Any) -> None:
    with pytest.raises(InputError, match="has the event"):
        method(changed(cause=np.zeros(200, dtype=np.int8)), GRACE, tau_months=12.0)


@pytest.mark.parametrize("method", WITH_TAU)
def test_horizon_beyond_the_last_time_names_the_largest(method: Any) -> None:
    with pytest.raises(InputError, match=r"Give a horizon up to \d") as refused:
        method(REGISTRY, GRACE, tau_months=999.0)
    largest = float(refused.value.remedy.split("up to ")[1].split(",")[0])
    method(REGISTRY, GRACE, tau_months=largest, curves=False)


@pytest.mark.parametrize("tau", [0.0, -1.0, float("nan"), "12"])
@pytest.mark.parametrize("method", ALL)
def test_a_horizon_that_is_none_is_refused(method: Any, tau: Any) -> None:
    with pytest.raises(InputError, match="tau_months"):
        method(REGISTRY, GRACE, tau_months=tau)


def test_nobody_alive_at_the_landmark() -> None:
    with pytest.raises(InputError, match="nobody is alive, event-free and followed at 400"):
        landmark_groups(REGISTRY, GRACE, tau_months=500.0, landmark_months=400.0)
    with pytest.raises(InputError, match="landmark_months"):
        landmark_groups(REGISTRY, GRACE, tau_months=12.0, landmark_months=0.0)
    with pytest.raises(InputError, match="not above 12"):
        landmark_groups(REGISTRY, GRACE, tau_months=12.0, landmark_months=12.0)


@pytest.mark.parametrize(
    ("method", "options"),
    [
        (naive_ever_never, {"adjusted": True}),
        (landmark_groups, {"adjusted": True}),
        (time_varying_cox, {"covariates": "time-zero"}),
        (time_varying_cox, {"covariates": "time-varying"}),
        (sequential_trials, {}),
        (baseline_weighting, {}),
    ],
)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_covariate_that_is_not_finite_is_named(method: Any, options: Any, value: float) -> None:
    there = int(np.argmax(REGISTRY.time_months > 6.0))
    values = REGISTRY.values.copy()
    values[REGISTRY.first[there], 0] = value
    told = rf"covariate 'burden', patient {there}, visit 0: the value is {value}"
    with pytest.raises(InputError, match=told):
        method(changed(values=values), GRACE, tau_months=12.0, **options)


def test_methods_without_covariates_do_not_mind_missing_ones() -> None:
    empty = changed(values=np.full_like(REGISTRY.values, np.nan))
    assert mantel_byar(empty, GRACE, tau_months=12.0).hazard_ratio is not None
    assert naive_ever_never(empty, GRACE, tau_months=12.0).hazard_ratio is not None


@pytest.mark.parametrize(
    ("method", "options", "told"),
    [
        (time_varying_cox, {"covariates": "all"}, "covariates"),
        (sequential_trials, {"effect": "as treated"}, "effect"),
        (sequential_trials, {"window": "never"}, "window"),
        (sequential_trials, {"outcome": "probit"}, "outcome"),
        (sequential_trials, {"replicates": 1}, "replicates"),
        (sequential_trials, {"model": WeightModel(form="cox")}, "model"),
        (baseline_weighting, {"weights": "matching"}, "weights"),
        (baseline_weighting, {"moment": "grace"}, "moment"),
        (baseline_weighting, {"model": WeightModel(form="cox")}, "model"),
        (naive_ever_never, {"conf_level": 95}, "conf_level"),
        (naive_ever_never, {"curves": "no"}, "curves"),
        (
            naive_ever_never,
            {"adjusted": True, "model": WeightModel(covariates=("age",))},
            "no covariate 'age'",
        ),
    ],
)
def test_options_that_are_none_are_refused(method: Any, options: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        method(REGISTRY, GRACE, tau_months=12.0, **options)


def test_nobody_eligible_is_refused() -> None:
    never = changed(eligible=np.zeros_like(REGISTRY.eligible))
    with pytest.raises(InputError, match="nobody is eligible"):
        sequential_trials(never, GRACE, tau_months=12.0)
    with pytest.raises(InputError, match="nobody is eligible"):
        baseline_weighting(never, GRACE, tau_months=12.0)


def test_separation_is_refused_with_a_remedy() -> None:
    values = REGISTRY.values.copy()
    values[:, 1] = REGISTRY.start_visit[REGISTRY.patient] == 0
    with pytest.raises(InputError, match=r"model of treatment|covariate"):
        baseline_weighting(changed(values=values), GRACE, tau_months=12.0)


def test_controls_treated_while_not_eligible_are_counted() -> None:
    eligible = REGISTRY.eligible.copy()
    patient = int(np.argmax(REGISTRY.start_visit == 2))
    eligible[REGISTRY.first[patient] + 2] = False
    answer = sequential_trials(
        changed(eligible=eligible), GRACE, tau_months=12.0, curves=False, model=WeightModel(knots=0)
    )
    assert answer.details["censored_while_not_eligible"] == 2
    assert any("2 patient-trials were censored" in each for each in answer.caveats)
