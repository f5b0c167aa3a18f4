"""The figure of the fits: a panel each, both bands, the patients' aggregates, and its page."""

import runpy
from pathlib import Path

import pytest

from debulk import InputError
from debulk.disease.fits import compute_fits
from debulk.disease.model import prior_model
from debulk.reports.disease_pages import (
    NONE,
    fits_page,
    fits_sentence,
    fits_table,
    number,
    write_disease_page,
)
from debulk.reports.fits_figure import fits_chart, note_lines, p_words, write_fits_figure

_PLACE = Path(__file__).parents[1] / "disease" / "hand_made.py"
HAND_MADE = runpy.run_path(str(_PLACE))


@pytest.fixture(scope="module")
def result():
    return compute_fits(HAND_MADE["model_with_draws"](2), patients=400).to_dict()


@pytest.fixture(scope="module")
def one_panel(result):
    """The first panel alone: all of them take seconds to draw."""
    return {**result, "panels": result["panels"][:1]}


def panels_of(result):
    return fits_chart(result).to_dict()["vconcat"][0]["concat"]


def test_a_panel_each_with_both_bands_and_the_data(result):
    drawn = panels_of(result)
    assert [each["title"]["text"] for each in drawn] == [each["title"] for each in result["panels"]]
    for chart, panel in zip(drawn, result["panels"], strict=True):
        kinds = [each["mark"]["type"] for each in chart["layer"]]
        assert kinds == ["area", "area", "line", "rule", "point", "text"]
        assert f"n = {panel['n']}" in chart["title"]["subtitle"]
        points = chart["layer"][4]["data"]["values"]
        scale = 100.0 if panel["unit"] == "share" else 1.0
        for row, each in zip(points, panel["points"], strict=True):
            assert row["value"] == pytest.approx(scale * each["observed"])
            assert row["lower"] <= row["value"] <= row["upper"]
        assert chart["layer"][2]["encoding"]["y"]["title"] == panel["y_title"]


def test_assumptions_and_sources_are_below(result):
    text = " ".join(note_lines(result))
    for title, lines in result["assumptions"].items():
        assert title in text
        assert all(line in text for line in lines)
    for each in result["panels"]:
        assert each["source"] in text


def test_p_in_words():
    assert [p_words(each) for each in (None, 0.004, 0.25, 1.0)] == [
        "",
        "p < .01",
        "p .25",
        "p 1.00",
    ]


def test_what_is_unknown_is_drawn_without_a_curve(result):
    panel = dict(result["panels"][0])
    for name in ("median", "lower", "upper", "predicted_lower", "predicted_upper"):
        panel[name] = [None] * len(panel["x"])
    nothing = {"model": None, "predicted_lower": None, "predicted_upper": None, "tail": None}
    panel["points"] = [{**each, **nothing, "inside": False} for each in panel["points"]]
    changed = {**result, "panels": [panel, *result["panels"][1:]]}
    chart = panels_of({**changed, "panels": [panel]})[0]
    assert chart["layer"][2]["data"]["values"] == []
    assert chart["layer"][4]["data"]["values"]
    assert NONE in fits_table(changed).rows[0]
    assert "lie inside" in fits_sentence(changed)


def test_the_sentence_names_what_is_furthest_off(result):
    points = [each for panel in result["panels"] for each in panel["points"]]
    worst = min(points, key=lambda each: each["tail"])
    assert not worst["inside"]
    assert worst["summary"] in fits_sentence(result)
    inside = [{**each, "inside": True} for each in points]
    calm = {**result, "inside": len(points), "panels": [{"points": inside}]}
    assert "Furthest" not in fits_sentence(calm)


def test_every_aggregate_has_a_row(result):
    table = fits_table(result)
    assert len(table.rows) == result["points"]
    assert all(len(row) == len(table.heads) for row in table.rows)
    inside = sum(row[-1] == "yes" for row in table.rows)
    assert inside == result["inside"]


def test_files_are_written_whole(result, one_panel, tmp_path):
    files = write_fits_figure(one_panel, tmp_path)
    assert files == ("fits.svg", "fits.pdf", "fits.png")
    svg = (tmp_path / "fits.svg").read_bytes()
    write_disease_page(tmp_path / "fits.html", fits_page(result), result, svg)
    text = (tmp_path / "fits.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert fits_sentence(result) in text
    assert "validates nothing" in text


def test_a_folder_that_cannot_be_written_to_is_refused(one_panel, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_fits_figure(one_panel, tmp_path / "missing")


def test_numbers():
    assert [number(each) for each in (None, 0.12345, 107.0)] == [NONE, "0.123", "107"]


def test_one_parameter_set_is_said():
    found = compute_fits(prior_model(), patients=300).to_dict()
    drawn = fits_chart({**found, "panels": found["panels"][:1]}).to_dict()
    words = " ".join(drawn["title"]["subtitle"])
    assert "no dark band" in words
