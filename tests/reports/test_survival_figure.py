"""The survival figure: what it draws, and what it says when it cannot be written."""

import sys

import pytest

from debulk import InputError
from debulk.reports.survival_figure import survival_chart, write_figures
from debulk.survival.comparison import compare
from debulk.survival.tables import example_table, read_table


@pytest.fixture(scope="module")
def colon():
    return compare(example_table("colon"), time_unit="days")


def test_curves_over_numbers_at_risk_on_one_axis(colon):
    drawn = survival_chart(colon).to_dict()
    curves, numbers = drawn["vconcat"]
    assert [layer["mark"]["type"] for layer in curves["layer"]] == ["area", "line", "tick"]
    rows = numbers["layer"][0]["data"]["values"]
    shown = {(row["group"], row["time"]): row["text"] for row in rows}
    assert shown["Obs", 0.0] == "315"
    assert shown["Lev+5FU", 2920.0] == "12"
    notes = drawn["title"]["subtitle"]
    assert notes[0] == "Log-rank p = 0.0029"
    assert "0.69 (0.55 to 0.87)" in notes[1]


def test_each_curve_starts_at_1_and_ends_with_its_follow_up(colon):
    drawn = survival_chart(colon).to_dict()
    rows = drawn["vconcat"][0]["layer"][1]["data"]["values"]
    for label, curve in colon.curves.items():
        own = [row for row in rows if row["group"] == label]
        assert (own[0]["time"], own[0]["value"]) == (0, 1)
        assert own[-1]["time"] == curve.time[-1]


def test_without_groups_nothing_is_compared(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("t,e\n1,1\n2,0\n3,1\n")
    drawn = survival_chart(compare(read_table(path, time="t", event="e"))).to_dict()
    assert "subtitle" not in drawn["title"]
    assert drawn["vconcat"][0]["layer"][1]["encoding"]["x"]["title"] == "Time"


def test_nobody_censored_draws_no_ticks(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("t,e\n1,1\n2,1\n")
    write_figures(compare(read_table(path, time="t", event="e")), tmp_path)
    assert (tmp_path / "survival.svg").stat().st_size > 0


def test_pictures_are_written_whole(colon, tmp_path):
    assert write_figures(colon, tmp_path) == ("survival.svg", "survival.pdf", "survival.png")
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ["survival.pdf", "survival.png", "survival.svg"]


def test_what_is_missing_is_named(colon, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(InputError, match="vl-convert is not installed"):
        write_figures(colon, tmp_path)
