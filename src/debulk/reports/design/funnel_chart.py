"""The funnel of a design: from those drawn to those treated, one bar a step."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from debulk.reports.words import patients

_KINDS = {"typed": "from what is assumed", "simulated": "simulated"}
"""Where a number is from, and what the legend says of it."""
_LETTERS = 40
_BAR, _LINE, _GAP = 14, 15, 12
_ROOM = 1.22
"""Times the longest bar, for the number behind it."""


def funnel_chart(steps: Sequence[Mapping[str, Any]], *, width: Any = "container") -> Any:
    """Bars in the order of the steps, each with its number.

    Parameters
    ----------
    steps : sequence of mapping
        `step` (words), `patients` (mean number) and `from` ("simulated" or "typed").
    width : int or "container"
        In pixels, or that of the page around it.

    Returns
    -------
    altair chart
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
    band = _LINE * lines + _BAR + _GAP
    data = alt.InlineData(values=rows)
    y = alt.Y("place:O", axis=None, scale=alt.Scale(padding=0))
    most = max(row["patients"] for row in rows)
    scale = alt.Scale(domain=[0, most * _ROOM], nice=False)
    x = alt.X("patients:Q", title="patients", scale=scale, axis=alt.Axis(tickCount=4, format=",d"))
    kinds = [kind for kind in _KINDS if any(row["from"] == kind for row in rows)]
    titles = " : ".join(f"datum.label == '{kind}' ? '{_KINDS[kind]}'" for kind in kinds)
    legend = alt.Legend(
        orient="top", columns=1, title=None, labelExpr=f"{titles} : ''", labelLimit=240
    )
    colour = alt.Color(
        "from:N",
        legend=legend if len(kinds) > 1 else None,
        scale=alt.Scale(domain=kinds),
    )
    # Words stand above their bar, not beside it: on a phone there is no room at the side.
    low = band / 2 - _GAP / 2 - _BAR / 2
    bars = alt.Chart(data).mark_bar(size=_BAR, yOffset=low).encode(x=x, y=y, color=colour)
    numbers = alt.Chart(data).mark_text(align="left", dx=6, fontSize=12, yOffset=low)
    numbers = numbers.encode(x=x, y=y, text="number:N")
    words = [_words(rows, count, band).encode(x=alt.value(0), y=y) for count in range(1, lines + 1)]
    drawn = alt.layer(bars, numbers, *words)
    return drawn.properties(width=width, height=band * len(rows))


def _words(rows: Sequence[Mapping[str, Any]], count: int, band: float) -> Any:
    """The words of steps that take so many lines, ending just above their bar."""
    chosen = [row for row in rows if len(row["step"]) == count]
    first = band / 2 - _GAP / 2 - _BAR - _LINE * count
    drawn = alt.Chart(alt.InlineData(values=chosen)).mark_text(
        align="left", baseline="top", fontSize=12, lineHeight=_LINE, yOffset=first
    )
    return drawn.encode(text="step:N")
