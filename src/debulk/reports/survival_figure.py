"""The Kaplan-Meier figure: curves with their intervals above, numbers at risk below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.core.files import write_with

if TYPE_CHECKING:
    from debulk.survival.comparison import Comparison
    from debulk.survival.curves import SurvivalCurve

COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
    "#5D3A9B",
    "#4B4B4B",
)
"""Told apart by colour-blind readers (the first six after Okabe and Ito); then they repeat."""

_WIDTH, _HEIGHT, _ROW_HEIGHT = 620, 340, 20
_INK, _FAINT = "#222222", "#E3E3E3"


def survival_chart(comparison: Comparison) -> alt.VConcatChart:
    """Draw the survival curves of a comparison over the numbers at risk, on one time axis.

    Parameters
    ----------
    comparison : Comparison
        As `debulk.survival.comparison.compare` gives it.

    Returns
    -------
    altair.VConcatChart
        Steps with their pointwise 95 % bands, a tick for each censored time, and below them the
        numbers at risk, aligned with the axis.
    """
    labels = list(comparison.curves)
    colour = alt.Color(
        "group:N",
        title=None,
        scale=alt.Scale(domain=labels, range=[_colour(k) for k in range(len(labels))]),
        legend=None
        if len(labels) == 1
        else alt.Legend(
            orient="top", symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=3, offset=4
        ),
    )
    last = max(float(curve.time[-1]) for curve in comparison.curves.values())
    scale = alt.Scale(domain=[0, last if last > 0 else 1.0], nice=False)
    unit = comparison.time_unit
    title = "Time" if unit == "as in the file" else f"Time ({unit})"
    x = alt.X(
        "time:Q",
        title=title,
        scale=scale,
        axis=alt.Axis(values=comparison.times_at_risk, grid=False, labelFlush=False),
    )
    chart = alt.vconcat(
        _curves(comparison, x, colour), _numbers(comparison, scale, colour, labels), spacing=6
    )
    result: alt.VConcatChart = (
        chart.properties(title=_title(comparison))
        .resolve_scale(x="shared")
        .configure(background="white", font="Helvetica, Arial, sans-serif", padding=14)
        .configure_view(stroke=None)
        .configure_title(anchor="start", fontSize=14, subtitleFontSize=12, color=_INK, offset=10)
        .configure_axis(
            labelColor=_INK,
            titleColor=_INK,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            domainColor=_INK,
            tickColor=_INK,
        )
        .configure_legend(labelFontSize=12, labelColor=_INK, symbolSize=250, labelLimit=300)
    )
    return result


def write_figures(comparison: Comparison, folder: Path) -> tuple[str, ...]:
    """Write the figure as survival.svg and survival.png into a folder.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    InputError
        If vl-convert, which turns the figure into pictures, is not installed, or the folder
        cannot be written to.
    """
    try:
        import vl_convert  # noqa: F401
    except ModuleNotFoundError:
        raise InputError(
            "figure", "vl-convert is not installed", "Install it: pip install 'debulk[figures]'"
        ) from None
    chart = survival_chart(comparison)
    write_with(folder / "survival.svg", lambda path: chart.save(str(path), format="svg"))
    write_with(
        folder / "survival.png", lambda path: chart.save(str(path), format="png", scale_factor=2)
    )
    return "survival.svg", "survival.png"


def _colour(position: int) -> str:
    return COLOURS[position % len(COLOURS)]


def _title(comparison: Comparison) -> alt.TitleParams:
    ratios = {
        label: f"{ratio.estimate:.2f} ({ratio.lower:.2f} to {ratio.upper:.2f})"
        for label, ratio in comparison.hazard_ratios.items()
        if not np.isnan(ratio.estimate)
    }
    subtitle = []
    # More than three do not fit on a line; the table has them.
    if comparison.groups is not None and 0 < len(ratios) <= 3:
        parts = "; ".join(f"{label} {text}" for label, text in ratios.items())
        subtitle = [f"Hazard ratio against {comparison.groups.reference}: {parts}"]
    return alt.TitleParams("Survival by Kaplan-Meier, with 95 % bands", subtitle=subtitle)


def _curves(comparison: Comparison, x: alt.X, colour: alt.Color) -> alt.LayerChart:
    steps = pl.concat([_steps(label, curve) for label, curve in comparison.curves.items()])
    ticks = pl.concat([_censored(label, curve) for label, curve in comparison.curves.items()])
    y = alt.Y(
        "survival:Q",
        title="Survival",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5, grid=True, gridColor=_FAINT, domain=False),
    )
    base = alt.Chart(steps).encode(x=x, color=colour)
    band = base.mark_area(interpolate="step-after", opacity=0.14).encode(
        y=alt.Y("lower:Q", title="Survival"), y2="upper:Q"
    )
    line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(y=y)
    censored = (
        alt.Chart(ticks)
        .mark_point(shape="stroke", angle=90, size=28, strokeWidth=1, opacity=0.8)
        .encode(x=x, y=y, color=colour)
    )
    return alt.LayerChart(layer=[band, line, censored], width=_WIDTH, height=_HEIGHT)


def _numbers(
    comparison: Comparison, scale: alt.Scale, colour: alt.Color, labels: list[str]
) -> alt.Chart:
    rows: list[dict[str, Any]] = [
        {"group": label, "time": time, "at_risk": count}
        for label, counts in comparison.at_risk.items()
        for time, count in zip(comparison.times_at_risk, counts, strict=True)
    ]
    result: alt.Chart = (
        alt.Chart(pl.DataFrame(rows), title=_small_title())
        .mark_text(fontSize=12)
        .encode(
            x=alt.X("time:Q", scale=scale, axis=None),
            y=alt.Y(
                "group:N",
                sort=labels,
                title=None,
                axis=alt.Axis(ticks=False, domain=False, labelLimit=160, labelPadding=22),
            ),
            text="at_risk:Q",
            color=colour,
        )
        .properties(width=_WIDTH, height=_ROW_HEIGHT * len(labels))
    )
    return result


def _small_title() -> alt.TitleParams:
    return alt.TitleParams(
        "At risk", fontSize=12, fontWeight="bold", anchor="start", offset=4, color=_INK
    )


def _steps(label: str, curve: SurvivalCurve) -> pl.DataFrame:
    """Corners of the steps, from 1 at time 0; limits not defined follow the curve."""
    survival = np.concatenate(([1.0], curve.survival))
    lower = np.concatenate(([1.0], curve.lower))
    upper = np.concatenate(([1.0], curve.upper))
    return pl.DataFrame(
        {
            "group": [label] * survival.size,
            "time": np.concatenate(([0.0], curve.time)),
            "survival": survival,
            "lower": np.where(np.isnan(lower), survival, lower),
            "upper": np.where(np.isnan(upper), survival, upper),
        }
    )


def _censored(label: str, curve: SurvivalCurve) -> pl.DataFrame:
    leaving = curve.at_risk - np.concatenate((curve.at_risk[1:], [0.0]))
    some = leaving > curve.events
    return pl.DataFrame(
        {
            "group": [label] * int(some.sum()),
            "time": curve.time[some],
            "survival": curve.survival[some],
        },
        schema={"group": pl.String, "time": pl.Float64, "survival": pl.Float64},
    )
