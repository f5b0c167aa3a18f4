"""The charts of a design below each other, as one picture for print."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import altair as alt

from debulk.core.errors import InputError
from debulk.core.files import write_with
from debulk.reports.design.charts import TITLES, design_charts
from debulk.reports.design.tables import title_of
from debulk.reports.figures.pictures import drawn
from debulk.reports.figures.style import COLOURS, FAINT, INK, styled


def write_picture(answer: Mapping[str, Any], path: Path) -> None:
    """Write the charts of a design as one picture, whole or not at all.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.
    path : Path
        Its ending says what kind: svg, pdf or png.

    Raises
    ------
    InputError
        If there is nothing to draw, vl-convert is not installed, or the file cannot be written.
    """
    content = picture_bytes(answer, path.suffix.lower().removeprefix("."))
    write_with(path, partial(_put, content))


def has_charts(answer: Mapping[str, Any]) -> bool:
    """Whether there is anything to draw.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.
    """
    return bool(design_charts(answer))


def picture_bytes(answer: Mapping[str, Any], kind: str) -> bytes:
    """The picture as bytes.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.
    kind : str
        "svg", "pdf" or "png".

    Raises
    ------
    InputError
        If there is nothing to draw, or vl-convert is not installed.
    """
    charts = design_charts(answer)
    if not charts:
        found = f"a design with the test {answer['test']} and one analysis has no picture"
        raise InputError("--plot", found, "Leave it out")
    parts = [
        chart.properties(
            title=alt.TitleParams(TITLES[name], fontSize=13, frame="group", anchor="start")
        )
        for name, chart in charts.items()
    ]
    together = alt.vconcat(*parts, spacing=28, title=title_of(answer))
    together = together.resolve_scale(color="independent", strokeDash="independent")
    chart = styled(together).configure_range(category=list(COLOURS))
    chart = chart.configure_text(color=INK).configure_rule(color="#767676")
    chart.config.axis.gridColor = FAINT
    return drawn(chart)[kind]


def _put(content: bytes, path: Path) -> None:
    path.write_bytes(content)
