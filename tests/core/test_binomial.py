"""Exact limits of a share against what they are defined by."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from debulk.core.binomial import exact_limits

AGREEMENT = 1e-9
"""Both are solved to about the accuracy of the machine."""


def test_handworked_nobody_and_everybody() -> None:
    # With no event among n the upper limit solves (1 - p) ** n = 0.025.
    assert exact_limits(0, 20) == (0.0, pytest.approx(1.0 - 0.025 ** (1 / 20), abs=AGREEMENT))
    assert exact_limits(20, 20) == (pytest.approx(0.025 ** (1 / 20), abs=AGREEMENT), 1.0)


@pytest.mark.parametrize(("events", "patients", "level"), [(28, 1001, 0.95), (3, 17, 0.8)])
def test_each_limit_leaves_half_of_the_rest_beyond_the_count(
    events: int, patients: int, level: float
) -> None:
    lower, upper = exact_limits(events, patients, level)
    tail = (1.0 - level) / 2.0
    assert binom.sf(events - 1, patients, lower) == pytest.approx(tail, abs=AGREEMENT)
    assert binom.cdf(events, patients, upper) == pytest.approx(tail, abs=AGREEMENT)
