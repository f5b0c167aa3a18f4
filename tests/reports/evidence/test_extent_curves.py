"""Curves by extent: everybody alive at 0, words at the ends that do not meet."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.reports.evidence.extent_curves import (
    ExtentFigure,
    ExtentLine,
    apart,
    curve_rows,
    extent_curves_chart,
    told,
)
from debulk.reports.figures.pictures import drawn

LIVER = ExtentLine(
    "liver only", 12, 3400, (1, 3, 5), (0.9, 0.6, 0.4), (0.8, 0.5, 0.3), (1, 0.7, 0.5)
)
MANY = ExtentLine("several organs", 4, 800, (1, 3), (0.7, 0.3), (0.6, 0.2), (0.8, 0.4))
_ROUNDING = 1e-9


def test_a_curve_begins_with_everybody_alive():
    rows = curve_rows(MANY)
    assert rows[0]["survival"] == rows[0]["lower"] == rows[0]["upper"] == 1.0
    assert [row["years"] for row in rows if row["pooled"]] == [1, 3]


def test_handworked_the_hazard_is_constant_between_points():
    rows = {row["years"]: row for row in curve_rows(MANY)}
    assert rows[0.5]["survival"] == pytest.approx(math.sqrt(0.7))
    assert rows[2.0]["survival"] == pytest.approx(math.sqrt(0.7 * 0.3))


def test_a_curve_that_comes_to_0_goes_there_straight():
    gone = ExtentLine("x", 1, 10, (1.0,), (0.0,), (0.0,), (0.2,))
    rows = {row["years"]: row for row in curve_rows(gone)}
    assert rows[0.5]["survival"] == pytest.approx(0.5)
    assert told(gone) == "1 group, 10 patients"


def test_words_name_extent_groups_and_patients():
    chart = extent_curves_chart(ExtentFigure("Survival", (LIVER, MANY)))
    svg = drawn(chart, ("svg",))["svg"].decode()
    for words in ("liver only", "12 groups, 3,400 patients", "several organs", "years"):
        assert words in svg
    assert "NaN" not in svg


@given(st.lists(st.floats(0, 340), min_size=1, max_size=8))
def test_property_words_keep_their_order_and_their_distance(heights):
    placed = apart(heights, 33.0)
    for one, two in zip(sorted(placed), sorted(placed)[1:], strict=False):
        assert two - one >= 33.0 - _ROUNDING
    for i, a in enumerate(heights):
        for j, b in enumerate(heights):
            assert not (a < b and placed[i] > placed[j])
