"""Curves of the strategies, and the methods' answers side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from debulk.reports.figures.forest import ForestFigure, ForestRow, forest_chart
from debulk.reports.figures.steps import StepCurve, StepFigure, step_chart

_TICKS = 7
_STEPS = (1, 2, 3, 6, 12, 24)


def strategy_curves_chart(answer: Mapping[str, Any], event: str = "survival") -> alt.VConcatChart:
    """Draw the curves of one method's answer over the weights at risk.

    Parameters
    ----------
    answer : mapping
        `Answer.to_dict()` with curves.
    event : str
        What the vertical axis says.
    """
    curves = [
        StepCurve(
            group=str(each["strategy"]),
            time=_floats(each["time_months"]),
            value=_floats(each["survival"]),
            lower=_floats(each["lower"]),
            upper=_floats(each["upper"]),
        )
        for each in answer["curves"]
    ]
    end = max(float(curve.time[-1]) for curve in curves if curve.time.size)
    times = _ticks(end)
    at_risk = {
        str(each["strategy"]): [_at_risk(each, time) for time in times] for each in answer["curves"]
    }
    figure = StepFigure(
        title=str(answer["title"]),
        x_title="months from time zero",
        y_title=event,
        curves=tuple(curves),
        times=times,
        at_risk=at_risk,
        notes=tuple(_notes(answer)),
    )
    return step_chart(figure)


def methods_chart(
    answers: Sequence[Mapping[str, Any]], trial: Mapping[str, Any] | None, title: str
) -> alt.LayerChart:
    """Draw the hazard ratios of all methods in a forest, the trial's below.

    Parameters
    ----------
    answers : sequence of mapping
        `Answer.to_dict()` of each method.
    trial : mapping or None
        ``hazard_ratio``, ``lower``, ``upper`` and ``source`` of the trial that was run.
    title : str
    """
    rows = [ForestRow("Groups or strategies, from one moment on", kind="heading")]
    rows += [_row(each) for each in answers if each["contrast"] == "strategies"]
    others = [_row(each) for each in answers if each["contrast"] != "strategies"]
    if others:
        rows += [
            ForestRow("Treated or untreated person-time: another question", kind="heading"),
            *others,
        ]
    if trial is not None:
        rows.append(ForestRow("The trial that was run", kind="heading"))
        rows.append(
            ForestRow(
                str(trial["source"]),
                _number(trial["hazard_ratio"]),
                _number(trial["lower"]),
                _number(trial["upper"]),
            )
        )
    figure = ForestFigure(
        title=title,
        x_title="hazard ratio, local treatment against none",
        rows=tuple(rows),
        favours=("favours local treatment", "favours none"),
        counts_title="Patients",
        estimate_title="HR (interval)",
        notes=("Methods differ in the question they ask and in the bias they carry.",),
    )
    return forest_chart(figure)


def _row(answer: Mapping[str, Any]) -> ForestRow:
    ratio = answer["effect"]["hazard_ratio"]
    counts = " / ".join(str(each) for each in answer["patients"].values())
    if ratio is None:
        return ForestRow(str(answer["title"]), counts=counts, text="no hazard ratio")
    return ForestRow(
        str(answer["title"]),
        _number(ratio["estimate"]),
        _number(ratio["lower"]),
        _number(ratio["upper"]),
        counts,
    )


def _notes(answer: Mapping[str, Any]) -> list[str]:
    notes = [str(answer["caveats"][0])] if answer["caveats"] else []
    tau = answer["tau_months"]
    for key, what, unit in (
        ("hazard_ratio", "Hazard ratio", ""),
        ("rmst_difference", f"Restricted mean difference to {tau} months", " months"),
        ("risk_difference", f"Difference in risk at {tau} months", ""),
    ):
        found = answer["effect"][key]
        if found is not None and found["estimate"] is not None:
            numbers = [found["estimate"], found["lower"], found["upper"]]
            words = ["not reached" if each is None else f"{each:.2f}" for each in numbers]
            notes.append(f"{what} {words[0]} ({words[1]} to {words[2]}){unit}")
    return notes


def _floats(values: Sequence[Any]) -> Any:
    return np.array([math.nan if each is None else float(each) for each in values])


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _ticks(end: float) -> list[float]:
    step = next((each for each in _STEPS if end / each <= _TICKS), _STEPS[-1])
    return [float(each) for each in range(0, math.floor(end) + 1, step)]


def _at_risk(curve: Mapping[str, Any], time: float) -> float:
    """Sum of weights at risk at a time: of the first event at or after it."""
    times = _floats(curve["time_months"])
    place = int(np.searchsorted(times, time, side="left"))
    return round(float(curve["at_risk"][place])) if place < times.size else 0.0
