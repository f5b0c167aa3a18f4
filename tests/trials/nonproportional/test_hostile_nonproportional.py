"""What a user can give by mistake: always an InputError that names the argument."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.survival import EarlyZero, FlemingHarrington
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.average_effect import (
    average_hazard_ratio,
    average_hazard_ratio_design,
)
from debulk.trials.nonproportional.combined import max_combo_design
from debulk.trials.nonproportional.curve_designs import milestone_design, rmst_design
from debulk.trials.nonproportional.rank_designs import weighted_logrank_design
from debulk.trials.nonproportional.single_arm import WeibullControl, one_sample_logrank_design
from debulk.trials.survival_designs.assumptions import Stratum

GOOD = {"hazard_ratio": ((0, 1.3), (4, 0.6)), "median_control": 14, "accrual": 24}
CROSSING = Alternative(**GOOD)
NOT_NUMBERS: list[Any] = [
    True,
    "0.7",
    math.nan,
    math.inf,
    None,
    10**400,
    np.array([0.5, 0.6]),
    {},
    object(),
    pl.Series([0.5]),
    1j,
]


@pytest.mark.parametrize("value", NOT_NUMBERS)
@pytest.mark.parametrize("name", ["hazard_ratio", "median_control", "accrual", "allocation"])
def test_no_number_in_an_alternative(name: str, value: Any) -> None:
    with pytest.raises(InputError):
        Alternative(**{**GOOD, name: value})


@pytest.mark.parametrize("value", [each for each in NOT_NUMBERS if each is not None])
@pytest.mark.parametrize("name", ["alpha", "sided", "power", "follow_up"])
@pytest.mark.parametrize(
    "design",
    [
        average_hazard_ratio_design,
        weighted_logrank_design,
        max_combo_design,
        lambda a, **more: rmst_design(a, tau=20, **more),
        lambda a, **more: milestone_design(a, at=20, **more),
    ],
)
def test_no_number_in_a_design(design: Any, name: str, value: Any) -> None:
    if name == "sided" and value is True:
        return
    with pytest.raises(InputError) as problem:
        design(CROSSING, **{"power": 0.9, "follow_up": 18, name: value})
    assert problem.value.where == name


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"hazard_ratio": 0}, "hazard_ratio"),
        ({"hazard_ratio": -0.5}, "hazard_ratio"),
        ({"hazard_ratio": ()}, "hazard_ratio"),
        ({"hazard_ratio": ((1, 0.7),)}, "hazard_ratio"),
        ({"hazard_ratio": ((0, 0.7), (0, 0.6))}, "hazard_ratio, start of piece 2"),
        ({"hazard_ratio": ((0, 0.7), (6,))}, "hazard_ratio, piece 2"),
        ({"hazard_ratio": (0.7, 0.8)}, "hazard_ratio, piece 1"),
        ({"median_control": 0}, "median_control"),
        ({"median_control": None}, "median_control and hazard_control"),
        ({"hazard_control": 0.1}, "median_control and hazard_control"),
        ({"median_control": None, "hazard_control": 0.0}, "hazard_control"),
        ({"accrual": 0}, "accrual"),
        ({"accrual": ((0, 0.0),)}, "accrual"),
        ({"accrual": ((0, -1.0),)}, "accrual, piece 1"),
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"dropout": (0.1, 0.1, 0.1)}, "dropout"),
        ({"allocation": 0}, "allocation"),
        ({"allocation": -1}, "allocation"),
        ({"strata": (Stratum(0.5, 0.1),)}, "strata"),
        ({"median_control": None, "strata": ()}, "strata"),
        ({"median_control": None, "strata": "all"}, "strata"),
        ({"median_control": None, "strata": (0.5, 0.5)}, "strata, stratum 1"),
        ({"median_control": None, "strata": (Stratum(0.5, 0.1),)}, "strata"),
        ({"median_control": None, "strata": (Stratum(0, 0.1),)}, "strata, stratum 1, share"),
        (
            {"median_control": None, "strata": (Stratum(1, 0.1, -1.0),)},
            "strata, stratum 1, hazard_ratio",
        ),
    ],
)
def test_alternatives_out_of_range(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(InputError) as problem:
        Alternative(**{**GOOD, **changes})
    assert problem.value.where == where


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"power": 0.02}, "power"),
        ({"power": 1.0}, "power"),
        ({"power": 0.0}, "power"),
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": 1.0}, "alpha"),
        ({"sided": 3}, "sided"),
        ({"power": None}, "power and patients"),
        ({"patients": 300}, "power and patients"),
        ({"power": None, "patients": 1}, "patients"),
        ({"power": None, "patients": -5}, "patients"),
        ({"power": None, "patients": 1e300}, "patients"),
        ({"follow_up": -1}, "follow_up"),
    ],
)
def test_requests_out_of_range(changes: dict[str, Any], where: str) -> None:
    asked = {"power": 0.9, "follow_up": 18, **changes}
    for design in (average_hazard_ratio_design, weighted_logrank_design, max_combo_design):
        with pytest.raises(InputError) as problem:
            design(CROSSING, **asked)
        assert problem.value.where == where


def test_no_effect_and_no_alternative() -> None:
    same = Alternative(hazard_ratio=((0, 1.0), (6, 1)), median_control=14, accrual=24)
    for design in (average_hazard_ratio_design, weighted_logrank_design, max_combo_design):
        with pytest.raises(InputError, match="no effect to find"):
            design(same, power=0.9, follow_up=18)
        with pytest.raises(InputError, match="Alternative"):
            design({"hazard_ratio": 0.7}, power=0.9, follow_up=18)
    with pytest.raises(InputError, match="no effect to find"):
        one_sample_logrank_design(
            hazard_ratio=1, median_control=9, accrual=24, power=0.9, follow_up=12
        )


def test_harm_alone_is_not_found() -> None:
    harm = Alternative(hazard_ratio=1.4, median_control=14, accrual=24)
    for design in (average_hazard_ratio_design, weighted_logrank_design, max_combo_design):
        with pytest.raises(InputError, match="no benefit to find"):
            design(harm, power=0.9, follow_up=18)
        assert design(harm, patients=300, follow_up=18).power < 0.01
    with pytest.raises(InputError, match="no benefit to find"):
        one_sample_logrank_design(
            hazard_ratio=1.5, median_control=9, accrual=24, power=0.9, follow_up=12
        )
    late = Alternative(hazard_ratio=((0, 1.3), (30, 0.5)), median_control=14, accrual=12)
    with pytest.raises(InputError, match="no benefit to find"):
        rmst_design(late, tau=24, power=0.9, follow_up=24)


def test_horizons_beyond_the_follow_up() -> None:
    for name, design in (
        ("tau", lambda: rmst_design(CROSSING, tau=42, power=0.9, follow_up=18)),
        ("at", lambda: milestone_design(CROSSING, at=60, power=0.9, follow_up=18)),
    ):
        with pytest.raises(InputError, match="longest follow-up of 42 months") as problem:
            design()
        assert problem.value.where == name
    with pytest.raises(InputError):
        rmst_design(CROSSING, tau=0, power=0.9, follow_up=18)
    quiet = Alternative(hazard_ratio=0.5, hazard_control=((0, 0), (12, 0.1)), accrual=24)
    with pytest.raises(InputError, match="no log-log"):
        milestone_design(quiet, at=12, scale="log-log", power=0.9, follow_up=18)
    with pytest.raises(InputError, match="scale"):
        milestone_design(CROSSING, at=12, scale="log", power=0.9, follow_up=18)  # type: ignore[arg-type]


def test_accrual_and_events_that_are_never_reached() -> None:
    ends = Alternative(hazard_ratio=0.8, median_control=14, accrual=((0, 10), (12, 0)))
    with pytest.raises(InputError, match="120 patients, not 300"):
        weighted_logrank_design(ends, patients=300, follow_up=18)
    with pytest.raises(InputError, match=r"120 patients give 0\.\d+"):
        weighted_logrank_design(ends, power=0.9, follow_up=18)
    with pytest.raises(InputError, match="at most"):
        average_hazard_ratio_design(CROSSING, patients=300, events=300)
    slow = Alternative(hazard_ratio=0.8, median_control=14, accrual=((0, 0), (12, 10)))
    with pytest.raises(InputError, match="nobody has entered"):
        average_hazard_ratio(slow, 6.0, patients=100)
    for events in (0, -3, True, "many"):
        with pytest.raises(InputError):
            average_hazard_ratio_design(CROSSING, patients=300, events=events)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="without patients"):
        average_hazard_ratio_design(CROSSING, power=0.9, events=100)
    with pytest.raises(InputError, match="both given"):
        average_hazard_ratio_design(CROSSING, patients=300, events=100, follow_up=12)


def test_weightings_that_cannot_be_planned_with() -> None:
    for weighting in ("log", 3, lambda t, s, n: t, FlemingHarrington, None):
        with pytest.raises(InputError, match="weighting"):
            weighted_logrank_design(CROSSING, weighting=weighting, power=0.9, follow_up=18)
    with pytest.raises(InputError, match="no weight to any event"):
        weighted_logrank_design(CROSSING, weighting=EarlyZero(50), power=0.9, follow_up=18)
    for weightings in ([], "logrank", ["logrank", "logrank"], [3], None):
        with pytest.raises(InputError, match="weighting"):
            max_combo_design(CROSSING, weightings=weightings, power=0.9, follow_up=18)


@pytest.mark.parametrize(
    "changes",
    [
        {"fractions": (0.5, 1.0)},
        {"fractions": (0.5, 0.4, 1.0), "alpha_spent": (0.01, 0.02, 0.025)},
        {"fractions": (0.5, 0.9), "alpha_spent": (0.01, 0.025)},
        {"fractions": (0.5, 1.0), "alpha_spent": (0.01, 0.02)},
        {"fractions": (0.5, 1.0), "alpha_spent": (0.03, 0.025)},
        {"fractions": (0.5, 1.0), "alpha_spent": (0.025,)},
        {"fractions": (0.5, 1.0), "alpha_spent": "0.01"},
        {"fractions": (0.5, 1.0), "alpha_spent": ("a", 0.025)},
        {"fractions": ()},
        {"fractions": 1.0},
        {"fractions": "1"},
    ],
)
def test_looks_of_the_combination(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        max_combo_design(CROSSING, power=0.9, follow_up=18, **changes)


@pytest.mark.parametrize(
    "bounds",
    [
        3,
        SimpleNamespace(information=(0.5, 1.0)),
        SimpleNamespace(information=(0.5, 1.0), efficacy_z=(2.0,)),
        SimpleNamespace(information=(0.5, 1.0), efficacy_z=("a", 2.0)),
        SimpleNamespace(information=(0.5, 1.0), efficacy_z=2.0),
        SimpleNamespace(information=(0.5, 0.9), efficacy_z=(2.5, 2.0)),
        SimpleNamespace(information=(0.5, 1.0), efficacy_z=(2.5, 2.0), alpha=0.05),
        SimpleNamespace(information=(0.5, 1.0), efficacy_z=(2.5, 2.0), futility_z=(0.0,)),
        SimpleNamespace(information=(0.5, 1.0), efficacy_z=(2.5, 2.0), harm_z="low"),
        SimpleNamespace(information=(0.5, 1.0), efficacy_z=(2.5, 2.0), sided=2),
    ],
)
def test_boundaries_that_do_not_fit(bounds: Any) -> None:
    for design in (average_hazard_ratio_design, weighted_logrank_design):
        with pytest.raises(InputError):
            design(CROSSING, power=0.9, follow_up=18, boundaries=bounds)


@pytest.mark.parametrize("value", [each for each in NOT_NUMBERS if each is not None])
@pytest.mark.parametrize("name", ["hazard_ratio", "median_control", "accrual", "dropout"])
def test_no_number_for_a_single_arm(name: str, value: Any) -> None:
    asked = {"hazard_ratio": 0.7, "median_control": 9, "accrual": 24, "dropout": 0.05}
    with pytest.raises(InputError):
        one_sample_logrank_design(**{**asked, name: value}, power=0.9, follow_up=12)


def test_single_arms_out_of_range() -> None:
    asked: dict[str, Any] = {"hazard_ratio": 0.7, "accrual": 24, "power": 0.9, "follow_up": 12}
    with pytest.raises(InputError, match="both given"):
        one_sample_logrank_design(**asked, median_control=9, hazard_control=WeibullControl(1.2, 9))
    with pytest.raises(InputError, match="both missing"):
        one_sample_logrank_design(**asked)
    with pytest.raises(InputError, match="variance"):
        one_sample_logrank_design(**asked, median_control=9, variance="exact")  # type: ignore[arg-type]
    for shape, median in ((0, 9), (1, 0), ("a", 9), (1, math.nan), (True, 9)):
        with pytest.raises(InputError):
            WeibullControl(shape, median)  # type: ignore[arg-type]


@pytest.mark.parametrize("months", [0.0, -1.0, [], "a", None, [[1.0]], [math.nan], True])
def test_calendar_times_out_of_range(months: Any) -> None:
    with pytest.raises(InputError):
        average_hazard_ratio(CROSSING, months, patients=100)


def test_columns_and_numpy_numbers_are_taken() -> None:
    found = average_hazard_ratio(CROSSING, pl.Series([12.0, 30.0]), patients=np.int64(100))
    assert found.events.shape == (2,)
    array = Alternative(
        hazard_ratio=np.array([[0.0, 1.3], [4.0, 0.6]]),
        median_control=np.float64(14),
        accrual=np.int64(24),
        dropout=np.array([0.0, 0.0]),
    )
    one = weighted_logrank_design(array, power=np.float64(0.9), follow_up=np.int64(18))
    assert one.patients == weighted_logrank_design(CROSSING, power=0.9, follow_up=18).patients


@settings(max_examples=40, deadline=None)
@given(
    early=st.floats(0.05, 20),
    late=st.floats(0.05, 20),
    change=st.floats(0.01, 200),
    median=st.floats(0.01, 1000),
    accrual=st.floats(0.01, 200),
    dropout=st.floats(0, 0.999),
    allocation=st.floats(0.01, 100),
    follow_up=st.floats(0, 200),
)
def test_any_alternative_gives_a_power_or_says_why(
    early: float,
    late: float,
    change: float,
    median: float,
    accrual: float,
    dropout: float,
    allocation: float,
    follow_up: float,
) -> None:
    alternative = Alternative(
        hazard_ratio=((0, early), (change, late)),
        median_control=median,
        accrual=accrual,
        dropout=dropout,
        allocation=allocation,
    )
    for design in (
        average_hazard_ratio_design,
        lambda a, **more: weighted_logrank_design(a, weighting=FlemingHarrington(0, 0.5), **more),
        lambda a, **more: max_combo_design(
            a, weightings=("logrank", FlemingHarrington(0, 1)), **more
        ),
        lambda a, **more: rmst_design(a, tau=0.7 * (accrual + follow_up), **more),
    ):
        try:
            found = design(alternative, patients=200, follow_up=follow_up)
        except InputError:
            continue
        assert 0.0 <= found.power <= 1.0 + 1e-9
        assert found.events <= 200.0 + 1e-6


def test_futility_within_two_sides_is_refused() -> None:
    bounds = SimpleNamespace(information=(0.5, 1.0), efficacy_z=(2.5, 2.0), futility_z=(0.3, 2.0))
    with pytest.raises(InputError, match="within two sides"):
        weighted_logrank_design(
            CROSSING, alpha=0.05, sided=2, power=0.9, follow_up=18, boundaries=bounds
        )


def test_times_before_any_event() -> None:
    quiet = Alternative(hazard_ratio=0.5, hazard_control=((0, 0), (12, 0.1)), accrual=24)
    for design in (
        lambda: rmst_design(quiet, tau=10, patients=200, follow_up=18),
        lambda: milestone_design(quiet, at=10, patients=200, follow_up=18),
    ):
        with pytest.raises(InputError, match="no event comes before"):
            design()


def test_a_power_that_the_last_patient_just_gives() -> None:
    ends = Alternative(hazard_ratio=0.6, median_control=14, accrual=((0, 10), (20, 0)))
    most = weighted_logrank_design(ends, patients=200, follow_up=18)
    found = weighted_logrank_design(ends, power=most.power - 1e-9, follow_up=18)
    assert found.patients == pytest.approx(200, rel=1e-6)
    assert found.rounded().patients == 200


def test_huge_effects_still_need_two_patients() -> None:
    found = average_hazard_ratio_design(
        Alternative(hazard_ratio=1e-4, median_control=1, accrual=1), power=0.5, follow_up=12
    )
    assert found.rounded().patients >= 2
