"""The report's charts, as Altair specifications; colours follow the reader's light or dark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from debulk.reports.looks import BOUNDS, NO_BOUND, WORLDS, stopping_rows
from debulk.reports.trial_words import TrialWords
from debulk.reports.words import NONE, experimental_arm, limits, null_range, ratio

Chart = alt.Chart | alt.LayerChart | alt.FacetChart

_BINS = 28
_TITLES = {"os": "Alive (overall survival)", "pfs": "Alive without progression"}


def trial_charts(result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Specify every chart of a trial report.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.

    Returns
    -------
    dict of str to dict
        Name of the chart ("os", "pfs", "spread", "forest", with looks "stopping") to its Vega-Lite
        specification, whose width is that of its container and whose colours come from the page.
    """
    charts: dict[str, Chart] = {}
    for name, curves in result["truth"]["curves"].items():
        charts[name] = survival_curves(result, name, curves)
    domain = _domain(result)
    if _known(result["trial_hazard_ratios"]):
        charts["spread"] = spread_of_trials(result, domain)
    charts["forest"] = forest(result, domain)
    if result.get("monitoring"):
        charts["stopping"] = stopping(result)
    return {name: chart.to_dict() for name, chart in charts.items()}


def survival_curves(
    result: Mapping[str, Any], name: str, curves: Mapping[str, Sequence[float | None]]
) -> Chart:
    """Draw both arms of the truth.

    Parameters
    ----------
    result : mapping
    name : str
        Outcome: "os" or "pfs".
    curves : mapping
        ``months`` and one list of shares for each arm; None where nobody was followed so long.
    """
    arms = [result["control"], experimental_arm(result)]
    rows = [
        {"month": month, "share": value, "arm": each}
        for each in arms
        for month, value in zip(curves["months"], curves[each], strict=True)
        if value is not None
    ]
    legend = alt.Legend(title=None, orient="top", labelLimit=260, symbolStrokeWidth=3)
    chart: alt.Chart = (
        _chart(rows)
        .mark_line(strokeWidth=2.4, interpolate="linear")
        .encode(
            x=alt.X("month:Q", title="months since randomisation").axis(values=_years(curves)),
            y=alt.Y("share:Q", title=_TITLES.get(name, name))
            .axis(format="%", tickCount=5)
            .scale(domain=[0, 1]),
            color=alt.Color("arm:N", legend=legend).scale(domain=arms),
            strokeDash=alt.StrokeDash("arm:N", legend=legend).scale(
                domain=arms, range=[[1, 0], [8, 3]]
            ),
        )
        .properties(width="container", height=300)
    )
    return chart


def spread_of_trials(result: Mapping[str, Any], domain: tuple[float, float]) -> Chart:
    """Draw how the hazard ratios of the trials spread, over those of the null world."""
    worlds = {
        "these trials": _known(result["trial_hazard_ratios"]),
        "null world": _known(result["trial_hazard_ratios_null"]),
    }
    rows = [row for name, values in worlds.items() for row in _bins(name, values, domain)]
    names = list(worlds)
    legend = alt.Legend(title=None, orient="top")
    base = _chart(rows).encode(
        x=_ratio_axis("low", domain, _axis_title(result)),
        x2="high:Q",
        y=alt.Y("trials:Q", axis=None),
        y2=alt.datum(0),
    )
    bars = base.mark_bar(opacity=0.55, strokeWidth=0).encode(
        color=alt.Color("world:N", legend=legend).scale(domain=names)
    )
    return alt.layer(bars, _reference_lines(result)).properties(width="container", height=210)


def forest(result: Mapping[str, Any], domain: tuple[float, float]) -> Chart:
    """Draw simulated trials, null world, truth and published result as one strip of intervals."""
    rows = forest_rows(result)
    order = [row["row"] for row in rows]
    rows = [{**row, "left": domain[0]} for row in rows]
    base = _chart(rows).encode(
        y=alt.Y("row:N", sort=order, axis=None),
        color=alt.Color("row:N", legend=None).scale(domain=order),
    )
    known = alt.datum.median != None  # noqa: E711  (an expression of the chart, not of Python)
    title = _axis_title(result)
    x = _ratio_axis("median", domain, title)
    rules = (
        base.transform_filter("datum.lower != null")
        .mark_rule(strokeWidth=3)
        .encode(x=_ratio_axis("lower", domain, title), x2="upper:Q")
    )
    points = (
        base.transform_filter(known)
        .mark_point(filled=True, size=110, opacity=1)
        .encode(x=x, shape=alt.Shape("row:N", legend=None).scale(domain=order))
    )
    words = base.mark_text(align="left", baseline="bottom", dy=-11, fontSize=13).encode(
        x=_ratio_axis("left", domain, title), text="label:N"
    )
    return alt.layer(_reference_lines(result), rules, points, words).properties(
        width="container", height=58 * len(rows)
    )


def forest_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the rows of the strip: label, median, lower and upper of each."""
    null = null_range(result)
    truth = result["truth"]
    rows = [
        ("simulated trials", result["effect"]["hazard_ratio"]),
        ("null world's trials", null),
        ("true effect", {"median": truth["hazard_ratio"], "lower": None, "upper": None}),
    ]
    published = result["published"]
    if published is not None and published["hazard_ratio"] is not None:
        rows.append(("published", {**published, "median": published["hazard_ratio"]}))
    return [
        {"row": name, "label": f"{name}: {_row_text(each)}", **_numbers(each)}
        for name, each in rows
    ]


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: values[key] for key in ("median", "lower", "upper")}


def _row_text(values: Mapping[str, Any]) -> str:
    if values["median"] is None:
        return NONE
    if values["lower"] is None:
        return ratio(values["median"])
    return f"{ratio(values['median'])} ({limits(values['lower'], values['upper'])})"


def _chart(rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(rows)))


def stopping(result: Mapping[str, Any]) -> Chart:
    """Draw where trials end, as one bar a world, by bound and look."""
    rows = stopping_rows(result)
    # The page's palette: blue, orange, a green that no bound has, purple, grey.
    domain = ["efficacy", "futility", "", "harm", NO_BOUND]
    there = [name for name in (*BOUNDS, NO_BOUND) if any(row["bound"] == name for row in rows)]
    legend = alt.Legend(title=None, orient="top", values=there, columns=2)
    y = alt.Y("world:N", sort=[title for _, title in WORLDS]).axis(
        title=None, ticks=False, labelPadding=6
    )
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    x = alt.X("start:Q", title="share of trials", scale=alt.Scale(domain=[0, 1]), axis=axis)
    base = _chart(rows)
    bars = base.mark_bar(opacity=0.6, height=30).encode(
        x=x,
        x2="end:Q",
        y=y,
        color=alt.Color("bound:N", legend=legend).scale(domain=domain),
    )
    labels = base.mark_text(fontSize=12).encode(x=alt.X("middle:Q"), y=y, text="label:N")
    return alt.layer(bars, labels).properties(width="container", height=96)


def _axis_title(result: Mapping[str, Any]) -> str:
    return f"{TrialWords(result).hazard_ratio}, logarithmic"


def _reference_lines(result: Mapping[str, Any]) -> alt.Chart:
    """A line where there is no effect and, with a margin, one where it lies."""
    values = sorted({1.0, TrialWords(result).null_ratio})
    line: alt.Chart = _chart([{"value": value} for value in values]).mark_rule(
        strokeDash=[3, 3], strokeWidth=1.2
    )
    return line.encode(x="value:Q")


def _ratio_axis(field: str, domain: tuple[float, float], title: str) -> alt.X:
    ticks = [t for t in (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0)]
    shown = [tick for tick in ticks if domain[0] <= tick <= domain[1]]
    scale = alt.Scale(type="log", domain=list(domain), nice=False)
    return alt.X(f"{field}:Q", title=title, scale=scale, axis=alt.Axis(values=shown, format="~g"))


def _domain(result: Mapping[str, Any]) -> tuple[float, float]:
    """Both ends of the axis of hazard ratios: all trials and the published interval, and 1."""
    values = _known(result["trial_hazard_ratios"]) + _known(result["trial_hazard_ratios_null"])
    values += _known([row[key] for row in forest_rows(result) for key in ("lower", "upper")])
    values += [0.7, 1.4, TrialWords(result).null_ratio, *_known([result["truth"]["hazard_ratio"]])]
    # Beyond a tenth and a tenfold ratio a trial had next to no events; the axis need not follow.
    return max(0.1, min(values) / 1.05), min(10.0, max(values) * 1.05)


def _bins(
    world: str, values: Sequence[float], domain: tuple[float, float]
) -> list[dict[str, float | str]]:
    """Count hazard ratios in bins of equal width on the logarithmic axis; empty bins left out."""
    low, high = math.log(domain[0]), math.log(domain[1])
    width = (high - low) / _BINS
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, max(0, int((math.log(value) - low) / width)))] += 1
    return [
        {
            "world": world,
            "low": math.exp(low + width * place),
            "high": math.exp(low + width * (place + 1)),
            "trials": count,
        }
        for place, count in enumerate(counts)
        if count
    ]


def _known(values: Sequence[float | None]) -> list[float]:
    return [each for each in values if each is not None and 0.0 < each < math.inf]


def _years(curves: Mapping[str, Sequence[float | None]]) -> list[int]:
    last = max((month for month in curves["months"] if month is not None), default=0)
    return list(range(0, int(last) + 1, 12))
