"""The biases of a study in words, with what the bias laboratory saw of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from debulk.core.strings import text
from debulk.emulation.laboratory.cells import Model
from debulk.emulation.laboratory.packaged import packaged_table
from debulk.evidence.schema import RISKS

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BiasFlag:
    """One bias of a study.

    Attributes
    ----------
    flag : {"immortal_time", "selection_on_response", "confounding_by_extent"}
    level : {"some", "high", "unclear"}
        How the study was coded.
    reason : str
        Why it was coded so.
    text : str
        What a reader must know of it.
    """

    flag: str
    level: str
    reason: str
    text: str

    def to_dict(self) -> dict[str, str]:
        """Plain values, ready for JSON."""
        return {
            "flag": self.flag,
            "level": self.level,
            "reason": self.reason,
            "text": self.text,
        }


def bias_flags(codes: Mapping[str, Any]) -> tuple[BiasFlag, ...]:
    """The biases of a study that are not low, in words.

    Parameters
    ----------
    codes : mapping
        A row of `debulk.evidence.study_codes`.
    """
    return tuple(
        BiasFlag(risk, codes[risk], codes[f"{risk}_reason"], _sentence(risk, codes))
        for risk in RISKS
        if codes[risk] in ("some", "high", "unclear")
    )


def _sentence(risk: str, codes: Mapping[str, Any]) -> str:
    level = codes[risk]
    if level == "unclear":
        said = text("alike.flags.unclear", bias=text(f"alike.biases.{risk}"))
    elif risk == "confounding_by_extent":
        said = text(f"alike.flags.{risk}{'_some' if level == 'some' else ''}")
    else:
        form = f"alike.flags.{risk}{'_some' if level == 'some' else ''}"
        said = text(form, laboratory=_laboratory_words(risk))
    return f"{said} {text('alike.flags.reason', reason=codes[f'{risk}_reason'])}"


def _laboratory_words(risk: str) -> str:
    ranges = laboratory_ranges()
    low, high = (f"{each:.2f}" for each in ranges["naive"])
    if risk == "immortal_time":
        return " " + text("alike.laboratory.naive", low=low, high=high)
    # A landmark takes immortal time away and leaves the selection.
    first, last = (f"{each:.2f}" for each in ranges["landmark"])
    return " " + text(
        "alike.laboratory.response", low=low, high=high, landmark_low=first, landmark_high=last
    )


@cache
def laboratory_ranges() -> dict[str, Range]:
    """Lowest and highest hazard ratio of the naive and the landmark analysis where it is 1.

    Over every situation of the packaged tables in which local treatment does nothing.
    """
    cells = [each for model in get_args(Model) for each in packaged_table(model)]
    null = [each for each in cells if each["scenario"] == "null"]
    return {name: _range(null, name) for name in ("naive", "landmark")}


def _range(cells: list[dict[str, Any]], method: str) -> Range:
    ratios = [
        math.exp(each["bias_log_hr"])
        for cell in cells
        for each in cell["methods"]
        if each["method"] == method
    ]
    return min(ratios), max(ratios)
