"""The report of a validation: figures as files, and one HTML page that opens offline."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

import debulk
from debulk.core.files import write_text
from debulk.reports.disease_pages import Table
from debulk.reports.evidence.page import Picture, write_drawn
from debulk.reports.evidence.wording import RESEARCH_USE
from debulk.reports.prognosis.calibration_figure import calibration_chart, calibration_notes
from debulk.reports.prognosis.decision_figure import decision_chart
from debulk.reports.prognosis.tripod import ValidationContext, flow, tripod_items
from debulk.reports.prognosis.wording import (
    CENTRES,
    STATISTICS,
    interval_words,
    months_words,
    sentence,
    statistic_words,
)
from debulk.reports.trial_report import environment, template_text
from debulk.reports.words import DASH, share

PAGE = "validation.html"
"""Name of the page, and of its template."""


def validation_pictures(result: Mapping[str, Any]) -> list[Picture]:
    """Every picture that a validation has numbers for.

    Parameters
    ----------
    result : mapping
        What `Validation.to_dict` returns.
    """
    pictures = []
    horizon = months_words(result["horizon_months"])
    if result["calibration_groups"]:
        told = "; ".join(calibration_notes(result))
        alt = f"Observed against predicted risk by {horizon}. {told}."
        pictures.append(Picture("calibration", calibration_chart(result), alt))
    if result["decision_curve"] is not None:
        alt = f"Net benefit of acting on the risk by {horizon}, on everybody, and on nobody."
        pictures.append(Picture("decision-curve", decision_chart(result), alt))
    return pictures


def write_validation(
    folder: Path, result: Mapping[str, Any], context: ValidationContext | None = None
) -> tuple[str, ...]:
    """Write the pictures as SVG, PDF and PNG, and the report with all of them.

    Parameters
    ----------
    folder : Path
        An existing folder.
    result : mapping
        What `Validation.to_dict` returns.
    context : ValidationContext, optional
        What only the author knows.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    InputError
        If vl-convert is not installed, or the folder cannot be written to.
    """
    names, shown = write_drawn(folder, validation_pictures(result))
    write_text(folder / PAGE, render_validation(result, shown, context))
    return (*names, PAGE)


def render_validation(
    result: Mapping[str, Any],
    pictures: Sequence[tuple[Picture, bytes]] = (),
    context: ValidationContext | None = None,
) -> str:
    """Make the report as the text of one HTML file that makes no request.

    Parameters
    ----------
    result : mapping
        What `Validation.to_dict` returns.
    pictures : sequence of (Picture, bytes)
        Each with its SVG.
    context : ValidationContext, optional
        What only the author knows.
    """
    shown = [
        {
            "name": picture.name,
            "alt": picture.alt,
            "source": "data:image/svg+xml;base64," + base64.b64encode(svg).decode(),
        }
        for picture, svg in pictures
    ]
    return (
        environment()
        .get_template(PAGE)
        .render(
            result=result,
            sentence=sentence(result),
            horizon=months_words(result["horizon_months"]),
            flow=flow(result),
            tables=validation_tables(result),
            pictures=shown,
            items=tripod_items(result, context),
            version=debulk.__version__,
            research_use=RESEARCH_USE,
            style=Markup(template_text("report.css")),
        )
    )


def validation_tables(result: Mapping[str, Any]) -> tuple[Table, ...]:
    """The numbers of the report: performance, groups, net benefit, survival by group, centres."""
    tables = [_performance(result)]
    if result["calibration_groups"]:
        tables.append(_groups(result))
    if result["decision_curve"] is not None:
        tables.append(_net_benefit(result["decision_curve"]))
    if result["survival"]:
        tables.append(_survival(result))
    if result["centres"]:
        tables.append(_centres(result))
    return tuple(tables)


def _performance(result: Mapping[str, Any]) -> Table:
    level = 100 * result["concordance"]["conf_level"]
    concordance = result["concordance"]
    name = (
        "Concordance up to the horizon, weighted"
        if result["kind"] == "counterfactual"
        else "Concordance (Harrell)"
    )
    rows = [(name, interval_words(concordance), "1 perfect, 0.5 by chance")]
    rows += [
        (words, statistic_words(key, result["statistics"][key]), meaning)
        for key, (words, meaning) in STATISTICS.items()
        if key in result["statistics"]
    ]
    return Table(
        "Performance",
        f"With {level:g} % intervals",
        ("Statistic", "Estimate", "How to read it"),
        tuple(rows),
    )


def _groups(result: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            each["group"],
            f"{each['n']}",
            f"{each['events']}",
            share(each["predicted"]),
            DASH if each["observed"] is None else _share_words(each),
        )
        for each in result["calibration_groups"]
    )
    caption = "Patients by rising predicted risk; observed with limits"
    heads = ("Group", "Patients", "Events", "Mean predicted", "Observed")
    return Table("Calibration by group", caption, heads, rows)


def _net_benefit(curve: Mapping[str, Any]) -> Table:
    """A row at every tenth, where the curve has it."""
    rows = []
    for k, threshold in enumerate(curve["threshold"]):
        if abs(threshold * 10 - round(threshold * 10)) > 1e-9 or curve["acted_on"][k] == 0.0:
            continue
        gain = {
            "estimate": curve["gain"][k],
            "lower": curve["gain_lower"][k],
            "upper": curve["gain_upper"][k],
        }
        rows.append(
            (
                share(threshold),
                share(curve["acted_on"][k]),
                *(
                    interval_words({"estimate": curve[name][k], "lower": None, "upper": None}, 3)
                    for name in ("net_benefit", "act_on_all")
                ),
                interval_words(gain, 3),
            )
        )
    caption = "Acting on nobody has 0; gained over the better of acting on all and on nobody"
    heads = ("Threshold", "Acted on", "By the risk", "On everybody", "Gained (interval)")
    return Table("Net benefit", caption, heads, tuple(rows))


def _share_words(each: Mapping[str, Any]) -> str:
    if each["lower"] is None or each["upper"] is None:
        return share(each["observed"])
    return f"{share(each['observed'])} ({share(each['lower'])} to {share(each['upper'])})"


def _survival(result: Mapping[str, Any]) -> Table:
    horizon = result["horizon_months"]
    rows = []
    for group, curve in result["survival"].items():
        place = [k for k, time in enumerate(curve["time"]) if time <= horizon]
        beyond = curve["time"][-1] >= horizon
        known = ("survival", "lower", "upper")
        values = {name: curve[name][place[-1]] if place else 1.0 for name in known}
        shown = {"observed": values["survival"], **values} if beyond else None
        words = DASH if shown is None else _share_words(shown)
        rows.append((group, f"{curve['n']}", f"{curve['n_events']}", words))
    caption = f"Kaplan-Meier estimate at {months_words(horizon)}, by rising score"
    heads = ("Group", "Patients", "Events", "Without the event")
    return Table("Survival by group of the score", caption, heads, tuple(rows))


def _centres(result: Mapping[str, Any]) -> Table:
    rows = []
    for each in result["centres"]:
        expected = {
            "estimate": each["prediction_lower"],
            "lower": None,
            "upper": None,
        }
        lower = interval_words(expected)
        upper = interval_words({**expected, "estimate": each["prediction_upper"]})
        known = each["prediction_lower"] is not None
        rows.append(
            (
                CENTRES[each["statistic"]],
                f"{len(each['by_centre'])}",
                interval_words(each),
                f"{lower} to {upper}" if known else DASH,
            )
        )
    caption = "Mean over centres, and where a new centre is expected"
    heads = ("Statistic", "Centres", "Mean (interval)", "Prediction interval")
    return Table("Over centres", caption, heads, tuple(rows))
