"""The bias laboratory at a glance: a cell for each situation and method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from debulk.reports.figures.style import INK, LETTER, rows_of, styled, titled

Measure = Literal["bias_log_hr", "coverage", "rejected"]
"""Mean error of the log hazard ratio, share of intervals that hold the truth, share of analyses
that reject no effect (false positives under no effect, power else)."""

_TITLES = {
    "bias_log_hr": "Bias of the log hazard ratio",
    "coverage": "Coverage of 95 % intervals",
    "rejected": "Analyses that reject no effect (false positives where there is none)",
}
_CELL, _ROW = 74, 24
_WORST_BIAS = 0.6


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One method in one situation.

    Attributes
    ----------
    situation, method : str
        Row and column.
    value : float
        What is coloured and written.
    """

    situation: str
    method: str
    value: float


def heat_map(
    cells: Sequence[HeatCell], measure: Measure, notes: Sequence[str] = ()
) -> alt.LayerChart:
    """Draw one measure of all methods in all situations.

    Parameters
    ----------
    cells : sequence of HeatCell
        In the order of rows and columns.
    measure : {"bias_log_hr", "coverage", "rejected"}
    notes : sequence of str
        Lines below the title.
    """
    situations = list(dict.fromkeys(cell.situation for cell in cells))
    methods = list(dict.fromkeys(cell.method for cell in cells))
    rows = [_row(cell, measure) for cell in cells]
    base = alt.Chart(rows_of(rows)).encode(
        x=alt.X(
            "method:N",
            sort=methods,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-35, labelLimit=420, domain=False, ticks=False),
        ),
        y=alt.Y(
            "situation:N",
            sort=situations,
            title=None,
            axis=alt.Axis(
                labelLimit=int(LETTER * max(len(each) for each in situations)) + 20,
                domain=False,
                ticks=False,
            ),
        ),
    )
    chart = alt.layer(
        base.mark_rect(stroke="white").encode(color=_colour(measure)),
        base.mark_text(fontSize=11).encode(
            text="text:N",
            color=alt.condition("datum.dark", alt.value("white"), alt.value(INK)),
        ),
    ).properties(
        width=_CELL * len(methods),
        height=_ROW * len(situations),
        title=titled(_TITLES[measure], notes),
    )
    result: alt.LayerChart = styled(chart)
    return result


def _row(cell: HeatCell, measure: Measure) -> dict[str, Any]:
    if measure == "bias_log_hr":
        text, dark = f"{cell.value:+.2f}", abs(cell.value) > 0.6 * _WORST_BIAS
    else:
        text, dark = f"{100 * cell.value:.0f} %", _far(cell.value, measure) > 0.6
    return {
        "situation": cell.situation,
        "method": cell.method,
        "value": cell.value,
        "text": text,
        "dark": dark,
    }


def _far(value: float, measure: Measure) -> float:
    return 1.0 - value if measure == "coverage" else value


def _colour(measure: Measure) -> alt.Color:
    """Blue to orange through white, which colour-blind readers tell apart."""
    if measure == "bias_log_hr":
        scale = alt.Scale(
            domain=[-_WORST_BIAS, 0.0, _WORST_BIAS],
            range=["#B35806", "#F7F7F7", "#2166AC"],
            clamp=True,
        )
    elif measure == "coverage":
        scale = alt.Scale(
            domain=[0.0, 0.9, 0.95, 1.0], range=["#B35806", "#FDDBB4", "#F7F7F7", "#F7F7F7"]
        )
    else:
        scale = alt.Scale(domain=[0.0, 0.05, 1.0], range=["#F7F7F7", "#F7F7F7", "#B35806"])
    return alt.Color("value:Q", scale=scale, legend=None)
