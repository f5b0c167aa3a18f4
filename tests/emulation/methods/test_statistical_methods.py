"""One large registry without an effect, and the errors of many small ones; seeds are fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.emulation.simulated import registry

from debulk.emulation.answers import Answer
from debulk.emulation.grace import GracePeriod
from debulk.emulation.methods.baseline import baseline_weighting
from debulk.emulation.methods.landmark import landmark_groups
from debulk.emulation.methods.naive import naive_ever_never
from debulk.emulation.methods.sequential import sequential_trials
from debulk.emulation.methods.time_dependent import mantel_byar, time_varying_cox
from debulk.emulation.weight_model import WeightModel

GRACE = GracePeriod("natural")
STRAIGHT = WeightModel(knots=0)  # the simulator's treatment and hazard are linear in burden
LARGE = registry(8000, 31)
ERRORS = 3.0  # standard errors: 1 in 370 by chance, and the seed is fixed


def log_ratio(answer: Answer) -> tuple[float, float]:
    assert answer.hazard_ratio is not None
    return float(np.log(answer.hazard_ratio.estimate)), answer.hazard_ratio.se


@pytest.mark.parametrize(
    ("method", "options"),
    [
        (time_varying_cox, {"model": STRAIGHT}),
        (sequential_trials, {"model": STRAIGHT}),
        (sequential_trials, {"model": STRAIGHT, "effect": "intention-to-treat"}),
        (baseline_weighting, {"model": STRAIGHT}),
        (baseline_weighting, {"model": STRAIGHT, "weights": "overlap"}),
    ],
)
def test_no_effect_is_found_where_there_is_none(method: Any, options: Any) -> None:
    found, error = log_ratio(method(LARGE, GRACE, tau_months=20.0, curves=False, **options))
    assert abs(found) < ERRORS * error


@pytest.mark.parametrize("method", [naive_ever_never, landmark_groups, mantel_byar])
def test_the_methods_with_a_warning_deserve_it(method: Any) -> None:
    found, error = log_ratio(method(LARGE, GRACE, tau_months=20.0, curves=False))
    assert found < -ERRORS * error


@pytest.mark.parametrize("weights", ["inverse-probability", "overlap"])
def test_errors_with_estimated_weights_are_the_spread(weights: Any) -> None:
    found = []
    for seed in range(150):
        answer = baseline_weighting(
            registry(250, 1000 + seed),
            GRACE,
            tau_months=12.0,
            curves=False,
            weights=weights,
            model=STRAIGHT,
        )
        assert answer.rmst_difference is not None
        found.append(
            (*log_ratio(answer), answer.rmst_difference.estimate, answer.rmst_difference.se)
        )
    values = np.array(found)
    # Of 150 registries the spread itself is known to 6 %; small samples take the rest.
    for estimate, error in ((0, 1), (2, 3)):
        ratio = np.mean(values[:, error]) / np.std(values[:, estimate], ddof=1)
        assert 0.82 < ratio < 1.18
