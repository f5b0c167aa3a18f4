"""Survival pooled over studies, one curve for each extent of disease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from debulk.reports.figures.style import (
    FAINT,
    INK,
    TEXT_SIZE,
    colour_of,
    dash_of,
    rows_of,
    styled,
    titled,
)

_WIDTH, _HEIGHT = 520, 340
_STEPS = 12
"""Pieces into which the way between two points is cut, so that it shows as the curve it is."""
_LINE = 15
"""Least distance in pixels between two lines of words at the ends of curves."""


@dataclass(frozen=True, slots=True)
class ExtentLine:
    """Pooled survival of one extent of disease.

    Attributes
    ----------
    extent : str
        What it is called.
    groups, patients : int
        How many stand behind it, at the most over the times.
    years : tuple of float
        Times, rising, after 0.
    survival, lower, upper : tuple of float
        Shares alive there, 0 to 1, and the limits of the band.
    """

    extent: str
    groups: int
    patients: int
    years: tuple[float, ...]
    survival: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ExtentFigure:
    """Everything the figure shows.

    Attributes
    ----------
    title : str
    curves : tuple of ExtentLine
        From least to most disease.
    notes : tuple of str
        Lines below the title.
    """

    title: str
    curves: tuple[ExtentLine, ...]
    notes: tuple[str, ...] = ()


def extent_curves_chart(figure: ExtentFigure) -> alt.LayerChart:
    """Draw pooled survival by extent.

    Parameters
    ----------
    figure : ExtentFigure

    Returns
    -------
    altair.LayerChart
        A curve with its band for each extent, points where something was pooled, and at its end
        the extent with the number of groups and patients. Colours and dashes tell curves apart.
    """
    last = max(curve.years[-1] for curve in figure.curves)
    names = [curve.extent for curve in figure.curves]
    scale = alt.Scale(domain=names, range=[colour_of(k) for k in range(len(names))])
    dashes = alt.Scale(domain=names, range=[dash_of(k) for k in range(len(names))])
    colour = alt.Color("extent:N", scale=scale, legend=None)
    rows = alt.Chart(rows_of([row for curve in figure.curves for row in curve_rows(curve)]))
    x, y = _x(last), _y("survival")
    pooled = rows.transform_filter("datum.pooled")
    layers = [
        rows.mark_area(opacity=0.13).encode(x=x, y=_y("lower"), y2="upper:Q", color=colour),
        rows.mark_line(strokeWidth=2).encode(
            x=x, y=y, color=colour, strokeDash=alt.StrokeDash("extent:N", scale=dashes, legend=None)
        ),
        pooled.mark_point(filled=True, size=45, opacity=1).encode(x=x, y=y, color=colour),
        *_names(figure, dashes, colour),
    ]
    chart = alt.LayerChart(layer=layers, width=_WIDTH, height=_HEIGHT)
    drawn: alt.LayerChart = styled(chart.properties(title=titled(figure.title, figure.notes)))
    return drawn


def curve_rows(curve: ExtentLine) -> list[dict[str, Any]]:
    """Points of a curve, from everybody alive at 0, with a constant hazard between them.

    Parameters
    ----------
    curve : ExtentLine

    Returns
    -------
    list of dict
        extent, years, survival, lower, upper, and whether something was pooled there.
    """
    rows = [_row(curve, 0.0, (1.0, 1.0, 1.0), pooled=False)]
    points = zip(curve.years, curve.survival, curve.lower, curve.upper, strict=True)
    begin, before = 0.0, (1.0, 1.0, 1.0)
    for end, *after in points:
        for step in range(1, _STEPS):
            share = step / _STEPS
            between = [_between(*pair, share) for pair in zip(before, after, strict=True)]
            rows.append(_row(curve, begin + share * (end - begin), between, pooled=False))
        rows.append(_row(curve, end, after, pooled=True))
        begin, before = end, (after[0], after[1], after[2])
    return rows


def _row(
    curve: ExtentLine, years: float, heights: Sequence[float], *, pooled: bool
) -> dict[str, Any]:
    shown = dict(zip(("survival", "lower", "upper"), heights, strict=True))
    return {"extent": curve.extent, "years": years, **shown, "pooled": pooled}


def _between(first: float, last: float, share: float) -> float:
    """A height on the way from one to another with a constant hazard; straight down to 0."""
    if first <= 0.0 or last <= 0.0:
        return first + share * (last - first)
    return float(first * (last / first) ** share)


def _x(last: float) -> alt.X:
    ticks = [float(year) for year in range(int(last) + 1)]
    scale = alt.Scale(domain=[0.0, last], nice=False)
    axis = alt.Axis(values=ticks, grid=False, tickSize=5, format="d", labelFlush=False)
    return alt.X("years:Q", title="years", scale=scale, axis=axis)


def _y(field: str) -> alt.Y:
    # A space before the sign, as everywhere in text.
    words = "format(100 * datum.value, '.0f') + ' %'"
    axis = alt.Axis(labelExpr=words, tickCount=5, gridColor=FAINT, domain=False, ticks=False)
    return alt.Y(f"{field}:Q", title="alive", scale=alt.Scale(domain=[0.0, 1.0]), axis=axis)


def _names(figure: ExtentFigure, dashes: alt.Scale, colour: alt.Color) -> list[alt.Chart]:
    """A stroke and words right of the curves, at the height of their ends where there is room."""
    heights = apart([_HEIGHT * (1.0 - curve.survival[-1]) for curve in figure.curves], 2.2 * _LINE)
    dash = alt.StrokeDash("extent:N", scale=dashes, legend=None)
    charts = []
    for curve, height in zip(figure.curves, heights, strict=True):
        stroke = alt.Chart(rows_of([{"extent": curve.extent}])).mark_rule(strokeWidth=2)
        ends = {"x": alt.value(_WIDTH + 12), "x2": alt.value(_WIDTH + 44)}
        charts.append(stroke.encode(y=alt.value(height - 6), color=colour, strokeDash=dash, **ends))
        weights: tuple[tuple[str, int, Literal["bold", "normal"]], ...] = (
            (curve.extent, -6, "bold"),
            (told(curve), 9, "normal"),
        )
        for text, shift, weight in weights:
            mark = alt.Chart(rows_of([{"text": text}])).mark_text(
                align="left", fontSize=TEXT_SIZE, fontWeight=weight, color=INK
            )
            place = {"x": alt.value(_WIDTH + 52), "y": alt.value(height + shift)}
            charts.append(mark.encode(text="text:N", **place))
    return charts


def told(curve: ExtentLine) -> str:
    """Write how many groups and patients stand behind a curve."""
    groups = "1 group" if curve.groups == 1 else f"{curve.groups} groups"
    return f"{groups}, {curve.patients:,} patients"


def apart(heights: Sequence[float], distance: float) -> list[float]:
    """Heights moved so that neighbours are at least a distance apart, in the same order.

    Parameters
    ----------
    heights : sequence of float
        In pixels, in any order.
    distance : float
        Least distance wanted.
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed: dict[int, float] = {}
    floor = float("-inf")
    for each in order:
        placed[each] = floor = max(heights[each], floor + distance)
    # What was pushed below the axis pushes the rest up again.
    ceiling = max(_HEIGHT - 4.0, distance * (len(order) - 1))
    for each in reversed(order):
        placed[each] = min(placed[each], ceiling)
        ceiling = placed[each] - distance
    return [placed[each] for each in range(len(heights))]
