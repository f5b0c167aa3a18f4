"""The terminal's tables."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from debulk.reports import trial_tables


def printed(result: dict[str, Any]) -> str:
    console = Console(width=160, record=True, file=io.StringIO())
    for table in trial_tables(result):
        console.print(table)
    return console.export_text()


def test_funnel_arms_effect_truth_and_published_are_printed(result: dict[str, Any]) -> None:
    text = printed(result)
    for step in result["funnel"]:
        assert step["text"] in text
    for part in ("25.0 to not reached", "2.5 % ± 1.1 points", "0.912 ± 0.005", "0.88 (0.70 to 1."):
        assert part in text


def test_without_a_published_result_its_table_is_left_out(result: dict[str, Any]) -> None:
    assert len(trial_tables({**result, "published": None})) == len(trial_tables(result)) - 1


def test_square_brackets_in_a_protocol_are_text(result: dict[str, Any]) -> None:
    result["funnel"][0]["text"] = "drawn [bold]as they come[/nothing]"
    assert "drawn [bold]as they come[/nothing]" in printed(result)
