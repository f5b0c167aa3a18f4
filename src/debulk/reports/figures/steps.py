"""Step curves, survival or incidence, over a table of the numbers at risk on the same axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt

from debulk.reports.figures.style import (
    FAINT,
    INK,
    LETTER,
    TEXT_SIZE,
    colour_of,
    dash_of,
    label,
    rows_of,
    styled,
    titled,
)

Floats = npt.NDArray[np.float64]

_WIDTH, _HEIGHT, _ROW_HEIGHT = 560, 330, 19
_FINEST = 2000
"""Steps drawn along the time axis at most: four to a pixel, so nothing visible is lost."""
_TICKS = 280
"""Places along the axis at which a tick can stand, one to two pixels."""
_MOST_TICKS = 170
"""With more ticks to a curve they run together and say nothing, so they are left out."""


@dataclass(frozen=True, eq=False)
class StepCurve:
    """One curve of a figure.

    Attributes
    ----------
    group : str
        Group, which has a colour and a row in the table below.
    time : array, shape (m,)
        Times of steps, rising, above or at 0.
    value, lower, upper : array, shape (m,)
        Height just after each time, from 0 to 1, and the limits of its band; NaN: no band there.
    start : float
        Height at time 0: 1 for survival, 0 for incidence.
    censored : array
        Times at which somebody's follow-up ended without an event.
    line : str
        What tells curves of one group apart, such as the cause; it has a dash.
    """

    group: str
    time: Floats
    value: Floats
    lower: Floats
    upper: Floats
    start: float = 1.0
    censored: Floats = field(default_factory=lambda: np.zeros(0))
    line: str = ""


@dataclass(frozen=True, eq=False)
class StepFigure:
    """Everything a figure of step curves shows.

    Attributes
    ----------
    title, x_title, y_title : str
        Words of the figure and its axes.
    curves : tuple of StepCurve
        In the order of the legend.
    times : sequence of float
        Ticks of the time axis, at which the numbers at risk stand.
    at_risk : mapping of str to sequence of number
        Numbers at risk by group at `times`.
    notes : tuple of str
        Lines below the title: tests and ratios.
    top : float
        Upper end of the vertical axis, from 0.
    """

    title: str
    x_title: str
    y_title: str
    curves: tuple[StepCurve, ...]
    times: Sequence[float]
    at_risk: Mapping[str, Sequence[float]]
    notes: tuple[str, ...] = ()
    top: float = 1.0


def step_chart(figure: StepFigure) -> alt.VConcatChart:
    """Draw step curves with pointwise bands over the numbers at risk.

    Parameters
    ----------
    figure : StepFigure

    Returns
    -------
    altair.VConcatChart
        Curves above; below, one row a group in its colour, each number under its tick.
    """
    end = _end(figure)
    below = alt.Chart(rows_of(_number_rows(figure)))
    chart = alt.vconcat(_curves(figure, end), _numbers(below, figure, end), spacing=4)
    notes = figure.notes
    if any(_places(curve, end).size > _MOST_TICKS for curve in figure.curves):
        notes = (*notes, "Where censored times are too many to tell apart they have no ticks.")
    result: alt.VConcatChart = styled(chart.properties(title=titled(figure.title, notes)))
    return result


def top_of(curves: Sequence[StepCurve]) -> float:
    """Upper end of an axis of incidence: 1, or 0.5, 0.25 or 0.1 where every curve stays below."""
    highest = max((float(np.nanmax(curve.value, initial=0.0)) for curve in curves), default=1.0)
    return next((top for top in (0.1, 0.25, 0.5) if 1.1 * highest <= top), 1.0)


def _end(figure: StepFigure) -> float:
    last = max((float(curve.time[-1]) for curve in figure.curves if curve.time.size), default=1.0)
    last = max(last, *figure.times)
    return last if last > 0 else 1.0


def _curves(figure: StepFigure, end: float) -> alt.LayerChart:
    steps = [row for curve in figure.curves for row in _step_rows(curve, end)]
    bands = [row for curve in figure.curves for row in _band_rows(curve, end, figure.top)]
    ticks = [row for curve in figure.curves for row in _tick_rows(curve, end)]
    groups, lines = _distinct(figure)
    x = alt.X(
        "time:Q",
        title=figure.x_title,
        scale=alt.Scale(domain=[0, end], nice=False),
        axis=alt.Axis(
            values=list(figure.times), grid=False, labelFlush=False, tickSize=5, labelOverlap=True
        ),
    )
    y = alt.Y(
        "value:Q",
        title=figure.y_title,
        scale=alt.Scale(domain=[0, figure.top]),
        axis=alt.Axis(
            format=".0%" if figure.top > 0.1 else ".1~%",
            tickCount=5,
            gridColor=FAINT,
            domain=False,
            ticks=False,
        ),
    )
    colour = _colour(groups, shown=len(groups) > 1)
    layers = [
        alt.Chart(rows_of(bands))
        .mark_area(interpolate="step-after", opacity=0.13, clip=True)
        .encode(x=x, y=alt.Y("lower:Q").scale(domain=[0, figure.top]), y2="upper:Q", color=colour)
        .encode(detail="line:N"),
        alt.Chart(rows_of(steps))
        .mark_line(interpolate="step-after", strokeWidth=1.8, clip=True, strokeCap="butt")
        .encode(x=x, y=y, color=colour, strokeDash=_dash(groups, lines)),
        alt.Chart(rows_of(ticks))
        .mark_tick(orient="vertical", thickness=1, size=8, opacity=0.85)
        .encode(x=x, y=y, color=colour),
    ]
    return alt.LayerChart(layer=layers, width=_WIDTH, height=_HEIGHT)


def _distinct(figure: StepFigure) -> tuple[list[str], list[str]]:
    groups = list(dict.fromkeys(curve.group for curve in figure.curves))
    return groups, list(dict.fromkeys(curve.line for curve in figure.curves))


def _legend() -> alt.Legend:
    return alt.Legend(
        orient="top",
        direction="horizontal",
        symbolType="stroke",
        symbolOpacity=1,
        symbolStrokeWidth=2.2,
        offset=6,
        columns=4,
        title=None,
    )


def _colour(groups: list[str], *, shown: bool) -> alt.Color:
    scale = alt.Scale(domain=groups, range=[colour_of(k) for k in range(len(groups))])
    return alt.Color("group:N", title=None, scale=scale, legend=_legend() if shown else None)


def _dash(groups: list[str], lines: list[str]) -> alt.StrokeDash:
    """Dashes tell the lines of a group apart where it has several, else the groups."""
    several = len(lines) > 1
    names, column = (lines, "line") if several else (groups, "group")
    scale = alt.Scale(domain=names, range=[dash_of(k) for k in range(len(names))])
    shown = len(names) > 1
    return alt.StrokeDash(
        f"{column}:N", title=None, scale=scale, legend=_legend() if shown else None
    )


def _numbers(base: alt.Chart, figure: StepFigure, end: float) -> alt.LayerChart:
    """The rows of the table; names stand left of the axis, in their colour."""
    groups, _ = _distinct(figure)
    names = [{"group": group, "text": label(group, 30)} for group in groups]
    y = alt.Y("group:N", sort=groups, axis=None)
    x = alt.X("time:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=None)
    colour = _colour(groups, shown=False)
    head = alt.Chart(rows_of([{"text": "At risk"}]))
    numbers = base.mark_text(fontSize=TEXT_SIZE).encode(x=x, y=y, text="text:N", color=colour)
    # The widest number at time 0 is centred on the axis, so the names begin left of its half.
    widest = max((len(row["text"]) for row in _number_rows(figure)), default=1)
    written = (
        alt.Chart(rows_of(names))
        .mark_text(align="right", fontSize=TEXT_SIZE, dx=-(14 + LETTER * widest / 2))
        .encode(x=alt.value(0), y=y, text="text:N", color=colour)
    )
    above = head.mark_text(
        align="right",
        fontSize=TEXT_SIZE,
        fontWeight="bold",
        color=INK,
        dx=-(14 + LETTER * widest / 2),
    ).encode(x=alt.value(0), y=alt.value(-10), text="text:N")
    height = _ROW_HEIGHT * len(groups)
    return alt.LayerChart(layer=[numbers, written, above], width=_WIDTH, height=height)


def _number_rows(figure: StepFigure) -> list[dict[str, Any]]:
    """Numbers at the ticks; every second one where they would run into each other."""
    longest = max((len(_count(each)) for row in figure.at_risk.values() for each in row), default=1)
    room = _WIDTH * float(np.diff([*figure.times, np.inf]).min()) / _end(figure)
    every = 1 if LETTER * longest + 8 <= room else 2
    return [
        {"group": group, "time": float(time), "text": _count(count), "at_risk": float(count)}
        for group, counts in figure.at_risk.items()
        for place, (time, count) in enumerate(zip(figure.times, counts, strict=True))
        if place % every == 0
    ]


def _count(value: float) -> str:
    """A count whole, a sum of weights to a decimal."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def _step_rows(curve: StepCurve, end: float) -> list[dict[str, Any]]:
    kept = _visible(curve.time, end)
    times = [0.0, *curve.time[kept].tolist()]
    values = [curve.start, *curve.value[kept].tolist()]
    return [
        {"group": curve.group, "line": curve.line, "time": time, "value": value}
        for time, value in zip(times, values, strict=True)
        if not np.isnan(value)
    ]


def _band_rows(curve: StepCurve, end: float, top: float) -> list[dict[str, Any]]:
    """Corners of the band; where limits end before the curve does, the band ends there too."""
    kept = _visible(curve.time, end)
    rows = [(0.0, curve.start, curve.start)]
    rows += zip(
        curve.time[kept].tolist(),
        curve.lower[kept].tolist(),
        curve.upper[kept].tolist(),
        strict=True,
    )
    drawn: list[dict[str, Any]] = []
    for time, lower, upper in rows:
        known = not (np.isnan(lower) or np.isnan(upper))
        if known:
            limits = {"lower": lower, "upper": min(upper, top)}
        elif drawn:
            limits = {"lower": drawn[-1]["lower"], "upper": drawn[-1]["upper"]}
        drawn.append({"group": curve.group, "line": curve.line, "time": time, **limits})
    last = _last_known(curve)
    return [row for row in drawn if row["time"] <= last]


def _last_known(curve: StepCurve) -> float:
    """Where the band ends: the first time after which no limits are defined any more."""
    known = np.flatnonzero(~(np.isnan(curve.lower) | np.isnan(curve.upper)))
    if known.size == 0:
        return 0.0
    return float(curve.time[min(known[-1] + 1, curve.time.size - 1)])


def _tick_rows(curve: StepCurve, end: float) -> list[dict[str, Any]]:
    times = _places(curve, end)
    if times.size > _MOST_TICKS:
        return []
    heights = np.concatenate(([curve.start], curve.value))
    values = heights[np.searchsorted(curve.time, times, side="right")]
    return [
        {"group": curve.group, "line": curve.line, "time": time, "value": value}
        for time, value in zip(times.tolist(), values.tolist(), strict=True)
        if not np.isnan(value)
    ]


def _places(curve: StepCurve, end: float) -> Floats:
    """The first censored time at each place where a tick can stand."""
    bins = np.floor(curve.censored / end * _TICKS)
    return curve.censored[np.unique(bins, return_index=True)[1]]


def _visible(times: Floats, end: float) -> npt.NDArray[np.int64]:
    """Positions of the steps to draw: with very many, the last in each sliver of the axis."""
    if times.size <= _FINEST:
        return np.arange(times.size)
    slivers = np.floor(times / end * _FINEST)
    return np.flatnonzero(np.append(slivers[1:] != slivers[:-1], True))
