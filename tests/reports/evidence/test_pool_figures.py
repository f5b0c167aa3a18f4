"""Forests and funnels: numbers where they belong, words that say what is drawn."""

from __future__ import annotations

import math

import pytest

from debulk.reports.evidence.bias_words import bias_table
from debulk.reports.evidence.forests import (
    bias_forest,
    cumulative_forest,
    left_out_forest,
    pooled_forest,
    subgroup_forest,
)
from debulk.reports.evidence.funnel import ZONES, funnel_chart
from debulk.reports.figures.pictures import drawn


def rows_with(chart, mark):
    """Data of every layer with a mark."""
    layers = chart.to_dict()["layer"]
    return [
        row for each in layers if each["mark"]["type"] == mark for row in each["data"]["values"]
    ]


def texts(chart):
    """Every word in the picture."""
    found = set()
    for row in rows_with(chart, "text"):
        found |= {str(value) for value in row.values()}
    return found


def notes(chart):
    return " ".join(chart.to_dict()["title"]["subtitle"])


def test_studies_are_squares_the_pool_a_diamond_and_the_prediction_a_bar_below(result):
    chart = pooled_forest(result)
    squares = rows_with(chart, "square")
    assert [row["label"] for row in squares] == ["Alpha", "Beta", "Gamma"]
    assert [row["estimate"] for row in squares] == pytest.approx([0.5, 0.8, 1.25])
    corners = rows_with(chart, "area")
    assert corners[1]["x"] == pytest.approx(0.75)
    bars = [row for row in rows_with(chart, "rule") if row.get("kind") == "prediction"]
    assert [(row["lower"], row["upper"]) for row in bars] == [(0.4, 1.4)]
    assert bars[0]["row"] > corners[0]["row"]
    assert {"0.40 to 1.40", "Pooled, 3 studies", "120", "50.0 %"} <= texts(chart)


def test_the_forest_names_method_interval_and_heterogeneity(result):
    told = notes(pooled_forest(result))
    for words in ("REML", "95 % Hartung-Knapp", "tau² = 0.040 (0.00 to 0.90)", "I² = 42 %", "p = "):
        assert words in told


def test_ratios_have_a_logarithmic_axis_with_words_on_both_sides(result):
    chart = pooled_forest(result)
    scales = [each["encoding"]["x"].get("scale") for each in chart.to_dict()["layer"]]
    assert {each["type"] for each in scales if each} == {"log"}
    assert {"← favours local treatment", "favours control →"} <= texts(chart)
    assert {"null": 1.0} in rows_with(chart, "rule")


def test_shares_are_per_cent_on_an_even_axis_without_a_line_of_no_effect(shares):
    chart = pooled_forest(shares)
    assert [row["estimate"] for row in rows_with(chart, "square")] == pytest.approx([24.0] * 3)
    scales = [each["encoding"]["x"].get("scale") for each in chart.to_dict()["layer"]]
    drawn_scales = [each for each in scales if each]
    assert {each["type"] for each in drawn_scales} == {"linear"}
    assert all(0 <= end <= 100 for each in drawn_scales for end in each["domain"])
    assert not any("null" in row for row in rows_with(chart, "rule"))
    assert "24.0 (10.0 to 40.0)" in texts(chart)


def test_without_random_effects_there_is_no_prediction_bar(result):
    result["natural"]["prediction"] = {"lower": None, "upper": None}
    chart = pooled_forest({**result, "method": "ee"})
    assert "Prediction interval" not in texts(chart)
    assert "tau" not in notes(chart)


def test_groups_have_heads_subtotals_and_a_test_and_one_study_no_subtotal(result):
    chart = subgroup_forest(result)
    assert {"liver", "lung", "All studies", "Subtotal, 2 studies"} <= texts(chart)
    assert "Subtotal, 1 study" not in texts(chart)
    assert "Difference between groups of organ: Q = 2.50 on 1 df, p = 0.11" in notes(chart)
    order = {row["label"]: row["row"] for row in rows_with(chart, "square")}
    assert order["Alpha"] < order["Beta"] < order["Gamma"]


def test_rows_of_checks_say_what_was_left_out_or_added(result):
    left = texts(left_out_forest(result))
    assert {"without Alpha", "without Gamma", "Studies"} <= left
    added = cumulative_forest(result)
    assert {"+ Alpha (2001)", "+ Gamma (2003)"} <= texts(added)
    assert "looks" in notes(added)


def test_the_funnel_hangs_from_the_pooled_effect_and_widens_downwards(result):
    chart = funnel_chart(result)
    spec = chart.to_dict()
    lowest, top = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert top == 0.0
    assert lowest > 0.3
    triangle = rows_with(chart, "line")
    at_top = [row["x"] for row in triangle if row["se"] == 0.0]
    assert at_top == pytest.approx([0.75] * 3)
    below = sorted(row["x"] for row in triangle if row["se"] == lowest)
    assert below[2] / below[1] == pytest.approx(math.exp(1.959964 * lowest), rel=1e-6)


def test_shades_of_the_funnel_end_where_one_study_alone_has_that_p(result):
    chart = funnel_chart(result)
    lowest = chart.to_dict()["layer"][0]["encoding"]["y"]["scale"]["domain"][0]
    edges = {row["zone"]: row["right"] for row in rows_with(chart, "area") if row["se"] == lowest}
    assert edges["0.05 to 0.10"] == pytest.approx(math.exp(1.959964 * lowest), rel=1e-6)
    assert edges["p > 0.10"] == pytest.approx(math.exp(1.644854 * lowest), rel=1e-6)
    assert list(edges) == [name for name, _, _ in ZONES]


def test_filled_in_studies_are_hollow_and_said_to_be_so(result):
    spec = funnel_chart(result).to_dict()
    points = [each for each in spec["layer"] if each["mark"]["type"] == "point"]
    assert [len(each["data"]["values"]) for each in points] == [3, 1]
    assert points[1]["mark"]["fill"] == "white"
    told = notes(funnel_chart(result))
    assert "Egger's test of asymmetry: p = 0.31" in told
    assert "nobody has published" in told
    assert "fewer than 10" in told


def test_a_funnel_of_shares_has_no_shades(shares):
    chart = funnel_chart({**shares, "small_study": None})
    assert rows_with(chart, "area") == []
    assert "log odds of the proportion" in str(chart.to_dict())


@pytest.mark.parametrize(
    "draw", [pooled_forest, subgroup_forest, left_out_forest, cumulative_forest, funnel_chart]
)
def test_every_chart_can_be_drawn(draw, result):
    svg = drawn(draw(result), ("svg",))["svg"]
    assert svg.startswith(b"<svg")
    assert b"NaN" not in svg


def test_before_and_after_bias_stand_in_one_forest(result):
    """A study of unbounded bias keeps its row, without numbers and without weight."""
    after = [
        {
            "name": each["name"],
            "adjusted_weight": weight,
            "shift": shift,
            "bias": {"mean": -shift, "sd": None if weight == 0.0 else 0.2},
            "natural": dict.fromkeys(("estimate", "lower", "upper"), None)
            if weight == 0.0
            else {"estimate": 0.9, "lower": 0.6, "upper": 1.3},
        }
        for each, weight, shift in zip(
            result["studies"], (0.4, 0.6, 0.0), (0.3, 0.0, 0.1), strict=True
        )
    ]
    pooled = {"estimate": 0.88, "lower": 0.6, "upper": 1.2}
    told = {
        "how": "shift",
        "se": 0.1,
        "se_if_shared": 0.2,
        "natural": {**pooled, "prediction": {"lower": 0.5, "upper": 1.5}},
        "studies": after,
    }
    made = {**result, "bias_adjusted": told}
    chart = bias_forest(made)
    labels = [row.get("label") for row in rows_with(chart, "square")]
    assert labels.count("Alpha") == labels.count("Beta") == 2
    heads = {"As published", "Bias taken into account", "Pooled, 2 studies", "no weight"}
    assert heads <= texts(chart)
    table = bias_table(made)
    assert table.rows[0][1:4] == ("-0.30 (0.20)", "+0.30", "0.90 (0.60 to 1.30)")
    assert table.rows[2][1:] == ("-0.10 (unbounded)", "+0.10", "no weight", "0.0 %")
    assert "0.200 if all biases are off together" in table.caption


def test_a_meta_regression_has_no_diamond_and_no_guide(result):
    none = dict.fromkeys(("estimate", "lower", "upper"))
    result["natural"] |= none | {"prediction": {"lower": None, "upper": None}}
    chart = pooled_forest(result)
    assert rows_with(chart, "area") == []
    assert not any("guide" in row for row in rows_with(chart, "rule"))
    assert not any("Pooled" in word for word in texts(chart))
