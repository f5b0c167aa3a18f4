"""Is what is no sweep refused before anything is computed or written?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from debulk.core import InputError
from debulk.trials.sweeps.sweeping import read_sweep, sweep

FIXED = {"median_control": 20.0, "accrual": 36.0, "follow_up": 12.0, "power": 0.8}
RATIOS = {"hazard_ratio": [0.7]}


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({}, "names no axis"),
        (None, "names no axis"),
        ([1], "names no axis"),
        ({1: [0.7]}, "is no name"),
        ({"hazard_ratio": []}, "has no value"),
        ({"hazard_ratio": 0.7}, "is no list"),
        ({"hazard_ratio": "0.7"}, "is no list"),
        ({"hazard_ratio": {"a": 1}}, "is no list"),
        ({"hazard_ratio": [0.7, 0.7]}, "twice"),
        ({"hazard_ratio": [0.7, float("nan")]}, "is not finite"),
        ({"hazard_ratio": [((0.0, 0.7), (6.0, np.inf))]}, "is not finite"),
        ({"hazard_ratio": [object()]}, "no plain value"),
        ({"hazard_ratios": [0.7]}, "Did you mean 'hazard_ratio'"),
        ({**RATIOS, "boundaries.efficacity": ["pocock"]}, "no assumption of a design"),
        ({**RATIOS, "true_hazard_ratio": [1.0]}, "for simulated trials alone"),
        ({**RATIOS, "power": [0.8]}, "in grid and in fixed"),
        ({"dropout": [0.0]}, "hazard_ratio is missing"),
        ({**RATIOS, "alpha": range(4000), "null_ratio": range(4000)}, "points, more than"),
    ],
)
def test_grids_that_are_none(tmp_path, grid, words) -> None:
    with pytest.raises(InputError, match=words):
        sweep(grid, out=tmp_path / "out", fixed=FIXED)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "trial"},
        {"trials": -1},
        {"trials": True},
        {"trials": 1.5},
        {"seed": -1},
        {"workers": 0},
        {"fixed": [1]},
        {"fixed": {1: 2}},
        {"fixed": {**FIXED, "strata": object()}},
    ],
)
def test_options_out_of_range(tmp_path, options) -> None:
    with pytest.raises(InputError):
        sweep(RATIOS, out=tmp_path / "out", **{"fixed": FIXED, **options})
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"world": ["null"]}, "protocol is missing"),
        ({"protocol": ["orchestr"]}, "Did you mean 'orchestra'"),
        ({"protocol": ["none.yaml"]}, "no such file"),
        ({"protocol": [3]}, "is no name"),
        ({"protocol": ["orchestra"], "world": ["sham"]}, "hoped-for or null"),
        ({"protocol": ["orchestra"], "power": [0.8]}, "column of the results"),
    ],
)
def test_protocols_that_are_none(tmp_path, grid, words) -> None:
    with pytest.raises(InputError, match=words):
        sweep(grid, kind="protocol", out=tmp_path / "out", trials=1)
    assert not (tmp_path / "out").exists()


def test_changes_no_protocol_knows_are_rows_with_the_reason(tmp_path) -> None:
    grid = {"conduct.withdrawm": [0.1], "without": ["surg", ["a", 1], 5]}
    done = sweep(grid, kind="protocol", out=tmp_path, fixed={"protocol": "orchestra"}, trials=1)
    assert done.failed() == 3
    other = {"disease.k1": ["much"], "modalities.rfa.mortality_90_days": [7], "regimens.x.y": [1]}
    for name, values in other.items():
        folder = tmp_path / name
        done = sweep(
            {name: values}, kind="protocol", out=folder, fixed={"protocol": "orchestra"}, trials=1
        )
        assert done.failed() == 1


@pytest.mark.parametrize(
    "looks",
    [
        {"information": [0.5, 1.0]},
        {"information": [0.5, 1.0], "efficacy": {"rule": "spend"}},
        {"information": [0.5, 1.0], "efficacy": {"rule": "spending", "gama": 1}},
        {"information": [1.0, 0.5], "efficacy": "pocock"},
        {"informations": [0.5]},
        7,
    ],
)
def test_impossible_boundaries_are_rows_with_the_reason(tmp_path, looks) -> None:
    done = sweep(RATIOS, out=tmp_path, fixed={**FIXED, "boundaries": looks})
    assert done.failed() == 1


@pytest.mark.parametrize("kind", [np.array, pl.Series, tuple, list])
def test_any_sequence_is_an_axis(tmp_path, kind) -> None:
    done = sweep({"hazard_ratio": kind([0.7, 0.8])}, out=tmp_path, fixed=FIXED)
    assert done.scan().collect()["hazard_ratio"].to_list() == [0.7, 0.8]
    assert done.failed() == 0


def test_strange_values_are_columns_of_text(tmp_path) -> None:
    values = [0.7, True, None, "high", 10**400, [[0, 0.7]]]
    done = sweep({"hazard_ratio": values}, out=tmp_path, fixed=FIXED)
    assert done.scan().collect()["hazard_ratio"].dtype == pl.String
    assert done.failed() == 4


def test_another_sweep_in_the_folder_is_refused_unless_fresh(tmp_path) -> None:
    sweep(RATIOS, out=tmp_path, fixed=FIXED)
    other = {"hazard_ratio": [0.8]}
    with pytest.raises(InputError, match="other settings"):
        sweep(other, out=tmp_path, fixed=FIXED)
    with pytest.raises(InputError, match="1 of 1 chunks"):
        read_sweep(other, out=tmp_path, fixed=FIXED)
    assert sweep(other, out=tmp_path, fixed=FIXED, fresh=True).failed() == 0


def test_means_by_no_axis_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="is no axis"):
        sweep(RATIOS, out=tmp_path, fixed=FIXED).by(["hazard"])
