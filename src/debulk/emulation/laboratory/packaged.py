"""The tables of the laboratory that come with the package."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from debulk.core.errors import InputError
from debulk.emulation.laboratory.cells import Model
from debulk.survival.options import check_word

DIGITS = 5
"""Decimals that the packaged table keeps: Monte Carlo errors begin at the third."""


def packaged_table(model: Model = "simple") -> list[dict[str, Any]]:
    """Every situation of the whole table, in plain values.

    Parameters
    ----------
    model : {"simple", "disease"}
        What made the registries.

    Returns
    -------
    list of dict
        As `debulk.emulation.laboratory.table.LaboratoryTable.to_list` gives them, without the
        parameters of the simulator; `debulk.emulation.laboratory.table.tidy_frame` makes a frame.

    Raises
    ------
    InputError
        If there is no such model, or this package has no table of it.
    """
    check_word(model, Model, "model")
    file = files("debulk.data") / "laboratory" / f"{model}.json"
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
