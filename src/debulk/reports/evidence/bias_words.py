"""What is said of a pool in which the bias of each study is taken into account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.reports.disease_pages import Table
from debulk.reports.evidence.wording import level_words, weight_words, written
from debulk.reports.words import DASH

_HOW = {
    "shift": "the mean bias is taken off each estimate, and its variance added",
    "down-weight": "estimates stay, and the squared bias and its variance are added",
}


def bias_words(found: Mapping[str, Any]) -> str:
    """How biases are taken into account."""
    return f"Bias: {_HOW[found['how']]}"


def bias_sentence(result: Mapping[str, Any]) -> str:
    """The pooled effect before and after, in one sentence."""
    found = result["bias_adjusted"]
    return (
        f"Pooled {written(result, result['natural'])} as published, "
        f"{written(result, found['natural'])} with the bias of each study taken into account, "
        f"{level_words(result)} intervals."
    )


def bias_table(result: Mapping[str, Any]) -> Table:
    """What each study's bias is taken to be, and what is left of the study and of the pool."""
    found = result["bias_adjusted"]
    rows = [
        (
            study["name"],
            _bias(study["bias"]),
            f"{study['shift']:+.2f}" if study["shift"] else DASH,
            written(result, study["natural"]) if study["adjusted_weight"] else "no weight",
            weight_words(study["adjusted_weight"]),
        )
        for study in found["studies"]
    ]
    return Table(
        title="Bias taken into account",
        caption=f"{bias_words(found)}. Biases and shifts are of the log ratio; its standard error "
        f"is {found['se']:.3f}, and {found['se_if_shared']:.3f} if all biases are off together",
        heads=("Study", "Bias (sd)", "Shift", f"Adjusted ({level_words(result)})", "Weight"),
        rows=(*rows, ("Pooled", "", "", written(result, found["natural"]), "")),
    )


def _bias(bias: Mapping[str, Any] | None) -> str:
    if bias is None:
        return "none"
    spread = "unbounded" if bias["sd"] is None else f"{bias['sd']:.2f}"
    return f"{bias['mean']:+.2f} ({spread})"
