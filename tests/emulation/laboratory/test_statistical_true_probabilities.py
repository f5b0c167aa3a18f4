"""With the true log odds of treatment as covariate, does weighting bring the truth back?

A free test of the machinery: under strong unmeasured frailty the answer from what the registry
records is far off, and the one that also knows the frailty is right.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from debulk.core.compiled import kernel
from debulk.core.streams import normal, patient_key
from debulk.emulation.clones.fit import clone_censor_weight
from debulk.emulation.grace import TIMINGS, GracePeriod
from debulk.emulation.laboratory import decisions
from debulk.emulation.laboratory.knobs import knobs_of
from debulk.emulation.laboratory.registry import simulate_registry
from debulk.emulation.person_time import Covariate
from debulk.emulation.weight_model import WeightModel

_FRAILTY = decisions.FRAILTY
PATIENTS = 60_000
TOLERANCE = 0.06  # of a log hazard ratio whose standard error at this size is near 0.02
UNMEASURED_BIAS = -0.15  # what is left out costs 0.2 or more


def _decided(registry):
    """The rows of the grace period alone: no other enters the weights."""
    kept = registry.visit <= 5
    first = np.concatenate([[0], np.cumsum(np.bincount(registry.patient[kept]))])
    return replace(
        registry,
        first=first,
        visit=registry.visit[kept],
        eligible=registry.eligible[kept],
        values=registry.values[kept],
    )


@kernel
def _frailties(seed, patients):
    found = np.empty(patients)
    for row in range(patients):
        found[row] = normal(patient_key(seed, 0, row), _FRAILTY, 0, 0)
    return found


@pytest.mark.parametrize("timing", TIMINGS)
def test_true_log_odds_bring_the_null_back(timing) -> None:
    knobs = knobs_of("null", "hard", "strong")
    recorded = _decided(simulate_registry(knobs, seed=8, registry=0, patients=PATIENTS))
    frailty = _frailties(8, PATIENTS)
    values = recorded.values
    seen = knobs.choice_burden * values[:, 0] + knobs.choice_status * values[:, 1]
    seen += knobs.choice_response * values[:, 2] + knobs.choice_side * values[:, 3]
    odds = knobs.choice_strength * seen - knobs.choice_frailty * frailty[recorded.patient]
    known = replace(recorded, values=odds[:, None].copy(), covariates=(Covariate("log odds"),))
    grace = GracePeriod(timing)
    told = [
        clone_censor_weight(each, grace, tau_months=36.0, model=model, curves=False)
        for each, model in ((known, WeightModel(knots=0)), (recorded, WeightModel()))
    ]
    right, wrong = (float(np.log(each.hazard_ratio.estimate)) for each in told)
    assert abs(right) < TOLERANCE
    assert wrong < UNMEASURED_BIAS
