"""The report of one survival analysis: one HTML file that opens offline and asks for nothing."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from debulk.core.files import write_text
from debulk.reports.figures.style import p_text
from debulk.reports.trial_report import environment, template_text
from debulk.survival.comparison.adjusted import term_label

FIGURES = {
    "survival": "Survival with 95 % bands, over the numbers at risk",
    "incidence": "Cumulative incidence with 95 % bands, over the numbers at risk",
    "forest": "Hazard ratios before and after adjustment, with 95 % intervals",
    "log-log": "Log-log survival: the lines are parallel where hazards are proportional",
    "schoenfeld": "Scaled Schoenfeld residuals: level where hazards are proportional",
}
"""Figures of a survival analysis in the order of the report, and what each shows."""

NOT_REACHED = "not reached"


def write_survival_report(path: Path, result: Mapping[str, Any], pictures: Path) -> None:
    """Write the report of a survival analysis, whole or not at all.

    Parameters
    ----------
    path : Path
        The HTML file.
    result : mapping
        What ``debulk survival --json`` prints.
    pictures : Path
        Folder with the figures as SVG; those that are there are shown.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    found = {
        name: (pictures / f"{name}.svg").read_bytes()
        for name in FIGURES
        if (pictures / f"{name}.svg").is_file() and f"{name}.svg" in result.get("files", ())
    }
    write_text(path, render_survival_report(result, found))


def render_survival_report(result: Mapping[str, Any], pictures: Mapping[str, bytes]) -> str:
    """Make the report as the text of one HTML file.

    Parameters
    ----------
    result : mapping
        What ``debulk survival --json`` prints.
    pictures : mapping of str to bytes
        SVG of each figure by its name in `FIGURES`.

    Returns
    -------
    str
        HTML that holds its styles and pictures, and makes no request.
    """
    page = environment()
    page.filters |= {"time": time_text, "ratio": ratio_text, "p": p_value, "term": term_label}
    shown = [
        {
            "name": name,
            "text": text,
            "source": "data:image/svg+xml;base64," + base64.b64encode(pictures[name]).decode(),
        }
        for name, text in FIGURES.items()
        if name in pictures
    ]
    return page.get_template("survival.html").render(
        result=result,
        sentence=answer_sentence(result),
        figures=shown,
        style=Markup(template_text("report.css")),
    )


def answer_sentence(result: Mapping[str, Any]) -> str:
    """The answer in one or two plain sentences.

    Parameters
    ----------
    result : mapping
        What ``debulk survival --json`` prints.
    """
    counts = f"{result['events']:,} of {result['n']:,} subjects had the event"
    reference = result["reference"]
    if reference is None:
        (only,) = result["groups"].values()
        return f"{counts}. Half had had it by {time_text(only['median'])}{_unit(result)}."
    parts = [f"{label}, {_ratio_words(each)}" for label, each in result["hazard_ratios"].items()]
    test = result["logrank"]
    tested = f" (log-rank p {p_text(test['p'])})" if test else ""
    return f"{counts}. Hazard ratio against {reference}: {'; '.join(parts)}{tested}."


def _ratio_words(each: Mapping[str, Any]) -> str:
    if each["estimate"] is None:
        return "no finite estimate"
    return f"{ratio_text(each['estimate'])} ({limits_text(each, ratio_text)})"


def limits_text(each: Mapping[str, Any], write: Any) -> str:
    """Write "lower to upper"."""
    return f"{write(each['lower'])} to {write(each['upper'])}"


def time_text(value: float | None) -> str:
    """Write a time; what the curve does not come down to is "not reached"."""
    if value is None or math.isnan(value):
        return NOT_REACHED
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def ratio_text(value: float | None) -> str:
    """Write a ratio with two decimals, small ones with two digits."""
    if value is None or math.isnan(value):
        return "no estimate"
    return f"{value:.2f}" if abs(value) >= 0.095 else f"{value:.2g}"


def p_value(value: float | None) -> str:
    """Write a p-value."""
    return "" if value is None else p_text(value).removeprefix("= ")


def _unit(result: Mapping[str, Any]) -> str:
    unit = result["time_unit"]
    return "" if unit == "as in the file" else f" {unit}"
