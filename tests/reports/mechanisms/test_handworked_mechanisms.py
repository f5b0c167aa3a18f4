"""Sentences, tables, figure and page of the mechanisms, from a result made by hand."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from debulk.reports.figures.favours import WORDS
from debulk.reports.mechanisms.figure import dumbbell_rows, page_chart, print_chart
from debulk.reports.mechanisms.page import render_mechanisms_report
from debulk.reports.mechanisms.tables import terminal_tables, text_tables
from debulk.reports.mechanisms.wording import conclusions, order_of


def world(ratio: float | None, lower: float | None = None, upper: float | None = None) -> dict:
    """A world with a hazard ratio, and its range over parameters."""
    spread = None if lower is None else {"lower": lower, "upper": upper, "draws_below_1": 0.9}
    return {
        "patients": 1000,
        "hazard_ratio": ratio,
        "monte_carlo_error": None if ratio is None else 0.01,
        "parameters": spread,
        "rmst_difference_months": 2.5,
        "rmst_error_months": 0.2,
        "survival_60_months": {
            "control": 0.2,
            "experimental": 0.3,
            "difference": 0.1,
            "monte_carlo_error": 0.01,
        },
    }


def mechanism(name: str, on: float, off: float, reading: str) -> dict[str, Any]:
    """One mechanism."""
    return {
        "mechanism": name,
        "text": f"what {name} is",
        "hazard_ratio_on": on,
        "hazard_ratio_off": off,
        "monte_carlo_error": 0.01,
        "off_over_on": off / on,
        "off_over_on_error": 0.005,
        "off_over_on_parameters": None,
        "reading": reading,
        "decides": (on < 1.0) != (off < 1.0),
    }


def subgroup(level: str, ratio: float | None, error: float | None) -> dict[str, Any]:
    """One subgroup."""
    return {
        "feature": "organs",
        "level": level,
        "patients": 100,
        "hazard_ratio": ratio,
        "monte_carlo_error": error,
        "rmst_difference_months": 1.0,
        "rmst_error_months": 0.1,
    }


@pytest.fixture
def made() -> dict[str, Any]:
    """A protocol that immunity saves and occult disease spoils."""
    return {
        "protocol": "orchestra",
        "title": "A trial",
        "seed": 1,
        "patients": 1000,
        "draws": 20,
        "as_given": world(0.9, 0.8, 1.1),
        "mechanisms": [
            mechanism("seeding", 0.9, 0.9, "none seen"),
            mechanism("immune", 0.9, 1.2, "helps"),
            mechanism("occult", 0.9, 0.5, "hinders"),
        ],
        "worlds": {"null": world(1.0), "bare_removal": world(0.4)},
        "subgroups": [
            subgroup("1", 0.7, 0.02),
            subgroup("2", 1.1, 0.02),
            subgroup("3 or more", None, None),
        ],
        "sobol": {
            "samples": 64,
            "evaluations": 320,
            "patients": 300,
            "points_below_1": 0.4,
            "indices": [
                {
                    "mechanism": "occult",
                    "strengths": [0.0, 1.0],
                    "first": 0.6,
                    "first_interval": [0.4, 0.8],
                    "total": 0.7,
                    "total_interval": [0.5, 0.9],
                },
                {
                    "mechanism": "seeding",
                    "strengths": [0.0, 2.0],
                    "first": 0.0,
                    "first_interval": [-0.1, 0.1],
                    "total": 0.01,
                    "total_interval": [-0.1, 0.1],
                },
            ],
        },
        "provenance": {
            "version": "0",
            "seed": 1,
            "inputs": {"orchestra.yaml": "ab" * 32},
            "parameters": [],
            "exclusions": [],
            "remarks": ["Research use; not a medical device."],
        },
    }


def test_what_would_have_to_be_true(made) -> None:
    text = " ".join(conclusions(made))
    assert "hazard ratio for death of 0.90 ± 0.01; 0.80 to 1.10 over 90 %" in text
    assert "A sham would give exactly 1.00" in text
    assert "For debulking to help, immune would have to act (each switched alone)." in text
    assert "What works for debulking most is immune (0.90 with it, 1.20 without)" in text
    assert "what works against it most is occult (0.90 with it, 0.50 without)" in text
    assert "hazard ratio is below 1 at 40 % of the points" in text
    assert "total Sobol index, are occult (70 %)." in text
    assert "runs from 0.70 ± 0.02 (organs: 1) to 1.10 ± 0.02 (organs: 2)" in text


def test_where_debulking_does_not_help_the_reverse_is_told(made) -> None:
    made["as_given"] = world(1.1)
    made["mechanisms"] = [
        mechanism("surge", 1.1, 0.9, "hinders"),
        mechanism("pause", 1.1, 1.05, "hinders"),
    ]
    text = " ".join(conclusions(made))
    assert "For debulking to help, surge would have to be absent" in text
    made["mechanisms"] = [mechanism("pause", 1.1, 1.05, "hinders")]
    assert "Debulking does not help in this model whichever" in " ".join(conclusions(made))
    made["mechanisms"] = [mechanism("pause", 1.1, 1.1, "none seen")]
    assert "No mechanism moves the hazard ratio" in " ".join(conclusions(made))


def test_without_a_hazard_ratio_nothing_is_claimed(made) -> None:
    made["as_given"] = world(None)
    made["mechanisms"] = [{**mechanism("surge", 1.1, 0.9, "none seen"), "off_over_on": None}]
    made["sobol"] = None
    text = " ".join(conclusions(made))
    assert "Too few die for a hazard ratio." in text
    assert order_of(made)[0]["mechanism"] == "surge"


def test_subgroups_alike_are_said_to_be(made) -> None:
    made["subgroups"] = [subgroup("1", 0.70, 0.02), subgroup("2", 0.72, 0.02)]
    assert "Subgroups do not differ" in conclusions(made)[-1]


def test_mechanisms_are_in_order_of_what_they_do(made) -> None:
    assert [each["mechanism"] for each in order_of(made)] == ["occult", "immune", "seeding"]
    rows = dumbbell_rows(made)
    assert [each["row"] for each in rows][:3] == ["occult", "immune", "seeding"]
    assert rows[-1] == {"row": "null world", "on": 1.0, "off": None, "lower": None, "upper": None}


def test_tables_hold_every_row(made) -> None:
    tables = text_tables(made)
    assert [len(each.rows) for each in tables] == [3, 3, 2, 3]
    assert tables[1].rows[0] == (
        "occult",
        "0.90",
        "0.50 ± 0.01",
        "0.556 ± 0.005",
        "\u2013",
        "hinders",
    )
    assert len(terminal_tables({**made, "sobol": None})) == 3


def test_the_figure_has_the_null_and_every_mechanism(made) -> None:
    for specification in (page_chart(made), print_chart(made).to_dict()):
        text = json.dumps(specification, ensure_ascii=False)
        for name in ("occult", "immune", "null world", "bare removal", *WORDS):
            assert name in text
    assert page_chart(made)["width"] == "container"


def test_the_page_is_whole_and_asks_for_nothing(made) -> None:
    made["title"] = "<script>alert(1)</script>"
    page = render_mechanisms_report(made)
    assert "<script>alert(1)" not in page
    assert "what occult is" in page
    assert not re.search(r'(?:src|href)="http', page)
    answer = page.index('id="answer"')
    assert answer < page.index("Each is switched alone") < page.index("In numbers")
