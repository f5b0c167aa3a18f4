"""Calibration figure: observed against predicted risk, over the histogram of the predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from debulk.reports.figures.style import (
    FAINT,
    GREY,
    colour_of,
    rows_of,
    styled,
    titled,
)
from debulk.reports.prognosis.wording import (
    PER_CENT,
    interval_words,
    months_words,
    ratio_words,
)

_SIDE, _BARS = 400, 64
_LEAST_TOP = 0.1


def calibration_chart(result: Mapping[str, Any]) -> alt.VConcatChart:
    """Draw the smooth calibration curve with its band, the groups, and who was predicted what.

    Parameters
    ----------
    result : mapping
        What `Validation.to_dict` returns, of risks.

    Returns
    -------
    altair.VConcatChart
        Above, square: the curve (blue, where predictions lie), groups of patients with their
        limits (orange), and the diagonal on which both axes agree. Below: patients by prediction.
    """
    curve, groups = result["calibration_curve"], result["calibration_groups"]
    top = _top(result)
    horizon = months_words(result["horizon_months"])
    title = titled(f"Observed and predicted risk by {horizon}", calibration_notes(result))
    layers = [_diagonal(top)]
    if curve is not None:
        layers += _smooth(curve, top)
    layers += _points(groups, top)
    above = alt.layer(*layers).properties(width=_SIDE, height=_SIDE)
    chart = alt.vconcat(above, _histogram(result, top), spacing=8).properties(title=title)
    drawn: alt.VConcatChart = styled(chart)
    return drawn


def calibration_notes(result: Mapping[str, Any]) -> list[str]:
    """The numbers of calibration as lines below a title."""
    found = result["statistics"]
    parts = []
    if "observed_expected" in found:
        parts.append(f"Observed over expected {ratio_words(found['observed_expected'])}")
    if "calibration_slope" in found:
        parts.append(f"slope {ratio_words(found['calibration_slope'])}")
    lines = ["; ".join(parts)] if parts else []
    if "ici" in found:
        words = interval_words(found["ici"], digits=3)
        lines.append(f"Mean distance from the curve (ICI) {words}")
    return lines


def _diagonal(top: float) -> alt.Chart:
    ends = rows_of([{"x": 0.0, "y": 0.0}, {"x": top, "y": top}])
    line = alt.Chart(ends).mark_line(color=GREY, strokeDash=[4, 3], strokeWidth=1.2)
    chart: alt.Chart = line.encode(x=_across("x", top), y=_up("y", top))
    return chart


def _smooth(curve: Mapping[str, Any], top: float) -> list[alt.Chart]:
    names = ("risk", "observed", "lower", "upper")
    rows = [
        dict(zip(names, each, strict=True))
        for each in zip(*(curve[name] for name in names), strict=True)
        if None not in each
    ]
    x = _across("risk", top)
    band = alt.Chart(rows_of(rows)).mark_area(opacity=0.18, color=colour_of(0), clip=True)
    line = alt.Chart(rows_of(rows)).mark_line(color=colour_of(0), strokeWidth=2.2, clip=True)
    return [
        band.encode(x=x, y=_up("lower", top), y2="upper:Q"),
        line.encode(x=x, y=_up("observed", top)),
    ]


def _points(groups: Sequence[Mapping[str, Any]], top: float) -> list[alt.Chart]:
    shown = [each for each in groups if each["observed"] is not None]
    limited = [each for each in shown if each["lower"] is not None]
    rules = alt.Chart(rows_of(limited)).mark_rule(color=colour_of(1), strokeWidth=1.3, clip=True)
    points = alt.Chart(rows_of(shown)).mark_circle(color=colour_of(1), size=46, opacity=1)
    x = _across("predicted", top)
    return [
        rules.encode(x=x, y=_up("lower", top), y2="upper:Q"),
        points.encode(x=x, y=_up("observed", top)),
    ]


def _histogram(result: Mapping[str, Any], top: float) -> alt.Chart:
    edges, counts = result["risk_histogram"]["edges"], result["risk_histogram"]["n"]
    rows = [
        {"low": low, "high": high, "n": n}
        for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True)
        if n and low < top
    ]
    y = alt.Y(
        "n:Q",
        title="Patients",
        axis=alt.Axis(grid=False, domain=False, ticks=False, tickCount=2, minExtent=40),
    )
    x = _across("low", top, title="Predicted risk")
    bars = alt.Chart(rows_of(rows)).mark_bar(color=GREY, opacity=0.75, binSpacing=1)
    chart: alt.Chart = bars.encode(x=x, x2="high:Q", y=y, y2=alt.datum(0)).properties(
        width=_SIDE, height=_BARS
    )
    return chart


def _across(name: str, top: float, title: str | None = None) -> alt.X:
    labels = title is not None
    axis = alt.Axis(
        grid=False, labelExpr=PER_CENT, tickCount=6, labels=labels, ticks=labels, labelFlush=False
    )
    return alt.X(f"{name}:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False), axis=axis)


def _up(name: str, top: float) -> alt.Y:
    axis = alt.Axis(
        gridColor=FAINT, domain=False, ticks=False, labelExpr=PER_CENT, tickCount=6, minExtent=40
    )
    scale = alt.Scale(domain=[0, top], nice=False)
    return alt.Y(f"{name}:Q", title="Observed risk", scale=scale, axis=axis, stack=None)


def _top(result: Mapping[str, Any]) -> float:
    """Upper end of both axes: all that is drawn, rounded up to a tenth."""
    curve = result["calibration_curve"]
    seen = [] if curve is None else [*curve["risk"], *curve["upper"]]
    for each in result["calibration_groups"]:
        seen += [each["predicted"], each["observed"], each["upper"]]
    highest = max([each for each in seen if each is not None], default=1.0)
    return min(1.0, max(_LEAST_TOP, -(-highest * 10 // 1) / 10))
