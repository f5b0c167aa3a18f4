"""The packaged cases: twelve invented patients for trying the board out."""

from __future__ import annotations

import json
from importlib.resources import files

from debulk.board.case import BoardCase, case_of_entry


def example_cases() -> tuple[BoardCase, ...]:
    """The twelve invented patients, for trying the board out; they are no real people."""
    file = files("debulk.data").joinpath("examples", "board-cases.json")
    entries = json.loads(file.read_text("utf-8"))["cases"]
    return tuple(
        case_of_entry(each, where=f"board-cases.json, {each['case_id']}") for each in entries
    )
