"""Registries of any shape: a refusal, or an answer that rows of clones confirm."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.emulation.clones.analysis import analyse
from debulk.emulation.clones.fit import clone_censor_weight
from debulk.emulation.clones.weights import weighted_follow_up
from debulk.emulation.grace import GracePeriod
from debulk.emulation.weight_model import WeightModel
from debulk.survival import kaplan_meier

person_time = runpy.run_path(str(Path(__file__).with_name("hand_made.py")))["person_time"]

ROUNDING = 1e-9


def registry(seed: int, patients: int) -> list[dict[str, Any]]:
    """Patients in quarters of a month, so that events, visits, entries and starts share days."""
    random = np.random.default_rng(seed)
    told = []
    for _ in range(patients):
        time = random.integers(1, 40) / 4
        start, entry, progression = random.integers(0, [14, 12, 24]) / 4
        waits = random.choice([0.0, 0.0, 0.5, 1.0, 9.0])
        told.append(
            {
                "time": time,
                "cause": random.choice([0, 1, 1, 1, 2]),
                "start": start if start < time else None,
                "complete": start + waits if start + waits < time else None,
                "progression": progression if progression < time else None,
                "entry": entry if random.random() < 0.3 and entry < time else 0.0,
                "side": float(random.random() < 0.4),
            }
        )
    return told


@settings(max_examples=40, phases=[Phase.generate])
@given(
    seed=st.integers(0, 100_000),
    patients=st.integers(1, 80),
    timing=st.sampled_from(["natural", "uniform"]),
    staged=st.booleans(),
    form=st.sampled_from(["logistic", "cox"]),
)
def test_any_registry_is_refused_or_answered(
    seed: int, patients: int, timing: str, staged: bool, form: str
) -> None:
    told = registry(seed, patients)
    data = person_time(told, 10, "side")
    grace = GracePeriod(timing, visits=2, minimum_share=0.8 * staged)  # type: ignore[arg-type]
    model = WeightModel(form=form, month="linear")  # type: ignore[arg-type]
    tau = 3.0
    try:
        answer = clone_censor_weight(data, grace, tau_months=tau, model=model)
    except InputError:
        return
    json.dumps(answer.to_dict(), allow_nan=False)
    for curve in answer.curves:
        assert np.all(np.diff(curve.survival) <= 0.0)
        assert np.all(curve.survival >= -ROUNDING)
        assert np.all(np.isfinite(curve.std_error))
        rows = weighted_follow_up(data, answer, curve.strategy)
        whole = kaplan_meier(
            rows["stop_months"].to_numpy(),
            rows["event"].to_numpy() > 0,
            entry=rows["start_months"].to_numpy(),
            weights=rows["weight"].to_numpy(),
        )
        assert curve.at(tau) == pytest.approx(float(whole.at(tau)), abs=ROUNDING)
    analysis = analyse(data, grace, tau, model, None, "pooled", False)
    total = np.abs(analysis.influence().sum(axis=0))
    assert np.all(total < ROUNDING * (1.0 + np.abs(analysis.influence()).sum(axis=0)))
