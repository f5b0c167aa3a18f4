"""Forest plots of pooled studies: all, by subgroup, each left out in turn, added one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from debulk.core.errors import InputError
from debulk.reports.evidence.bias_words import bias_words
from debulk.reports.evidence.wording import (
    axis_title,
    estimate_title,
    heterogeneity_words,
    in_per_cent,
    is_ratio,
    level_words,
    method_words,
    patients_words,
    shown,
    studies_words,
    words_of_test,
    writer,
)
from debulk.reports.figures.forest import ForestFigure, ForestRow, forest_chart
from debulk.reports.words import limits

MOST_ROWS = 500
"""Lines of a forest; a longer one is no picture any more."""
POOLED, PREDICTION = "Pooled", "Prediction interval"


def pooled_forest(result: Mapping[str, Any]) -> alt.LayerChart:
    """Forest of a pool: studies, the pooled diamond, the prediction interval below it.

    Parameters
    ----------
    result : mapping
        What ``debulk evidence pool --json`` prints.
    """
    rows = [*study_rows(result), *_summary_rows(result)]
    notes = (*_notes(result), *_note_on_prediction(result))
    return forest_chart(_figure(result, rows, result["title"], notes))


def subgroup_forest(result: Mapping[str, Any]) -> alt.LayerChart:
    """Forest by subgroup: each with its subtotal, then all together and the test of differences.

    Parameters
    ----------
    result : mapping
        What ``debulk evidence pool --subgroup COLUMN --json`` prints.
    """
    found = result["subgroups"]
    rows: list[ForestRow] = []
    for group in found["groups"]:
        rows.append(ForestRow(str(group["name"]), kind="heading"))
        rows += study_rows(result, set(group["studies"]))
        # One study is its own subtotal.
        if group["k"] > 1:
            rows.append(
                _summary(result, group["natural"], f"Subtotal, {studies_words(group['k'])}")
            )
    rows.append(ForestRow("All studies", kind="heading"))
    rows += _summary_rows(result)
    notes = [*_notes(result)]
    if found["test"] is not None:
        between = f"Difference between groups of {found['column']}"
        notes.append(words_of_test(found["test"], between))
    title = f"{result['title']}, by {found['column']}"
    return forest_chart(_figure(result, rows, title, notes))


def left_out_forest(result: Mapping[str, Any]) -> alt.LayerChart:
    """What is pooled when each study is left out in turn.

    Parameters
    ----------
    result : mapping
        What ``debulk evidence pool --leave-one-out --json`` prints.
    """
    rows = [
        _pooled_row(result, each, f"without {each['name']}")
        for each in result["leave_one_out"]["rows"]
    ]
    rows += _summary_rows(result)
    notes = (method_words(result), "Each row pools all studies but the one it names.")
    title = f"{result['title']}: each study left out"
    return forest_chart(_figure(result, rows, title, notes, counts="Studies"))


def cumulative_forest(result: Mapping[str, Any]) -> alt.LayerChart:
    """What was pooled as studies were added one by one.

    Parameters
    ----------
    result : mapping
        What ``debulk evidence pool --cumulative-by COLUMN --json`` prints.
    """
    found = result["cumulative"]
    rows = []
    for each in found["rows"]:
        at = "" if each["value"] is None else f" ({each['value']})"
        rows.append(_pooled_row(result, each, f"+ {each['name']}{at}"))
    rows += _summary_rows(result)
    notes = (
        method_words(result),
        f"Each row pools its study and all above it, in the order of {found['by']}.",
        "Looking again after each study is a series of looks: the intervals do not allow for it.",
    )
    title = f"{result['title']}: studies added by {found['by']}"
    return forest_chart(_figure(result, rows, title, notes, counts="Studies"))


def bias_forest(result: Mapping[str, Any]) -> alt.LayerChart:
    """Studies and the pool as published, then with the bias of each taken into account.

    Parameters
    ----------
    result : mapping
        What ``debulk evidence pool --bias TABLE --bias-rules RULES --json`` prints.
    """
    found = result["bias_adjusted"]
    rows = [ForestRow("As published", kind="heading"), *study_rows(result), *_summary_rows(result)]
    rows.append(ForestRow("Bias taken into account", kind="heading"))
    rows += [
        ForestRow(
            study["name"],
            *_numbers(result, study["natural"]),
            weight=study["adjusted_weight"],
            text="" if study["adjusted_weight"] else "no weight",
        )
        for study in found["studies"]
    ]
    kept = {**result, "natural": found["natural"], "k": _with_weight(found)}
    rows += _summary_rows(kept)
    notes = (
        method_words(result),
        bias_words(found),
        "What would be left if the biases were as assumed; no evidence on what they are.",
    )
    title = f"{result['title']}, before and after bias"
    return forest_chart(_figure(result, rows, title, notes))


def _with_weight(found: Mapping[str, Any]) -> int:
    return sum(1 for each in found["studies"] if each["adjusted_weight"])


def study_rows(result: Mapping[str, Any], only: set[str] | None = None) -> list[ForestRow]:
    """A square with its interval for each study, with its patients and its weight."""
    return [
        ForestRow(
            study["name"],
            *_numbers(result, natural),
            counts=patients_words(study.get("patients")),
            weight=study["weight"],
        )
        for study, natural in zip(result["studies"], result["natural"]["studies"], strict=True)
        if only is None or study["name"] in only
    ]


def _summary_rows(result: Mapping[str, Any]) -> list[ForestRow]:
    """The pooled diamond and the prediction bar; a meta-regression has neither."""
    natural = result["natural"]
    if natural["estimate"] is None:
        return []
    rows = [_summary(result, natural, f"{POOLED}, {studies_words(result['k'])}")]
    expected = natural["prediction"]
    if expected["lower"] is not None:
        numbers = _numbers(result, {"estimate": natural["estimate"], **expected})
        text = limits(expected["lower"], expected["upper"], writer(result))
        rows.append(ForestRow(PREDICTION, *numbers, kind="prediction", text=text))
    return rows


def _summary(result: Mapping[str, Any], natural: Mapping[str, Any], name: str) -> ForestRow:
    return ForestRow(name, *_numbers(result, natural), kind="summary")


def _pooled_row(result: Mapping[str, Any], pooled: Mapping[str, Any], name: str) -> ForestRow:
    return ForestRow(name, *_numbers(result, pooled["natural"]), counts=str(pooled["k"]))


def _numbers(result: Mapping[str, Any], natural: Mapping[str, Any]) -> tuple[float, float, float]:
    estimate, lower, upper = (shown(result, natural[key]) for key in ("estimate", "lower", "upper"))
    return estimate, lower, upper


def _figure(
    result: Mapping[str, Any],
    rows: Sequence[ForestRow],
    title: str,
    notes: Sequence[str],
    *,
    counts: str = "Patients",
) -> ForestFigure:
    if len(rows) > MOST_ROWS:
        found = f"{len(rows):,} lines make no picture; it has {MOST_ROWS} at most"
        raise InputError("forest", found, "Choose fewer studies, or pool them without a figure")
    middle = result["natural"]["estimate"]
    left, right = result.get("favours") or ("", "")
    return ForestFigure(
        title=title,
        x_title=axis_title(result),
        rows=tuple(rows),
        favours=(left, right),
        counts_title=counts if any(row.counts for row in rows) else "",
        estimate_title=estimate_title(result),
        notes=tuple(notes),
        null=result["no_effect"],
        logarithmic=is_ratio(result),
        within=(0.0, 100.0) if in_per_cent(result) else ForestFigure.within,
        guide=None if middle is None else shown(result, middle),
    )


def _notes(result: Mapping[str, Any]) -> tuple[str, ...]:
    return (method_words(result), heterogeneity_words(result))


def _note_on_prediction(result: Mapping[str, Any]) -> tuple[str, ...]:
    if result["natural"]["prediction"]["lower"] is None:
        return ()
    return (f"Bar: where a new study's effect is expected, {level_words(result)}.",)
