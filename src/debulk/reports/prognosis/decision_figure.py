"""Decision curve: net benefit of acting on a risk, on everybody and on nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from debulk.reports.figures.style import FAINT, colour_of, dash_of, rows_of, styled, titled
from debulk.reports.prognosis.wording import PER_CENT, months_words

_WIDTH, _HEIGHT = 560, 320
_FEWEST = 0.02
"""Share of patients who must reach a threshold for it to be drawn."""
_BELOW = 0.15
"""How far below 0 curves are drawn, as a share of the highest."""


def decision_chart(result: Mapping[str, Any]) -> alt.LayerChart:
    """Draw net benefit against the threshold from which on one would act.

    Parameters
    ----------
    result : mapping
        What `Validation.to_dict` returns, of risks.

    Returns
    -------
    altair.LayerChart
        Up to the threshold beyond which next to no patient lies, with a pointwise band.
    """
    curve = result["decision_curve"]
    names = (f"By {result['score']}", "On everybody", "On nobody")
    rows = _rows(curve, names)
    heights = [each[key] for each in rows for key in ("net_benefit", "upper")]
    highest = max([each for each in heights if each is not None] + [0.02])
    bottom = -_BELOW * highest
    x = alt.X(
        "threshold:Q",
        title="Threshold: the risk from which on one would act",
        scale=alt.Scale(domain=[0, _last(curve)], nice=False),
        axis=alt.Axis(grid=False, labelExpr=PER_CENT, tickCount=8, labelFlush=False),
    )
    y = alt.Y(
        "net_benefit:Q",
        title="Net benefit",
        scale=alt.Scale(domain=[bottom, highest * 1.02], nice=False),
        axis=alt.Axis(gridColor=FAINT, domain=False, ticks=False, tickCount=6),
        stack=None,
    )
    legend = alt.Legend(
        orient="top", symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=2.2, offset=6
    )
    colour = alt.Scale(domain=list(names), range=[colour_of(k) for k in range(3)])
    dash = alt.Scale(domain=list(names), range=[dash_of(k) for k in range(3)])
    band = (
        alt.Chart(rows_of([each for each in rows if each["lower"] is not None]))
        .mark_area(opacity=0.18, color=colour_of(0), clip=True)
        .encode(x=x, y=alt.Y("lower:Q", stack=None), y2="upper:Q")
    )
    lines = (
        alt.Chart(rows_of(rows))
        .mark_line(strokeWidth=2, clip=True)
        .encode(
            x=x,
            y=y,
            color=alt.Color("who:N", title=None, scale=colour, legend=legend),
            strokeDash=alt.StrokeDash("who:N", title=None, scale=dash, legend=legend),
        )
    )
    title = titled(
        f"Net benefit of acting on the risk by {months_words(result['horizon_months'])}",
        ["The highest line is the best of the three policies; the band is the first one's."],
    )
    chart = alt.layer(band, lines).properties(width=_WIDTH, height=_HEIGHT, title=title)
    drawn: alt.LayerChart = styled(chart)
    return drawn


def _rows(curve: Mapping[str, Any], names: tuple[str, str, str]) -> list[dict[str, Any]]:
    rows = []
    last = _last(curve)
    for k, threshold in enumerate(curve["threshold"]):
        if threshold > last:
            break
        limits = {"lower": curve["lower"][k], "upper": curve["upper"][k]}
        none = {"lower": None, "upper": None}
        for who, value, band in (
            (names[0], curve["net_benefit"][k], limits),
            (names[1], curve["act_on_all"][k], none),
            (names[2], 0.0, none),
        ):
            rows.append({"threshold": threshold, "who": who, "net_benefit": value, **band})
    return rows


def _last(curve: Mapping[str, Any]) -> float:
    """The last threshold that two patients in a hundred reach; beyond, lines are noise."""
    reached = [
        threshold
        for threshold, share in zip(curve["threshold"], curve["acted_on"], strict=True)
        if share >= _FEWEST
    ]
    return float(reached[-1] if len(reached) > 1 else curve["threshold"][-1])
