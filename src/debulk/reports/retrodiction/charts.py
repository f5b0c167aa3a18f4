"""Figures of a retrodiction: predicted and published effects in rows, and against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from debulk.reports.figures.favours import ROOM, favours
from debulk.reports.figures.style import GREY, INK, colour_of, folded, rows_of, styled
from debulk.reports.retrodiction.tables import name_of, predicted_trials

Entry = Mapping[str, Any]

SERIES = ("predicted, blind", "predicted, as delivered", "published", "null world")
_COLOURS = (colour_of(0), colour_of(4), colour_of(1), "#9A9A9A")
_SHAPES = ("circle", "circle", "square", "stroke")
_WIDTH, _ROW = 430, 78
_SIDE = 360
_BELOW, _LEFT = 32, -38
"""Where the words on either side of 1 stand, below a figure and left of it."""
_BREAK = " | "
"""Where a label goes on in a second line."""
_LIMITS = (0.125, 4.0)
_CLOSE = (0.2, 2.5)
"""Limits of the axes of the forest figure, and of the calibration plot."""
_TICKS = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0]


def page_figure(result: Entry) -> Any:
    """Draw both figures below each other, as the page shows them."""
    return styled(
        alt.vconcat(_forest(result), _calibration(result), spacing=46).resolve_scale(
            color="independent", shape="independent"
        )
    )


def forest_chart_of(result: Entry) -> Any:
    """Draw every predicted trial in a row: blind, as delivered, published, null world.

    Parameters
    ----------
    result : mapping
        What `debulk retrodict --json` prints.
    """
    return styled(_forest(result))


def calibration_chart(result: Entry) -> Any:
    """Draw published against predicted hazard ratios, each with its 95 % interval.

    Parameters
    ----------
    result : mapping
        What `debulk retrodict --json` prints.
    """
    return styled(_calibration(result))


def forest_rows(result: Entry) -> list[dict[str, Any]]:
    """Rows of the forest figure, cut at its limits; ratios of medians are left out."""
    rows = []
    for each in predicted_trials(result):
        if each["measure"] != "hazard_ratio":
            continue
        published, second = each["published"], each["as_delivered"]
        effects = (
            each["predicted"],
            None if second is None else second["predicted"],
            None if published is None else {**published, "median": published["estimate"]},
            each["blind"]["null"],
        )
        for series, effect in zip(SERIES, effects, strict=True):
            if effect is not None and effect["median"] is not None:
                label = f"{name_of(each)}{_BREAK}{each['role']}"
                rows.append({"trial": label, "series": series, **_cut(effect)})
    return rows


def _cut(effect: Entry, limits: tuple[float, float] = _LIMITS) -> dict[str, float]:
    low, high = limits
    middle = effect["median"]
    lower = middle if effect["lower"] is None else effect["lower"]
    upper = middle if effect["upper"] is None else effect["upper"]
    return {"value": middle, "lower": max(low, lower), "upper": min(high, upper)}


def _forest(result: Entry) -> Any:
    rows = forest_rows(result)
    trials = list(dict.fromkeys(each["trial"] for each in rows))
    base = alt.Chart(rows_of(rows))
    y = alt.Y(
        "trial:N",
        sort=trials,
        title=None,
        axis=alt.Axis(
            labelLimit=230,
            ticks=False,
            domain=False,
            labelExpr=f"split(datum.label, '{_BREAK}')",
        ),
    )
    offset = alt.YOffset("series:N", sort=list(SERIES), scale=alt.Scale(paddingOuter=0.6))
    colour = alt.Color(
        "series:N",
        sort=list(SERIES),
        title=None,
        scale=alt.Scale(domain=list(SERIES), range=list(_COLOURS)),
        legend=alt.Legend(orient="top", symbolSize=90, columnPadding=18),
    )
    shape = alt.Shape(
        "series:N",
        sort=list(SERIES),
        title=None,
        scale=alt.Scale(domain=list(SERIES), range=list(_SHAPES)),
    )
    title = "hazard ratio for death, experimental / control (log scale)"
    x = _axis("lower:Q", title, alt.X)
    height = _ROW * max(1, len(trials))
    line = alt.Chart(rows_of([{"one": 1.0}])).mark_rule(color=GREY, strokeDash=[3, 3])
    return alt.layer(
        line.encode(x=_axis("one:Q", title, alt.X)),
        base.mark_rule(strokeWidth=2).encode(x=x, x2="upper:Q", y=y, yOffset=offset, color=colour),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            x=alt.X("value:Q"), y=y, yOffset=offset, color=colour, shape=shape
        ),
        *favours(_axis("one:Q", title, alt.X), height + _BELOW, INK),
    ).properties(
        width=_WIDTH,
        height=height,
        title=alt.TitleParams(
            "What the frozen model predicts, and what came out",
            subtitle=folded(
                "Points: medians and published estimates; lines: 95 % predictive and confidence "
                "intervals.",
                90,
            ),
        ),
    )


def _calibration(result: Entry) -> Any:
    points = calibration_rows(result)
    names = ", ".join(f"{each['number']} {each['trial']}" for each in points)
    base = alt.Chart(rows_of(points))
    roles = ["validation", "calibration"]
    colour = alt.Color(
        "role:N",
        title=None,
        scale=alt.Scale(domain=roles, range=[colour_of(0), colour_of(5)]),
        legend=alt.Legend(orient="top", symbolSize=90),
    )
    across, up = "predicted hazard ratio, blind", "published hazard ratio"
    x = _axis("x_lower:Q", across, alt.X, _CLOSE)
    y = _axis("y_lower:Q", up, alt.Y, _CLOSE)
    ends = [{"x": end, "y": end} for end in _CLOSE]
    number = base.mark_text(baseline="bottom", dy=-3, fontSize=11).encode(
        x=alt.X("x:Q"), y=alt.Y("y_upper:Q"), text="number:N"
    )
    return alt.layer(
        alt.Chart(rows_of(ends))
        .mark_line(color=GREY, strokeDash=[3, 3])
        .encode(x=_axis("x:Q", across, alt.X, _CLOSE), y=_axis("y:Q", up, alt.Y, _CLOSE)),
        base.mark_rule(strokeWidth=1.6).encode(x=x, x2="x_upper:Q", y=alt.Y("y:Q"), color=colour),
        base.mark_rule(strokeWidth=1.6).encode(x=alt.X("x:Q"), y=y, y2="y_upper:Q", color=colour),
        base.mark_point(filled=True, size=64, opacity=1).encode(
            x=alt.X("x:Q"), y=alt.Y("y:Q"), color=colour
        ),
        # Bars of other trials pass behind the numbers.
        number.encode(stroke=alt.value("white"), strokeWidth=alt.value(3)),
        number.encode(color=alt.value(INK)),
        *favours(_axis("one:Q", across, alt.X, _CLOSE), _SIDE + _BELOW, INK),
        *favours(_axis("one:Q", up, alt.Y, _CLOSE), _LEFT, INK),
    ).properties(
        width=_SIDE,
        height=_SIDE,
        title=alt.TitleParams(
            "Calibration",
            subtitle=[
                "On the dashed line the published effect is the predicted one.",
                *folded(names, 62),
            ],
        ),
    )


def calibration_rows(result: Entry) -> list[dict[str, Any]]:
    """Points of the calibration plot, numbered, cut at its limits; hazard ratios alone."""
    rows: list[dict[str, Any]] = []
    for each in predicted_trials(result):
        if each["published"] is None or each["measure"] != "hazard_ratio":
            continue
        predicted = _cut(each["predicted"], _CLOSE)
        published = _cut({**each["published"], "median": each["published"]["estimate"]}, _CLOSE)
        rows.append(
            {
                "number": str(len(rows) + 1),
                "trial": name_of(each),
                "role": each["role"],
                **{f"x_{end}": predicted[end] for end in ("lower", "upper")},
                **{f"y_{end}": published[end] for end in ("lower", "upper")},
                "x": predicted["value"],
                "y": published["value"],
            }
        )
    return rows


def _axis(field: str, title: str, kind: Any, limits: tuple[float, float] = _LIMITS) -> Any:
    # Every layer says the same title: an axis without one in any layer would lose it in all.
    return kind(
        field,
        title=title,
        scale=alt.Scale(type="log", domain=list(limits), nice=False),
        axis=alt.Axis(
            values=[e for e in _TICKS if limits[0] <= e <= limits[1]],
            format="~g",
            grid=True,
            gridOpacity=0.35,
            titlePadding=ROOM,
        ),
    )
