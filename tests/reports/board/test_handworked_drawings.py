"""Drawings of the board, counted by hand."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from markupsafe import Markup

from debulk.reports.board.axis import Axis, ticks
from debulk.reports.board.body_map import OrganMark, body_map, paper_body_map, size_bars
from debulk.reports.board.draws_bar import draws_bar
from debulk.reports.board.icon_array import icon_array
from debulk.reports.board.interval_pairs import Interval, Pair, interval_pairs
from debulk.reports.board.survival_bands import Band, survival_bands


def _classes(drawing: Markup, tag: str) -> list[str]:
    return re.findall(rf'<{tag} [^>]*class="([^"]*)"', drawing)


def test_icon_array_shows_each_kind_as_often_as_counted() -> None:
    drawn = icon_array((54, 43, 3), "54 alive (41 to 66)")
    rings_and_dots = _classes(drawn, "circle")
    assert rings_and_dots.count("icon alive") == 54
    assert rings_and_dots.count("icon dead") == 43
    assert _classes(drawn, "path").count("icon dead_of_treatment") == 3
    assert 'aria-label="54 alive (41 to 66)"' in drawn


@pytest.mark.parametrize("counts", [(50, 49, 0), (101, -1, 0)])
def test_icon_array_of_other_than_a_hundred_is_a_defect(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="holds 100"):
        icon_array(counts, "")


def test_two_arrays_are_filled_in_the_same_order() -> None:
    fewer, more = (icon_array((alive, 100 - alive, 0), "") for alive in (40, 41))
    differing = [
        a != b for a, b in zip(_classes(fewer, "circle"), _classes(more, "circle"), strict=True)
    ]
    assert differing == [place == 40 for place in range(100)]


def test_body_map_links_each_organ_and_marks_where_all_have_disappeared() -> None:
    marks = [
        OrganMark("liver", 9, "liver: 9 lesions", "#organ-liver"),
        OrganMark("lung", 0, "lung: 2 lesions, no longer seen", "#organ-lung"),
    ]
    drawn = body_map(marks, "Body")
    assert re.findall(r'<a href="([^"]*)" aria-label="([^"]*)"', drawn) == [
        ("#organ-liver", "liver: 9 lesions"),
        ("#organ-lung", "lung: 2 lesions, no longer seen"),
    ]
    assert "mark hollow" in drawn
    assert "organ organ-liver involved" in drawn
    assert "organ organ-lung disappeared" in drawn
    assert "organ organ-bone free" in drawn


def test_size_bars_are_as_tall_as_the_sizes_they_stand_for() -> None:
    drawn = size_bars([(20.0, 40.0, "visible"), (None, None, "visible")], largest_mm=40.0)
    heights = {
        name: float(height)
        for height, name in re.findall(r'height="([\d.]+)" class="(now|before)"', drawn)
    }
    assert heights == {"before": 34.0, "now": 17.0}
    assert "no-size" in drawn


def test_a_lesion_no_longer_seen_is_a_hollow_mark_without_a_bar() -> None:
    drawn = size_bars([(0.0, 30.0, "disappeared")], largest_mm=30.0)
    assert _classes(drawn, "rect") == ["before"]
    assert _classes(drawn, "circle") == ["gone disappeared"]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (100.0, [0, 20, 40, 60, 80, 100]),
        (60.0, [0, 10, 20, 30, 40, 50, 60]),
        (3.0, [0, 0.5, 1, 1.5, 2, 2.5, 3]),
    ],
)
def test_ticks_are_round_and_cover_the_axis(most: float, expected: list[float]) -> None:
    assert ticks(0.0, most) == expected


def test_a_value_beyond_the_axis_stands_at_its_end() -> None:
    axis = Axis(0.0, 100.0, 10.0, 110.0)
    assert [axis.at(value) for value in (-5.0, 25.0, 140.0)] == [10.0, 35.0, 110.0]


def test_parts_of_the_draws_bar_are_as_wide_as_their_counts() -> None:
    drawn = draws_bar((46, 38, 16), "46, 38, 16")
    widths = re.findall(r'width="([\d.]+)" height="34" class="part (\w+)"', drawn)
    assert {name: float(width) for width, name in widths} == pytest.approx(
        {"gain": 520 * 0.46, "little": 520 * 0.38, "loss": 520 * 0.16}
    )


def test_interval_pairs_draw_two_shapes_and_two_whiskers_a_row() -> None:
    pair = Pair("2 years", (Interval(54.0, 41.0, 66.0), Interval(56.0, 43.0, 69.0)))
    drawn = interval_pairs([pair], most=100.0, unit="of 100", title="Alive", description="said")
    assert _classes(drawn, "line").count("whisker option-1") == 1
    assert _classes(drawn, "circle") == ["dot option-1"]
    assert _classes(drawn, "rect") == ["dot option-2"]
    assert 'aria-label="Alive. said"' in drawn


def test_survival_bands_start_at_the_top_left_and_end_at_the_right() -> None:
    band = Band([0, 30, 60], [1.0, 0.5, 0.25], [1.0, 0.4, 0.1], [1.0, 0.6, 0.4])
    drawn = survival_bands(
        (band, band), months_words="months", share_words="alive", title="t", description="d"
    )
    curve = re.search(r'd="(M[^"]*)" class="curve option-1"', drawn)
    assert curve is not None
    assert curve[1] == "M46 8L297 107L548 156.5"


def test_words_in_a_drawing_are_escaped() -> None:
    assert "<b>" not in body_map([OrganMark("liver", 1, "<b>", '"#x')], "<b>")


def test_on_paper_counts_stand_beside_the_body_none_over_another() -> None:
    organs = ("bone", "lung", "liver", "lymph_node", "ovary", "brain", "adrenal", "peritoneum")
    marks = [OrganMark(each, place, each, "") for place, each in enumerate(organs)]
    drawn = paper_body_map(marks, "Body")
    told = re.findall(r'<text x="([\d.-]+)" y="([\d.]+)"[^>]*>(\d)</text>', drawn)
    assert sorted(int(count) for _, _, count in told) == list(range(8))
    for side in {x for x, _, _ in told}:
        heights = sorted(float(y) for x, y, _ in told if x == side)
        assert all(b - a >= 34.0 for a, b in pairwise(heights))
        assert heights[0] > 24.0
        assert heights[-1] < 300.0
    assert _classes(drawn, "circle").count("mark hollow") == 1
    assert "<a " not in drawn
