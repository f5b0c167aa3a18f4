"""Randomised trials of local treatment that included patients like the case."""

from __future__ import annotations

from functools import cache
from typing import Any

from debulk.board.futures.known import Known
from debulk.evidence import published_result, study_codes

_MODALITIES = {"resection", "ablation", "radiotherapy", "any local treatment"}
_ANY_EXTENT = ("mixed", "unclear")


def trials_that_included(known: Known) -> tuple[dict[str, Any], ...]:
    """Randomised trials of local treatment against none, in colorectal cancer, of such patients.

    A trial included such patients if its coded extent is the case's or mixed, its organ is the
    case's one organ or several, and its line is not a later one. Its published hazard ratio of
    death is told where the tables of evidence hold one with limits; a result is shown, and sets
    nothing.

    Parameters
    ----------
    known : Known
        Of the case.
    """
    found = []
    for row in _randomised():
        if _fits(row, known):
            result = _result(str(row["study"]))
            found.append({"study": str(row["study"]), "extent": str(row["extent"]), **result})
    return tuple(found)


def _fits(row: dict[str, Any], known: Known) -> bool:
    organs = [name for name, count in known.in_organ.items() if count]
    asked = organs[0] if len(organs) == 1 else "several organs"
    extent = str(row["extent"])
    same_extent = extent == known.extent or extent in _ANY_EXTENT
    return asked in row["organ"] and same_extent and str(row["line"]) != "second or later"


@cache
def _randomised() -> tuple[dict[str, Any], ...]:
    codes = study_codes().to_dicts()
    return tuple(
        row
        for row in codes
        if "randomised" in str(row["design"])
        and row["domain"] == "mcrc"
        and row["comparison"] == "local against none"
        and _MODALITIES & set(row["modality"])
    )


@cache
def _result(study: str) -> dict[str, Any]:
    result = published_result(study)
    if result is None or result.hazard_ratio is None or result.lower is None:
        return {"hazard_ratio": None, "lower": None, "upper": None, "source": None}
    return {
        "hazard_ratio": result.hazard_ratio,
        "lower": result.lower,
        "upper": result.upper,
        "source": result.source,
    }
