"""Figures of the weights: chances of treatment, effective sample sizes, balance over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from debulk.reports.figures.style import (
    COLOURS,
    GREY,
    INK,
    colour_of,
    label,
    rows_of,
    styled,
    titled,
)

Panel = alt.LayerChart | alt.FacetChart

_WIDTH, _HEIGHT = 270, 220
_PANEL_WIDTH, _PANEL_HEIGHT, _COLUMNS = 180, 120, 3
_LEAST_CHANCE = 1e-4  # of the axis; smaller chances are drawn at its end


def weight_chart(
    chances: Sequence[Mapping[str, Any]], visits: Sequence[Mapping[str, Any]], least_chance: float
) -> alt.HConcatChart:
    """Draw chances of treatment and effective sizes, visit by visit.

    Parameters
    ----------
    chances : sequence of mapping
        ``chance_of_treatment`` of the positivity check: quantiles by visit.
    visits : sequence of mapping
        ``visits`` of the check of weight tails.
    least_chance : float
        Chance below which there is next to no choice; drawn as a line.
    """
    result: alt.HConcatChart = styled(
        alt.hconcat(_chances(chances, least_chance), _sizes(visits), spacing=40).properties(
            title=titled(
                "What the weights stand on",
                (
                    "Left: model chance of treatment among the eligible (bar 1 to 99 %, box middle "
                    "half, line median). Right: clones by strategy, effective (full) and counted "
                    "(dashed).",
                ),
            )
        )
    )
    return result


def _chances(chances: Sequence[Mapping[str, Any]], least_chance: float) -> Panel:
    rows = [
        {key: max(_LEAST_CHANCE, value) if key != "visit" else value for key, value in row.items()}
        for row in chances
    ]
    base = alt.Chart(rows_of(rows)).encode(
        x=alt.X("visit:O", title="visit", axis=alt.Axis(labelAngle=0))
    )
    y_title = "chance of treatment"
    scale = alt.Scale(type="log", domain=[_LEAST_CHANCE, 1.0])
    axis = alt.Axis(values=[1e-4, 1e-3, 1e-2, 0.1, 1.0], grid=True, format="~g")
    line = alt.Chart(rows_of([{"y": least_chance}])).mark_rule(color=COLOURS[1], strokeDash=[4, 3])
    chart: Panel = alt.layer(
        base.mark_rule(color=INK).encode(
            y=alt.Y("q1:Q", title=y_title, scale=scale, axis=axis), y2="q99:Q"
        ),
        base.mark_bar(size=16, color=COLOURS[0], opacity=0.75).encode(y="q25:Q", y2="q75:Q"),
        base.mark_tick(size=16, thickness=2, color=INK).encode(y="q50:Q"),
        line.encode(y="y:Q"),
    ).properties(width=_WIDTH, height=_HEIGHT)
    return chart


def _sizes(visits: Sequence[Mapping[str, Any]]) -> Panel:
    strategies = list(dict.fromkeys(str(row["strategy"]) for row in visits))
    base = alt.Chart(rows_of(visits)).encode(
        x=alt.X("visit:O", title="visit", axis=alt.Axis(labelAngle=0)),
        color=_colour(strategies),
    )
    y = alt.Y("effective_size:Q", title="effective number of clones", scale=alt.Scale(domainMin=0))
    hollow = base.mark_line(strokeDash=[3, 3]).encode(y=alt.Y("clones:Q"))
    full = base.mark_line(point=alt.OverlayMarkDef(filled=True, size=40)).encode(y=y)
    chart: Panel = alt.layer(hollow, full).properties(width=_WIDTH, height=_HEIGHT)
    return chart


def _colour(strategies: Sequence[str]) -> alt.Color:
    inks = [colour_of(turn) for turn in range(len(strategies))]
    return alt.Color(
        "strategy:N",
        title="strategy",
        scale=alt.Scale(domain=list(strategies), range=inks),
        legend=alt.Legend(symbolSize=70, orient="bottom"),
    )


def balance_chart(rows: Sequence[Mapping[str, Any]], limit: float) -> alt.ConcatChart:
    """Draw standardised differences over visits, a panel a covariate.

    Parameters
    ----------
    rows : sequence of mapping
        ``rows`` of the balance check.
    limit : float
        Largest difference that counts as balance; drawn as a band.
    """
    names = list(dict.fromkeys(str(row["covariate"]) for row in rows))
    strategies = list(dict.fromkeys(str(row["strategy"]) for row in rows))
    most = max([limit, *(abs(float(row[key])) for row in rows for key in _DRAWN)])
    panels = [
        _panel([row for row in rows if row["covariate"] == name], name, strategies, limit, most)
        for name in names
    ]
    chart = alt.concat(*panels, columns=_COLUMNS, spacing=18).properties(
        title=titled(
            "Balance over time",
            (
                "Covariates of time zero: difference between those who keep to a strategy and all "
                "alive, in standard deviations. Full: weighted. Dashed: unweighted. Grey: within "
                f"{limit:g}.",
            ),
        )
    )
    result: alt.ConcatChart = styled(chart)
    return result


_DRAWN = ("time_zero", "time_zero_unweighted")


def _panel(
    rows: Sequence[Mapping[str, Any]],
    name: str,
    strategies: Sequence[str],
    limit: float,
    most: float,
) -> Panel:
    scale = alt.Scale(domain=[-most * 1.05, most * 1.05], nice=False)
    x = alt.X("visit:O", title="visit", axis=alt.Axis(labelAngle=0))
    base = alt.Chart(rows_of(rows)).encode(x=x, color=_colour(strategies))
    y = alt.Y("time_zero:Q", title=None, scale=scale)
    band = (
        alt.Chart(rows_of([{"low": -limit, "high": limit}]))
        .mark_rect(color=GREY, opacity=0.15)
        .encode(y=alt.Y("low:Q", scale=scale), y2="high:Q")
    )
    chart: Panel = alt.layer(
        band,
        base.mark_line(strokeDash=[3, 3], opacity=0.7).encode(
            y=alt.Y("time_zero_unweighted:Q", scale=scale)
        ),
        base.mark_line(point=alt.OverlayMarkDef(filled=True, size=30)).encode(y=y),
    ).properties(width=_PANEL_WIDTH, height=_PANEL_HEIGHT, title=label(name, 30))
    return chart
