"""Sequential trials against PyPI's pySEQTarget: stored numbers always, and live where it is there.

The same person-period grid, order of events (outcome, covariates, treatment, censoring), formulas
and unpenalised logistic weights: fitted to every visit as often as trials run there, with the
overall share that stays as numerator, as the peer does after its expansion.
"""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import numpy as np
import pytest
from tests.reference.emulation import sequential_case

from debulk.emulation.grace import GracePeriod
from debulk.emulation.methods.sequential import sequential_trials
from debulk.emulation.weight_model import WeightModel

EXPECTED: dict[str, Any] = json.loads((sequential_case.FOLDER / "sequential.json").read_text())

POINT = 1e-6  # issue's bound; statsmodels stops at a relative change of 1e-8 in the deviance
PEER_THERE = importlib.util.find_spec("pySEQTarget") is not None


def _check(effect: Any, expected: dict[str, Any]) -> None:
    answer = sequential_trials(
        sequential_case.case(),
        GracePeriod("natural", visits=sequential_case.GRACE_VISITS),
        tau_months=float(sequential_case.HORIZON),
        effect=effect,
        window="ever",
        outcome="pooled logistic",
        follow_up="quadratic",
        model=WeightModel(knots=0, month="linear"),
        pooling="trial-visits",
        stabilised=True,
    )
    assert answer.hazard_ratio is not None
    assert np.log(answer.hazard_ratio.estimate) == pytest.approx(expected["coef"], abs=POINT)
    for curve, arm in zip(answer.curves, ("0", "1"), strict=True):
        risk = np.array(expected["risk"][arm])
        assert risk[0] == 0.0
        np.testing.assert_allclose(1.0 - curve.survival, risk[1:], atol=POINT, rtol=0.0)


@pytest.mark.parametrize("effect", ["per-protocol", "intention-to-treat"])
def test_agrees_with_the_stored_numbers_of_pyseqtarget(effect: Any) -> None:
    _check(effect, EXPECTED[effect])


@pytest.mark.skipif(not PEER_THERE, reason="pySEQTarget is in the group of peers")
@pytest.mark.parametrize(
    ("effect", "method"), [("per-protocol", "censoring"), ("intention-to-treat", "ITT")]
)
def test_agrees_with_pyseqtarget_itself(effect: Any, method: str) -> None:
    data = sequential_case.table(sequential_case.case())
    _check(effect, sequential_case.peer(data, method))
