"""Forest plots: where rows and marks lie, and what is said where there is no estimate."""

import math

import pytest

from debulk.reports.figures.forest import (
    ForestFigure,
    ForestRow,
    axis_domain,
    axis_ticks,
    forest_chart,
)
from debulk.reports.figures.pictures import drawn

ROWS = (
    ForestRow("Age", kind="heading"),
    ForestRow("under 65", 0.6, 0.4, 0.9, "60 / 211", 0.6),
    ForestRow("65 and over", 0.9, 0.5, 400.0, "71 / 198", 0.3),
    ForestRow("unknown", counts="0 / 3"),
    ForestRow("All", 0.7, 0.55, 0.89, kind="summary"),
)


def forest(rows=ROWS, **other):
    return ForestFigure("Overall survival", "Hazard ratio", rows, **other)


def data_of(chart, mark, **wanted):
    """Rows of every layer with a mark."""
    found = []
    for layer in chart.to_dict()["layer"]:
        own = layer["mark"]
        if own["type"] == mark and all(own.get(key) == value for key, value in wanted.items()):
            found += layer["data"]["values"]
    return found


def test_squares_go_with_weight_and_the_summary_is_a_diamond():
    chart = forest_chart(forest())
    squares = data_of(chart, "square")
    assert [row["estimate"] for row in squares] == [0.6, 0.9]
    assert squares[0]["size"] == 2 * squares[1]["size"]
    corners = data_of(chart, "area")
    assert [row["x"] for row in corners] == [0.55, 0.7, 0.89]
    assert corners[1]["above"] < corners[0]["above"] == corners[0]["below"]


def test_a_limit_far_out_ends_in_an_arrow_at_the_axis():
    chart = forest_chart(forest())
    end = axis_domain(forest())[1]
    assert end < 400
    arrows = data_of(chart, "point", shape="triangle-right")
    assert [(row["label"], row["upper"]) for row in arrows] == [("65 and over", end)]
    assert data_of(chart, "point", shape="triangle-left") == []


def test_a_limit_of_infinity_ends_in_an_arrow_and_is_written():
    rows = (ForestRow("a", 2.0, 0.5, math.inf), ForestRow("b", 2.0, 0.0, 3.0))
    chart = forest_chart(forest(rows))
    assert [row["label"] for row in data_of(chart, "point", shape="triangle-right")] == ["a"]
    assert [row["label"] for row in data_of(chart, "point", shape="triangle-left")] == ["b"]
    assert "2.00 (0.50 to \u221e)" in [row.get("text") for row in data_of(chart, "text")]


def test_no_estimate_is_said_in_words_and_draws_nothing():
    chart = forest_chart(forest())
    words = {row["label"]: row["text"] for row in data_of(chart, "text") if "label" in row}
    assert words["unknown"] == "no estimate"
    assert words["under 65"] == "0.60 (0.40 to 0.90)"
    assert words["Age"] == ""
    assert "unknown" not in {row["label"] for row in data_of(chart, "rule") if "label" in row}


def test_words_of_a_row_replace_its_numbers():
    chart = forest_chart(forest((ForestRow("Obs", text="reference"),)))
    assert "reference" in {row.get("text") for row in data_of(chart, "text")}


def test_which_side_favours_whom_is_said():
    chart = forest_chart(forest(favours=("favours local treatment", "favours control")))
    words = [row["word"] for row in data_of(chart, "text") if "word" in row]
    assert words == ["\u2190 favours local treatment", "favours control \u2192"]


def test_differences_have_a_plain_axis_around_0():
    rows = (ForestRow("a", -1.5, -3.0, 0.2), ForestRow("b", 2.0, 1.0, 3.0))
    figure = forest(rows, null=0.0, logarithmic=False)
    low, high = axis_domain(figure)
    assert low < -3.0
    assert high > 3.0
    scales = [
        layer["encoding"]["x"]["scale"] for layer in forest_chart(figure).to_dict()["layer"][:2]
    ]
    assert {scale["type"] for scale in scales} == {"linear"}


@pytest.mark.parametrize(
    ("domain", "ticks"),
    [
        ((0.75, 1.35), [0.8, 0.9, 1.0, 1.1, 1.2, 1.3]),
        ((0.4, 1.5), [0.4, 0.6, 0.8, 1.0, 1.2, 1.4]),
        ((0.05, 15.0), [0.1, 0.3, 1.0, 3.0, 10.0]),
        ((0.3, 4.0), [0.5, 1.0, 2.0]),
        ((1e-4, 1e4), [1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4]),
    ],
)
def test_ticks_are_round(domain, ticks):
    found = axis_ticks(domain)
    assert 2 <= len(found) <= 9
    assert found == ticks or set(ticks) & set(found)


@pytest.mark.parametrize("rows", [(), (ForestRow("nobody"),), ROWS])
def test_any_rows_can_be_drawn(rows):
    assert drawn(forest_chart(forest(rows)))["png"].startswith(b"\x89PNG")
