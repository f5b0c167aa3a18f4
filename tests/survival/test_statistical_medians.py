"""Coverage of the interval of a difference of medians, from a fixed seed."""

import numpy as np

from debulk.survival.medians import median_difference

SAMPLES = 600
MONTE_CARLO = 3 * np.sqrt(0.95 * 0.05 / SAMPLES)  # three standard errors of a share of 0.95


def test_statistical_the_interval_holds_the_true_difference_as_often_as_it_says():
    rng = np.random.default_rng(20)
    group = np.repeat([0, 1], 80)
    held = rejected = 0
    for _ in range(SAMPLES):
        death = rng.exponential(1.0, 160) * np.where(group == 1, 1.5, 1.0)
        lost = rng.uniform(0.3, 4.0, 160)
        found = median_difference(np.minimum(death, lost), death <= lost, group)
        low, high = np.nan_to_num([found.lower, found.upper], nan=np.inf) * [-1, 1]
        low = -np.inf if np.isnan(found.lower) else found.lower
        held += low <= 0.5 * np.log(2) <= high
        rejected += found.p is not None and found.p < 0.05
    # Small samples make it hold a little more often than it says.
    assert 0.95 - MONTE_CARLO < held / SAMPLES < 0.975 + MONTE_CARLO
    assert 0.1 < rejected / SAMPLES < 0.9
