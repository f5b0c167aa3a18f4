"""The survival figure: what it draws, and what it says when it cannot be written."""

import sys

import pytest

from debulk import InputError
from debulk.reports.adjusted_figures import adjusted_forest, residual_figure
from debulk.reports.survival_figure import incidence_chart, survival_chart, write_figures
from debulk.survival.comparison import compare
from debulk.survival.comparison.adjustment import read_adjustment
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
    files = write_figures(colon, tmp_path)
    names = [f"{name}.{kind}" for name in ("survival", "log-log") for kind in ("svg", "pdf", "png")]
    assert list(files) == names
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def table(folder, text, **columns):
    path = folder / "t.csv"
    path.write_text(text)
    return read_table(path, time="t", event="e", **columns)


CAUSES = "t,e,g,age\n" + "".join(f"{k},{k % 3},{k % 2},{50 + k * k % 17}\n" for k in range(1, 40))


def test_a_group_that_is_a_number_is_named_by_its_column(tmp_path):
    comparison = compare(table(tmp_path, CAUSES.replace(",2,", ",0,"), group="g"))
    drawn = survival_chart(comparison).to_dict()
    rows = drawn["vconcat"][0]["layer"][1]["data"]["values"]
    assert {row["group"] for row in rows} == {"g 0", "g 1"}
    assert drawn["title"]["subtitle"][1].startswith("Hazard ratio against g 0: g 1 ")


def test_late_entries_do_not_hide_who_was_censored(tmp_path):
    text = "t,e,s\n4,0,0\n9,1,0\n9,0,4\n12,1,5\n"
    comparison = compare(table(tmp_path, text, entry="s"))
    ticks = survival_chart(comparison).to_dict()["vconcat"][0]["layer"][2]["data"]["values"]
    assert [row["time"] for row in ticks] == [4, 9]


def test_incidence_starts_at_0_and_has_bands_for_the_cause_of_interest(tmp_path):
    comparison = compare(table(tmp_path, CAUSES, group="g", causes=True), cause=2)
    drawn = incidence_chart(comparison).to_dict()
    bands, lines, ticks = (layer["data"]["values"] for layer in drawn["vconcat"][0]["layer"])
    assert {row["line"] for row in lines} == {"cause 1", "cause 2"}
    assert {row["value"] for row in lines if row["time"] == 0} == {0}
    wide = [row for row in bands if row["upper"] > row["lower"]]
    assert {row["line"] for row in wide} == {"cause 2"}
    assert ticks == []
    assert drawn["title"]["subtitle"][0].startswith("Gray's test p")


def test_the_forest_puts_adjusted_beside_unadjusted(tmp_path):
    comparison = compare(
        table(tmp_path, CAUSES.replace(",2,", ",0,"), group="g", covariates=["age"]),
        adjustment=read_adjustment("age"),
    )
    chart = adjusted_forest(comparison, comparison.adjusted).to_dict()
    texts = [layer["data"]["values"] for layer in chart["layer"] if layer["mark"]["type"] == "text"]
    labels = [row["label"] for rows in texts for row in rows if "label" in row]
    assert {"g, against 0", "1, unadjusted", "1, adjusted", "age"} <= set(labels)
    panels = residual_figure(comparison, comparison.adjusted).to_dict()["concat"]
    heads = [panel["layer"][-1]["data"]["values"][0]["head"] for panel in panels]
    assert [head.split(" (p")[0] for head in heads] == ["g: 1", "age"]


def test_what_is_missing_is_named(colon, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(InputError, match="vl-convert is not installed"):
        write_figures(colon, tmp_path)
