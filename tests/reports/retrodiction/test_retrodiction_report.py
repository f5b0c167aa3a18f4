"""Tables, figures and page of a made-up retrodiction."""

from __future__ import annotations

import io
import runpy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from debulk.reports.figures.favours import WORDS
from debulk.reports.retrodiction import tables
from debulk.reports.retrodiction.charts import calibration_chart, forest_chart_of, forest_rows
from debulk.reports.retrodiction.page import retrodiction_page, write_retrodiction_page

_MADE_UP = Path(__file__).parents[2] / "trials" / "retrodiction" / "made_up.py"
made_up = SimpleNamespace(**runpy.run_path(str(_MADE_UP)))


@pytest.fixture(scope="module")
def result():
    return made_up.usual().to_dict()


def test_one_row_a_predicted_trial_with_the_null_world_beside_each_effect(result) -> None:
    table = tables.effects_table(result)
    names = [row[0].split()[0] for row in table.rows]
    assert names == ["ALPHA", "BETA", "GAMMA", "DELTA", "EPSILON"]
    assert all(len(row) == len(table.heads) for row in table.rows)
    assert all(row[4].startswith("1.00 (") for row in table.rows)
    assert [row[5] for row in table.rows] == ["yes, yes", "yes", "no, no", "yes", tables.words.DASH]
    assert table.rows[1][2] == "no facts"


def test_what_is_not_predicted_stands_apart_with_its_reason(result) -> None:
    zeta, eta = tables.left_out(result)
    assert zeta.startswith("ZETA (validation; published 1.10 (0.73 to 1.65) M): the disease model")
    assert eta.startswith("ETA (planned): the disease model does not fit it")


def test_the_figures_hold_every_series_and_stay_inside_their_axis(result) -> None:
    rows = forest_rows(result)
    assert {each["series"] for each in rows if each["trial"].startswith("ALPHA")} == {
        *("predicted, blind", "predicted, as delivered", "published", "null world")
    }
    assert all(0.125 <= each["lower"] <= each["upper"] <= 4.0 for each in rows)
    for chart in (forest_chart_of(result), calibration_chart(result)):
        assert chart.to_dict()["layer"]


def test_every_axis_says_what_it_shows(result) -> None:
    vl_convert = pytest.importorskip("vl_convert")
    titles = {
        forest_chart_of: ["hazard ratio for death", *WORDS],
        calibration_chart: ["predicted hazard ratio, blind", "published hazard ratio", *WORDS],
    }
    for draw, wanted in titles.items():
        svg = vl_convert.vegalite_to_svg(draw(result).to_json())
        assert all(each in svg for each in wanted), wanted


def test_marks_are_explained_where_they_stand() -> None:
    assert tables.marks_in(["0.81 (0.70 to 0.93)", tables.words.DASH]) == ""
    assert tables.marks_in(["0.90 M"]).startswith("M: ratio of medians")
    assert tables.marks_in(["1.04 (0.91\u00a0to\u00a01.19)\u00a0*"]).startswith("*: interval")
    assert tables.marks_in(["1.10 (0.85 to 1.42) M *"]).count(":") == 2


def test_a_ratio_of_medians_stands_beside_no_hazard_ratio() -> None:
    mixed = made_up.retrodiction(
        made_up.entry("ALPHA", 0.8, 0.85), made_up.entry("BETA", 1.2, 1.1, measure="median_ratio")
    ).to_dict()
    first, second = tables.effects_table(mixed).rows
    assert first[4].startswith("1.00 (")
    assert second[4] == tables.words.DASH
    assert "in which the arms do not differ: 0 of 1;" in " ".join(tables.sentences(mixed))


def test_the_reference_page_takes_the_tables_between_its_marks(result) -> None:
    path = Path(__file__).parents[3] / "scripts" / "write_retrodiction_page.py"
    script = SimpleNamespace(**runpy.run_path(str(path)))
    before = script.PAGE.read_text(encoding="utf-8")
    measured = script.measured_by(
        "\tElapsed (wall clock) time (h:mm:ss or m:ss): 2:55.40\n"
        "\tMaximum resident set size (kbytes): 1480848\n",
        "two cores",
    )
    after = script.page(before, script.content(result, measured))
    assert "2 min 55 s on two cores, with 1.5 GB of memory" in after
    assert "| GAMMA (validation, n = 100, fits in part) |" in after
    assert "- ZETA (validation; published" in after
    assert after.startswith(before.partition(script.BEGIN)[0])
    assert after.endswith(before.partition(script.END)[2])


def test_the_sentences_say_coverage_null_world_and_ranking(result) -> None:
    text = " ".join(tables.sentences(result))
    assert "2 lie inside" in text
    assert "outside the 95 % interval of the null world" in text
    assert "Kendall's tau" in text
    assert "ab" * 32 in text
    thawed = made_up.retrodiction(made_up.entry("A", 0.8, 0.8), frozen=False).to_dict()
    thawed["provenance"]["remarks"].insert(0, "NOT the frozen model: so it is")
    assert tables.sentences(thawed)[0].startswith("NOT the frozen model")


def test_the_page_carries_all_of_it(result, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    path = tmp_path / "page.html"
    write_retrodiction_page(path, result)
    text = path.read_text(encoding="utf-8")
    for each in (
        "not a medical device",
        "GAMMA",
        "Null world",
        "As delivered",
        "The model lacks: something.",
    ):
        assert each in text
    assert "http:" not in text
    assert "https:" not in text
    assert result["posterior"]["sha256"] in text


def test_a_result_without_any_prediction_is_a_page_too() -> None:
    page = retrodiction_page(made_up.retrodiction(made_up.unpredicted("ZETA")).to_dict())
    assert "No trial is scored" in page.sentence


def test_tables_of_the_terminal_fit_it(result) -> None:
    from rich.console import Console

    console = Console(width=80, record=True, file=io.StringIO())
    console.print(tables.terminal_table(result))
    text = console.export_text()
    assert "GAMMA" in text
    assert "validation" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_few_simulated_trials_are_told_before_any_verdict() -> None:
    few = made_up.retrodiction(made_up.entry("ALPHA", 0.8, 0.3, size=4), size=4).to_dict()
    said = tables.sentences(few)
    assert said[1].startswith("4 simulated trials a prediction: below 40")
    assert "null world" not in " ".join(said)
    assert retrodiction_page(few).sentence.startswith("4 simulated trials")


def test_the_columns_are_explained_where_they_stand(result) -> None:
    caption = tables.effects_table(result).caption
    assert all(f"{each}:" in caption for each in ("Null world", "Inside", "Width"))


def test_a_trial_decided_by_another_endpoint_is_named_and_remarked_on() -> None:
    changed = replace(made_up.entry("ALPHA", 0.8, 0.85), remarks=("Its primary endpoint is PFS.",))
    found = made_up.retrodiction(changed, made_up.entry("BETA", 0.9, 0.95)).to_dict()
    assert "primary endpoint is another: ALPHA." in " ".join(tables.sentences(found))
    assert tables.trial_words(found)[0]["comment"].endswith("Its primary endpoint is PFS.")
