"""The report of a trial run: one HTML file with everything in it, that asks the network nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from debulk.core.files import write_text
from debulk.reports import words
from debulk.reports.charts import trial_charts
from debulk.reports.consort import diagrams
from debulk.reports.looks import bounds_at_looks
from debulk.reports.terminal_tables import beside_survival
from debulk.reports.trial_words import TrialWords
from debulk.reports.uncertainty_words import uncertainty_rows, uncertainty_sentence

SCRIPTS = ("vega.min.js", "vega-lite.min.js", "vega-embed.min.js", "chart_drawing.js")
"""What draws charts in a page, in the order it is needed."""


def write_trial_report(
    path: Path, result: Mapping[str, Any], run: Mapping[str, Any] | None = None
) -> None:
    """Write the report of a trial run, whole or not at all.

    Parameters
    ----------
    path : Path
        The HTML file.
    result : mapping
        What `debulk trial run` writes as results.json.
    run : mapping, optional
        What it writes as run.json: the command, the date, the machine.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    write_text(path, render_trial_report(result, run))


def render_trial_report(result: Mapping[str, Any], run: Mapping[str, Any] | None = None) -> str:
    """Make the report of a trial run as the text of one HTML file.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.
    run : mapping, optional
        What it writes as run.json.

    Returns
    -------
    str
        HTML that holds its styles, scripts and data, and makes no request.
    """
    parameters = result["provenance"]["parameters"]
    said = TrialWords(result)
    return (
        environment()
        .get_template("trial.html")
        .render(
            result=result,
            run=run,
            said=said,
            sentence=said.sentence(),
            looks=bounds_at_looks(result),
            experimental=words.experimental_arm(result),
            diagrams=diagrams(result),
            estimands=result.get("estimands"),
            uncertainty=uncertainty_rows(result) if result.get("uncertainty") else [],
            uncertainty_sentence=uncertainty_sentence(result),
            endpoints=beside_survival(result),
            charts=json_for_script(trial_charts(result)),
            scripts=[script(name) for name in SCRIPTS],
            style=Markup(template_text("report.css")),
            drawing=Markup(template_text("report.js")),
            assumptions=[each for each in parameters if each["source"] == "assumption"],
            sourced=[each for each in parameters if each["source"] != "assumption"],
        )
    )


def environment() -> Environment:
    """Templates of this room, with the words that reports share."""
    environment = Environment(
        loader=PackageLoader("debulk.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_kept_together,
    )
    environment.globals["w"] = words
    environment.filters["shown"] = _shown
    return environment


def _kept_together(value: Any) -> Any:
    """A number and its per cent sign or its error do not part at the end of a line."""
    if type(value) is not str:
        return value
    return value.replace(" %", "\u00a0%").replace(" ± ", "\u00a0±\u00a0")


def _shown(value: Any) -> str:
    """Write the value of a parameter as its file has it."""
    if value is None:
        return words.NONE
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.6g}"
    return json.dumps(value, ensure_ascii=False)


def json_for_script(value: Any) -> Markup:
    """Write JSON that no text inside can turn into markup."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def script(name: str) -> Markup:
    """One of `SCRIPTS`, as it may stand in a page."""
    text = resources.files("debulk.reports").joinpath("assets", name).read_text("utf-8")
    # A source map would be asked for as soon as somebody opens the developer's tools.
    lines = [line for line in text.splitlines() if not line.startswith("//# sourceMappingURL=")]
    return Markup("\n".join(lines).replace("</script", "<\\/script"))


def template_text(name: str) -> str:
    """A file beside the templates, as text."""
    return resources.files("debulk.reports").joinpath("templates", name).read_text("utf-8")
