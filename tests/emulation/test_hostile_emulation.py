"""Every public function of emulation against arguments it cannot have expected.

Whatever is given, there is a result that JSON can hold, or an InputError that names a place and a
remedy. A new public name without a line in the tables below fails `test_every_public_name_is_here`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from tests.emulation.question.registries import cohort, patient
from tests.emulation.simulated import registry
from tests.hostile import VALUES, any_value_for_any_argument, survives

import debulk.emulation as emulation
from debulk.core.results import Estimate
from debulk.disease import load_model
from debulk.emulation.laboratory import running
from debulk.protocols import load_protocol

REGISTRY = registry(120, 2, last_visit=8)
GRACE = emulation.GracePeriod("natural", visits=3)
LINES = emulation.WeightModel(knots=0, month="linear")
RATIO = Estimate("hazard ratio", 0.7, 0.1, 0.5, 0.9, 0.95, 120, 60)
ASKED = {"person_time": REGISTRY, "grace": GRACE, "tau_months": 6.0}
ANSWER = emulation.clone_censor_weight(**ASKED, model=LINES)
CHECKED = {"person_time": REGISTRY, "weights": ANSWER.weights}
CELL = emulation.Cell("null", "mild", "none", registries=2, patients=50, timings=("natural",))
SCANS = ((3.0, "SD", 5.0), (5.0, "SD", 6.0))
COHORT = cohort(
    a=patient(last=31.0, dead=True, assessments=SCANS),
    b=patient(last=41.0, dead=True, local=(4.0,), assessments=SCANS),
)
PROTOCOL = load_protocol("orchestra")
PUT = {"cohort": COHORT, "protocol": PROTOCOL, "share": "any", "covariates": []}

FUNCTIONS: dict[str, dict[str, Any]] = {
    "Cell": {"scenario": "null", "selection": "mild", "unmeasured": "none"},
    "Covariate": {"name": "burden"},
    "Experiment": {"cells": (CELL,)},
    "GracePeriod": {"timing": "natural"},
    "Knobs": {},
    "PersonTime": {
        each.name: getattr(REGISTRY, each.name)
        for each in dataclasses.fields(REGISTRY)
        if each.init
    },
    "WeightModel": {},
    "ask_question": PUT,
    "baseline_weighting": {**ASKED, "model": LINES},
    "check_balance": CHECKED,
    "check_calendar_time": {
        "person_time": REGISTRY,
        "calendar": np.arange(120.0),
        "model": LINES,
    },
    "check_negative_control": {"answer": ANSWER},
    "check_positivity": CHECKED,
    "check_prevalent_treatment": {"considered": 10, "treated_before": 2, "undated": 0},
    "check_unmeasured_selection": {"hazard_ratio": RATIO},
    "check_unseen_tail": CHECKED,
    "check_weight_tails": CHECKED,
    "checks_of": {"person_time": REGISTRY, "answer": ANSWER, "model": LINES},
    "clone_censor_weight": {**ASKED, "model": LINES, "replicates": 2},
    "cohort_of_registry": {"model": load_model().central(), "made": None},
    "disease_world": {"scenario": "null", "selection": "mild", "unmeasured": "none"},
    "e_value": {"hazard_ratio": RATIO},
    "emulate": {**PUT, "method": "naive", "unknown": "assume-met"},
    "knobs_of": {"scenario": "null", "selection": "mild", "unmeasured": "none"},
    "landmark_groups": {**ASKED, "adjusted": True, "model": LINES},
    "mantel_byar": ASKED,
    "naive_ever_never": {**ASKED, "adjusted": True, "model": LINES},
    "packaged_table": {},
    "run_laboratory": {"experiment": emulation.Experiment((CELL,), truth_patients=100)},
    "sequential_trials": {**ASKED, "model": LINES},
    "simulate_registry": {"knobs": emulation.Knobs(), "seed": 1, "registry": 0, "patients": 20},
    "tidy_frame": {"cells": []},
    "time_varying_cox": {**ASKED, "model": LINES},
    "tipping_points": {"hazard_ratio": RATIO},
    "unmeasured_bias": {"share_treated": 0.5, "share_untreated": 0.2, "strength": 2.0},
    "virtual_registry": {"patients": 60, "truth_patients": 100},
    "weighted_follow_up": {"person_time": REGISTRY, "answer": ANSWER, "strategy": "local"},
    "whole_table": {"sizes": (500,)},
}
HELD = {
    "METHODS", "Answer", "ArmWeights", "Check", "CloneAnswer", "CloneWeights", "EValue",
    "Emulation", "FittedModel", "KnownRegistry", "LaboratoryTable", "Question", "StrategyCurve",
    "TippingPoint",
}  # fmt: skip
"""What functions give, and the table of methods; their own methods are below."""


def test_every_public_name_is_here() -> None:
    assert sorted([*FUNCTIONS, *HELD]) == sorted(emulation.__all__)


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes cost seconds to start, and change nothing."""
    monkeypatch.setattr(running, "_side_by_side", running._one_by_one)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_value_for_any_argument(name: str) -> None:
    any_value_for_any_argument(getattr(emulation, name), FUNCTIONS[name], name)


@pytest.mark.parametrize(
    ("method", "argument"),
    [(ANSWER.curves[0].at, "months"), (ANSWER.weights.of, "strategy")],
)
def test_any_value_for_any_argument_of_a_method(method: Any, argument: str) -> None:
    for kind, value in VALUES.items():
        survives(method, {argument: value}, f"{method.__qualname__}, {argument}: {kind}")
