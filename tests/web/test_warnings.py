"""The fixed warnings, in the same words on the page and in its twin."""

from __future__ import annotations

import json
from typing import Any

SELECTION = (
    "These patients were chosen because they did well. The comparison is not of like with like."
)
PROVISIONAL = "The model's calibration is provisional."
RESEARCH = (
    "Research use, not a medical device. The figures come from a model and from published groups. "
    "They do not advise. The decision is the board's and the patient's."
)


def shown(client: Any, path: str) -> str:
    return str(client.get(path).text).replace("&#39;", "'")


def test_series_carry_the_warning_on_selection(client: Any, stored_case: str) -> None:
    for path in ("/evidence", f"/board/cases/{stored_case}/evidence"):
        assert shown(client, path).count(SELECTION) == 1, path
    assert SELECTION in json.dumps(client.get("/evidence.json").json())


def test_what_rests_on_the_calibration_says_that_it_is_provisional(client: Any) -> None:
    for path in ("/disease", "/retrodiction"):
        assert PROVISIONAL in shown(client, path), path
        assert client.get(f"{path}.json").json()["warning"] == PROVISIONAL


def test_research_use_is_said_in_the_same_words_everywhere(client: Any, stored_case: str) -> None:
    for path in ("/disease", "/evidence", "/help", f"/board/cases/{stored_case}"):
        assert RESEARCH in shown(client, path), path
