"""Log-log curves and Schoenfeld residuals: what is drawn for made-up data."""

import numpy as np
import pytest

from debulk.reports.figures.checks import ResidualPanel, log_log_chart, schoenfeld_chart
from debulk.reports.figures.pictures import drawn


def test_log_log_leaves_out_what_has_no_logarithm():
    time, survival = np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([1.0, 1.0, 0.5, 0.5, 0.0])
    rows = log_log_chart({"a": (time, survival)}, "Time").to_dict()["data"]["values"]
    height = np.log(-np.log(0.5))
    assert rows == [
        {"group": "a", "time": 2.0, "height": pytest.approx(height)},
        {"group": "a", "time": 3.0, "height": pytest.approx(height)},
    ]


def test_log_log_of_a_group_without_events_is_empty_and_drawn():
    flat = (np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    falling = (np.array([1.0, 2.0]), np.array([0.8, 0.4]))
    chart = log_log_chart({"a": flat, "b": falling}, "Time")
    assert {row["group"] for row in chart.to_dict()["data"]["values"]} == {"b"}
    assert drawn(chart)["svg"].startswith(b"<svg")


def panel(n=60, term="age", **other):
    time = np.linspace(1.0, 50.0, n)
    return ResidualPanel(term, time, 0.3 + 0.02 * time, 0.5, **other)


def test_a_panel_shows_points_smooth_and_coefficient():
    chart = schoenfeld_chart([panel(note="p = 0.2")], "Time (months)").to_dict()
    layers = chart["concat"][0]["layer"]
    kinds = [layer["mark"]["type"] for layer in layers]
    assert kinds == ["circle", "area", "line", "rule", "rule", "text"]
    assert len(layers[0]["data"]["values"]) == 60
    assert layers[4]["data"]["values"] == [{"value": 0.5}]
    assert layers[5]["data"]["values"] == [{"head": "age (p = 0.2)"}]


def test_the_axis_names_times_where_their_share_of_events_lies():
    axis = schoenfeld_chart([panel()], "Time").to_dict()["concat"][0]["layer"][0]["encoding"]["x"]
    values, words = axis["axis"]["values"], axis["axis"]["labelExpr"]
    assert all(0 < value < 1 for value in values)
    assert all(f'"{value:.4f}"' in words for value in values)


def test_few_events_are_shown_without_a_smooth():
    chart = schoenfeld_chart([panel(n=5)], "Time")
    assert chart.to_dict()["concat"][0]["layer"][2]["data"]["values"] == []
    assert drawn(chart)["png"].startswith(b"\x89PNG")


def test_very_many_events_are_thinned():
    layers = schoenfeld_chart([panel(n=20_000)], "Time").to_dict()["concat"][0]["layer"]
    assert 1000 < len(layers[0]["data"]["values"]) <= 1500


def test_several_panels_stand_in_two_columns():
    chart = schoenfeld_chart([panel(term=term) for term in "abc"], "Time").to_dict()
    assert chart["columns"] == 2
    assert len(chart["concat"]) == 3
