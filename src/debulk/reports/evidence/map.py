"""The evidence map: outcomes against designs, a mark for the studies in each cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from debulk.reports.figures.style import (
    FAINT,
    GREY,
    INK,
    LETTER,
    TEXT_SIZE,
    folded,
    label,
    rows_of,
    styled,
    titled,
)

_COLUMN, _ROW = 98, 46
"""Width and height of a cell in pixels; a column grows with the marks side by side in it."""
_STEP = 40
"""Pixels from mark to mark within a cell."""
_SMALLEST, _LARGEST = 240.0, 1150.0
"""Areas of the marks in square pixels; area goes with the number of studies."""

_FILLS = ("#0072B2", "#E69F00", "#CC79A7", "#F0E442", "#56B4E9", "#D9D9D9", "#009E73", "#FFFFFF")
_DARK = ("#0072B2", "#009E73")
"""Fills on which numbers are white."""
_HEXAGON = "M-.5,-.87L.5,-.87L1,0L.5,.87L-.5,.87L-1,0Z"
_SHAPES = ("circle", "square", "diamond", _HEXAGON)
"""Told apart without colour; with more categories than shapes they repeat."""


@dataclass(frozen=True, slots=True)
class MapCell:
    """Studies of one design that report one outcome and fall into one category.

    Attributes
    ----------
    design, outcome, category : str
        Column, row, and what the colour says, such as a role or a risk of bias.
    studies : int
        How many; above 0.
    """

    design: str
    outcome: str
    category: str
    studies: int


@dataclass(frozen=True, slots=True)
class MapFigure:
    """Everything an evidence map shows.

    Attributes
    ----------
    title, category_title : str
        Words of the figure and of its legend.
    cells : tuple of MapCell
    designs, outcomes, categories : tuple of str
        In their order; those without a study are shown empty, for a gap is what a map is read for.
    notes : tuple of str
        Lines below the title.
    """

    title: str
    category_title: str
    cells: tuple[MapCell, ...]
    designs: tuple[str, ...]
    outcomes: tuple[str, ...]
    categories: tuple[str, ...]
    notes: tuple[str, ...] = ()


def map_chart(figure: MapFigure) -> alt.LayerChart:
    """Draw an evidence map.

    Parameters
    ----------
    figure : MapFigure

    Returns
    -------
    altair.LayerChart
        A grid with designs across and outcomes down. The area of a mark goes with its number of
        studies, which is written in it; categories differ in colour and in shape.
    """
    widths = [max(_COLUMN, _STEP * _side_by_side(figure, design)) for design in figure.designs]
    starts = [sum(widths[:place]) for place in range(len(widths) + 1)]
    middles = {
        design: (starts[place] + starts[place + 1]) / 2.0
        for place, design in enumerate(figure.designs)
    }
    width, height = starts[-1], _ROW * len(figure.outcomes)
    size = (width, height)
    layers = [
        *_grid(starts, len(figure.outcomes), size),
        *_heads(figure, middles, size),
        *_marks(figure, middles, size),
    ]
    chart = alt.LayerChart(layer=layers, width=width, height=height)
    result: alt.LayerChart = styled(chart.properties(title=titled(figure.title, figure.notes)))
    return result


def _side_by_side(figure: MapFigure, design: str) -> int:
    return max((len(_in_cell(figure, design, outcome)) for outcome in figure.outcomes), default=0)


def _in_cell(figure: MapFigure, design: str, outcome: str) -> list[MapCell]:
    found = [each for each in figure.cells if (each.design, each.outcome) == (design, outcome)]
    return sorted(found, key=lambda each: figure.categories.index(each.category))


def _x(field: str, size: tuple[int, int]) -> alt.X:
    scale = alt.Scale(domain=[0, size[0]], nice=False, zero=False)
    return alt.X(f"{field}:Q", scale=scale, axis=None)


def _y(field: str, size: tuple[int, int]) -> alt.Y:
    scale = alt.Scale(domain=[size[1], 0], nice=False, zero=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=None)


def _grid(starts: Sequence[int], rows: int, size: tuple[int, int]) -> list[alt.Chart]:
    across = alt.Chart(rows_of([{"y": _ROW * place} for place in range(rows + 1)]))
    down = alt.Chart(rows_of([{"x": start} for start in starts]))
    return [
        across.mark_rule(color=FAINT).encode(y=_y("y", size)),
        down.mark_rule(color=FAINT).encode(x=_x("x", size)),
    ]


def _heads(figure: MapFigure, middles: dict[str, float], size: tuple[int, int]) -> list[alt.Chart]:
    names = [
        {"y": _ROW * (place + 0.5), "text": label(outcome, 40)}
        for place, outcome in enumerate(figure.outcomes)
    ]
    outcomes = alt.Chart(rows_of(names)).mark_text(align="right", fontSize=TEXT_SIZE, color=INK)
    # A head folds into lines that fit its column, the last line nearest the grid.
    heads: list[dict[str, Any]] = [
        {"x": middle, "line": line, "up": -10.0 - 15.0 * (len(lines) - 1 - place)}
        for design, middle in middles.items()
        for lines in (folded(design, int(_COLUMN / LETTER)),)
        for place, line in enumerate(lines)
    ]
    designs = [
        alt.Chart(rows_of([head for head in heads if head["up"] == up]))
        .mark_text(fontSize=TEXT_SIZE, fontWeight="bold", color=INK)
        .encode(x=_x("x", size), y=alt.value(up), text="line:N")
        for up in sorted({float(head["up"]) for head in heads})
    ]
    return [outcomes.encode(x=alt.value(-12), y=_y("y", size), text="text:N"), *designs]


def _marks(figure: MapFigure, middles: dict[str, float], size: tuple[int, int]) -> list[alt.Chart]:
    rows = _mark_rows(figure, middles)
    if not rows:
        return []
    names = list(figure.categories)
    fills = [_FILLS[place % len(_FILLS)] for place in range(len(names))]
    shapes = [_SHAPES[place % len(_SHAPES)] for place in range(len(names))]
    legend = alt.Legend(
        title=figure.category_title,
        orient="top",
        direction="horizontal",
        titleOrient="left",
        symbolSize=150,
        symbolStrokeWidth=1,
        offset=34,
    )
    base = alt.Chart(rows_of(rows)).encode(x=_x("x", size), y=_y("y", size))
    marks = base.mark_point(filled=True, opacity=1, stroke=GREY, strokeWidth=1).encode(
        size=alt.Size("area:Q", scale=None, legend=None),
        fill=alt.Fill("category:N", scale=alt.Scale(domain=names, range=fills), legend=legend),
        shape=alt.Shape("category:N", scale=alt.Scale(domain=names, range=shapes), legend=legend),
        tooltip=["design:N", "outcome:N", "category:N", "studies:Q"],
    )
    texts = []
    for ink in ("white", INK):
        text = base.transform_filter(f"datum.ink == '{ink}'")
        texts.append(
            text.mark_text(fontSize=TEXT_SIZE, fontWeight="bold", color=ink).encode(
                text="studies:Q"
            )
        )
    return [marks, *texts]


def _mark_rows(figure: MapFigure, middles: dict[str, float]) -> list[dict[str, Any]]:
    most = max((each.studies for each in figure.cells), default=1)
    rows = []
    for place, outcome in enumerate(figure.outcomes):
        for design in figure.designs:
            found = _in_cell(figure, design, outcome)
            for position, cell in enumerate(found):
                fill = _FILLS[figure.categories.index(cell.category) % len(_FILLS)]
                rows.append(
                    {
                        "x": middles[design] + _STEP * (position - (len(found) - 1) / 2.0),
                        "y": _ROW * (place + 0.5),
                        "area": max(_SMALLEST, _LARGEST * cell.studies / most),
                        "ink": "white" if fill in _DARK else INK,
                        "design": design,
                        "outcome": outcome,
                        "category": cell.category,
                        "studies": cell.studies,
                    }
                )
    return rows
