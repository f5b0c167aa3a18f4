"""A result as `debulk trial run` writes it, made up, for tests of the report."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import numpy as np
import pytest

_HALF_LIFE = {"control": 25.0, "debulking": 29.0}


def make_result(**changes: Any) -> dict[str, Any]:
    """Every key of results.json, with plausible made-up numbers; `changes` replace top keys."""
    random = np.random.default_rng(7)
    ratios = np.exp(random.normal(math.log(0.90), 0.125, 200))
    ratios_null = np.exp(random.normal(0.0, 0.125, 200))
    result: dict[str, Any] = {
        "protocol": "orchestra",
        "title": "Chemotherapy with or without maximal tumour debulking in multi-organ disease",
        "trials": 200,
        "seed": 1,
        "control": "control",
        "world": "hoped-for",
        "mechanisms": {"on": ["growth", "seeding", "harm"], "off": []},
        "funnel": _funnel(),
        "arms": {"control": _control(), "debulking": _debulking()},
        "effect": _effect(),
        "truth": _truth(),
        "null": {"hazard_ratio": 1.0, "rmst_difference_months": 0.0},
        "published": {
            "hazard_ratio": 0.88,
            "lower": 0.70,
            "upper": 1.10,
            "median_os_months": {"control": 27.5, "debulking": 30.0},
            "median_pfs_months": {"control": 10.4, "debulking": 10.5},
            "source": "made up for this test",
            "role": "validation",
            "remarks": [],
        },
        "randomised_range": {"median": 382.0, "lower": 382.0, "upper": 382.0},
        "events": {"median": 291.0, "lower": 280.0, "upper": 302.0},
        "duration_months": {"median": 118.2, "lower": 112.0, "upper": 125.4},
        "assumed_met": [
            {
                "criterion": "X6",
                "text": "no other cancer",
                "patients": 123.0,
                "because": "Other cancers are not simulated.",
            }
        ],
        "trial_hazard_ratios": [float(each) for each in ratios],
        "trial_hazard_ratios_null": [float(each) for each in ratios_null],
        "files": {"report": "report.html", "results": "results.json"},
        "provenance": _provenance(),
    }
    return {**result, **changes}


def _funnel() -> list[dict[str, Any]]:
    steps = [
        ("drawn", "come to metastatic bowel cancer that imaging shows", 9000.5),
        ("eligible", "eligible by extent, fitness and history", 2104.2),
        ("treatable", "at least 80 % of lesions treatable, judged before induction", 811.0),
        ("registered", "put forward by their centre and registered", 560.3),
        ("responding", "stable or responding after 3 CAPOX or 4 FOLFOX", 470.9),
        ("consenting", "consenting to randomisation", 382.0),
        ("randomised", "randomised", 382.0),
    ]
    reasons = [
        {
            "criterion": f"E{i}",
            "text": f"made-up criterion {i} of many words",
            "patients": n,
        }
        for i, n in enumerate((4100.0, 2900.3, 800.0, 120.5, 3.2))
    ]
    funnel = []
    before = steps[0][2]
    for name, text, count in steps:
        why = reasons if name == "eligible" else []
        lost = before - count
        funnel.append({"step": name, "text": text, "patients": count, "lost": lost, "reasons": why})
        before = count
    return funnel


def _control() -> dict[str, Any]:
    return {
        "title": "systemic therapy alone",
        "patients": 191.0,
        "median_os_months": 25.1,
        "median_os_range": [22.0, 28.4],
        "median_pfs_months": 10.1,
        "survival": {"12": 0.85, "24": 0.52, "36": 0.36, "60": 0.18},
        "treated_as_assigned": 0.953,
        "treated_completely": None,
        "treated_80": None,
        "mortality_90_days": None,
        "systemic_days_lost": 0.0,
    }


def _debulking() -> dict[str, Any]:
    changes = {
        "title": "systemic therapy with maximal debulking",
        "median_os_months": 29.2,
        "median_os_range": [25.0, None],
        "treated_as_assigned": 0.84,
        "treated_completely": 0.61,
        "treated_80": 0.79,
        "mortality_90_days": 0.021,
        "systemic_days_lost": 41.3,
    }
    return {**_control(), **changes}


def _effect() -> dict[str, Any]:
    return {
        "hazard_ratio": {"median": 0.90, "lower": 0.70, "upper": 1.13},
        "power": {"estimate": 0.2, "se": 0.03},
        "type_1_error": {"estimate": 0.025, "se": 0.011, "nominal": 0.025},
        "two_sided_rejections_null": {"estimate": 0.05, "se": 0.015, "nominal": 0.05},
        "rmst_difference_months": {"median": 1.2, "lower": -2.0, "upper": 4.0, "tau_months": 60.0},
    }


def _truth() -> dict[str, Any]:
    months = [float(each) for each in range(0, 121)]

    def curve(arm: str, faster: float) -> list[float | None]:
        return [
            0.5 ** (month * faster / _HALF_LIFE[arm]) if month < 110 else None for month in months
        ]

    curves = {
        outcome: {"months": months, **{arm: curve(arm, faster) for arm in _HALF_LIFE}}
        for outcome, faster in (("os", 1.0), ("pfs", 2.5))
    }
    return {
        "hazard_ratio": 0.912,
        "rmst_difference_months": 1.04,
        "tau_months": 60.0,
        "patients": 76400,
        "monte_carlo_error": {"hazard_ratio": 0.005, "rmst_difference_months": 0.1},
        "curves": curves,
    }


def _provenance() -> dict[str, Any]:
    parameters = [
        {
            "name": f"disease.parameter_{place}",
            "value": [0.25 * place, None, "word", {"low": 1.0}][place % 4],
            "status": "default",
            "source": "assumption" if place % 3 == 0 else f"findings:{place}",
            "note": "no source is known; chosen to keep things simple",
            "unit": "1/month" if place % 2 else "",
        }
        for place in range(240)
    ]
    return {
        "version": "0.1.0",
        "seed": 1,
        "inputs": {"orchestra.yaml": "ab" * 32},
        "parameters": parameters,
        "exclusions": [{"reason": "trials without a hazard ratio", "count": 1.0}],
        "remarks": ["Provisional: the disease model is not calibrated."],
    }


def make_looks() -> dict[str, Any]:
    """Two looks; in this run 60 % stop at the first one, in the null world none for efficacy."""

    def world(efficacy: list[float], futile: list[float], events: float) -> dict[str, Any]:
        spread = {"median": events, "lower": events - 20.0, "upper": events + 20.0}
        return {
            "crossing": {"efficacy": efficacy, "futility": futile, "harm": [0.0, 0.0]},
            "expected_events": events,
            "expected_duration_months": events / 4.0,
            "events": spread,
            "duration_months": spread,
        }

    z = {"futility_z": 0.5, "harm_z": None}
    return {
        "looks": [
            {"information": 0.5, "events": 125, "efficacy_z": 2.963, **z},
            {"information": 1.0, "events": 250, "efficacy_z": 1.969, **z},
        ],
        "simulated": world([0.6, 0.3], [0.02, 0.0], 170.0),
        "null": world([0.0, 0.02], [0.7, 0.0], 150.0),
    }


@pytest.fixture
def looks() -> dict[str, Any]:
    """A made-up part called monitoring."""
    return make_looks()


@pytest.fixture
def result() -> dict[str, Any]:
    """A made-up result."""
    return make_result()


@pytest.fixture(scope="session")
def result_maker() -> Any:
    """The function that makes results, for tests that need more than one."""
    return make_result


@pytest.fixture(autouse=True)
def data_beside_their_marks(monkeypatch):
    """Leave the data of a chart in its layers, where a test finds them."""
    monkeypatch.setattr(alt.data_transformers, "consolidate_datasets", False)
