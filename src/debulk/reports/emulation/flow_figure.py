"""The participant flow of an emulated trial as a figure: who is left, and why others are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from debulk.reports.consort import WIDE, Diagram, diagrams
from debulk.reports.figures.style import FAINT, INK, rows_of, styled, titled

_SIZES = {"strong": 13, "": 12, "small": 11}


def flow_diagram(steps: Sequence[Mapping[str, Any]], arms: Mapping[str, int]) -> Diagram:
    """Lay out the steps of a flow and the clones of each strategy below.

    Parameters
    ----------
    steps : sequence of mapping
        ``step``, ``patients`` and ``left_out`` (rows of ``reason`` and ``patients``).
    arms : mapping of str to int
        Clones in each strategy.
    """
    funnel = []
    for place, step in enumerate(steps):
        before = int(steps[place - 1]["patients"]) if place else int(step["patients"])
        reasons = [
            {"patients": each["patients"], "text": each["reason"], "criterion": None}
            for each in step["left_out"]
        ]
        lost = before - int(step["patients"])
        funnel.append(
            {"patients": step["patients"], "text": step["step"], "lost": lost, "reasons": reasons}
        )
    titled_arms = {
        name: {"patients": clones, "title": f"clones in strategy {name}"}
        for name, clones in arms.items()
    }
    wide: Diagram = diagrams({"funnel": funnel, "arms": titled_arms})[0]
    return wide


def flow_chart(diagram: Diagram, title: str) -> alt.LayerChart:
    """Draw a laid-out flow.

    Parameters
    ----------
    diagram : Diagram
    title : str
    """
    boxes = [
        {"x": box.x, "y": box.y, "x2": box.x + box.width, "y2": box.y + box.height}
        for box in diagram.boxes
    ]
    links = [{"x": x1, "y": y1, "x2": x2, "y2": y2} for x1, y1, x2, y2 in diagram.links]
    words = [
        {"x": box.x + 12, "y": y, "kind": kind, "text": text}
        for box in diagram.boxes
        for y, kind, text in box.text_at
    ]
    width, height = WIDE.width, diagram.height
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, width], nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None)
    layers: list[alt.Chart] = [
        alt.Chart(rows_of(links)).mark_rule(color=INK).encode(x=x, y=y, x2="x2:Q", y2="y2:Q"),
        alt.Chart(rows_of(boxes))
        .mark_rect(fill="white", stroke=INK, cornerRadius=4)
        .encode(x=x, y=y, x2="x2:Q", y2="y2:Q"),
    ]
    for kind, size in _SIZES.items():
        rows = [word for word in words if word["kind"] == kind]
        if rows:
            layers.append(
                alt.Chart(rows_of(rows))
                .mark_text(
                    align="left",
                    baseline="alphabetic",
                    fontSize=size,
                    fontWeight="bold" if kind == "strong" else "normal",
                    color=INK,
                )
                .encode(x=x, y=y, text="text:N")
            )
    chart = alt.layer(*layers).properties(width=width, height=height, title=titled(title))
    chart = chart.configure_rule(color=FAINT)
    result: alt.LayerChart = styled(chart)
    return result
