"""Are sampling, parameters and structure told apart in tables, sentence and report?"""

from __future__ import annotations

from typing import Any

import pytest

from debulk.reports.terminal_tables import trial_tables
from debulk.reports.trial_report import render_trial_report
from debulk.reports.uncertainty_words import uncertainty_rows, uncertainty_sentence

TOLD: dict[str, Any] = {
    "measure": "log hazard ratio",
    "trials": 200,
    "draws": 40,
    "sampling_sd": 0.12,
    "sampling_from": "trials of the same draw",
    "parameter_sd": 0.04,
    "parameter_sd_interval": [0.01, 0.06],
    "structure_sd": 0.03,
    "structure_sd_interval": [0.0, 0.05],
    "total_sd": 0.13,
    "by_structure": [],
    "estimated": {},
    "true": {},
}


def test_rows_and_sentence_by_hand() -> None:
    rows = uncertainty_rows({"uncertainty": TOLD})
    assert [each.spread for each in rows] == [
        "0.120",
        "0.040 (0.010 to 0.060)",
        "0.030 (0.000 to 0.050)",
        "0.130",
    ]
    sentence = uncertainty_sentence({"uncertainty": TOLD})
    # Squares 0.0144, 0.0016 and 0.0009 of 0.0169; exp(1.96 * 0.05) = 1.10.
    assert "85 % is sampling" in sentence
    assert "9.5 % lies in the model's parameters" in sentence
    assert "5.3 % in its structure" in sentence
    assert "to a factor of 1.10 either way" in sentence


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"draws": 1, "true": None}, "One set of parameters was simulated"),
        ({"parameter_sd": None}, "Too few trials"),
        ({"total_sd": 0.0}, "does not vary"),
    ],
)
def test_what_cannot_be_told_is_not(changes: dict[str, Any], words: str) -> None:
    assert words in uncertainty_sentence({"uncertainty": {**TOLD, **changes}})


def test_report_and_terminal_show_them(result: dict[str, Any]) -> None:
    assert uncertainty_sentence(result) == ""
    page = render_trial_report({**result, "uncertainty": TOLD})
    assert "Parameters of the disease model" in page
    assert "0.040 (0.010 to 0.060)" in page
    assert "known from this model to a factor of 1.10" in page
    titles = [str(each.title) for each in trial_tables({**result, "uncertainty": TOLD})]
    assert "Uncertainty of the log hazard ratio, part by part" in titles
