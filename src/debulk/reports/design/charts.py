"""The pictures of a design: power, boundaries, patients and events over calendar time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt

Answer = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]

WIDTH, HEIGHT = 560, 270
_BOUNDS = {"efficacy": "efficacy_z", "futility": "futility_z", "harm": "harm_z"}

TITLES = {
    "power": "Power under other effects, with the same events and patients",
    "boundaries": "Boundaries at the planned events, and the hazard ratio that just meets each",
    "calendar": "Patients and events over calendar time",
}
"""The charts in the order of reading, and what each shows."""


def design_charts(answer: Answer, *, width: Any = WIDTH) -> dict[str, Any]:
    """Every chart that a design has.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.
    width : int or "container"
        Of each chart in pixels, or that of the page around it.

    Returns
    -------
    dict of str to altair chart
        By the names of `TITLES`; their colours come from the configuration.
    """
    charts: dict[str, Any] = {}
    curves = answer["curves"] or {}
    if curves.get("power"):
        charts["power"] = power_chart(answer, width)
    if len(answer["whole"]["looks"]) > 1:
        charts["boundaries"] = boundary_chart(answer, width)
    if curves.get("calendar"):
        charts["calendar"] = calendar_chart(answer, width)
    return charts


def power_chart(answer: Answer, width: Any) -> Any:
    """Power against the true effect."""
    curve = answer["curves"]["power"]
    by_ratio = curve["by"] == "hazard_ratio"
    field = "hazard_ratio" if by_ratio else "share"
    title = (
        "true hazard ratio, logarithmic"
        if by_ratio
        else "true effect as a share of the planned one (log hazard ratio)"
    )
    values = [row[field] for row in curve["rows"]]
    scale = alt.Scale(
        type="log" if by_ratio else "linear", domain=[min(values), max(values)], nice=False
    )
    ticks = _ratio_ticks(values)
    axis = alt.Axis(values=ticks, format="~g") if by_ratio else alt.Axis(format="~%")
    x = alt.X(f"{field}:Q", title=title, scale=scale, axis=axis)
    y = alt.Y(
        "power:Q",
        title="probability to show a benefit",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5),
    )
    line = _chart([{**row, "line": "power"} for row in curve["rows"]]).mark_line(strokeWidth=2.4)
    line = line.encode(x=x, y=y, color=alt.Color("line:N", legend=None))
    band = [row for row in curve["rows"] if row["power_fewer_events"] is not None]
    area = _chart([{**row, "line": "power"} for row in band]).mark_area(opacity=0.16)
    area = area.encode(
        x=x,
        y=alt.Y("power_fewer_events:Q"),
        y2="power_more_events:Q",
        color=alt.Color("line:N", legend=None),
    )
    marks = _power_marks(answer, field)
    points = _chart(marks).mark_point(filled=True, size=90, opacity=1)
    points = points.encode(x=x, y=y, color=alt.Color("line:N", legend=None))
    planned, null = marks
    # On a narrow page there is no room to the right of the null hypothesis.
    align: Literal["left", "center"] = "center" if by_ratio else "left"
    dx, dy = (8, -20) if by_ratio else (10, -9)
    words = [
        _chart([planned]).mark_text(align="left", baseline="middle", dx=10, dy=-9, fontSize=12),
        _chart([null]).mark_text(align=align, baseline="middle", dx=dx, dy=dy, fontSize=12),
    ]
    words = [each.encode(x=x, y=y, text="label:N") for each in words]
    layers = (area, line) if band else (line,)
    return alt.layer(*layers, points, *words).properties(width=width, height=HEIGHT)


def _power_marks(answer: Answer, field: str) -> list[dict[str, Any]]:
    whole = answer["whole"]
    null = answer["null_ratio"]
    planned = answer["hazard_ratio"][0][1] if field == "hazard_ratio" else 1.0
    level = sum(look["efficacy_null"] for look in whole["looks"])
    return [
        {
            field: planned,
            "power": whole["power"],
            "line": "power",
            "label": f"planned: {100 * whole['power']:.1f} %",
        },
        {
            field: null if field == "hazard_ratio" else 0.0,
            "power": level,
            "line": "power",
            "label": f"null: {100 * level:.1f} %",
        },
    ]


def boundary_chart(answer: Answer, width: Any) -> Any:
    """Boundaries on the Z scale against events, each point with its hazard ratio."""
    looks = answer["whole"]["looks"]
    names = [
        name
        for name, key in _BOUNDS.items()
        if (name == "efficacy" or answer["rules"][name])
        and any(look[key] is not None for look in looks)
    ]
    rows = [row for name in names for row in _bound_rows(name, looks, answer)]
    if answer["sided"] == 2:
        rows += [{**row, "z": -row["z"], "side": "lower", "label": ""} for row in rows]
    heights = [row["z"] for row in rows] + [0.0]
    low, high = min(heights) - 0.7, max(heights) + 0.7
    last = looks[-1]["events"]
    x = alt.X(
        "events:Q",
        title="events",
        scale=alt.Scale(domain=[0, last * 1.12], nice=False),
        axis=alt.Axis(values=[round(look["events"]) for look in looks], format="d"),
    )
    y = alt.Y("z:Q", title="Z (above 0: benefit)", scale=alt.Scale(domain=[low, high]))
    colour = alt.Color("bound:N", title=None, scale=alt.Scale(domain=names), legend=_legend())
    dashes = [[1, 0], [8, 3], [3, 3], [8, 3, 2, 3]][: len(names)]
    dash = alt.StrokeDash("bound:N", title=None, scale=alt.Scale(domain=names, range=dashes))
    base = _chart(rows)
    line = base.mark_line(strokeWidth=2).encode(
        x=x, y=y, color=colour, strokeDash=dash, detail="side:N"
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, color=colour)
    words = base.mark_text(fontSize=12, dy=-13).encode(x=x, y=y, text="label:N")
    zero = _chart([{"z": 0.0}]).mark_rule(strokeDash=[3, 3], strokeWidth=1).encode(y=y)
    return alt.layer(zero, line, points, words).properties(width=width, height=HEIGHT)


def _bound_rows(name: str, looks: Rows, answer: Answer) -> list[dict[str, Any]]:
    ratios = {
        "efficacy": "critical_hazard_ratio",
        "futility": "futility_hazard_ratio",
        "harm": "harm_hazard_ratio",
    }
    rows = []
    for k, look in enumerate(looks):
        z, ratio = look[_BOUNDS[name]], look[ratios[name]]
        final = k + 1 == len(looks)
        if z is None or (name == "futility" and final):
            continue
        label = "" if ratio is None else f"HR {ratio:.2f}"
        row = {"events": look["events"], "z": z, "bound": name, "side": "upper", "label": label}
        rows.append(row)
    return rows


def calendar_chart(answer: Answer, width: Any) -> Any:
    """Patients entered and events expected over calendar months, with the analyses."""
    lines = {"patients": "patients entered", "events": "events as planned",
             "events_without_effect": "events, no effect"}  # fmt: skip
    rows = [
        {"month": row["month"], "count": row[key], "line": name}
        for row in answer["curves"]["calendar"]
        for key, name in lines.items()
    ]
    whole = answer["whole"]
    end = answer["curves"]["calendar"][-1]["month"]
    names = list(lines.values())
    x = alt.X(
        "month:Q",
        title="calendar months from the first patient",
        scale=alt.Scale(domain=[0, end], nice=False),
        axis=alt.Axis(values=_month_ticks(end)),
    )
    y = alt.Y("count:Q", title="number", scale=alt.Scale(domain=[0, whole["patients"] * 1.12]))
    colour = alt.Color(
        "line:N", title=None, scale=alt.Scale(domain=names), legend=_legend(columns=1)
    )
    dash = alt.StrokeDash(
        "line:N", title=None, scale=alt.Scale(domain=names, range=[[1, 0], [8, 3], [3, 3]])
    )
    curve = _chart(rows).mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour, strokeDash=dash)
    looks = [
        {
            "month": look["month"],
            "count": look["events"],
            "line": names[1],
            "label": f"{look['events']:.0f}",
        }
        for look in whole["looks"]
    ]
    rules = _chart(looks).mark_rule(strokeDash=[2, 3], strokeWidth=1).encode(x=x)
    points = _chart(looks).mark_point(filled=True, size=70, opacity=1)
    points = points.encode(x=x, y=y, color=colour)
    words = _chart(looks).mark_text(align="center", dx=6, dy=17, fontSize=12)
    words = words.encode(x=x, y=y, text="label:N")
    return alt.layer(rules, curve, points, words).properties(width=width, height=HEIGHT)


def _legend(columns: int = 4) -> alt.Legend:
    return alt.Legend(orient="top", direction="horizontal", title=None, labelLimit=240,
                      columns=columns,
                      symbolType="stroke", symbolStrokeWidth=2.2, symbolSize=900)  # fmt: skip


def _chart(rows: Rows) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _ratio_ticks(values: Sequence[float]) -> list[float]:
    ticks = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6, 2.0, 3.0]
    return [tick for tick in ticks if min(values) <= tick <= max(values)]


def _month_ticks(end: float) -> list[float]:
    step = next((each for each in (3, 6, 12, 24, 48, 96) if end / each <= 12), 240)
    return [float(month) for month in range(0, int(end) + 1, step)]
