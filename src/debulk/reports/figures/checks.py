"""Figures that check proportional hazards: log-log curves and Schoenfeld residuals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt

from debulk.reports.figures.smooth import spline_smooth
from debulk.reports.figures.style import (
    FAINT,
    GREY,
    INK,
    colour_of,
    dash_of,
    label,
    rows_of,
    styled,
    titled,
)

Floats = npt.NDArray[np.float64]

_WIDTH, _HEIGHT = 520, 330
_PANEL_WIDTH, _PANEL_HEIGHT = 300, 190
_FINEST = 2000
"""Steps drawn along the time axis at most: four to a pixel, so nothing visible is lost."""
_MOST_POINTS = 1500
"""Points drawn in a panel; with more, every k-th is drawn, and the smooth uses all."""


@dataclass(frozen=True, eq=False)
class ResidualPanel:
    """Scaled Schoenfeld residuals of one covariate.

    Attributes
    ----------
    term : str
        Covariate.
    time, residual : array, shape (m,)
        Times of events, and each event's scaled residual plus the coefficient: an estimate of the
        log hazard ratio at that time (Grambsch and Therneau 1994, Biometrika 81:515).
    coefficient : float
        The coefficient of the model, constant in time.
    note : str
        What stands beside the term, such as the test of proportionality.
    """

    term: str
    time: Floats
    residual: Floats
    coefficient: float
    note: str = ""


def log_log_chart(
    curves: Mapping[str, tuple[Floats, Floats]], x_title: str, notes: Sequence[str] = ()
) -> alt.Chart:
    """Draw log(-log S) of each group against time on a logarithmic axis.

    Parameters
    ----------
    curves : mapping of str to (time, survival)
        By group; times rising. Times at or before 0, and survival of 0 or 1, have no place on
        the axes and are left out.
    x_title : str
        Title of the time axis.
    notes : sequence of str
        Lines below the title.

    Returns
    -------
    altair.Chart
        Curves that keep their distance speak for proportional hazards.
    """
    groups = list(curves)
    rows = [
        row for group, (time, survival) in curves.items() for row in _log_log(group, time, survival)
    ]
    many = len(groups) > 1
    legend = alt.Legend(
        orient="top",
        symbolType="stroke",
        symbolOpacity=1,
        symbolStrokeWidth=2.2,
        columns=4,
        offset=6,
    )
    shown = legend if many else None
    colours = alt.Scale(domain=groups, range=[colour_of(k) for k in range(len(groups))])
    dashes = alt.Scale(domain=groups, range=[dash_of(k) for k in range(len(groups))])
    chart: alt.Chart = (
        alt.Chart(rows_of(rows))
        .mark_line(interpolate="step-after", strokeWidth=1.8, strokeCap="butt")
        .encode(
            x=alt.X(
                "time:Q",
                title=f"{x_title}, logarithmic",
                scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(grid=False, format="~g", tickCount=8, tickSize=5, labelOverlap=True),
            ),
            y=alt.Y(
                "height:Q",
                title="log(\u2212log S)",
                scale=alt.Scale(zero=False),
                axis=alt.Axis(gridColor=FAINT, domain=False, ticks=False, tickCount=6),
            ),
            color=alt.Color("group:N", title=None, scale=colours, legend=shown),
            strokeDash=alt.StrokeDash("group:N", title=None, scale=dashes, legend=shown),
        )
        .properties(
            width=_WIDTH,
            height=_HEIGHT,
            title=titled("Log-log survival: parallel where hazards are proportional", notes),
        )
    )
    result: alt.Chart = styled(chart)
    return result


def schoenfeld_chart(
    panels: Sequence[ResidualPanel], x_title: str, notes: Sequence[str] = ()
) -> alt.ConcatChart:
    """Draw scaled Schoenfeld residuals against time, one panel a covariate.

    Parameters
    ----------
    panels : sequence of ResidualPanel
    x_title : str
        Title of the time axis.
    notes : sequence of str
        Lines below the title.

    Returns
    -------
    altair.ConcatChart
        Points, a natural spline through them with its 95 % band, the model's coefficient as a
        line and no effect as a dashed one. A level smooth speaks for proportional hazards. The
        time axis goes by the share of events that have happened, so that events lie evenly.
    """
    key = (
        "Blue: smooth of the residuals with its 95 % band. Orange: the model's coefficient. "
        "Dashed: no effect. Events lie evenly along the axis."
    )
    head = "Scaled Schoenfeld residuals: level where hazards are proportional"
    title = titled(head, (*notes, key))
    columns = 1 if len(panels) == 1 else 2
    charts = [_panel(panel, x_title) for panel in panels]
    chart = alt.concat(*charts, columns=columns, bounds="flush", spacing={"row": 74, "column": 64})
    chart = chart.properties(title=title)
    result: alt.ConcatChart = styled(chart)
    return result


def _log_log(group: str, time: Floats, survival: Floats) -> list[dict[str, Any]]:
    some = (time > 0) & (survival > 0) & (survival < 1)
    if not some.any():
        return []
    times, heights = time[some], np.log(-np.log(survival[some]))
    # Only steps are drawn: where the curve rests nothing changes, but for the end of follow-up.
    moved = np.append(True, np.diff(heights) > 0)
    moved[-1] = True
    times, heights = times[moved], heights[moved]
    if times.size > _FINEST:
        slivers = np.floor(np.log(times / times[0]) / np.log(times[-1] / times[0]) * _FINEST)
        last = np.append(slivers[1:] != slivers[:-1], True)
        times, heights = times[last], heights[last]
    return [
        {"group": group, "time": at, "height": height}
        for at, height in zip(times.tolist(), heights.tolist(), strict=True)
    ]


def _panel(panel: ResidualPanel, x_title: str) -> alt.LayerChart:
    place = _share_of_events(panel.time, panel.time)
    fit = spline_smooth(place, panel.residual)
    step = max(1, int(np.ceil(panel.time.size / _MOST_POINTS)))
    points = [
        {"time": at, "value": value}
        for at, value in zip(place[::step].tolist(), panel.residual[::step].tolist(), strict=True)
    ]
    smooth = [
        dict(zip(("time", "value", "lower", "upper"), each, strict=True))
        for each in zip(*(part.tolist() for part in fit), strict=True)
    ]
    ticks, words = _event_ticks(panel.time)
    x = alt.X(
        "time:Q",
        title=x_title,
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(
            grid=False,
            values=ticks,
            labelExpr=words,
            tickSize=5,
            labelOverlap=True,
            labelFlush=False,
        ),
    )
    y = alt.Y(
        "value:Q",
        title="Log hazard ratio",
        scale=alt.Scale(domain=_middle(panel, fit), clamp=False, nice=True, zero=False),
        axis=alt.Axis(gridColor=FAINT, domain=False, ticks=False, tickCount=5, minExtent=28),
    )
    lines = [{"value": 0.0}, {"value": panel.coefficient}]
    layers = [
        alt.Chart(rows_of(points))
        .mark_circle(size=14, opacity=0.4, color=GREY, clip=True)
        .encode(x=x, y=y),
        alt.Chart(rows_of(smooth))
        .mark_area(opacity=0.18, color=colour_of(0), clip=True)
        .encode(x=x, y=alt.Y("lower:Q"), y2="upper:Q"),
        alt.Chart(rows_of(smooth))
        .mark_line(strokeWidth=2, color=colour_of(0), clip=True)
        .encode(x=x, y=y),
        alt.Chart(rows_of(lines[:1]))
        .mark_rule(strokeDash=[3, 3], strokeWidth=1, color=INK)
        .encode(y=y),
        alt.Chart(rows_of(lines[1:])).mark_rule(strokeWidth=1.4, color=colour_of(1)).encode(y=y),
    ]
    head = label(panel.term, 34) + (f" ({panel.note})" if panel.note else "")
    # A mark, not a title: a title's height follows the axis labels and differs between panels.
    layers.append(
        alt.Chart(rows_of([{"head": head}]))
        .mark_text(align="left", fontSize=12, fontWeight="bold", color=INK)
        .encode(x=alt.value(0), y=alt.value(-14), text="head:N")
    )
    return alt.LayerChart(layer=layers, width=_PANEL_WIDTH, height=_PANEL_HEIGHT)


def _share_of_events(at: Floats, times: Floats) -> Floats:
    """Share of events at or before each of the times `at`; between events on a straight line."""
    distinct, counts = np.unique(times, return_counts=True)
    shares = (np.cumsum(counts) - counts / 2.0) / times.size
    result: Floats = np.interp(at, distinct, shares)
    return result


def _event_ticks(times: Floats) -> tuple[list[float], str]:
    """Round times spread over the events: their places, and what writes the times there."""
    if times.size == 0:
        return [], "''"
    wanted = np.quantile(times, (0.03, 0.22, 0.41, 0.6, 0.79, 0.97))
    rounded = sorted({float(f"{each:.2g}") for each in wanted})
    inside = np.array([each for each in rounded if times.min() <= each <= times.max()])
    places = [float(f"{each:.4f}") for each in _share_of_events(inside, times)]
    words = {f"{at:.4f}": f"{time:g}" for at, time in zip(places, inside.tolist(), strict=True)}
    return places, f"({json.dumps(words)})[format(datum.value, '.4f')]"


def _middle(panel: ResidualPanel, fit: tuple[Floats, ...]) -> list[float]:
    """Ends of the vertical axis: the middle 98 % of the residuals, the smooth, the lines."""
    parts = [np.quantile(panel.residual, [0.01, 0.99])] if panel.residual.size else []
    parts += [np.array([0.0, panel.coefficient]), fit[1]]
    values = np.concatenate(parts)
    values = values[np.isfinite(values)]
    return [float(values.min()), float(values.max())]
