"""Pages and files of evidence: nothing from outside, numbers and omissions told, whole files."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from debulk import InputError
from debulk.reports.evidence.page import ENDINGS, render_page, write_evidence, write_figure
from debulk.reports.evidence.pool_page import forest_picture, mixed_words, pool_page, pool_pictures

SIGNATURES = {"svg": b"<svg", "pdf": b"%PDF", "png": b"\x89PNG", "html": b"<!DOCTYPE html>"}


def test_a_pool_with_every_check_has_five_pictures_with_words(result):
    pictures = pool_pictures(result)
    names = ["forest", "forest-by-group", "leave-one-out", "cumulative", "funnel"]
    assert [each.name for each in pictures] == names
    assert all(len(each.alt) > 20 for each in pictures)
    none = {name: None for name in ("subgroups", "leave_one_out", "cumulative", "small_study")}
    assert [each.name for each in pool_pictures({**result, **none})] == ["forest"]


def test_the_page_asks_the_network_nothing(result):
    picture = forest_picture(result)
    text = render_page(pool_page(result), [(picture, b"<svg/>")])
    assert "default-src 'none'" in text
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(https?:|//)""", text) == []
    assert "<script" not in text
    assert set(re.findall(r'src="([a-z:/+;0-9]+),', text)) == {"data:image/svg+xml;base64"}


def test_the_page_tells_numbers_sources_omissions_and_what_it_is_for(result):
    text = render_page(pool_page(result), [])
    for words in (
        "0.75 (0.56 to 1.01)",
        "doi:10.1/alpha",
        "1: Delta has no interval",
        "Gamma: standard error from the p value",
        "This pool mixes organs: liver (2), lung (1).",
        "not a medical device",
        "No figures",
    ):
        assert words in text


def test_studies_of_one_kind_are_not_said_to_be_mixed(result):
    assert mixed_words({**result, "mixed": []}) == ()


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_figure_is_what_its_name_ends_in(kind, result, tmp_path):
    path = tmp_path / f"figure.{kind}"
    write_figure(path, forest_picture(result), pool_page(result))
    assert path.read_bytes().startswith(SIGNATURES[kind])
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["figure.gif", "figure", "figure.svg.txt"])
def test_hostile_endings_are_refused_before_anything_is_drawn(name, result, tmp_path):
    with pytest.raises(InputError, match=r"\.svg, \.pdf, \.png, \.html"):
        write_figure(tmp_path / name, forest_picture(result), pool_page(result))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_gets_every_kind_of_picture_and_one_page(result, tmp_path):
    names = write_evidence(tmp_path, pool_pictures(result)[:1], pool_page(result), "pool")
    assert names == ("forest.svg", "forest.pdf", "forest.png", "pool.html")
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(names)


def test_a_picture_says_in_words_what_it_shows(result, tmp_path):
    path = tmp_path / "figure.svg"
    picture = forest_picture({**result, "title": "A < B & C"})
    write_figure(path, picture, pool_page(result))
    head = ElementTree.fromstring(path.read_bytes())
    assert head.attrib["role"] == "img"
    assert head.findtext("{http://www.w3.org/2000/svg}title") == picture.alt
