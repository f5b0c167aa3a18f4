"""Restricted cubic splines: straight outside, smooth inside, Harrell's knots."""

import numpy as np
import pytest

from debulk.core.cubic_splines import knots_of, spline_terms

KNOTS = np.array([1.0, 2.0, 4.0])


def test_by_hand():
    # At 3: (2^3 - 1^3 * 3 / 2) / 9, with nothing beyond the last knot.
    found = spline_terms(np.array([0.5, 3.0]), KNOTS)
    np.testing.assert_allclose(found, [[0.5, 0.0], [3.0, 6.5 / 9.0]])


@pytest.mark.parametrize("values", [np.linspace(-3.0, 1.0, 9), np.linspace(4.0, 9.0, 9)])
def test_straight_beyond_the_outer_knots(values):
    bent = spline_terms(values, KNOTS)[:, 1]
    np.testing.assert_allclose(np.diff(bent, 2), 0.0, atol=1e-12)


@pytest.mark.parametrize("at", KNOTS)
def test_curvature_has_no_jump_at_a_knot(at):
    step = 1e-3
    values = at + step * np.arange(-3, 4)
    curvature = np.diff(spline_terms(values, KNOTS)[:, 1], 2) / step**2
    assert np.abs(np.diff(curvature)).max() < 2 * step


def test_knots():
    assert knots_of(np.arange(101.0), 3).tolist() == [10.0, 50.0, 90.0]
    assert knots_of(np.array([0.0, 1.0] * 20), 4) is None
