"""The natural spline: lines are kept, cubes are followed, limits are Student's."""

import numpy as np
import pytest

from debulk.reports.figures.smooth import spline_smooth

ROUNDING = 1e-9
"""Least squares of a basis with cubes, solved by a pseudo-inverse."""


def test_a_line_is_kept_and_its_band_is_nothing():
    x = np.linspace(0.0, 10.0, 40)
    points, fit, lower, upper = spline_smooth(x, 3.0 - 2.0 * x)
    assert fit == pytest.approx(3.0 - 2.0 * points, abs=ROUNDING)
    assert upper - lower == pytest.approx(0.0, abs=1e-6)


def test_the_curve_is_straight_beyond_the_outer_knots_and_bends_between():
    x = np.linspace(-1.0, 1.0, 201)
    points, fit, _, _ = spline_smooth(x, x**2)
    bend = np.diff(fit, 2)
    assert abs(bend[0]) < abs(bend[len(bend) // 2]) / 5
    assert fit == pytest.approx(points**2, abs=0.05)


def test_the_band_of_a_level_sample_is_that_of_the_regression():
    random = np.random.default_rng(4)
    x, y = np.linspace(0, 1, 200), random.normal(size=200)
    _, fit, lower, upper = spline_smooth(x, y)
    # Five columns: the mean variance over the sample is sigma^2 5 / n.
    width = float(np.mean(upper - lower)) / 2.0
    assert width == pytest.approx(1.97 * np.sqrt(5.0 / 200.0), rel=0.25)
    assert np.all(lower < fit)


@pytest.mark.parametrize("n", [0, 9])
def test_too_few_points_give_no_line(n):
    assert all(part.size == 0 for part in spline_smooth(np.arange(n * 1.0), np.arange(n * 1.0)))


def test_ties_everywhere_give_no_line():
    assert spline_smooth(np.repeat([1.0, 2.0], 20), np.arange(40.0))[0].size == 0
