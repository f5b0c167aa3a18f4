"""Analysis of tied events, by stratum, against debulk.survival on the same steps of time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from debulk.survival import FlemingHarrington, ModestlyWeighted, cox, logrank
from debulk.trials.simulation.ordering import sort
from debulk.trials.simulation.scores import deaths_in_arm, log_hazard_ratio
from debulk.trials.simulation.trials import analyse
from debulk.trials.simulation.weighted import FLEMING_HARRINGTON, LOG_RANK, MODEST_S, MODEST_T

TOLERANCE = 1e-9
PATIENTS = 150
STAR = 12
KINDS: list[tuple[int, tuple[float, float], Any]] = [
    (LOG_RANK, (0.0, 0.0), "logrank"),
    (FLEMING_HARRINGTON, (0.0, 1.0), FlemingHarrington(0, 1)),
    (FLEMING_HARRINGTON, (1.5, 0.0), FlemingHarrington(1.5, 0)),
    (MODEST_S, (0.6, 0.0), ModestlyWeighted(s_star=0.6)),
    (MODEST_T, (0.0, 0.0), ModestlyWeighted(t_star=STAR)),
]


@pytest.mark.parametrize("strata", [1, 2, 3, 7])
@pytest.mark.parametrize("steps", [20, 2**24 - 1])
@pytest.mark.parametrize(("kind", "numbers", "weighting"), KINDS)
def test_statistic_and_hazard_ratio(
    kind: int, numbers: tuple[float, float], weighting: Any, steps: int, strata: int
) -> None:
    rng = np.random.default_rng([steps, strata, kind])
    time = rng.integers(1, steps, PATIENTS)
    event = rng.random(PATIENTS) < 0.7
    stratum, arm = rng.integers(0, strata, PATIENTS), rng.integers(0, 2, PATIENTS)
    cell = 2 * stratum + arm
    keys = ((time << 8) | (np.where(event, 0, 1) << 7) | cell).astype(np.uint32)
    sort(keys, np.empty_like(keys), np.empty(256, np.int32), np.empty(256, np.int32))
    sizes = np.bincount(cell, minlength=2 * strata)
    treated, risk, dead = np.empty(PATIENTS), np.empty(PATIENTS), np.empty(PATIENTS)
    lanes, work = np.empty(64), np.empty(256)
    # The kernel's step of t_star is that of the share t_star / month, plus 1.
    given = np.array([(STAR - 1 + 0.5) / (2.0**24 - 2) if kind == MODEST_T else numbers[0], 0.0])
    given[1] = numbers[1]
    z, start, tied = analyse(
        keys,
        sizes,
        np.empty(2 * strata, np.int32),
        1.0,
        kind,
        given,
        np.float32(1.0),
        treated,
        risk,
        dead,
        lanes,
        work,
    )
    assert tied == (steps == 20)
    found = logrank(time, event, arm, reference=0, strata=stratum, weighting=weighting)
    assert found.z is not None
    assert z == pytest.approx(-found.z, abs=TOLERANCE)
    ratio = log_hazard_ratio(float(deaths_in_arm(keys)), start, treated, risk, dead, lanes)
    frame = {"time": time, "event": event, "arm": arm, "stratum": stratum}
    model = cox(frame, time="time", event="event", covariates=["arm"], strata="stratum")
    assert ratio == pytest.approx(float(model.coef[0]), abs=2e-8)
