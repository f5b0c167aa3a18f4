"""Wrong arguments are refused with where, what and the remedy, before anything runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.survival import FlemingHarrington
from debulk.trials.simulation.simulating import simulate
from debulk.trials.survival_designs.assumptions import Stratum
from debulk.trials.survival_designs.trial_design import TrialDesign

Plan = Callable[..., TrialDesign]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("trials", each) for each in (0, -1, 1.5, True, "10", None, math.nan, 10**13, [1])),
        *(("seed", each) for each in (-1, 1.0, True, "1", None, 2**63)),
        *(("workers", each) for each in (0, -2, 1.5, True, "2")),
        *(("estimate", each) for each in (1, "yes", None)),
        *(
            ("hazard_ratio", each)
            for each in (0.0, -1.0, math.nan, math.inf, "0.7", True, [], [(1.0, 0.7)], [(0.0, -1)])
        ),
        *(("test", each) for each in ("gehan", "log-rank", 3, None, math.log, FlemingHarrington)),
    ],
)
def test_arguments(plan: Plan, name: str, value: Any) -> None:
    with pytest.raises(InputError, match=name):
        simulate(plan(), **{name: value})


@pytest.mark.parametrize("design", [None, 3, "orchestra", {"events": 300}])
def test_design_of_another_kind(design: Any) -> None:
    with pytest.raises(InputError, match="design"):
        simulate(design)


def test_weighted_test_of_a_margin(plan: Plan) -> None:
    with pytest.raises(InputError, match="no form for a null hazard ratio"):
        simulate(plan(null_ratio=1.2), test=FlemingHarrington(0, 1))


def test_more_events_than_patients(plan: Plan) -> None:
    with pytest.raises(InputError, match="needs 383 events of 382 patients"):
        simulate(plan(events=(382.5,)))


@pytest.mark.parametrize("number", [math.nan, math.inf, 1e9, -3.0])
def test_numbers_of_patients_and_events(plan: Plan, number: float) -> None:
    for wrong in ({"patients": number}, {"events": (number,)}):
        with pytest.raises(InputError, match="design"):
            simulate(plan(**wrong))


def test_looks_that_are_no_different(plan: Plan) -> None:
    with pytest.raises(InputError, match="10, 10 whole events"):
        simulate(plan(events=(9.2, 9.8), efficacy=(3.0, 2.0)))


def test_too_many_strata(plan: Plan) -> None:
    strata = tuple(Stratum(1 / 65, ((0.0, 0.03),), ((0.0, 0.7),), str(i)) for i in range(65))
    with pytest.raises(InputError, match="65 strata"):
        simulate(plan(strata=strata))


def test_numpy_numbers_are_numbers(plan: Plan) -> None:
    found = simulate(
        plan(), trials=np.int64(3), seed=np.uint8(4), estimate=np.bool_(True), workers=np.int32(1)
    )
    assert found.trials == 3
    assert found.seed == 4


@pytest.mark.parametrize(("first", "trials"), [(0, 11), (10, 1), (-1, 2), (0, 0), (True, 1)])
def test_trials_that_were_not_simulated(plan: Plan, first: Any, trials: Any) -> None:
    found = simulate(plan(), trials=10)
    with pytest.raises(InputError):
        found.trial_table(first=first, trials=trials)


def test_arm_without_patients_has_no_statistic(plan: Plan) -> None:
    design = plan(events=(2.0,), patients=3.0, allocation=1e-6)
    found = simulate(design, trials=20)
    assert found.undefined == 20
    assert found.power == 0.0
    assert found.hazard_ratio is not None
    assert found.to_dict()["hazard_ratio"]["median"] is None
    assert found.to_dict()["hazard_ratio"]["undefined"] == 20


def test_tiny_trial_with_many_undefined_ratios(plan: Plan) -> None:
    design = plan(events=(2.0,), patients=4.0)
    found = simulate(design, trials=200)
    table = found.trial_table(trials=200)
    assert table["hazard_ratio"].is_null().sum() == found.to_dict()["hazard_ratio"]["undefined"]
    assert 0 < table["hazard_ratio"].is_null().sum() < 200
