"""The funnel plot: effects against their standard errors, over contours of significance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import altair as alt

from debulk.evidence.pooling.study_set import FEW_STUDIES
from debulk.reports.evidence.wording import axis_title, level_words, method_words
from debulk.reports.figures.forest import axis_ticks
from debulk.reports.figures.style import (
    GREY,
    INK,
    colour_of,
    p_text,
    rows_of,
    styled,
    titled,
)
from debulk.survival.curves.limits import normal_width

ZONES = (
    ("p < 0.01", math.inf, "#EFEFEF"),
    ("0.01 to 0.05", 0.01, "#DADADA"),
    ("0.05 to 0.10", 0.05, "#BDBDBD"),
    ("p > 0.10", 0.10, "#FFFFFF"),
)
"""Zones of the two-sided p of a single study, the outermost first: name, p at its edge, grey."""

_WIDTH, _HEIGHT = 460, 340
_HEAD = 1.12
"""The axis of standard errors goes this far beyond the largest."""
_SCALES = {
    "identity": "",
    "log": "",
    "logit": "log odds of ",
    "arcsine": "arcsine square root of ",
    "double arcsine": "double arcsine of ",
}


def funnel_chart(result: Mapping[str, Any]) -> alt.LayerChart:
    """Draw a funnel plot.

    Parameters
    ----------
    result : mapping
        What ``debulk evidence pool --json`` prints; with ``--small-study`` its filled-in studies
        are drawn hollow and the test of asymmetry stands in a note.

    Returns
    -------
    altair.LayerChart
        Standard errors run downwards; ratios have a logarithmic axis. The dashed triangle is where
        the level's share of studies would lie without differences between them, the shades are the
        p value of each study alone against no effect.
    """
    deepest = _HEAD * max(each["se"] for each in [*result["studies"], *_filled(result)])
    domain = _domain(result, deepest)
    layers = [
        *_shades(result, deepest, domain),
        *_lines(result, deepest, domain),
        *_points(result, deepest, domain),
    ]
    chart = alt.LayerChart(layer=layers, width=_WIDTH, height=_HEIGHT)
    chart = chart.properties(title=titled(f"{result['title']}: funnel", funnel_notes(result)))
    chart = styled(chart)
    # The right-hand end of the axis has words that would be cut off where a font is wider.
    slack = {"left": 14, "top": 14, "bottom": 14, "right": 30}
    drawn: alt.LayerChart = chart.configure(**{**chart.config.to_dict(), "padding": slack})
    return drawn


def funnel_notes(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Lines below the title: the method, the test of asymmetry, what hollow circles are."""
    found = result.get("small_study") or {}
    notes = [f"{method_words(result)}. Dashed: pooled effect and {level_words(result)} limits."]
    test = found.get("test")
    if test is not None:
        notes.append(f"{test['name']}: p {p_text(test['p'])}; {result['k']} studies.")
    if _filled(result):
        notes.append("Hollow: studies filled in by trim and fill; nobody has published them.")
    if result["k"] < FEW_STUDIES:
        notes.append(f"With fewer than {FEW_STUDIES} studies asymmetry cannot be told from chance.")
    return tuple(notes)


def _filled(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((result.get("small_study") or {}).get("filled") or ())


def _on_axis(result: Mapping[str, Any], value: float) -> float:
    """A number of the scale of pooling where the axis has it: ratios on their natural scale."""
    return math.exp(value) if result["scale"] == "log" else value


def _no_effect(result: Mapping[str, Any]) -> float | None:
    """No effect on the scale of pooling."""
    return None if result["no_effect"] is None else 0.0


def _critical(result: Mapping[str, Any]) -> float:
    return normal_width(result["conf_level"])


def _domain(result: Mapping[str, Any], deepest: float) -> tuple[float, float]:
    reach = _critical(result) * deepest
    middle = result["estimate"]
    seen = [each["estimate"] for each in [*result["studies"], *_filled(result)]]
    null = _no_effect(result)
    seen += [middle - reach, middle + reach, *([] if null is None else [null])]
    margin = 0.05 * (max(seen) - min(seen))
    return _on_axis(result, min(seen) - margin), _on_axis(result, max(seen) + margin)


def _x(field: str, result: Mapping[str, Any], domain: tuple[float, float]) -> alt.X:
    logarithmic = result["scale"] == "log"
    kind: Literal["log", "linear"] = "log" if logarithmic else "linear"
    ticks = {"values": axis_ticks(domain)} if logarithmic else {"tickCount": 6}
    title = axis_title(result)
    if _SCALES[result["scale"]]:
        title = f"{_SCALES[result['scale']]}the {result['measure']}"
    return alt.X(
        f"{field}:Q",
        title=title,
        scale=alt.Scale(type=kind, domain=list(domain), nice=False),
        axis=alt.Axis(grid=False, format=".6~g", tickSize=5, labelFlush=False, **ticks),
    )


def _y(field: str, deepest: float) -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        title="standard error",
        scale=alt.Scale(domain=[deepest, 0.0], nice=False, zero=False),
        axis=alt.Axis(grid=False, tickCount=5, tickSize=5, format=".6~g"),
    )


def _shades(
    result: Mapping[str, Any], deepest: float, domain: tuple[float, float]
) -> list[alt.Chart]:
    """Zones of significance against no effect, each over the one further out."""
    null = _no_effect(result)
    if null is None:
        return []
    names = [name for name, _, _ in ZONES]
    scale = alt.Scale(domain=names, range=[grey for _, _, grey in ZONES])
    legend = alt.Legend(
        title="A study alone",
        symbolType="square",
        symbolSize=160,
        symbolStrokeColor=GREY,
        symbolStrokeWidth=0.8,
    )
    fill = alt.Fill("zone:N", scale=scale, sort=names, legend=legend)
    charts = []
    for name, p, _ in ZONES:
        z = 0.0 if math.isinf(p) else normal_width(1.0 - p)
        edges = [
            {
                "zone": name,
                "se": se,
                "left": domain[0] if math.isinf(p) else _on_axis(result, null - z * se),
                "right": domain[1] if math.isinf(p) else _on_axis(result, null + z * se),
            }
            for se in (0.0, deepest)
        ]
        area = alt.Chart(rows_of(edges)).mark_area(orient="horizontal", opacity=1, clip=True)
        charts.append(
            area.encode(x=_x("left", result, domain), x2="right:Q", y=_y("se", deepest), fill=fill)
        )
    return charts


def _lines(
    result: Mapping[str, Any], deepest: float, domain: tuple[float, float]
) -> list[alt.Chart]:
    """The pooled effect, the triangle below it, and no effect."""
    middle, reach = result["estimate"], _critical(result) * deepest
    ends = [("left", middle - reach), ("middle", middle), ("right", middle + reach)]
    rows = [
        {"side": side, "se": se, "x": _on_axis(result, value)}
        for side, end in ends
        for se, value in ((0.0, middle), (deepest, end))
    ]
    dashed = alt.Chart(rows_of(rows)).mark_line(
        strokeDash=[5, 3], strokeWidth=1.4, color=colour_of(1), clip=True
    )
    charts = [
        dashed.encode(x=_x("x", result, domain), y=_y("se", deepest), detail="side:N", order="se:Q")
    ]
    null = _no_effect(result)
    if null is not None:
        rule = alt.Chart(rows_of([{"x": _on_axis(result, null)}]))
        charts.append(rule.mark_rule(color=INK, strokeWidth=1).encode(x=_x("x", result, domain)))
    return charts


def _points(
    result: Mapping[str, Any], deepest: float, domain: tuple[float, float]
) -> list[alt.Chart]:
    charts = []
    for studies, filled in ((result["studies"], True), (_filled(result), False)):
        rows = [
            {"x": _on_axis(result, each["estimate"]), "se": each["se"], "name": each["name"]}
            for each in studies
        ]
        if not rows:
            continue
        look: dict[str, Any] = {"color": colour_of(0)} if filled else {"stroke": colour_of(0)}
        fill = {"filled": True} if filled else {"filled": True, "fill": "white"}
        points = alt.Chart(rows_of(rows)).mark_point(
            size=70, opacity=1, strokeWidth=1.8, **look, **fill
        )
        charts.append(
            points.encode(x=_x("x", result, domain), y=_y("se", deepest), tooltip="name:N")
        )
    return charts
