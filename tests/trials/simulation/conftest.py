"""Planned designs made by hand, so that these tests rest on the simulation alone."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import pytest

from debulk.trials.survival_designs.assumptions import Accrual, Dropout
from debulk.trials.survival_designs.trial_design import Expected, Look, TrialDesign

HAZARD = math.log(2.0) / 28.0


def make_plan(
    *,
    events: tuple[float, ...] = (300.0,),
    patients: float = 382.0,
    hazard_ratio: Any = 0.75,
    hazard_control: Any = HAZARD,
    efficacy: tuple[float | None, ...] = (1.959963984540054,),
    futility: tuple[float | None, ...] | None = None,
    harm: tuple[float | None, ...] | None = None,
    accrual: Accrual | None = None,
    lost_a_year: tuple[float, float] = (0.05, 0.05),
    month: float = 100.0,
    **others: Any,
) -> TrialDesign:
    """A design with the numbers given; losses as (experimental, control)."""
    blank = dict.fromkeys((each.name for each in dataclasses.fields(Look)), 0.0)
    looks = tuple(
        Look(
            **{
                **blank,
                "information": each / events[-1],
                "events": each,
                "month": month * each / events[-1],
                "efficacy_z": efficacy[place],
                "futility_z": None if futility is None else futility[place],
                "harm_z": None if harm is None else harm[place],
            }
        )
        for place, each in enumerate(events)
    )
    unknown = Expected(None, None, None)
    lost = [-math.log1p(-each) / 12.0 for each in lost_a_year]
    content: dict[str, Any] = {
        "hazard_ratio": _pieces(hazard_ratio),
        "hazard_control": _pieces(hazard_control),
        "null_ratio": 1.0,
        "alpha": 0.025,
        "sided": 1,
        "allocation": 1.0,
        "accrual": accrual or Accrual((0.0,), (patients / 60.0,), 60.0),
        "dropout": Dropout(*lost),
        "strata": None,
        "boundaries": None,
        "formula": "schoenfeld",
        "events": events[-1],
        "patients": patients,
        "duration_months": month,
        "power": math.nan,
        "looks": looks,
        "expected_null": unknown,
        "expected_alternative": unknown,
        **others,
    }
    return TrialDesign(**content)


def _pieces(value: Any) -> Any:
    return value if isinstance(value, tuple) else ((0.0, float(value)),)


@pytest.fixture(scope="session")
def plan() -> Callable[..., TrialDesign]:
    """Makes a design; see `make_plan`."""
    return make_plan
