"""One answer with looks, futility and harm, and one without looks."""

from __future__ import annotations

from typing import Any

import pytest


def make_answer(**changes: Any) -> dict[str, Any]:
    """A design with made-up numbers, in the shape of ``debulk trial design --json``."""
    looks = [_look(0.5, 100, 30.0, 2.96, 0.1, -2.1), _look(1.0, 200, 60.0, 1.97, 1.97, -2.2)]
    world = {"efficacy": 0.002, "futility": 0.5, "harm": 0.02, "opposite": 0.0}
    last = {"efficacy": 0.023, "futility": 0.0, "harm": 0.001, "opposite": 0.0}
    expected = {"events": 150.0, "patients": 280.0, "duration_months": 45.0}
    size = {
        "events": 200.0,
        "patients": 300.0,
        "duration_months": 60.0,
        "power": 0.8012,
        "accrual": {"starts_months": [0.0], "rates": [8.333333], "end_months": 36.0,
                    "patients": 300.0},
        "follow_up_months": 24.0,
        "looks": looks,
        "expected_null": expected,
        "expected_alternative": expected,
        "null_world": {"hazard_ratio": 1.0, "looks": [world, last], "benefit": 0.025,
                       "none": 0.454},
    }  # fmt: skip
    answer: dict[str, Any] = {
        **size,
        "solved": size,
        "whole": size,
        "numbers": "solved",
        "shown": ["solved", "whole"],
        "test": "logrank",
        "endpoint": "overall survival",
        "hazard_ratio": [[0.0, 0.7]],
        "planned_hazard_ratio": 0.7,
        "hazard_control": [[0.0, 0.0385]],
        "medians": {"control": 18.0, "experimental": 25.714},
        "null_ratio": 1.0,
        "alpha": 0.025,
        "sided": 1,
        "allocation": 1.0,
        "dropout": {"experimental": 0.05, "control": 0.05},
        "strata": None,
        "boundaries": {},
        "formula": "schoenfeld",
        "goal": None,
        "dilution": None,
        "rules": {
            "efficacy": "spending-obrien-fleming",
            "futility": "kim-demets:3",
            "binding": False,
            "harm": "spending-pocock",
            "harm_alpha": 0.025,
        },
        "simulation": None,
        "command": "debulk trial design --hazard-ratio 0.7",
        "provenance": {"version": "9.9", "parameters": [_parameter()], "remarks": []},
        "curves": {
            "power": {
                "by": "hazard_ratio",
                "rows": [
                    {"share": share, "hazard_ratio": 0.7**share, "power": power}
                    for share, power in ((-0.5, 0.0), (0.0, 0.025), (1.0, 0.8), (2.0, 1.0))
                ],
            },
            "calendar": [
                {"month": 6.0 * k, "patients": min(300.0, 50.0 * k), "events": 18.0 * k,
                 "events_without_effect": 20.0 * k}
                for k in range(11)
            ],
        },
    }  # fmt: skip
    answer.update(changes)
    return answer


def _look(
    information: float, events: float, month: float, efficacy: float, futility: float, harm: float
) -> dict[str, Any]:
    return {
        "information": information,
        "events": events,
        "month": month,
        "patients": 300.0,
        "efficacy_z": efficacy,
        "futility_z": futility,
        "harm_z": harm,
        "critical_hazard_ratio": 0.55,
        "futility_hazard_ratio": 0.98,
        "harm_hazard_ratio": 1.4,
        "nominal_p": 0.0015,
        "efficacy_null": 0.0125,
        "efficacy_alternative": 0.4,
    }


def _parameter() -> dict[str, Any]:
    return {"name": "power", "value": 0.8, "status": "chosen", "source": "the call", "unit": ""}


@pytest.fixture
def answer() -> dict[str, Any]:
    """A design with an interim look, futility and harm."""
    from debulk.reports.design.paragraph import paragraphs_of

    made = make_answer()
    made["paragraphs"] = paragraphs_of(made)
    return made


@pytest.fixture
def single() -> dict[str, Any]:
    """A design with one analysis and no curves, of another test."""
    from debulk.reports.design.paragraph import paragraphs_of

    made = make_answer(
        formula=None, source="Somebody (2000)", curves=None, test="rmst:36",
        rules=dict.fromkeys(("efficacy", "futility", "harm", "harm_alpha")) | {"binding": False},
    )  # fmt: skip
    for name in ("solved", "whole"):
        world = {**made[name]["null_world"], "looks": made[name]["null_world"]["looks"][1:]}
        made[name] = {
            **made[name],
            "looks": made[name]["looks"][1:],
            "null_world": world,
            "expected_null": None,
            "expected_alternative": None,
        }
    made["paragraphs"] = paragraphs_of(made)
    return made
