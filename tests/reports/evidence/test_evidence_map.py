"""The evidence map: studies counted once in a cell, gaps kept, categories told apart twice."""

from __future__ import annotations

import polars as pl
import pytest

from debulk.reports.evidence.map import MapCell, map_chart
from debulk.reports.evidence.map_counts import evidence_map, map_page, map_picture
from debulk.reports.figures.pictures import drawn
from debulk.reports.words import DASH

FINDINGS = pl.DataFrame(
    {
        "study": ["A", "A", "A", "B", "C", ""],
        "outcome": ["survival", "survival", "mortality", "survival", "protocol", "survival"],
        "role": ["validation", "validation", "process", "context", "context", "context"],
    }
)
CODES = pl.DataFrame(
    {
        "study": ["A", "B", "C"],
        "design": ["randomised", "cohort", "cohort"],
        "immortal_time": ["low", "high", "some"],
    }
)
CHOICES = {
    "outcomes": ("survival", "mortality", "quality of life"),
    "designs": ("randomised", "registry", "cohort"),
    "title": "Map",
}


@pytest.fixture
def by_role():
    return evidence_map(
        FINDINGS, CODES, by="role", categories=("validation", "process", "context"), **CHOICES
    )


def test_a_study_counts_once_in_a_cell_however_many_findings_it_has(by_role):
    assert set(by_role.cells) == {
        MapCell("randomised", "survival", "validation", 1),
        MapCell("randomised", "mortality", "process", 1),
        MapCell("cohort", "survival", "context", 1),
    }


def test_outcomes_nobody_studied_stay_and_designs_nobody_used_go(by_role):
    assert by_role.outcomes == ("survival", "mortality", "quality of life")
    assert by_role.designs == ("randomised", "cohort")
    assert "3 cells without a study" in map_picture(by_role).alt


def test_colours_can_say_the_risk_of_a_bias():
    figure = evidence_map(
        FINDINGS, CODES, by="immortal_time", categories=("low", "some", "high"), **CHOICES
    )
    assert figure.categories == ("low", "high")
    assert MapCell("cohort", "survival", "high", 1) in figure.cells


def test_categories_differ_in_shape_as_well_as_in_colour(by_role):
    spec = map_chart(by_role).to_dict()
    marks = next(each for each in spec["layer"] if each["mark"]["type"] == "point")
    for channel in ("fill", "shape"):
        used = marks["encoding"][channel]["scale"]["range"]
        assert len(set(used)) == len(by_role.categories)
    assert b"<svg" in drawn(map_chart(by_role), ("svg",))["svg"]


def test_marks_side_by_side_stay_in_their_column(by_role):
    spec = map_chart(by_role).to_dict()
    marks = next(each for each in spec["layer"] if each["mark"]["type"] == "point")
    half = spec["width"] / 2
    for row in marks["data"]["values"]:
        assert (row["x"] < half) == (row["design"] == "randomised")


def test_the_page_has_every_cell_in_numbers(by_role):
    page = map_page(by_role, by="role", sources=("A: doi:10.1/a",))
    rows = {row[0]: row[1:] for row in page.tables[0].rows}
    assert rows["survival"] == ("validation 1", "context 1")
    assert rows["quality of life"] == (DASH, DASH)
