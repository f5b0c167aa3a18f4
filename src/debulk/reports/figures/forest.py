"""Forest plots: estimates with their intervals in rows, subgroups, summaries, weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from debulk.reports.figures.style import (
    GREY,
    INK,
    LETTER,
    TEXT_SIZE,
    colour_of,
    label,
    rows_of,
    styled,
    titled,
)

Kind = Literal["estimate", "summary", "prediction", "heading"]

NO_ESTIMATE = "no estimate"

_WIDTH, _ROW_HEIGHT = 270, 24
_HALF_DIAMOND = 0.3
"""Half the height of a summary's diamond, in rows."""
_INDENT = 14
"""Pixels by which the rows under a heading are set in."""
_GAP = 18
"""Pixels between columns."""
_BOLD = ("summary", "heading")
_REACH = 8.0
"""A limit this many times beyond the outermost estimate is cut off and shown as an arrow."""
_SMALLEST_SQUARE, _LARGEST_SQUARE = 30.0, 190.0
"""Areas of the squares in square pixels; in between, area goes with weight."""


@dataclass(frozen=True)
class ForestRow:
    """One row of a forest plot.

    Attributes
    ----------
    label : str
        What the row is about, such as a study, a subgroup or a covariate.
    estimate, lower, upper : float
        On the scale of the axis; NaN where there is none, which the row says in words.
    counts : str
        What stands in the column of counts, such as "123 / 315".
    weight : float or None
        The row's weight, a share of 1: size of its square and a column of its own.
    kind : {"estimate", "summary", "prediction", "heading"}
        A square with its interval, a diamond, a bar from limit to limit, or a line of words only.
    text : str
        What stands in the column of estimates instead of the numbers, such as "reference".
    """

    label: str
    estimate: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    counts: str = ""
    weight: float | None = None
    kind: Kind = "estimate"
    text: str = ""


@dataclass(frozen=True)
class ForestFigure:
    """Everything a forest plot shows.

    Attributes
    ----------
    title, x_title : str
        Words of the figure and of its axis.
    rows : tuple of ForestRow
        From top to bottom.
    favours : tuple of str
        What lies left and right of no effect, such as ("favours A", "favours B"); empty: not said.
    counts_title : str
        Head of the column of counts.
    estimate_title : str
        Head of the column of estimates.
    notes : tuple of str
        Lines below the title.
    null : float or None
        No effect, where a line is drawn; None for what has none, such as a proportion.
    logarithmic : bool
        Whether the axis is logarithmic, as for ratios.
    within : tuple of float
        Values that are possible; the axis ends there at the latest.
    guide : float or None
        Where a thin line runs through all rows, such as the pooled estimate.
    whole : bool
        Whether the axis shows all of `within`, which is then finite.
    """

    title: str
    x_title: str
    rows: tuple[ForestRow, ...]
    favours: tuple[str, str] = ("", "")
    counts_title: str = ""
    estimate_title: str = "Estimate (95 % interval)"
    notes: tuple[str, ...] = ()
    null: float | None = 1.0
    logarithmic: bool = True
    within: tuple[float, float] = (-math.inf, math.inf)
    guide: float | None = None
    whole: bool = False


def forest_chart(figure: ForestFigure) -> alt.LayerChart:
    """Draw a forest plot.

    Parameters
    ----------
    figure : ForestFigure

    Returns
    -------
    altair.LayerChart
        Labels and counts left of the axis, estimates and weights right of it; limits beyond the
        axis end in an arrow.
    """
    domain = axis_domain(figure)
    placed = [_placed(row, place, figure, domain) for place, row in enumerate(figure.rows)]
    height = _ROW_HEIGHT * len(figure.rows)
    layers = [*_marks(figure, placed, domain), *_columns(figure, placed), *_favours(figure, height)]
    chart = alt.LayerChart(layer=layers, width=_WIDTH, height=height)
    chart = styled(chart.properties(title=titled(figure.title, figure.notes)))
    # Words at the right edge are wider where a reader's browser has none of the fonts named.
    slack = {"left": 14, "top": 14, "bottom": 14, "right": 44}
    result: alt.LayerChart = chart.configure(**{**chart.config.to_dict(), "padding": slack})
    return result


def axis_domain(figure: ForestFigure) -> tuple[float, float]:
    """Both ends of the axis: every estimate and no effect, and limits that are not far out.

    Parameters
    ----------
    figure : ForestFigure
    """
    if figure.whole:
        return figure.within
    to, back = (math.log, math.exp) if figure.logarithmic else (float, float)
    known = [row for row in figure.rows if _drawable(row, figure)]
    nulls = [] if figure.null is None else [to(figure.null)]
    if not known:
        null = nulls[0] if nulls else 0.0
        return (back(null - 1.0), back(null + 1.0))
    # Estimates close to no effect do not get the whole width: a quarter either way is shown.
    least = math.log(1.25) if figure.logarithmic else 0.0
    middles = [to(row.estimate) for row in known]
    middles += [null + side for null in nulls for side in (-least, least)]
    limits = [to(each) for row in known for each in (row.lower, row.upper) if _finite(each, figure)]
    span = max(middles) - min(middles)
    reach = math.log(_REACH) if figure.logarithmic else 4.0 * (span or 1.0)
    low = max(min([*limits, *middles]), min(middles) - reach)
    high = min(max([*limits, *middles]), max(middles) + reach)
    margin = 0.06 * (high - low) or 1.0
    first, last = figure.within
    return max(first, back(low - margin)), min(last, back(high + margin))


def axis_ticks(domain: tuple[float, float]) -> list[float]:
    """Round ticks of a logarithmic axis, at least two, at most seven or so."""
    low, high = domain
    if high / low < 4.0:
        return _even_ticks(low, high)
    decades = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    inside: list[float] = []
    for steps in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)):
        ticks = [float(f"{step * 10.0**power:.6g}") for power in decades for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) >= 4:
            break
    return inside if len(inside) <= 8 else inside[:: math.ceil(len(inside) / 8)]


def _even_ticks(low: float, high: float) -> list[float]:
    """Ticks at even distances, of which there are at most seven and one is 1."""
    power = 10.0 ** math.floor(math.log10(high - low))
    step = next(each * power for each in (0.1, 0.2, 0.5, 1, 2) if (high - low) / (each * power) < 7)
    ticks = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [float(f"{tick * step:.6g}") for tick in ticks]


def _finite(value: float, figure: ForestFigure) -> bool:
    return math.isfinite(value) and (value > 0 or not figure.logarithmic)


def _below_heading(place: int, figure: ForestFigure) -> bool:
    return any(row.kind == "heading" for row in figure.rows[:place])


def _drawable(row: ForestRow, figure: ForestFigure) -> bool:
    return row.kind != "heading" and _finite(row.estimate, figure)


def _placed(
    row: ForestRow, place: int, figure: ForestFigure, domain: tuple[float, float]
) -> dict[str, Any]:
    """A row as the chart's data: where it lies and what is written beside it."""
    drawn = _drawable(row, figure)
    low, high = domain
    data: dict[str, Any] = {
        "row": place + 0.5,
        "above": place + 0.5 - _HALF_DIAMOND,
        "below": place + 0.5 + _HALF_DIAMOND,
        "label": label(row.label, 60),
        "indent": _INDENT if row.kind == "estimate" and _below_heading(place, figure) else 0,
        "counts": row.counts,
        "text": _text(row, drawn),
        "weight_text": "" if row.weight is None else f"{100 * row.weight:.1f} %",
        "kind": row.kind,
        "drawn": drawn,
        "size": _square(row, figure),
    }
    if drawn:
        lower = row.lower if _finite(row.lower, figure) else low
        upper = row.upper if _finite(row.upper, figure) else high
        cut_low = lower < low or not _finite(row.lower, figure)
        cut_high = upper > high or not _finite(row.upper, figure)
        data |= {
            "estimate": row.estimate,
            "lower": low if cut_low else lower,
            "upper": high if cut_high else upper,
            "cut_low": cut_low,
            "cut_high": cut_high,
        }
    return data


def _text(row: ForestRow, drawn: bool) -> str:
    if row.text or row.kind == "heading":
        return row.text
    if not drawn:
        return NO_ESTIMATE
    limits = f"{number_text(row.lower)} to {number_text(row.upper)}"
    return f"{number_text(row.estimate)} ({limits})"


def number_text(value: float) -> str:
    """Write a number as the column of estimates has it: two decimals, fewer for large ones."""
    if math.isnan(value):
        return "not known"
    if math.isinf(value):
        return "\u221e" if value > 0 else "\u2212\u221e"
    size = abs(value)
    text = f"{value:.2f}" if size < 9.995 else f"{value:.1f}" if size < 99.95 else f"{value:.3g}"
    text = f"{value:.2g}" if 0 < size < 0.005 else text
    return text.replace("-", "\u2212")


def _square(row: ForestRow, figure: ForestFigure) -> float:
    weights = [each.weight or 0.0 for each in figure.rows if each.kind == "estimate"]
    largest = max(weights, default=0.0)
    if row.weight is None or largest <= 0:
        return 42.0
    return max(_SMALLEST_SQUARE, _LARGEST_SQUARE * row.weight / largest)


def _x(field: str, figure: ForestFigure, domain: tuple[float, float]) -> alt.X:
    shown = {"values": axis_ticks(domain)} if figure.logarithmic else {"tickCount": 6}
    kind: Literal["log", "linear"] = "log" if figure.logarithmic else "linear"
    padding = 26 if any(figure.favours) else 8
    return alt.X(
        f"{field}:Q",
        title=figure.x_title,
        scale=alt.Scale(type=kind, domain=list(domain), nice=False),
        axis=alt.Axis(
            grid=False, format=".6~g", titlePadding=padding, labelFlush=False, tickSize=5, **shown
        ),
    )


def _y(field: str, figure: ForestFigure) -> alt.Y:
    scale = alt.Scale(domain=[len(figure.rows), 0], nice=False, zero=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=None)


def _marks(
    figure: ForestFigure, placed: list[dict[str, Any]], domain: tuple[float, float]
) -> list[alt.Chart]:
    drawn = [row for row in placed if row["drawn"]]
    single = [row for row in drawn if row["kind"] == "estimate"]
    summaries = [row for row in drawn if row["kind"] == "summary"]
    expected = [row for row in drawn if row["kind"] == "prediction"]
    y = _y("row", figure)
    marks = _lines(figure, domain)
    bars = alt.Chart(rows_of(expected)).mark_rule(strokeWidth=5, color=colour_of(1))
    marks.append(bars.encode(x=_x("lower", figure, domain), x2="upper:Q", y=y))
    intervals = alt.Chart(rows_of(single)).mark_rule(strokeWidth=1.6, color=INK)
    marks.append(intervals.encode(x=_x("lower", figure, domain), x2="upper:Q", y=y))
    squares = alt.Chart(rows_of(single)).mark_square(opacity=1, color=colour_of(0))
    marks.append(
        squares.encode(
            x=_x("estimate", figure, domain), y=y, size=alt.Size("size:Q", scale=None, legend=None)
        )
    )
    for side, shape in (("low", "triangle-left"), ("high", "triangle-right")):
        cut = [row for row in drawn if row[f"cut_{side}"]]
        arrows = alt.Chart(rows_of(cut)).mark_point(
            shape=shape, filled=True, size=70, opacity=1, color=INK
        )
        end = "lower" if side == "low" else "upper"
        marks.append(arrows.encode(x=_x(end, figure, domain), y=y))
    marks.append(_diamonds(figure, summaries, domain))
    return marks


def _lines(figure: ForestFigure, domain: tuple[float, float]) -> list[alt.Chart]:
    """Lines through all rows: no effect, dashed, and the guide, dotted."""
    lines = (("null", figure.null, GREY, [3, 3]), ("guide", figure.guide, colour_of(1), [1, 3]))
    return [
        alt.Chart(rows_of([{name: value}]))
        .mark_rule(strokeDash=dash, strokeWidth=1.2, color=colour)
        .encode(x=_x(name, figure, domain))
        for name, value, colour, dash in lines
        if value is not None and domain[0] <= value <= domain[1]
    ]


def _diamonds(
    figure: ForestFigure, summaries: list[dict[str, Any]], domain: tuple[float, float]
) -> alt.Chart:
    corners = [
        {"row": row["row"], "x": x, "above": above, "below": below}
        for row in summaries
        for x, above, below in (
            (row["lower"], row["row"], row["row"]),
            (row["estimate"], row["above"], row["below"]),
            (row["upper"], row["row"], row["row"]),
        )
    ]
    chart: alt.Chart = alt.Chart(rows_of(corners)).mark_area(opacity=1, color=colour_of(1))
    return chart.encode(
        x=_x("x", figure, domain), y=_y("above", figure), y2="below:Q", detail="row:N"
    )


def _columns(figure: ForestFigure, placed: list[dict[str, Any]]) -> list[alt.Chart]:
    """Columns of words: labels and counts on the left, estimates and weights on the right."""
    counts = max([len(row.counts) for row in figure.rows] + [0])
    taken = LETTER * max(counts, len(figure.counts_title)) + _GAP if counts else 0
    names = max((LETTER * len(row["label"]) + row["indent"] for row in placed), default=0.0)
    left = -(_GAP + taken + names)
    columns = [
        _column([row for row in placed if row["indent"] == indent], figure, "label", x, "left", "")
        for indent, x in ((0, left), (_INDENT, left + _INDENT))
    ]
    if counts:
        columns.append(_column(placed, figure, "counts", -_GAP, "right", figure.counts_title))
    right = float(_WIDTH + _GAP)
    columns.append(_column(placed, figure, "text", right, "left", figure.estimate_title))
    if any(row.weight is not None for row in figure.rows):
        widest = max([len(figure.estimate_title), *(len(row["text"]) for row in placed)])
        place = right + LETTER * widest + _GAP + 46
        columns.append(_column(placed, figure, "weight_text", place, "right", "Weight"))
    return [chart for column in columns for chart in column]


def _column(
    placed: list[dict[str, Any]],
    figure: ForestFigure,
    field: str,
    x: float,
    align: Literal["left", "right"],
    head: str,
) -> list[alt.Chart]:
    charts = []
    for bold in (False, True):
        rows = [row for row in placed if (row["kind"] in _BOLD) == bold and row[field]]
        if rows:
            weight: Literal["bold", "normal"] = "bold" if bold else "normal"
            chart = alt.Chart(rows_of(rows)).mark_text(
                align=align, fontSize=TEXT_SIZE, fontWeight=weight, color=INK
            )
            charts.append(
                chart.encode(x=alt.value(x), y=_y("row", figure), text=alt.Text(f"{field}:N"))
            )
    if head:
        chart = alt.Chart(rows_of([{"head": head}])).mark_text(
            align=align, fontSize=TEXT_SIZE, fontWeight="bold", color=INK
        )
        charts.append(chart.encode(x=alt.value(x), y=alt.value(-8), text="head:N"))
    return charts


def _favours(figure: ForestFigure, height: float) -> Sequence[alt.Chart]:
    if not any(figure.favours):
        return []
    domain = axis_domain(figure)
    to = math.log if figure.logarithmic else float
    null = domain[0] if figure.null is None else figure.null
    middle = (to(null) - to(domain[0])) / (to(domain[1]) - to(domain[0])) * _WIDTH
    charts = []
    words: tuple[tuple[str, Literal["left", "right"], int], ...] = (
        (f"\u2190 {figure.favours[0]}", "right", -8),
        (f"{figure.favours[1]} \u2192", "left", 8),
    )
    for (text, align, shift), word in zip(words, figure.favours, strict=True):
        if word:
            chart = alt.Chart(rows_of([{"word": text}])).mark_text(
                align=align, fontSize=TEXT_SIZE - 1, color=INK
            )
            place = alt.value(min(max(middle, 0.0), float(_WIDTH)) + shift)
            charts.append(chart.encode(x=place, y=alt.value(height + 32), text="word:N"))
    return charts
