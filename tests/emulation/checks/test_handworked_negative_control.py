"""The control outcome: what is said where it was named, and where it was not."""

from __future__ import annotations

import math

from debulk.emulation.answers import Answer
from debulk.emulation.checks.negative_control import check_negative_control


def test_an_answer_without_hazard_ratio_was_named_all_the_same() -> None:
    answer = Answer(
        method="clone-censor-weight",
        title="Clones",
        contrast="strategies",
        estimand="",
        hazard_ratio=None,
        rmst_difference=None,
        risk_difference=None,
        tau_months=math.nan,
        patients={},
        events={},
    )
    named, unnamed = check_negative_control(answer), check_negative_control(None)
    assert named.state == unnamed.state == "unknown"
    assert "has no hazard ratio" in named.text
    assert "No control outcome was named" in unnamed.text
