"""Weighted curves, restricted means and hazard ratio beside R's survival."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from debulk.emulation.clones.fit import clone_censor_weight
from debulk.emulation.clones.weights import weighted_follow_up
from debulk.emulation.grace import GracePeriod
from debulk.survival import cox

HAND_MADE = runpy.run_path(str(Path(__file__).with_name("hand_made.py")))
R: dict[str, Any] = json.loads(
    (HAND_MADE["REFERENCE"] / "ccw_weighted.json").read_text(encoding="utf-8")
)

CROSS_SOFTWARE = 1e-9  # R stops Cox's iterations at a relative change of 1e-9


@pytest.mark.parametrize("timing", ["natural", "uniform"])
def test_outcome_agrees_with_r(timing: str) -> None:
    """R read the rows of weighted_follow_up: it knows nothing of intervals or clones."""
    data = HAND_MADE["person_time"](HAND_MADE["spread_case"](), 24, "burden", "side")
    answer = clone_censor_weight(data, GracePeriod(timing), tau_months=24.0)  # type: ignore[arg-type]
    expected = R[timing]
    assert answer.hazard_ratio is not None
    assert answer.rmst_difference is not None
    beta = float(np.log(answer.hazard_ratio.estimate))
    assert beta == pytest.approx(expected["log_hazard_ratio"], abs=CROSS_SOFTWARE)
    survival = [curve.at(months) for curve in answer.curves for months in R["at"]]
    assert survival == pytest.approx(expected["survival"], abs=CROSS_SOFTWARE)
    difference = expected["rmst"][1] - expected["rmst"][0]
    assert answer.rmst_difference.estimate == pytest.approx(difference, abs=CROSS_SOFTWARE)


def test_outcome_agrees_with_our_own_cox_model() -> None:
    data = HAND_MADE["person_time"](HAND_MADE["spread_case"](), 24, "burden", "side")
    answer = clone_censor_weight(data, GracePeriod("uniform"), tau_months=24.0, curves=False)
    tables = [weighted_follow_up(data, answer, name) for name in ("no_local", "local")]
    columns = {
        name: np.concatenate([table[name].to_numpy() for table in tables])
        for name in ("start_months", "stop_months", "event", "weight")
    }
    columns["arm"] = np.repeat([0.0, 1.0], [table.height for table in tables])
    model = cox(
        columns,
        time="stop_months",
        event="event",
        entry="start_months",
        weights="weight",
        covariates=["arm"],
        ties="breslow",
        robust=False,
    )
    assert answer.hazard_ratio is not None
    beta = float(np.log(answer.hazard_ratio.estimate))
    assert beta == pytest.approx(float(model.coef[0]), abs=CROSS_SOFTWARE)
