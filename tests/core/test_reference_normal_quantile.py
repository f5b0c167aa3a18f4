"""Is the normal quantile the one SciPy gives, over every probability a stream can yield?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from debulk.core.streams import normal_quantile

RELATIVE = 2e-15  # two correct double-precision algorithms differ in their last bits


@pytest.mark.parametrize(
    "probabilities",
    [
        np.linspace(0.001, 0.999, 4000),
        np.geomspace(2.0**-54, 0.075, 4000),
        1.0 - np.geomspace(2.0**-53, 0.075, 4000),
        np.array([0.075, 0.925, np.nextafter(0.075, 0), np.nextafter(0.925, 1)]),
    ],
    ids=["centre", "lower tail", "upper tail", "seams"],
)
def test_quantile_agrees_with_scipy(probabilities: np.ndarray) -> None:
    ours = np.array([normal_quantile(each) for each in probabilities])
    np.testing.assert_allclose(ours, ndtri(probabilities), rtol=RELATIVE, atol=1e-16)


def test_published_check_values() -> None:
    """The values Wichura printed with the algorithm."""
    assert normal_quantile(0.25) == pytest.approx(-0.6744897501960817, rel=RELATIVE)
    assert normal_quantile(0.001) == pytest.approx(-3.090232306167814, rel=RELATIVE)
    assert normal_quantile(1e-20) == pytest.approx(-9.262340089798408, rel=RELATIVE)
    assert normal_quantile(0.5) == 0.0
