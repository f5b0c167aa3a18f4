"""Whatever a user writes, a clear message comes before anything runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending
from debulk.trials.survival_designs.assumptions import Stratum
from debulk.trials.survival_designs.designing import survival_design
from debulk.trials.survival_designs.timing import Timing

PLAN: dict[str, Any] = {
    "hazard_ratio": 0.7,
    "median_control": 12.0,
    "accrual": 24.0,
    "power": 0.8,
    "follow_up": 12.0,
}
THREE = group_sequential(
    (0.5, 0.75, 1.0),
    efficacy=Spending("obrien-fleming"),
    futility=Spending("hwang-shih-decani", -4.0),
    beta=0.2,
)
LOOSE = group_sequential((0.5, 1.0), efficacy=(0.4, 0.4))
CLOSED = group_sequential((0.5, 1.0), efficacy=(None, None))
SHORT = group_sequential((0.4, 0.9), efficacy=Spending("obrien-fleming"))

NO_NUMBER = [
    True,
    "0.5",
    b"0.5",
    float("nan"),
    float("inf"),
    10**400,
    1j,
    [],
    {},
    object(),
    np.array([1.0, 2.0]),
    pl.Series([1.0, 2.0]),
]


@pytest.mark.parametrize("value", NO_NUMBER, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(
    "name",
    [
        "hazard_ratio",
        "median_control",
        "null_ratio",
        "alpha",
        "sided",
        "power",
        "follow_up",
        "allocation",
        "accrual",
        "binding",
        "formula",
        "strata",
        "timing",
        "boundaries",
    ],
)
def test_what_is_no_such_thing_is_refused(name: str, value: Any) -> None:
    if name == "binding" and value is True:
        value = 1
    with pytest.raises(InputError):
        survival_design(**{**PLAN, name: value})


CASES = [
    ({"alpha": 0.0}, "alpha"),
    ({"alpha": 1.0}, "alpha"),
    ({"power": 1.0}, "power"),
    ({"power": 0.02}, "not above the one-sided level"),
    ({"sided": 3}, "neither 1 nor 2"),
    ({"hazard_ratio": 1.0}, "null hypothesis itself"),
    ({"hazard_ratio": 1.2}, "wrong side"),
    ({"hazard_ratio": 1.3, "null_ratio": 1.3}, "null hypothesis itself"),
    ({"hazard_ratio": 1.4, "null_ratio": 1.3}, "wrong side"),
    ({"hazard_ratio": 0.9, "null_ratio": 0.8}, "wrong side"),
    ({"hazard_ratio": 0.0}, "not above 0"),
    ({"hazard_ratio": -0.5}, "not above 0"),
    ({"hazard_ratio": ((0, 1.0), (6, 1.5))}, "no number of patients"),
    ({"hazard_ratio": ((1, 0.7),)}, "first start"),
    ({"hazard_ratio": ((0, 0.7), (0, 0.6))}, "rise"),
    ({"hazard_ratio": ((0, 0.7), (6, 0.6), (3, 0.5))}, "rise"),
    ({"hazard_ratio": ((0, 0.7, 1),)}, "no pair"),
    ({"median_control": 0.0}, "not above 0"),
    ({"median_control": None}, "neither is given"),
    ({"hazard_control": 0.05}, "both are given"),
    ({"median_control": None, "hazard_control": ((0, 0.0), (6, 0.0))}, "every value is 0"),
    ({"median_control": None, "hazard_control": ((0, 0.1), (6, -0.1))}, "not above 0"),
    ({"accrual": 0.0}, "not above 0"),
    ({"accrual": -3.0}, "not above 0"),
    ({"accrual": ((0, -2.0),)}, "not above 0"),
    ({"accrual": ((0, 0.0),)}, "nobody ever enters"),
    ({"accrual": ((2, 5.0),)}, "first start"),
    ({"accrual": ((0, 5.0), (10, 8.0), (5, 3.0))}, "rise"),
    ({"dropout": 1.0}, "dropout"),
    ({"dropout": -0.1}, "dropout"),
    ({"dropout": (0.1, 0.1, 0.1)}, "3 values"),
    ({"allocation": 0.0}, "not above 0"),
    ({"follow_up": -1.0}, "follow_up"),
    ({"patients": 400}, "power, patients, follow_up"),
    ({"events": 200}, "power, events, follow_up"),
    ({"power": None}, "given: follow_up"),
    ({"power": None, "follow_up": None}, "none is given"),
    ({"power": None, "follow_up": None, "patients": -3}, "not above 0"),
    ({"power": None, "follow_up": None, "patients": 300}, "given: patients"),
    ({"formula": "schonfeld"}, "schoenfeld"),
    ({"formula": "freedman", "null_ratio": 1.2}, "with a margin"),
    ({"formula": "lachin-foulkes", "hazard_ratio": ((0, 1.0), (6, 0.5))}, "one hazard ratio"),
    ({"binding": True}, "there are no boundaries"),
    ({"boundaries": "pocock"}, "no Boundaries"),
    ({"boundaries": SHORT.update((0.5,), remaining=(1.0,))}, "were updated"),
    ({"boundaries": SHORT}, "last look is at information 0.9"),
    ({"boundaries": THREE, "alpha": 0.05}, "contradicts"),
    ({"boundaries": THREE, "sided": 2}, "contradicts"),
    ({"boundaries": THREE, "binding": True}, "contradicts"),
    ({"boundaries": THREE, "power": 0.9}, "beta=0.2"),
    ({"boundaries": LOOSE, "power": 0.4}, "the power lies between 0.4"),
    ({"boundaries": CLOSED, "power": 0.4}, "the power lies between 0 and 0"),
    ({"strata": (Stratum(0.5, 0.03), Stratum(0.5, 0.02))}, "beside median_control"),
    ({"median_control": None, "strata": (Stratum(0.5, 0.03), Stratum(0.4, 0.02))}, "sum to 0.9"),
    ({"median_control": None, "strata": (Stratum(1.5, 0.03), Stratum(-0.5, 0.02))}, "share"),
    ({"median_control": None, "strata": (0.5, 0.5)}, "no sequence of Stratum"),
    ({"boundaries": THREE, "timing": Timing(events=50)}, "1 entries for 3 looks"),
    ({"boundaries": THREE, "timing": (None, 5)}, "no Timing"),
    (
        {"boundaries": THREE, "timing": (Timing(calendar_month=30), Timing(calendar_month=20))},
        "the looks come at months",
    ),
    (
        {"boundaries": THREE, "timing": (None, Timing(calendar_month=90))},
        "the looks come at months",
    ),
    ({"boundaries": THREE, "timing": (Timing(events=9999), None)}, "cannot be reached"),
]


@pytest.mark.parametrize(("change", "words"), CASES, ids=[str(case[0])[:50] for case in CASES])
def test_each_mistake_has_its_message(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        survival_design(**{**PLAN, **change})
    assert words in str(caught.value)


def test_events_out_of_reach_say_how_many_and_when() -> None:
    """Half of the patients can have an event: 100 of 200 with equal hazards of both kinds."""
    lost = 1.0 - 2.0 ** -(12.0 / 12.0)
    with pytest.raises(InputError) as caught:
        survival_design(
            hazard_ratio=0.999999999,
            median_control=12,
            accrual=10,
            dropout=lost,
            patients=200,
            events=101,
        )
    text = str(caught.value)
    assert "of 200.0 patients at most 100.0" in text
    assert "99.0 of them by month" in text


def test_power_out_of_reach_says_how_many_events_there_can_be() -> None:
    with pytest.raises(InputError, match="cannot be reached: of 100"):
        survival_design(hazard_ratio=0.8, median_control=12, accrual=10, power=0.8, patients=100)
    with pytest.raises(InputError, match="the most is"):
        survival_design(
            hazard_ratio=((0, 1.0), (6, 0.7)),
            median_control=12,
            accrual=10,
            power=0.8,
            patients=100,
        )
    with pytest.raises(InputError, match="the most is"):
        survival_design(
            hazard_ratio=0.8,
            median_control=12,
            accrual=10,
            power=0.8,
            patients=100,
            formula="lachin-foulkes",
        )


def test_accrual_that_never_reaches_the_patients_says_how_many() -> None:
    with pytest.raises(InputError, match=r"reaches 110\.0 patients by month 16"):
        survival_design(
            hazard_ratio=0.7,
            median_control=12,
            accrual=((0, 5), (10, 10), (16, 0)),
            power=0.8,
            patients=400,
        )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "no condition"),
        ({"events": -1}, "above 0"),
        ({"events": "many"}, "finite number"),
        ({"calendar_month": 0.0}, "above 0"),
        ({"minimum_follow_up": -2.0}, "above 0"),
        ({"events": 10, "rule": "both"}, "rule"),
        ({"calendar_month": 30, "latest_month": 20}, "before calendar_month"),
    ],
)
def test_timing_is_checked(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Timing(**given)


def test_power_of_no_effect_is_the_level() -> None:
    """Asked for power, not for a size, the null hypothesis is a fair question."""
    design = survival_design(
        hazard_ratio=1.0, median_control=12, accrual=24, patients=400, events=200
    )
    assert design.power == pytest.approx(0.025, abs=1e-12)


def test_final_analysis_before_the_last_patient_is_said() -> None:
    design = survival_design(
        hazard_ratio=0.7, median_control=6, accrual=60, patients=600, events=100
    )
    assert design.duration_months < 60.0
    assert any("before the last of the patients" in each for each in design.remarks)


def test_rounded_refuses_looks_that_coincide() -> None:
    bounds = group_sequential((0.98, 1.0), efficacy=Spending("obrien-fleming"))
    design = survival_design(
        hazard_ratio=0.3, median_control=12, accrual=24, power=0.8, follow_up=12, boundaries=bounds
    )
    with pytest.raises(InputError, match="same number of whole events"):
        design.rounded()


@pytest.mark.parametrize("formula", ["schoenfeld", "lachin-foulkes"])
@pytest.mark.parametrize("ratio", [0.6, ((0, 1.0), (35, 0.5))])
@pytest.mark.parametrize(
    "question",
    [
        {"power": 0.8, "follow_up": 5},
        {"events": 50, "follow_up": 5},
        {"patients": 200, "follow_up": 5},
        {"patients": 200, "timing": Timing(calendar_month=20)},
    ],
)
def test_no_event_by_the_end_is_said(formula: str, ratio: Any, question: dict[str, Any]) -> None:
    """Nobody dies before month 30."""
    with pytest.raises(InputError, match=r"no event is expected|one hazard ratio"):
        survival_design(
            hazard_ratio=ratio,
            hazard_control=((0, 0), (30, 0.05)),
            accrual=10,
            formula=formula,
            **question,
        )


@pytest.mark.parametrize("formula", ["schoenfeld", "lachin-foulkes"])
@pytest.mark.parametrize("accrual", [((0, 10),), ((0, 0), (4, 20))])
def test_events_that_begin_late_are_no_trouble(formula: str, accrual: Any) -> None:
    plan = {"hazard_control": ((0, 0), (30, 0.05)), "formula": formula, "accrual": accrual}
    design = survival_design(hazard_ratio=0.6, power=0.8, follow_up=0, **plan)
    assert design.duration_months > 30.0
    again = survival_design(hazard_ratio=0.6, power=0.8, patients=design.patients, **plan)
    assert again.duration_months == pytest.approx(design.duration_months, rel=1e-7)
    late = {**plan, "hazard_ratio": ((0, 1.0), (33, 0.4))}
    if formula == "schoenfeld":
        slow = survival_design(power=0.8, follow_up=0, **late)
        assert slow.power == pytest.approx(0.8, abs=1e-7)
