"""The figure of mechanisms: hazard ratio with and without each, beside the null world."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from debulk.reports.figures.favours import ROOM, favours
from debulk.reports.figures.style import COLOURS, GREY, INK, LETTER, rows_of, styled, titled
from debulk.reports.mechanisms.wording import order_of

WITH, WITHOUT, WORLD = "with it", "without it", "world"
_STATES = (WITH, WITHOUT, WORLD)
_WIDTH, _ROW_HEIGHT, _BELOW = 430, 26, 32
_TICKS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.0, 3.0, 5.0)


_INKS = (*COLOURS[:2], INK)


def dumbbell_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each mechanism, largest difference first, then one for each world.

    Parameters
    ----------
    result : mapping
        What `debulk disease mechanisms` gives as JSON.

    Returns
    -------
    list of dict
        ``row``, ``on`` and ``off``; for a world ``on`` alone, with ``lower`` and ``upper`` over
        90 % of the parameter sets where there are several. Rows without a hazard ratio are left
        out.
    """
    rows: list[dict[str, Any]] = [
        {"row": each["mechanism"], "on": each["hazard_ratio_on"], "off": each["hazard_ratio_off"]}
        for each in order_of(result)
    ]
    for name, world in (
        ("as the model has them", result["as_given"]),
        ("bare removal", result["worlds"]["bare_removal"]),
        ("null world", result["worlds"]["null"]),
    ):
        spread = world["parameters"] or {"lower": None, "upper": None}
        bounds = {key: spread[key] for key in ("lower", "upper")}
        rows.append({"row": name, "on": world["hazard_ratio"], "off": None, **bounds})
    return [each for each in rows if each["on"] is not None]


def page_chart(result: Mapping[str, Any]) -> dict[str, Any]:
    """The figure for a page, as wide as its container, in the page's colours."""
    rows = dumbbell_rows(result)
    chart = _layers(rows, None).properties(width="container", height=_ROW_HEIGHT * len(rows))
    specification: dict[str, Any] = chart.to_dict()
    return specification


def print_chart(result: Mapping[str, Any]) -> Any:
    """The figure for print, on white."""
    rows = dumbbell_rows(result)
    notes = (
        f"{result['patients']:,} virtual patients under both arms; a mechanism is switched in "
        "both. Left of the dashed line the experimental arm does better.",
        "Bars: 90 % of the parameter sets." if any(each.get("lower") for each in rows) else "",
    )
    chart = _layers(rows, COLOURS).properties(
        width=_WIDTH,
        height=_ROW_HEIGHT * len(rows),
        title=titled(f"Mechanisms of the disease model in {result['protocol']}", notes),
    )
    return styled(chart)


def _layers(rows: list[dict[str, Any]], colours: tuple[str, ...] | None) -> Any:
    order = [each["row"] for each in rows]
    widest = int(LETTER * 1.15 * max(len(name) for name in order)) + 12
    domain = _domain(rows)
    scale = alt.Scale(type="log", domain=list(domain), nice=False)
    ticks = [each for each in _TICKS if domain[0] <= each <= domain[1]]
    axis = alt.Axis(values=ticks, format="~g", titlePadding=ROOM)
    title = "hazard ratio for death, logarithmic"
    y = alt.Y("row:N", sort=order, axis=alt.Axis(title=None, labelLimit=widest, ticks=False))
    inks: dict[str, Any] = {} if colours is None else {"range": list(_INKS)}
    states = alt.Scale(domain=list(_STATES), **inks)
    # Rules and the line at 1 take the page's ink where no colour is given.
    ink: dict[str, Any] = {} if colours is None else {"color": GREY}
    dark: dict[str, Any] = {} if colours is None else {"color": INK}
    base = alt.Chart(rows_of([{**each, "one": 1.0} for each in rows]))
    points = [
        {"row": each["row"], "ratio": each[key], "state": WORLD if "lower" in each else state}
        for each in rows
        for key, state in (("on", WITH), ("off", WITHOUT))
        if each[key] is not None
    ]
    x = alt.X("on:Q", title=title, scale=scale, axis=axis)
    between = base.transform_filter("datum.off != null").mark_rule(strokeWidth=2.5, **ink)
    spread = base.transform_filter("isValid(datum.lower)").mark_rule(strokeWidth=6, opacity=0.35)
    null = base.mark_rule(strokeDash=[3, 3], strokeWidth=1.2, **dark)
    legend = alt.Legend(title=None, orient="top", symbolSize=95)
    dots = (
        alt.Chart(rows_of(points))
        .mark_point(filled=True, size=95, opacity=1)
        .encode(
            x=alt.X("ratio:Q", title=title, scale=scale, axis=axis),
            y=y,
            color=alt.Color("state:N", scale=states, legend=legend),
            shape=alt.Shape("state:N", scale=alt.Scale(domain=list(_STATES)), legend=legend),
        )
    )
    return alt.layer(
        null.encode(x=alt.X("one:Q", title=title, scale=scale, axis=axis)),
        spread.encode(x=alt.X("lower:Q", title=title, scale=scale, axis=axis), x2="upper:Q", y=y),
        between.encode(x=x, x2="off:Q", y=y),
        dots,
        *favours(
            alt.X("one:Q", title=title, scale=scale, axis=axis),
            _ROW_HEIGHT * len(rows) + _BELOW,
            None if colours is None else INK,
        ),
    )


def _domain(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Both ends of the axis: everything shown, and 1."""
    found = [each.get(key) for each in rows for key in ("on", "off", "lower", "upper")]
    values = [0.9, 1.1, *(value for value in found if value is not None and math.isfinite(value))]
    return max(0.05, min(values) / 1.06), min(20.0, max(values) * 1.06)
