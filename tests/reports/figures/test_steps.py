"""Step curves over the numbers at risk: what is drawn, and what is left out of sight."""

import numpy as np
import pytest

from debulk.reports.figures.pictures import drawn
from debulk.reports.figures.steps import StepCurve, StepFigure, step_chart, top_of


def curve(group="a", time=(1, 2, 3), value=(0.8, 0.5, 0.0), **other):
    value = np.array(value, dtype=float)
    limits = {"lower": value - 0.1, "upper": value + 0.1} | other
    return StepCurve(group=group, time=np.array(time, dtype=float), value=value, **limits)


def figure(*curves, **other):
    groups = dict.fromkeys(each.group for each in curves)
    settings = {"times": [0, 1, 2], "at_risk": {group: [30, 20, 4] for group in groups}}
    return StepFigure("T", "Time", "Survival", curves, **(settings | other))


def layers(chart):
    top, below = chart.to_dict()["vconcat"]
    return [each["data"]["values"] for each in top["layer"]], below


def test_a_curve_starts_at_time_0_and_steps_at_its_times():
    (_, steps, _), _ = layers(step_chart(figure(curve())))
    assert [(row["time"], row["value"]) for row in steps] == [(0, 1), (1, 0.8), (2, 0.5), (3, 0)]
    (_, steps, _), _ = layers(step_chart(figure(curve(start=0.0))))
    assert (steps[0]["time"], steps[0]["value"]) == (0, 0)


def test_a_band_ends_where_its_limits_end():
    lower, upper = np.array([0.7, 0.4, np.nan]), np.array([0.9, 0.6, np.nan])
    (bands, _, _), _ = layers(step_chart(figure(curve(lower=lower, upper=upper))))
    assert [(row["time"], row["lower"]) for row in bands] == [(0, 1), (1, 0.7), (2, 0.4), (3, 0.4)]
    nowhere = np.full(3, np.nan)
    (bands, _, _), _ = layers(step_chart(figure(curve(lower=nowhere, upper=nowhere))))
    assert {row["time"] for row in bands} == {0.0}


def test_numbers_at_risk_stand_on_the_axis_of_the_curves():
    drawn_chart = step_chart(figure(curve("a"), curve("b"))).to_dict()
    top, below = drawn_chart["vconcat"]
    assert top["width"] == below["width"]
    axis = top["layer"][1]["encoding"]["x"]
    assert axis["axis"]["values"] == [0, 1, 2]
    assert below["layer"][0]["encoding"]["x"]["scale"]["domain"] == axis["scale"]["domain"]
    rows = below["layer"][0]["data"]["values"]
    assert [(row["group"], row["time"], row["text"]) for row in rows[:3]] == [
        ("a", 0, "30"),
        ("a", 1, "20"),
        ("a", 2, "4"),
    ]


def test_sums_of_weights_are_shown_to_a_decimal():
    _, below = layers(step_chart(figure(curve(), at_risk={"a": [30.25, 20.0, 4.5]})))
    assert [row["text"] for row in below["layer"][0]["data"]["values"]] == ["30.2", "20", "4.5"]


def test_numbers_that_would_collide_are_thinned():
    times = list(range(9))
    at_risk = {"a": [10_000_000_000] * 9}
    _, below = layers(step_chart(figure(curve(), times=times, at_risk=at_risk)))
    assert [row["time"] for row in below["layer"][0]["data"]["values"]] == [0, 2, 4, 6, 8]


def test_a_million_steps_keep_their_outline():
    time = np.sort(np.random.default_rng(1).exponential(10.0, 100_000))
    value = 1.0 - np.arange(1, time.size + 1) / (time.size + 1)
    large = curve(time=time, value=value, censored=time)
    chart = step_chart(figure(large))
    (_, steps, ticks), _ = layers(chart)
    assert 500 < len(steps) < 2100
    assert ticks == []
    assert "too many to tell apart" in chart.to_dict()["title"]["subtitle"][0]
    assert steps[-1]["time"] == time[-1]
    # Where a step is drawn it is the curve's; between two of them less than a pixel is lost.
    places = np.searchsorted(time, [row["time"] for row in steps[1:]])
    assert [row["value"] for row in steps[1:]] == value[places].tolist()


def test_ticks_lie_on_the_curve_just_after_their_time():
    (_, _, ticks), _ = layers(step_chart(figure(curve(censored=np.array([0.5, 2.0, 2.9])))))
    assert [(row["time"], row["value"]) for row in ticks] == [(0.5, 1), (2, 0.5), (2.9, 0.5)]


def test_dashes_tell_groups_apart_or_else_the_lines_of_a_group():
    top = step_chart(figure(curve("a"), curve("b"))).to_dict()["vconcat"][0]["layer"][1]
    assert top["encoding"]["strokeDash"]["field"] == "group"
    one = step_chart(figure(curve("a"), curve("a", line="death"))).to_dict()["vconcat"][0]
    assert one["layer"][1]["encoding"]["strokeDash"]["field"] == "line"


def test_one_curve_needs_no_legend():
    encoding = step_chart(figure(curve())).to_dict()["vconcat"][0]["layer"][1]["encoding"]
    assert encoding["color"]["legend"] is None
    assert encoding["strokeDash"]["legend"] is None


def test_a_curve_that_ends_at_time_0_is_drawn():
    assert drawn(step_chart(figure(curve(time=[0], value=[0.5]), times=[0], at_risk={"a": [1]})))


@pytest.mark.parametrize(("highest", "top"), [(0.03, 0.1), (0.2, 0.25), (0.3, 0.5), (0.49, 1.0)])
def test_the_axis_of_incidence_is_cut_where_nothing_is(highest, top):
    assert top_of([curve(value=[0, 0, highest])]) == top
