"""The page of a design: one HTML file that opens offline and asks for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from debulk.reports.design.charts import TITLES, design_charts
from debulk.reports.design.tables import tables_of, title_of
from debulk.reports.trial_report import SCRIPTS, environment, json_for_script, script, template_text


def render_design_page(answer: Mapping[str, Any]) -> str:
    """A design as the text of one HTML file.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.

    Returns
    -------
    str
        HTML that holds its styles, scripts and data, and makes no request.
    """
    charts = {
        name: chart.to_dict() for name, chart in design_charts(answer, width="container").items()
    }
    size = answer["whole"]
    return (
        environment()
        .get_template("design.html")
        .render(
            answer=answer,
            title=title_of(answer),
            sentence=_sentence(size),
            tables=tables_of(answer),
            charts=json_for_script(charts),
            chart_titles={name: TITLES[name] for name in charts},
            scripts=[script(name) for name in SCRIPTS] if charts else [],
            style=Markup(template_text("report.css")),
            drawing=Markup(template_text("report.js")),
        )
    )


def _sentence(size: Mapping[str, Any]) -> str:
    events, patients = round(size["events"]), round(size["patients"])
    looks = len(size["looks"])
    analyses = "one analysis" if looks == 1 else f"{looks} analyses"
    return (
        f"{events} events in {patients} patients, {analyses}, {size['duration_months']:.0f} "
        f"months: a power of {100 * size['power']:.1f} %."
    )
