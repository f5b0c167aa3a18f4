"""Estimands and other endpoints, in the terminal and in the report."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from debulk.reports import trial_tables, words
from debulk.reports.trial_report import render_trial_report


def _performance(**changes: Any) -> dict[str, Any]:
    standard = {
        "trials": 200,
        "mean": -0.2,
        "mean_error": 0.01,
        "bias": 0.07,
        "bias_error": 0.02,
        "coverage": 0.91,
        "coverage_error": 0.02,
    }
    return {**standard, **changes}


@pytest.fixture
def told(result: dict[str, Any]) -> dict[str, Any]:
    """A result with one estimand and two endpoints, made up."""
    no_interval = _performance(mean=1.5, coverage=None, coverage_error=None)
    summed = {"mean": 2.0, "se": 1.0, "monte_carlo_error": 0.1, "truth": 2.2, "truth_error": 0.05}
    shares = {**summed, "mean": -0.031, "truth": -0.04, "truth_error": 0.001}
    result["estimands"] = {
        "endpoint": "os",
        "tau_months": 60.0,
        "estimands": [
            {
                "name": "hypothetical",
                "title": "had nobody [refused]",
                "strategy": "hypothetical",
                "events": "refusal is prevented",
                "share": 1.0,
                "truth": {
                    "hazard_ratio": 0.743,
                    "rmst_difference_months": 5.03,
                    "patients": 1000,
                    "monte_carlo_error": {"hazard_ratio": 0.006, "rmst_difference_months": 0.1},
                },
                "estimators": [
                    {
                        "name": "rpsft",
                        "title": "rank-preserving <times>",
                        "hazard_ratio": 0.8187,
                        "log_hazard_ratio": _performance(),
                        "rmst_difference_months": no_interval,
                    }
                ],
            }
        ],
        "not_told": ["one thing", "another"],
    }
    arms = {"control": summed, "debulking": summed}

    def measure(name: str, unit: str, values: dict[str, float]) -> dict[str, Any]:
        gain = {**values, "lower": -0.05, "upper": 0.01}
        return {"name": name, "title": name, "unit": unit, "arms": arms, "difference": gain}

    def endpoint(name: str, *measures: dict[str, Any], **more: Any) -> dict[str, Any]:
        standard = {"name": name, "title": f"the {name}", "tau_months": 60.0, "not_told": ""}
        return {**standard, "measures": list(measures), "notes": ["A note."], **more}

    table = [{"TOX": 0.0, "REL": each, "difference": 1.25 - each} for each in (0.0, 1.0)]
    result["endpoints"] = [
        endpoint("os", measure("os", "months", summed)),
        endpoint("complications", measure("grade 5", "share of the arm", shares)),
        endpoint("q_twist", measure("Q-TWiST", "months", summed), threshold=table),
        endpoint("days_off_chemotherapy", not_told="plans have no days"),
    ]
    return result


def test_the_terminal_shows_truth_and_estimators(told) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    for table in trial_tables(told):
        console.print(table)
    text = console.export_text()
    for part in (
        "had nobody [refused]",
        "0.743 ± 0.006",
        "0.07 ± 0.02",
        "91 % ± 2.0",
        "Q-TWiST, months",
        "not told: plans have no days",
        "\u22123.1 %",
    ):
        assert part in text, part
    assert "the os" not in text


def test_the_report_has_a_section_of_each(told) -> None:
    html = render_trial_report(told)
    for part in (
        'id="estimands"',
        'id="endpoints"',
        "rank-preserving &lt;times&gt;",
        "one thing; another",
        "+1.2",
        "plans have no days",
    ):
        assert part in html, part


def test_without_them_both_are_as_before(result) -> None:
    html = render_trial_report(result)
    assert 'id="estimands"' not in html
    assert 'id="endpoints"' not in html


@pytest.mark.parametrize(
    ("value", "text"), [(-0.031, "\u22123.1 %"), (0.0, "0 %"), (0.42, "42 %"), (None, "none")]
)
def test_shares_with_a_sign(value, text) -> None:
    assert words.signed_share(value) == text


def test_a_unit_is_written_once() -> None:
    assert words.with_unit({"title": "days off therapy", "unit": "days"}) == "days off therapy"
    assert words.with_unit({"title": "TOX", "unit": "months"}) == "TOX, months"
