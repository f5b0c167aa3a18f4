"""Are bias, coverage and rejections what they are by hand?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.emulation.laboratory.scoring import score_interval
from debulk.emulation.laboratory.truth import TimedTruth, truth_of

TRUTH = TimedTruth(-0.1, 0.003, -0.4, 0.0, 1.0, 0.0)


def test_four_registries() -> None:
    nothing = [math.nan] * 4
    numbers = np.array(
        [
            [-0.2, 0.1, -0.4, 0.0, *nothing],
            [0.0, 0.2, -0.4, 0.4, *nothing],
            [-0.3, 0.1, -0.5, -0.15, *nothing],
            [math.nan] * 8,
        ]
    )
    found = score_interval(numbers, TRUTH)
    score = found.log_hazard_ratio
    assert score.answered == 3
    assert score.bias == pytest.approx(-1.0 / 15.0)
    assert score.sd == pytest.approx(math.sqrt(0.07 / 3.0))
    assert score.monte_carlo_error == pytest.approx(math.hypot(math.sqrt(0.07) / 3.0, 0.003))
    assert score.mean_se == pytest.approx(0.4 / 3.0)
    assert score.coverage == pytest.approx(2.0 / 3.0)
    assert score.coverage_error == pytest.approx(math.sqrt(2.0 / 27.0))
    assert score.rejected == pytest.approx(1.0 / 3.0)
    assert found.coverage_registry == 1.0
    assert found.rmst_months.answered == 0
    assert math.isnan(found.rmst_months.bias)


def test_truth_of_four_patients() -> None:
    """Local treatment gives one of four patients 6 months more before the horizon, one none."""
    deaths = np.array([[6.0, 12.0, 40.0, 80.0], [12.0, 12.0, 50.0, 80.0], [6.0, 12.0, 40.0, 80.0]])
    found = truth_of(
        deaths,
        np.full(4, 60.0),
        treated=np.array([True, False, False, True]),
        last_months=84.0,
        tau_months=36.0,
    )
    assert found.natural.rmst_difference_months == pytest.approx(1.5)
    assert found.natural.rmst_difference_error == pytest.approx(1.5)
    assert found.natural.log_hazard_ratio < 0.0
    assert found.uniform.log_hazard_ratio == found.uniform.rmst_difference_months == 0.0
    assert found.treated_share == 0.5
    assert found.median_months == 26.0
