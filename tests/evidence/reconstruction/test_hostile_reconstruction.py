"""What a user can get wrong: one message that names row, value and remedy."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.evidence.reconstruction import twin

from debulk.core.errors import InputError
from debulk.evidence.reconstruction.one_arm import reconstruct_arm, reconstruct_survival
from debulk.evidence.reconstruction.replicates import reconstruction_replicates
from debulk.evidence.reconstruction.two_arms import reconstruction_uncertainty

GOOD = {"time": [1.0, 2.0, 5.0], "survival": [0.9, 0.8, 0.6]}
TABLE = {"time": [0, 3], "at_risk": [50, 38]}


def curve(**changed: list[float]) -> dict[str, list[float]]:
    return {**GOOD, **changed}


@pytest.mark.parametrize(
    ("given", "where", "found"),
    [
        (curve(survival=[0.9, 1.05, 0.6]), "curve, row 2, column survival", "1.05"),
        (curve(survival=[0.9, 0.8, -0.05]), "curve, row 3, column survival", "-0.05"),
        (curve(survival=[90, 80, 60]), "curve, row 1, column survival", "90"),
        (curve(survival=[0.9, float("nan"), 0.6]), "curve, column survival, row 2", "missing|nan"),
        (curve(survival=[0.9, "x", 0.6]), "curve, column survival", "not numbers"),
        (curve(time=[1.0, float("inf"), 5.0]), "curve, column time, row 2", "inf"),
        (curve(time=[-1.0, 2.0, 5.0]), "curve, row 1, column time", "-1"),
        (curve(time=[1.0, 2.0]), "curve, column survival", "3 values"),
        (curve(survival=[0.2, 0.8, 0.6]), "curve, column survival", "rises"),
        ({"time": [], "survival": []}, "curve", "no point"),
        ({"time": [0.0], "survival": [1.0]}, "curve", "no point after time 0"),
        ({"time": [1.0]}, "curve", "'survival'"),
        (None, "curve", "'time'"),
    ],
)
def test_a_bad_curve_is_refused(given, where, found):
    with pytest.raises(InputError, match=found) as refused:
        reconstruct_survival(given, TABLE)
    assert refused.value.where.startswith(where)


@pytest.mark.parametrize("given", [np.array([1.0, 2.0, 5.0]), [], [(1, 0.9), (2,), (5, 0.6)]])
def test_what_has_no_two_columns_is_refused(given):
    with pytest.raises(InputError, match="holds no two columns") as refused:
        reconstruct_survival(given, TABLE)
    assert refused.value.where == "curve"


@pytest.mark.parametrize(
    ("table", "where", "found"),
    [
        (
            {"time": [0, 3], "at_risk": [50, 51]},
            "at_risk, row 2, column at_risk",
            "more than the 50",
        ),
        ({"time": [0, 2, 3], "at_risk": [50, None, 51]}, "at_risk, row 3, column at_risk", "row 1"),
        ({"time": [0, 3], "at_risk": [50, 30.5]}, "at_risk, row 2, column at_risk", "30.5"),
        ({"time": [0, 3], "at_risk": [50, -1]}, "at_risk, row 2, column at_risk", "-1"),
        ({"time": [0, 0], "at_risk": [50, 40]}, "at_risk, row 2, column time", "after 0"),
        ({"time": [-1, 3], "at_risk": [50, 40]}, "at_risk, row 1, column time", "-1"),
        ({"time": [1, 3], "at_risk": [50, 40]}, "at_risk", "no number at time 0"),
        ({"time": [0, 3], "at_risk": [None, 40]}, "at_risk", "no number at time 0"),
        ({"time": [0, 3], "at_risk": [0, 0]}, "at_risk", "nobody"),
        ({"time": [0, 3], "at_risk": [50]}, "at_risk, column at_risk", "1 values"),
        ({"time": [0, 3]}, "at_risk", "'at_risk'"),
        (None, "at_risk", "patients"),
    ],
)
def test_bad_numbers_at_risk_are_refused(table, where, found):
    with pytest.raises(InputError, match=found) as refused:
        reconstruct_survival(GOOD, table)
    assert refused.value.where.startswith(where)


def test_nobody_is_at_risk_after_the_curve_came_down_to_0():
    with pytest.raises(InputError, match="curve is 0 from 5 on"):
        reconstruct_survival(curve(survival=[0.9, 0.8, 0.0]), {"time": [0, 7], "at_risk": [50, 3]})


@pytest.mark.parametrize("events", [51, -1, 2.5, True, "20"])
def test_a_total_that_cannot_be_is_refused(events):
    with pytest.raises(InputError) as refused:
        reconstruct_survival(GOOD, TABLE, events=events)
    assert refused.value.where == "events"


@pytest.mark.parametrize("events", [1, 48])
def test_a_total_that_cannot_give_the_curve_is_refused(events):
    arm = twin.made_up(200, 5)
    with pytest.raises(InputError, match="ask for about"):
        reconstruct_arm(arm.read(100), arm.at_risk(np.arange(0.0, 40.0, 5.0)), events=events)


@pytest.mark.parametrize("patients", [0, -3, 1.5, "ten", 49])
def test_a_number_of_patients_that_cannot_be_is_refused(patients):
    with pytest.raises(InputError) as refused:
        reconstruct_survival(GOOD, TABLE, patients=patients)
    assert refused.value.where == "patients"


def test_fewer_patients_than_at_risk_later_are_refused():
    with pytest.raises(InputError, match="fewer than the 40"):
        reconstruct_survival(GOOD, {"time": [3], "at_risk": [40]}, patients=30)


def test_percent_must_be_said_and_is_then_read():
    asked = pl.DataFrame({"time": GOOD["time"], "survival": [90.0, 80.0, 60.0]})
    with pytest.raises(InputError, match="percent=True"):
        reconstruct_survival(asked, TABLE)
    assert reconstruct_survival(asked, TABLE, percent=True).equals(
        reconstruct_survival(GOOD, TABLE)
    )


def test_a_click_on_the_edge_of_the_axis_is_taken_as_on_it():
    made = reconstruct_arm(curve(survival=[1.01, 0.8, 0.6]), TABLE)
    assert any("beside the axis" in each for each in made.provenance.remarks)


def test_numbers_at_risk_that_deny_the_curve_are_told():
    # The curve falls to 0.6, yet 49 of 50 are still at risk at 3.
    made = reconstruct_arm(GOOD, {"time": [0, 3], "at_risk": [50, 49]})
    assert any("disagree" in each for each in made.provenance.remarks)


@pytest.mark.parametrize(
    ("option", "value"),
    [("replicates", 1), ("replicates", 10**9), ("seed", -1), ("reading_error", 0.5),
     ("reading_error", float("nan")), ("stream", -1)],
)  # fmt: skip
def test_bad_options_of_replicates_are_refused(option, value):
    with pytest.raises(InputError) as refused:
        reconstruction_replicates(reconstruct_arm(GOOD, TABLE), **{option: value})
    assert refused.value.where == option


@pytest.mark.parametrize(
    ("option", "value"), [("horizon", 99.0), ("horizon", 0.0), ("conf_level", 1.0)]
)
def test_bad_options_of_a_comparison_are_refused(option, value):
    arm = reconstruct_arm(GOOD, TABLE)
    with pytest.raises(InputError) as refused:
        reconstruction_uncertainty(arm, arm, replicates=10, **{option: value})
    assert refused.value.where.startswith(option)


def test_no_hazard_ratio_without_deaths():
    flat = reconstruct_arm({"time": [5.0], "survival": [1.0]}, patients=50)
    with pytest.raises(InputError, match="no death"):
        reconstruction_uncertainty(reconstruct_arm(GOOD, TABLE), flat, replicates=10)
