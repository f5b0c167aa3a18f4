"""The figure of clicks over a rebuilt curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from debulk.reports.evidence.reconstruction_figure import RebuiltArm, reconstruction_chart
from debulk.reports.figures.pictures import drawn
from debulk.survival import kaplan_meier

CLICKS = pl.DataFrame({"time": [-0.1, 4.0, 9.0, 12.0], "survival": [1.01, 0.8, 0.5, 0.4]})
PATIENTS = pl.DataFrame(
    {"time": [2.0, 4, 6, 7, 9, 12, 12, 12, 12, 12], "event": [1, 1, 1, 1, 1, 1, 0, 0, 0, 0]}
)
AT_RISK = pl.DataFrame({"time": [0.0, 5.0, 10.0], "at_risk": [10, 8, 5]})


def _values(chart: Any, layer: int) -> list[dict[str, Any]]:
    told = chart.to_dict()
    data = told["vconcat"][0]["layer"][layer]["data"]
    return data["values"] if "values" in data else told["datasets"][data["name"]]


def test_clicks_lie_on_the_axes_of_the_curve() -> None:
    chart = reconstruction_chart([RebuiltArm("arm", CLICKS, PATIENTS, AT_RISK)])
    clicks = _values(chart, -1)
    assert [(each["time"], each["value"]) for each in clicks] == [
        (0.0, 1.0),
        (4.0, 0.8),
        (9.0, 0.5),
        (12.0, 0.4),
    ]
    layers = chart.to_dict()["vconcat"][0]["layer"]
    assert layers[-1]["encoding"]["x"]["scale"] == layers[1]["encoding"]["x"]["scale"]
    steps = {each["time"]: each["value"] for each in _values(chart, 1)}
    curve = kaplan_meier(PATIENTS["time"], PATIENTS["event"])
    assert steps[9.0] == pytest.approx(curve.at([9.0])[0])


def test_two_arms_share_colours_and_numbers_at_risk_stand_at_printed_times() -> None:
    arms = [
        RebuiltArm("control", CLICKS, PATIENTS, AT_RISK),
        RebuiltArm("treated", CLICKS, PATIENTS),
    ]
    chart = reconstruction_chart(arms, time_title="Time (months)", notes=["a note"]).to_dict()
    numbers = next(iter(chart["vconcat"][1]["layer"]))
    rows = chart["datasets"][numbers["data"]["name"]] if "name" in numbers["data"] else None
    rows = rows or numbers["data"]["values"]
    own = [(each["time"], each["text"]) for each in rows if each["group"] == "control"]
    assert own == [(0.0, "10"), (5.0, "8"), (10.0, "5")]
    layers = chart["vconcat"][0]["layer"]
    assert layers[-1]["encoding"]["color"]["scale"] == layers[1]["encoding"]["color"]["scale"]


def test_without_a_table_the_ticks_are_round_and_many_clicks_are_thinned() -> None:
    many = pl.DataFrame({"time": np.linspace(0, 58, 1300), "survival": np.linspace(1, 0.3, 1300)})
    patients = pl.DataFrame({"time": np.linspace(1, 58, 200), "event": [1, 0] * 100})
    chart = reconstruction_chart([RebuiltArm("arm", many, patients)])
    assert 300 < len(_values(chart, -1)) <= 400
    axis = chart.to_dict()["vconcat"][0]["layer"][0]["encoding"]["x"]["axis"]
    assert axis["values"] == [0, 10, 20, 30, 40, 50]


def test_the_figure_can_be_drawn() -> None:
    pytest.importorskip("vl_convert")
    chart = reconstruction_chart([RebuiltArm("arm", CLICKS, PATIENTS, AT_RISK)])
    contents = drawn(chart)
    assert contents["svg"].startswith(b"<svg")
    assert contents["png"].startswith(b"\x89PNG")
