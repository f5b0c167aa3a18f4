"""The frozen model held against trials, and its locked predictions."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from fastapi import Request

from debulk.core.strings import text
from debulk.reports.words import limits, ratio
from debulk.web.pages import Page, Pages

pages = Pages("trust")

_HASH_LETTERS = 12
"""Of a locked prediction's hash on the page; the twin has all of it."""


@pages.page("/retrodiction", "The frozen model held against trials, and its locked predictions.")
def retrodiction(request: Request) -> Page:
    """Show the packaged retrodiction."""
    del request
    return Page("trust/retrodiction.html", text("retrodiction.title"), _data(), _view())


@cache
def _data() -> dict[str, Any]:
    from debulk.trials.retrodiction.packaged import packaged_predictions, packaged_retrodiction

    locked = [each.to_dict() for each in packaged_predictions()]
    warning = text("futures.remarks.provisional")
    return {**packaged_retrodiction(), "locked": locked, "warning": warning}


@cache
def _view() -> dict[str, Any]:
    from debulk.reports.retrodiction import charts, tables

    result = _data()
    shown = (
        tables.effects_table(result),
        tables.score_table(result),
        tables.arms_table(result),
        tables.delivery_table(result),
    )
    apart = _apart(charts.calibration_rows(result))
    score = result["score"]["all"]
    counts = {"trials": score["trials"], "inside": score["inside"], "p": f"{score['p']:.2g}"}
    return {
        "answer": text("retrodiction.answer", **counts),
        "verdict": tables.verdict(result),
        "sentences": tables.sentences(result)[1:],
        "forest": charts.forest_chart_of(result).to_dict(),
        "forest_rows": charts.forest_rows(result),
        "forest_words": text("retrodiction.forest.description", **apart, **counts),
        "calibration": charts.calibration_chart(result).to_dict(),
        "calibration_rows": [_pair(each) for each in charts.calibration_rows(result)],
        "calibration_finding": text("retrodiction.calibration.sentence", **apart),
        "calibration_words": text("retrodiction.calibration.description", **apart),
        "tables": [each for each in shown if each.rows],
        "trials": tables.trial_words(result),
        "left_out": tables.left_out(result),
        "locked": [_locked(each) for each in result["locked"]],
    }


def _pair(each: dict[str, Any]) -> tuple[str, ...]:
    predicted, published = (
        f"{ratio(each[axis])} ({limits(each[f'{axis}_lower'], each[f'{axis}_upper'])})"
        for axis in ("x", "y")
    )
    return f"{each['number']} {each['trial']}", each["role"], predicted, published


def _apart(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """The trials whose published effect lies furthest from the predicted one, and nearest."""
    ordered = sorted(pairs, key=lambda each: abs(math.log(each["y"] / each["x"])))
    said: dict[str, Any] = {"points": len(ordered)}
    for name, each in (("near", ordered[0]), ("far", ordered[-1])):
        said |= {name: each["trial"], f"{name}_predicted": ratio(each["x"])}
        said[f"{name}_published"] = ratio(each["y"])
    return said


def _locked(each: dict[str, Any]) -> tuple[str, ...]:
    from debulk.reports.retrodiction.tables import effect_words, name_of, published_words, said

    predicted, published = each["predicted"], each["published"]
    return (
        name_of(each),
        str(each["locked"]),
        str(each["version"]),
        str(each["sha256"])[:_HASH_LETTERS],
        each["reason"] if predicted is None else effect_words(predicted),
        text("retrodiction.not_reported") if published is None else published_words(published),
        said(each["inside"]),
    )
