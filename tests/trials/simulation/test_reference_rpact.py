"""Power and months against rpact's own simulation of the same trials."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from debulk.trials.simulation.simulating import simulate
from debulk.trials.survival_designs.assumptions import Accrual
from debulk.trials.survival_designs.trial_design import TrialDesign

TRIALS = 40_000
STANDARD_ERRORS = 4.0
"""Of the difference of the two simulated shares."""
MONTHS = 0.1
"""rpact's patients enter at fixed times, ours at random ones."""

FILE = Path(__file__).parents[2] / "reference" / "trials" / "simulation_rpact.json"
CASES: dict[str, dict[str, Any]] = {
    each["name"]: each for each in json.loads(FILE.read_text(encoding="utf-8"))["cases"]
}


@pytest.mark.parametrize("name", CASES)
def test_share_that_rejects_and_months(name: str, plan: Callable[..., TrialDesign]) -> None:
    case = CASES[name]
    given = case["arguments"]
    events = np.atleast_1d(case["events"])
    hazard = np.atleast_1d(given["lambda2"])
    starts = np.atleast_1d(given.get("piecewiseSurvivalTime", 0.0))
    design = plan(
        events=tuple(float(each) for each in events),
        patients=float(case["patients"]),
        efficacy=tuple(np.atleast_1d(case["efficacy_z"])),
        hazard_control=tuple(zip(starts.tolist(), hazard.tolist(), strict=True)),
        hazard_ratio=given["hazardRatio"],
        allocation=float(given.get("allocation1", 1.0)),
        accrual=Accrual((0.0,), (case["patients"] / 30.0,), 30.0),
        lost_a_year=(0.03, 0.03),
    )
    found = simulate(design, trials=TRIALS, estimate=False, seed=5)
    for ours, theirs in zip(found.efficacy, np.atleast_1d(case["reject_by_look"]), strict=True):
        each = theirs * (1.0 - theirs)
        error = math.sqrt(each / TRIALS + each / case["iterations"])
        assert abs(ours - theirs) < STANDARD_ERRORS * error
    months = found.look_table["month"].to_list()
    assert months == pytest.approx(np.atleast_1d(case["month"]).tolist(), abs=MONTHS)
