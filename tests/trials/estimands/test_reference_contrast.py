"""The contrast of a pool and its jackknife, against a fit for every group left out."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from debulk.survival import cox, kaplan_meier
from debulk.trials.estimands.contrast import GROUPS, contrast

SAME_LIKELIHOOD = 1e-9
"""Both solve the same equation by Newton steps; sums run in another order."""

TAU_MONTHS = 5.0


def direct(times, follow_up, kept) -> tuple[float, float]:
    """Log hazard ratio and difference of areas of some patients of the pool."""
    seen, event = np.minimum(times, follow_up)[:, kept], (times <= follow_up)[:, kept]
    arm = np.repeat([0, 1], kept.sum())
    frame = pl.DataFrame({"time": seen.ravel(), "event": event.ravel(), "arm": arm})
    model = cox(frame, time="time", event="event", covariates=["arm"])
    means = [kaplan_meier(seen[k], event[k]).rmst(TAU_MONTHS).estimate for k in (0, 1)]
    return float(model.coef[0]), means[1] - means[0]


# Below 20 patients there is no jackknife, and nobody is left out.
@pytest.mark.parametrize("size", [5, 12, 19, 20, 45])
def test_everybody_counts_and_groups_are_left_out_in_turn(size: int) -> None:
    random = np.random.default_rng(size)
    times, follow_up = random.exponential(10.0, (2, size)), random.uniform(6.0, 30.0, size)
    found = contrast(times, follow_up, TAU_MONTHS)
    log_ratio, gain = direct(times, follow_up, np.ones(size, np.bool_))
    assert math.log(found.hazard_ratio) == pytest.approx(log_ratio, abs=SAME_LIKELIHOOD)
    assert found.rmst_difference_months == pytest.approx(gain, abs=SAME_LIKELIHOOD)
    if size < GROUPS:
        assert math.isnan(found.hazard_ratio_error)
        assert math.isnan(found.rmst_error_months)
        return
    rest = np.array([direct(times, follow_up, np.arange(size) % 20 != k) for k in range(20)])
    errors = np.sqrt(19 / 20 * ((rest - rest.mean(axis=0)) ** 2).sum(axis=0))
    wanted = (found.hazard_ratio * errors[0], errors[1])
    assert (found.hazard_ratio_error, found.rmst_error_months) == pytest.approx(wanted, rel=1e-7)
