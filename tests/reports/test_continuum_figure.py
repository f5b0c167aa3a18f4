"""The figure of the continuum: bands, published points with their roles, sources, and its page."""

import json
import runpy
import sys
from pathlib import Path

import pytest

from debulk import InputError
from debulk.disease.continuum import gathered
from debulk.reports.continuum_figure import (
    continuum_chart,
    note_lines,
    point_rows,
    write_continuum_figure,
)
from debulk.reports.disease_pages import (
    NONE,
    band_words,
    continuum_page,
    continuum_sentence,
    continuum_table,
    write_disease_page,
)

_PLACE = Path(__file__).parents[1] / "disease" / "hand_made.py"
HAND_MADE = runpy.run_path(str(_PLACE))


def result_of(draws):
    model, tally = HAND_MADE["model_with_draws"](draws), HAND_MADE["tally_of"](draws)
    return gathered(tally, model, patients=4000, seed=1).to_dict()


@pytest.fixture(scope="module")
def result():
    return result_of(8)


def marks(chart):
    """Every mark of the upper part, with the layers inside layers."""
    layers = list(chart["vconcat"][0]["layer"])
    found = []
    while layers:
        layer = layers.pop(0)
        layers = [*layer.get("layer", ()), *layers]
        if "mark" in layer:
            found.append(layer)
    return found


def test_bands_lines_points_and_words(result):
    drawn = continuum_chart(result).to_dict()
    kinds = [each["mark"]["type"] for each in marks(drawn)]
    assert kinds == ["area", "line", "rule", "rule", "point", "text", "text", "text"]
    area, line = marks(drawn)[:2]
    rows = area["data"]["values"]
    assert len(rows) == 2 * len(result["extents"])
    assert all(row["lower"] <= row["median"] <= row["upper"] for row in rows)
    assert line["encoding"]["y"]["scale"]["domain"] == [0, 1]
    labels = line["encoding"]["x"]["axis"]["labelExpr"]
    for each in result["extents"]:
        assert f"n {each['patients']:,}" in labels
        assert json.dumps(each["label"].split("|")[0]) in labels


def test_cure_is_solid_and_occult_disease_dashed(result):
    line = marks(continuum_chart(result).to_dict())[1]
    scale = line["encoding"]["strokeDash"]["scale"]
    assert scale["range"][0] == [1, 0]
    assert scale["range"][1] != [1, 0]


def test_without_draws_there_is_no_band():
    drawn = continuum_chart(result_of(1)).to_dict()
    assert "area" not in [each["mark"]["type"] for each in marks(drawn)]
    assert "no band" in " ".join(drawn["title"]["subtitle"])


def test_what_the_model_never_saw_is_hollow_and_said_so(result):
    points = point_rows(result)
    unseen = [each for each in points if not each["seen"]]
    assert {each["role"] for each in unseen} == {"validation"}
    (mark,) = [each for each in marks(continuum_chart(result).to_dict()) if _is_point(each)]
    fills = {row["letter"]: row["fill"] for row in mark["data"]["values"]}
    for each in points:
        assert (fills[each["letter"]] == "white") == (not each["seen"])
    told = [line for line in note_lines(points) if "not seen by the model" in line]
    assert len(told) == len({each["letter"] for each in unseen})


def _is_point(mark):
    return mark["mark"]["type"] == "point"


def test_each_number_stands_once_with_its_source(result):
    points = point_rows(result)
    assert len({each["key"] for each in points}) == len(points)
    lines = note_lines(points)
    for letter in {each["letter"] for each in points}:
        assert sum(
            line.startswith(f"{letter}  ") or line.startswith(f"{letter} ") for line in lines
        )
    places = [(each["x"], each["value"]) for each in points]
    assert len(set(places)) == len(places)
    assert not any("http" in line for line in lines)


def test_the_subtitle_states_draws_people_and_error(result):
    words = " ".join(continuum_chart(result).to_dict()["title"]["subtitle"])
    assert "8 draws" in words
    assert "4,000 people" in words
    errors = [
        each[line]["patients_se"] for each in result["extents"] for line in ("cure", "occult")
    ]
    assert f"at most {100 * max(errors):.1f} percentage points" in words


def test_an_extent_that_nobody_has_is_drawn_empty(result):
    nothing = dict.fromkeys(result["extents"][0]["cure"])
    changed = {**result, "extents": [dict(each) for each in result["extents"]]}
    changed["extents"][4] |= {"cure": nothing, "occult": nothing, "patients": 0, "measures": {}}
    line = marks(continuum_chart(changed).to_dict())[1]
    assert 4 not in {row["x"] for row in line["data"]["values"]}
    assert continuum_table(changed).rows[4][2] == NONE


def test_files_are_written_whole(result, tmp_path):
    files = write_continuum_figure(result, tmp_path)
    assert files == ("continuum.svg", "continuum.pdf", "continuum.png")
    assert all((tmp_path / name).stat().st_size > 10_000 for name in files)
    svg = (tmp_path / "continuum.svg").read_bytes()
    page = tmp_path / "continuum.html"
    write_disease_page(page, continuum_page(result), result, svg)
    text = page.read_text(encoding="utf-8").replace("\u00a0", " ")
    assert 'src="http' not in text
    assert continuum_sentence(result).replace("\u00a0", " ") in text
    for each in result["extents"]:
        assert each["definition"] in text


def test_a_folder_that_cannot_be_written_to_is_refused(result, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_continuum_figure(result, tmp_path / "missing")
    with pytest.raises(InputError, match="cannot be written"):
        write_disease_page(tmp_path / "no" / "a.html", continuum_page(result), result, b"")


def test_without_the_extra_the_remedy_is_named(result, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(InputError, match="vl-convert is not installed"):
        write_continuum_figure(result, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_bands_in_words():
    found = {"median": 0.123, "lower": 0.1, "upper": 0.2, "draws_se": 0.01}
    assert band_words(found).replace("\u00a0", " ") == "12.3 (10.0 to 20.0)"
    assert band_words({**found, "draws_se": None}) == "12.3"
    assert band_words(None) == NONE


def test_nobody_at_all_is_said():
    empty = {"extents": [], "level": 0.9, "draws": 1}
    assert continuum_sentence(empty) == "No virtual patient has any of the extents."
