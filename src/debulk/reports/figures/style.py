"""What the figures for print share: colours, dashes, sizes, ink."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
    "#5D3A9B",
    "#4B4B4B",
)
"""Told apart by colour-blind readers (the first six after Okabe and Ito); then they repeat."""

DASHES: tuple[tuple[int, ...], ...] = (
    (1, 0),
    (9, 3),
    (3, 3),
    (12, 3, 3, 3),
    (6, 2, 2, 2, 2, 2),
    (14, 5),
)
"""Lines told apart without colour; with more groups than dashes they repeat."""

INK, GREY, FAINT = "#222222", "#767676", "#E3E3E3"

FONT = "Helvetica, Arial, Liberation Sans, sans-serif"
"""Families of one width: what is measured with one fits with the others."""

TEXT_SIZE = 12
LETTER = 6.3
"""Mean width in pixels of a letter at `TEXT_SIZE`, to leave room beside an axis."""

Row = Mapping[str, Any]


def colour_of(position: int) -> str:
    """Colour of the group at a position."""
    return COLOURS[position % len(COLOURS)]


def dash_of(position: int) -> list[int]:
    """Dash of the group at a position, as lengths of strokes and gaps in pixels."""
    return list(DASHES[position % len(DASHES)])


def rows_of(rows: Sequence[Row]) -> alt.InlineData:
    """Rows of plain numbers and text as the data of a chart.

    Inline data are not counted by Altair, whose limit of 5000 rows is meant for notebooks.
    """
    return alt.InlineData(values=[dict(row) for row in rows])


def label(text: str, most: int = 42) -> str:
    """Text that fits beside an axis: cut in the middle where it is longer than `most` letters."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}\u2026{text[-(most - 1 - half) :]}"


def titled(title: str, notes: Sequence[str] = ()) -> alt.TitleParams:
    """Title with notes below it, each on a line of its own."""
    lines = [part for note in notes for part in folded(note)]
    return alt.TitleParams(title, subtitle=lines) if lines else alt.TitleParams(title)


def folded(text: str, width: int = 108) -> list[str]:
    """Text in lines that fit the width of a figure."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def notes_below(lines: Sequence[str], *, width: int, line_height: int, size: float) -> alt.Chart:
    """Lines of small print as a chart of their own, to stand below another.

    Parameters
    ----------
    lines : sequence of str
        Folded already.
    width, line_height : int
        In pixels.
    size : float
        Of the letters.
    """
    rows = [{"row": row, "text": text} for row, text in enumerate(lines)]
    return (  # type: ignore[no-any-return]
        alt.Chart(rows_of(rows))
        .mark_text(align="left", baseline="middle", fontSize=size, color=GREY)
        .encode(x=alt.value(0), y=alt.Y("row:O", axis=None), text="text:N")
        .properties(width=width, height=line_height * len(lines))
    )


def styled(chart: Any) -> Any:
    """The chart on white, with the sizes and inks of print."""
    return (
        chart.configure(
            background="white", font="Helvetica, Arial, Liberation Sans, sans-serif", padding=14
        )
        .configure_view(stroke=None)
        .configure_title(
            anchor="start",
            frame="bounds",
            fontSize=14,
            subtitleFontSize=TEXT_SIZE,
            subtitleLineHeight=16,
            color=INK,
            subtitleColor=INK,
            offset=12,
        )
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            labelFontSize=TEXT_SIZE,
            titleFontSize=TEXT_SIZE,
            titleFontWeight="normal",
            domainColor=INK,
            tickColor=INK,
        )
        .configure_legend(
            labelFontSize=TEXT_SIZE,
            titleFontSize=TEXT_SIZE,
            labelColor=INK,
            symbolSize=900,
            labelLimit=300,
        )
    )


def p_text(p: float | None) -> str:
    """A p-value as journals print it, with its sign of relation."""
    if p is None or math.isnan(p):
        return "not defined"
    if p < 0.0001:
        return "< 0.0001"
    return f"= {p:.2g}" if p < 0.1 else f"= {p:.2f}"
