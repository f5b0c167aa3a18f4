"""Clicks along a printed curve over the curve of the patients rebuilt from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import numpy.typing as npt

from debulk.reports.figures.steps import StepCurve, StepFigure, step_chart
from debulk.reports.figures.style import INK, colour_of, rows_of
from debulk.survival import kaplan_meier

if TYPE_CHECKING:
    import polars as pl

Floats = npt.NDArray[np.float64]

_TICKS = 8
"""Times at which numbers at risk stand, where the source printed none."""
_MOST_CLICKS = 400
"""Clicks drawn of an arm; of more, every k-th, which still lie closer than their own width."""


@dataclass(frozen=True)
class RebuiltArm:
    """One arm of the figure.

    Attributes
    ----------
    name : str
        How the arm is called.
    clicks : polars.DataFrame
        time, survival: as clicked.
    patients : polars.DataFrame
        time, event: as rebuilt.
    at_risk : polars.DataFrame or None
        time, at_risk: as printed.
    """

    name: str
    clicks: pl.DataFrame
    patients: pl.DataFrame
    at_risk: pl.DataFrame | None = None


def reconstruction_chart(
    arms: Sequence[RebuiltArm], *, time_title: str = "Time", notes: Sequence[str] = ()
) -> alt.VConcatChart:
    """Draw the clicks as points over the curves of the rebuilt patients.

    Parameters
    ----------
    arms : sequence of RebuiltArm
        Each with a name of its own.
    time_title : str
        Title of the time axis.
    notes : sequence of str
        Lines below the title, such as how accurate the reconstruction is.

    Returns
    -------
    altair.VConcatChart
        Kaplan-Meier curves with their bands; circles where somebody clicked; below, the numbers at
        risk of the rebuilt patients at the times at which the source prints its own.
    """
    times = _times(arms)
    chart = step_chart(
        StepFigure(
            title="Clicks (circles) over the curve of the rebuilt patients",
            x_title=time_title,
            y_title="Survival",
            curves=tuple(_curve(arm) for arm in arms),
            times=times,
            at_risk={arm.name: _present(arm.patients, times) for arm in arms},
            notes=tuple(notes),
        )
    )
    curves = chart.vconcat[0]
    curves.layer.append(_clicks(arms, curves))
    return chart


def _curve(arm: RebuiltArm) -> StepCurve:
    time, event = arm.patients["time"].to_numpy(), arm.patients["event"].to_numpy()
    curve = kaplan_meier(time, event)
    # Before the first death the limits are not defined on their scale, and nothing is uncertain.
    before = curve.survival == 1.0
    return StepCurve(
        group=arm.name,
        time=curve.time,
        value=curve.survival,
        lower=np.where(before, 1.0, curve.lower),
        upper=np.where(before, 1.0, curve.upper),
        censored=np.unique(time[event == 0]),
    )


def _clicks(arms: Sequence[RebuiltArm], curves: Any) -> alt.Chart:
    """Circles on the axes of the curves; clicks outside the axes are drawn on their edge."""
    rows = []
    for arm in arms:
        every = max(1, int(np.ceil(arm.clicks.height / _MOST_CLICKS)))
        kept = arm.clicks.gather_every(every)
        rows += [
            {"group": arm.name, "time": max(time, 0.0), "value": min(max(survival, 0.0), 1.0)}
            for time, survival in zip(kept["time"], kept["survival"], strict=True)
        ]
    names = [arm.name for arm in arms]
    scale = alt.Scale(domain=names, range=[colour_of(k) for k in range(len(names))])
    encoding = curves.layer[1].encoding
    return (  # type: ignore[no-any-return]
        alt.Chart(rows_of(rows))
        .mark_point(shape="circle", size=22, filled=False, strokeWidth=0.9, clip=True)
        .encode(
            x=encoding.x,
            y=encoding.y,
            color=alt.Color("group:N", title=None, scale=scale, legend=None)
            if len(names) > 1
            else alt.value(INK),
        )
    )


def _times(arms: Sequence[RebuiltArm]) -> list[float]:
    """Times of the printed tables, of all arms together; else round ones along the axis."""
    printed = [arm.at_risk["time"] for arm in arms if arm.at_risk is not None]
    if printed:
        return sorted({time for column in printed for time in column.to_list()})
    last = max(float(arm.patients["time"].max()) for arm in arms)  # type: ignore[arg-type]
    raw = last / _TICKS
    size = 10.0 ** np.floor(np.log10(raw))
    step = next(size * each for each in (1, 2, 3, 5, 6, 10, 12) if size * each >= raw)
    return [float(time) for time in np.arange(0.0, last + step / 1e6, step)]


def _present(patients: pl.DataFrame, times: Sequence[float]) -> list[float]:
    ends = patients["time"].to_numpy()
    return [float(np.sum(ends >= time)) for time in times]
