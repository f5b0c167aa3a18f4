"""What a criterion saw of a patient, in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from debulk.board.fields import label
from debulk.core.strings import entries, text
from debulk.patients import Criterion
from debulk.patients.lesion_features import COUNTS


def shown_value(criterion: Criterion, row: Mapping[str, Any]) -> str:
    """What a rule saw: each feature it names, in words, with its value."""
    rule = criterion.parsed()
    if rule is None:
        return ""
    partial = row.get("lesion_list_complete") is False
    return "; ".join(_shown(name, row, partial) for name in rule.names)


def _shown(name: str, row: Mapping[str, Any], partial: bool) -> str:
    value, words = row[name], _words(name)
    if value is None:
        return text("matching.values.unknown", name=words)
    if isinstance(value, bool):
        answer = text("missing.answer_yes" if value else "missing.answer_no")
        return text("matching.values.is_so", name=words, value=answer)
    if name == "treatable_share" and row["lesions"]:
        treatable = f"{value * row['lesions']:.3g}"
        return text(
            "matching.values.treatable",
            treatable=treatable,
            lesions=row["lesions"],
            percent=f"{100 * value:.0f}",
        )
    shown = f"{value:.4g}" if isinstance(value, float) else str(value).replace("_", " ")
    if name.endswith("_mm"):
        shown = text("matching.values.mm", value=shown)
    elif name.endswith("_months") and name != "life_expectancy_months":
        shown = text("matching.values.months", value=shown)
    key = "at_least" if partial and name in COUNTS else "is_so"
    return text(f"matching.values.{key}", name=words, value=shown)


@cache
def _words(name: str) -> str:
    """What a feature is called."""
    known = entries("matching.features")
    return str(known.get(name) or label(f"patients.{name.removeprefix('has_')}"))
