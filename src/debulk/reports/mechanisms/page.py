"""The report of `debulk disease mechanisms`: one HTML file that asks the network nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from debulk.core.files import write_text
from debulk.reports.mechanisms.figure import page_chart
from debulk.reports.mechanisms.tables import text_tables
from debulk.reports.mechanisms.wording import conclusions, order_of
from debulk.reports.trial_report import SCRIPTS, environment, json_for_script, script, template_text


def write_mechanisms_report(path: Path, result: Mapping[str, Any]) -> None:
    """Write the report, whole or not at all.

    Parameters
    ----------
    path : Path
        The HTML file.
    result : mapping
        What `debulk disease mechanisms` gives as JSON.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    write_text(path, render_mechanisms_report(result))


def render_mechanisms_report(result: Mapping[str, Any]) -> str:
    """Make the report as the text of one HTML file.

    Parameters
    ----------
    result : mapping
        What `debulk disease mechanisms` gives as JSON.
    """
    return (
        environment()
        .get_template("mechanisms.html")
        .render(
            result=result,
            sentences=conclusions(result),
            tables=text_tables(result),
            mechanisms=order_of(result),
            charts=json_for_script({"mechanisms": page_chart(result)}),
            scripts=[script(name) for name in SCRIPTS],
            style=Markup(template_text("report.css")),
            drawing=Markup(template_text("report.js")),
        )
    )
