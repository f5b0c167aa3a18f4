"""The funnel of a design: from those drawn to those treated, one bar a step."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from debulk.reports.words import patients

_LETTERS = 30
_BAR, _LINE = 34, 13


def funnel_chart(steps: Sequence[Mapping[str, Any]], *, width: Any = "container") -> alt.LayerChart:
    """Bars in the order of the steps, each with its number.

    Parameters
    ----------
    steps : sequence of mapping
        `step` (words), `patients` (mean number) and `from` ("simulated" or "typed").
    width : int or "container"
        In pixels, or that of the page around it.

    Returns
    -------
    altair.LayerChart
        Its colours come from the configuration.
    """
    rows = [
        {
            "place": place,
            "step": textwrap.wrap(each["step"], _LETTERS),
            "patients": each["patients"],
            "number": patients(round(each["patients"])),
            "from": each["from"],
        }
        for place, each in enumerate(steps)
    ]
    lines = max(len(row["step"]) for row in rows)
    data = alt.InlineData(values=rows)
    names = {str(row["place"]): row["step"] for row in rows}
    lookup = " : ".join(f"datum.value == {place} ? {words!r}" for place, words in names.items())
    axis = alt.Axis(labelExpr=f"{lookup} : ''", title=None, labelLimit=260, ticks=False)
    y = alt.Y("place:O", axis=axis, scale=alt.Scale(paddingInner=0.28, paddingOuter=0.1))
    most = max(row["patients"] for row in rows)
    scale = alt.Scale(domain=[0, most * 1.12], nice=False)
    x = alt.X("patients:Q", title="patients", scale=scale, axis=alt.Axis(tickCount=5, format=",d"))
    colour = alt.Color("from:N", legend=None, scale=alt.Scale(domain=["typed", "simulated"]))
    bars = alt.Chart(data).mark_bar().encode(x=x, y=y, color=colour)
    words = alt.Chart(data).mark_text(align="left", dx=6, fontSize=12)
    words = words.encode(x=x, y=y, text="number:N")
    height = {"step": _BAR if lines == 1 else _BAR + _LINE * (lines - 2)}
    return alt.layer(bars, words).properties(width=width, height=height)
