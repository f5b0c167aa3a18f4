"""Risks beside those of the PyPI package clone-censor-weight on one simulated case."""

from __future__ import annotations

import importlib.util
import json
import runpy
import warnings
from pathlib import Path
from typing import Any

import pytest

from debulk.emulation.clones.fit import clone_censor_weight
from debulk.emulation.grace import GracePeriod
from debulk.emulation.weight_model import WeightModel

HERE = Path(__file__).parent
HAND_MADE = runpy.run_path(str(HERE / "hand_made.py"))
REFERENCE: Path = HAND_MADE["REFERENCE"]
PEER: dict[str, Any] = json.loads((REFERENCE / "ccw_peer.json").read_text(encoding="utf-8"))

# Two iterative fits of one likelihood, each to its own end; measured 1e-14.
CROSS_SOFTWARE = 1e-9


@pytest.mark.parametrize("arm_models", ["deadline", "pooled"])
def test_risks_agree_with_the_package(arm_models: str) -> None:
    """A failure asks: does the order of events, or the risk set of a model, differ?"""
    months = PEER["horizon_months"]
    data = HAND_MADE["person_time"](HAND_MADE["shared_case"](), months, "burden", "side")
    answer = clone_censor_weight(
        data,
        GracePeriod("natural"),
        tau_months=months,
        model=WeightModel(knots=0),
        arm_models=arm_models,  # type: ignore[arg-type]
    )
    risks = [1.0 - curve.at(months) for curve in answer.curves]
    assert risks == pytest.approx(PEER[arm_models], abs=CROSS_SOFTWARE)
    assert answer.risk_difference is not None
    assert answer.risk_difference.estimate == pytest.approx(risks[1] - risks[0], abs=1e-12)


@pytest.mark.skipif(importlib.util.find_spec("ccw") is None, reason="the peer is not installed")
def test_the_package_still_says_what_is_stored() -> None:
    script = runpy.run_path(str(REFERENCE / "ccw_peer.py"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of statsmodels and pandas, inside the peer
        rows = script["long_rows"](script["simulate"]())
        found = script["peer_risks"](rows, "protocol_only")
    assert found == pytest.approx(PEER["deadline"], abs=CROSS_SOFTWARE)
