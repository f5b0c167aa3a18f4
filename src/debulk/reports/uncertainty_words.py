"""Sampling, parameters and structure of a trial's hazard ratio, told apart in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from debulk.reports import words


@dataclass(frozen=True)
class UncertaintyRow:
    """A part of the uncertainty and its standard deviation, as text."""

    label: str
    spread: str


_PARTS = (
    ("sampling", "sampling of patients and chance in a trial"),
    ("parameter", "parameters of the disease model"),
    ("structure", "structure of the disease model"),
)


def uncertainty_rows(result: Mapping[str, Any]) -> list[UncertaintyRow]:
    """The three parts and all of them together.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.
    """
    found = result["uncertainty"]
    rows = [
        UncertaintyRow(label, _spread(found[f"{name}_sd"], found.get(f"{name}_sd_interval")))
        for name, label in _PARTS
    ]
    return [*rows, UncertaintyRow("together", _spread(found["total_sd"], None))]


def uncertainty_sentence(result: Mapping[str, Any]) -> str:
    """Which part is how large, in one plain sentence; nothing where a result has none.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.
    """
    found = result.get("uncertainty")
    if not found:
        return ""
    if found["draws"] < 2 or found["true"] is None:
        return (
            "One set of parameters was simulated, so that all of the spread is sampling; what the "
            "model cannot know comes on top."
        )
    if found["parameter_sd"] is None or found["sampling_sd"] is None:
        return "Too few trials were simulated to tell sampling from parameters."
    total = found["total_sd"] ** 2
    shares = (
        {name: (found[f"{name}_sd"] or 0.0) ** 2 / total for name, _ in _PARTS} if total else {}
    )
    if not shares:
        return "The hazard ratio does not vary."
    outside = math.sqrt(max(0.0, total - found["sampling_sd"] ** 2))
    return (
        f"Of the variance of a trial's log hazard ratio, {words.share(shares['sampling'])} is "
        f"sampling, which larger trials lessen, {words.share(shares['parameter'])} lies in the "
        f"model's parameters and {words.share(shares['structure'])} in its structure: however "
        f"large a trial, its hazard ratio is known from this model to a factor of "
        f"{math.exp(1.96 * outside):.2f} either way (95 %)."
    )


def _spread(value: float | None, interval: Sequence[float] | None) -> str:
    if value is None:
        return words.DASH
    if interval is None:
        return f"{value:.3f}"
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"
