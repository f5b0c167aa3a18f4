"""Does each row hold what the same question gives when it is asked alone?"""

from __future__ import annotations

import itertools

import polars as pl
import pytest

from debulk.disease import load_model
from debulk.protocols import load_protocol
from debulk.trials import run_trial
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending
from debulk.trials.simulation.simulating import simulate
from debulk.trials.survival_designs.designing import survival_design
from debulk.trials.sweeps.sweeping import read_sweep, sweep

FIXED = {"median_control": 20.0, "accrual": 36.0, "follow_up": 12.0, "power": 0.8}
PEOPLE = 3000


def test_every_combination_is_a_row_and_the_last_axis_moves_first(tmp_path) -> None:
    grid = {"hazard_ratio": [0.6, 0.7, 0.8], "dropout": [0.0, 0.1], "sided": [1, 2]}
    rows = sweep(grid, out=tmp_path, fixed=FIXED).scan().collect()
    assert rows["point"].to_list() == list(range(12))
    found = list(rows.select("hazard_ratio", "dropout", "sided").iter_rows())
    assert found == list(itertools.product(*grid.values()))
    for ratio, dropout, sided, events, patients in rows.select(
        "hazard_ratio", "dropout", "sided", "planned_events", "planned_patients"
    ).iter_rows():
        alone = survival_design(hazard_ratio=ratio, dropout=dropout, sided=sided, **FIXED)
        assert (events, patients) == (alone.events, alone.patients)


def test_impossible_points_are_rows_that_say_why(tmp_path) -> None:
    done = sweep({"hazard_ratio": [0.7, 1.0, 1.3, -1.0]}, out=tmp_path, fixed=FIXED)
    rows = done.scan().collect()
    assert done.failed() == 3
    assert rows["error"].is_null().to_list() == [True, False, False, False]
    assert "null hypothesis itself" in rows["error"][1]
    assert rows["planned_events"].is_null().to_list() == [False, True, True, True]


def test_boundaries_are_assumptions_too(tmp_path) -> None:
    grid = {"boundaries.efficacy": ["pocock", {"rule": "spending", "family": "obrien-fleming"}]}
    fixed = {**FIXED, "hazard_ratio": 0.7, "boundaries": {"information": [0.5, 1.0]}}
    rows = sweep(grid, out=tmp_path, fixed=fixed).scan().collect()
    for efficacy, events in zip(
        ("pocock", Spending("obrien-fleming")), rows["planned_events"], strict=True
    ):
        looks = group_sequential([0.5, 1.0], efficacy=efficacy)
        assert survival_design(hazard_ratio=0.7, boundaries=looks, **FIXED).events == events
    assert rows["boundaries.efficacy"][0] == "pocock"
    assert "obrien-fleming" in rows["boundaries.efficacy"][1]


def test_simulated_points_are_the_same_trials_simulated_alone(tmp_path) -> None:
    grid = {"true_hazard_ratio": [0.65, 1.0]}
    fixed = {**FIXED, "hazard_ratio": 0.65}
    rows = sweep(grid, out=tmp_path, fixed=fixed, trials=300, seed=5).scan().collect()
    design = survival_design(**fixed)
    for ratio, power in rows.select("true_hazard_ratio", "simulated_power").iter_rows():
        assert simulate(design, hazard_ratio=ratio, trials=300, seed=5).power == power
    assert rows["simulated_power"][1] < 0.1 < rows["simulated_power"][0]


def test_means_over_the_points_that_share_an_assumption(tmp_path) -> None:
    grid = {"power": [0.8, 0.9], "hazard_ratio": [0.6, 0.7, 1.0]}
    fixed = {name: value for name, value in FIXED.items() if name != "power"}
    done = sweep(grid, out=tmp_path, fixed=fixed)
    by = done.by(["power"])
    assert by["power"].to_list() == [0.8, 0.9]
    assert by["points"].to_list() == [3, 3]
    assert by["failed"].to_list() == [1, 1]
    for power, mean in by.select("power", "planned_events").iter_rows():
        events = [
            survival_design(**{**fixed, "power": power, "hazard_ratio": each}).events
            for each in (0.6, 0.7)
        ]
        assert mean == pytest.approx(sum(events) / 2, rel=1e-12)


def test_a_finished_sweep_is_read_back_lazily(tmp_path) -> None:
    grid = {"hazard_ratio": [0.5 + 0.001 * each for each in range(250)]}
    done = sweep(grid, out=tmp_path, fixed=FIXED)
    again = read_sweep(grid, out=tmp_path, fixed=FIXED)
    assert len(again.files) == 3
    assert isinstance(again.scan(), pl.LazyFrame)
    assert again.scan().collect().equals(done.scan().collect())


def test_a_protocol_under_changes_and_switches(tmp_path) -> None:
    grid = {"conduct.withdrawn": [0.0, 0.3], "without": ["none", "all"], "world": ["hoped-for"]}
    fixed = {"protocol": "orchestra", "conduct.people_with_bowel_cancer": PEOPLE}
    done = sweep(grid, kind="protocol", out=tmp_path, fixed=fixed, trials=5, seed=2)
    rows = done.scan().collect()
    assert done.failed() == 0
    assert len(done.files) == 4
    changes = {"conduct.withdrawn": "0.3", "conduct.people_with_bowel_cancer": str(PEOPLE)}
    alone = run_trial(
        load_protocol("orchestra", changes=changes),
        model=load_model().without("all"),
        trials=5,
        seed=2,
    )
    assert rows["true_hazard_ratio"][3] == alone.truth.hazard_ratio
    assert rows["patients"][3] == alone.patients
    assert rows["without"].to_list() == ["none", "all", "none", "all"]
    assert rows["true_hazard_ratio"].n_unique() > 1


def test_the_null_world_has_a_ratio_of_one(tmp_path) -> None:
    grid = {"protocol": ["orchestra"], "world": ["null"], "with": ["none", "surge"]}
    fixed = {"conduct.people_with_bowel_cancer": PEOPLE}
    done = sweep(grid, kind="protocol", out=tmp_path, fixed=fixed, trials=3)
    rows = done.scan().collect()
    assert rows["true_hazard_ratio"].to_list() == [1.0, None]
    assert "no mechanism to switch" in rows["error"][1]


@pytest.mark.parametrize(
    "rule",
    [
        {"rule": "conditional-power", "threshold": 0.2},
        {"rule": "predictive-power", "threshold": 0.2},
        {"rule": "hazard-ratio", "hazard_ratio": 1.0, "events": 250},
        {"rule": "spending", "family": "hwang-shih-decani", "gamma": -4},
    ],
)
def test_every_rule_of_futility_can_be_named(tmp_path, rule) -> None:
    looks = {"information": [0.5, 1.0], "efficacy": {"rule": "wang-tsiatis", "delta": 0.1}}
    fixed = {**FIXED, "boundaries": {**looks, "beta": 0.2, "futility": rule}}
    done = sweep({"hazard_ratio": [0.7]}, out=tmp_path, fixed=fixed)
    assert done.scan().collect()["error"].to_list() == [None]
