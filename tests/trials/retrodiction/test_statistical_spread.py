"""The stated Monte Carlo error of a limit against the scatter of that limit over many samples."""

from __future__ import annotations

import numpy as np

from debulk.trials.retrodiction.spread import spread_of

SAMPLES, TRIALS = 4000, 160

# The scatter of 4,000 limits has a standard error of about 1 %, the mean of the stated errors of
# 0.6 %; a quantile far in the tail is skew, so that half a distance is a few per cent off.
CLOSE = 0.1


def test_the_stated_error_of_a_limit_is_its_scatter_over_samples() -> None:
    draws = np.exp(np.random.default_rng(3).normal(-0.3, 0.3, (SAMPLES, TRIALS)))
    found = [spread_of(each) for each in draws]
    for end in ("lower", "upper"):
        limits = np.array([getattr(each, end) for each in found])
        stated = np.array([getattr(each, f"{end}_error") for each in found])
        assert abs(stated.mean() / limits.std() - 1.0) < CLOSE, end
