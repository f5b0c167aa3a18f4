"""The table of the laboratory that comes with the package."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from debulk.core.errors import InputError

DIGITS = 5
"""Decimals that the packaged table keeps: Monte Carlo errors begin at the third."""


def packaged_table() -> list[dict[str, Any]]:
    """Every situation of the whole table, in plain values.

    Returns
    -------
    list of dict
        As `debulk.emulation.laboratory.table.LaboratoryTable.to_list` gives them, without the
        parameters of the simulator; `debulk.emulation.laboratory.table.tidy_frame` makes a frame.

    Raises
    ------
    InputError
        If this package has none.
    """
    file = files("debulk.data") / "laboratory" / "table.json"
    if not file.is_file():
        remedy = "Make it: debulk emulate laboratory --all --out DIR"
        raise InputError("laboratory", "no table comes with this package", remedy)
    told: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return told


def shortened(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The table as it is packaged: rounded, and without the parameters of the simulator."""
    return [_short(cell) for cell in cells]


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(each) for name, each in value.items() if name != "parameters"}
    if isinstance(value, list):
        return [_short(each) for each in value]
    return round(value, DIGITS) if isinstance(value, float) else value
