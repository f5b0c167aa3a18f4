"""Is the scatter of noisy values freed of the noise, and of nothing else?"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core.shrinkage import without_noise


def test_noise_is_taken_from_the_scatter_of_draws() -> None:
    """Scatter with noise of the same size as the signal: what is left is the signal's, in 2,000."""
    random = np.random.default_rng(6)
    signal = random.normal(-0.3, 0.1, 2000)
    noisy = signal + random.normal(0.0, 0.1, 2000)
    clean = without_noise(noisy, 0.1**2)
    assert clean.std() == pytest.approx(0.1, abs=0.01)
    assert clean.mean() == pytest.approx(noisy.mean())
    assert np.array_equal(np.argsort(clean), np.argsort(noisy))


def test_nothing_but_noise_leaves_no_scatter() -> None:
    values = np.random.default_rng(7).normal(-0.3, 0.05, 50)
    clean = without_noise(values, 0.2**2)
    assert np.ptp(clean) == 0.0
    assert clean[0] == pytest.approx(values.mean())


@pytest.mark.parametrize("values", [[], [0.4], [0.4, 0.4]])
def test_what_does_not_scatter_stays(values: list[float]) -> None:
    assert without_noise(np.array(values), 0.1).tolist() == values
