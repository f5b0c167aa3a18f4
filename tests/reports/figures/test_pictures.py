"""Pictures: three kinds from one drawing, each whole or not at all."""

import sys

import altair as alt
import pytest

from debulk import InputError
from debulk.reports.figures.pictures import drawn, write_pictures
from debulk.reports.figures.style import folded, label, rows_of


@pytest.fixture
def chart():
    return alt.Chart(rows_of([{"a": 1, "b": 2}])).mark_point().encode(x="a:Q", y="b:Q")


def test_three_kinds_are_written(chart, tmp_path):
    assert write_pictures(chart, tmp_path, "x") == ("x.svg", "x.pdf", "x.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.pdf", "x.png", "x.svg"]
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "x.svg").read_bytes().startswith(b"<svg")


def test_the_same_chart_gives_the_same_drawing(chart):
    assert drawn(chart)["svg"] == drawn(chart)["svg"]


def test_without_vl_convert_the_remedy_is_named(chart, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(InputError, match="vl-convert is not installed"):
        write_pictures(chart, tmp_path, "x")
    assert list(tmp_path.iterdir()) == []


def test_long_words_are_cut_in_the_middle_and_long_notes_folded():
    assert label("short") == "short"
    assert len(label("x" * 90, 20)) == 20
    assert folded("one two three", width=8) == ["one two", "three"]
    assert folded("") == []
