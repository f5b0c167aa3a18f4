"""Pooling with biases drawn as they are said to be: is the truth inside as often as promised?"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.evidence.pooling.bias import BiasEstimate
from debulk.evidence.pooling.bias_adjusted import pool_bias_adjusted

REPLICATES = 500
MONTE_CARLO = 3.5 * (0.95 * 0.05 / REPLICATES) ** 0.5
"""Three and a half standard errors of a coverage of 95 %: 3.4 points."""

TRUTH, MEAN, SD = -0.1, -0.4, 0.2


@pytest.mark.parametrize("how", ["shift", "down-weight"])
def test_statistical_coverage(how: str) -> None:
    draws = np.random.default_rng(20240601)
    bias = BiasEstimate(MEAN, SD, note="as drawn")
    errors = np.linspace(0.08, 0.3, 8)
    inside = {"unadjusted": 0, "adjusted": 0}
    for _ in range(REPLICATES):
        effects = draws.normal(TRUTH, errors) + draws.normal(MEAN, SD, 8) * (errors < 0.2)
        biases = [bias if each < 0.2 else None for each in errors]
        found = pool_bias_adjusted(
            effects, errors, bias=biases, how=how, method="ee", interval="wald"
        )
        for name in inside:
            pooled = getattr(found, name)
            inside[name] += pooled.lower <= TRUTH <= pooled.upper
    share = {name: count / REPLICATES for name, count in inside.items()}
    assert share["unadjusted"] < 0.2
    if how == "shift":
        assert abs(share["adjusted"] - 0.95) < MONTE_CARLO
    else:
        # Wider, yet still off the truth: less wrong, not right.
        assert share["unadjusted"] < share["adjusted"] < 1.0
