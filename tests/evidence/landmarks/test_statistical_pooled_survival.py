"""Whether the limits of a pooled curve cover the truth as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.evidence.landmarks.pooling import pooled_survival
from debulk.evidence.landmarks.studies import study_from_landmarks

REPLICATES = 500
MONTE_CARLO_ERROR = 0.0097
"""Of a coverage of 0.95 with that many replicates."""
TIMES = np.array([12.0, 24.0, 36.0, 60.0])
HAZARD = 0.02


def _coverage(spread: float, studies: int, **options: str) -> np.ndarray:
    """Share of replicates whose limits hold the curve of the median study, by landmark."""
    draws = np.random.default_rng(20140712)
    truth = np.exp(-HAZARD * TIMES)
    inside = np.zeros(len(TIMES))
    for _ in range(REPLICATES):
        made = []
        for position in range(studies):
            patients = int(draws.integers(80, 400))
            hazard = HAZARD * math.exp(spread * draws.standard_normal())
            shares = np.exp(-hazard * np.diff(TIMES, prepend=0.0))
            alive, survival, present = patients, [], []
            for share in shares:
                present.append(max(alive, 1))
                alive = int(draws.binomial(alive, share))
                survival.append(alive / patients)
            made.append(study_from_landmarks(f"{position}", TIMES, survival, at_risk=present))
        pooled = pooled_survival(made, **options)  # type: ignore[arg-type]
        inside += (pooled.lower <= truth) & (truth <= pooled.upper)
    return inside / REPLICATES


@pytest.mark.slow
def test_statistical_alike_studies_are_covered() -> None:
    # Random effects make limits a little wide where there are none, so the upper end is open.
    coverage = _coverage(0.0, 8)
    assert coverage.min() > 0.95 - 3 * MONTE_CARLO_ERROR
    common = _coverage(0.0, 8, method="ee", between="independent")
    assert np.all(np.abs(common - 0.95) < 3 * MONTE_CARLO_ERROR)


@pytest.mark.slow
def test_statistical_studies_that_differ_are_covered_with_their_covariance() -> None:
    # A study with a higher hazard has it in every interval, so what lies between studies
    # correlates. Its covariance by moments, with normal limits over 15 studies, falls short of
    # 0.95 by 0.05 at the last landmark (0.90 in 1000 replicates), as DerSimonian and Laird's
    # limits do with few studies; leaving the covariance out costs far more (0.72).
    joint = _coverage(0.3, 15)
    apart = _coverage(0.3, 15, between="independent")
    assert joint.min() > 0.95 - 0.05 - 3 * MONTE_CARLO_ERROR
    assert apart[-1] < joint[-1] - 0.1


@pytest.mark.parametrize("transform", ["arcsine", "log-log"])
def test_statistical_estimate_is_near_the_truth(transform: str) -> None:
    draws = np.random.default_rng(7)
    truth = np.exp(-HAZARD * TIMES)
    made = [
        study_from_landmarks(
            f"{position}", TIMES, _shares(draws.exponential(1 / HAZARD, 2000)), patients=2000
        )
        for position in range(10)
    ]
    pooled = pooled_survival(made, transform=transform)  # type: ignore[arg-type]
    # 20,000 patients: binomial error 0.0035 at most; four of them.
    assert np.abs(pooled.survival - truth).max() < 4 * 0.0035


def _shares(times: np.ndarray) -> np.ndarray:
    return np.array([(times > landmark).mean() for landmark in TIMES])
