"""The Kaplan-Meier figure: curves with their intervals above, numbers at risk below."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from debulk.reports.figures.pictures import write_pictures
from debulk.reports.figures.steps import StepCurve, StepFigure, step_chart

if TYPE_CHECKING:
    from debulk.survival.comparison import Comparison
    from debulk.survival.curves import SurvivalCurve


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
    unit = comparison.time_unit
    return step_chart(
        StepFigure(
            title="Survival by Kaplan-Meier, with 95 % bands",
            x_title="Time" if unit == "as in the file" else f"Time ({unit})",
            y_title="Survival",
            curves=tuple(step_curve(name, curve) for name, curve in comparison.curves.items()),
            times=comparison.times_at_risk,
            at_risk=comparison.at_risk,
            notes=_notes(comparison),
        )
    )


def write_figures(comparison: Comparison, folder: Path) -> tuple[str, ...]:
    """Write the figure as survival.svg, survival.pdf and survival.png into a folder.

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
    return write_pictures(survival_chart(comparison), folder, "survival")


def step_curve(group: str, curve: SurvivalCurve) -> StepCurve:
    """A Kaplan-Meier curve as a figure draws it."""
    # Before the first event the limits are not defined on the logarithmic scales; nothing is
    # uncertain there that could be drawn.
    before = curve.survival == 1.0
    return StepCurve(
        group=group,
        time=curve.time,
        value=curve.survival,
        lower=np.where(before, 1.0, curve.lower),
        upper=np.where(before, 1.0, curve.upper),
        censored=censored_times(curve),
    )


def censored_times(curve: SurvivalCurve) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Times at which the number at risk falls by more than the events."""
    leaving = curve.at_risk - np.concatenate((curve.at_risk[1:], [0.0]))
    return curve.time[leaving > curve.events * (1.0 + 1e-12)]


def p_text(p: float | None) -> str:
    """A p-value as journals print it, with its sign of relation."""
    if p is None or math.isnan(p):
        return "not defined"
    return "< 0.0001" if p < 0.0001 else f"= {p:.2g}" if p < 0.1 else f"= {p:.2f}"


def _notes(comparison: Comparison) -> tuple[str, ...]:
    notes = []
    if comparison.logrank is not None:
        notes.append(f"Log-rank p {p_text(comparison.logrank.p)}")
    ratios = {
        label: f"{ratio.estimate:.2f} ({ratio.lower:.2f} to {ratio.upper:.2f})"
        for label, ratio in comparison.hazard_ratios.items()
        if not np.isnan(ratio.estimate)
    }
    # More than three do not fit on a line; the table has them.
    if comparison.groups is not None and 0 < len(ratios) <= 3:
        parts = "; ".join(f"{label} {text}" for label, text in ratios.items())
        notes.append(f"Hazard ratio against {comparison.groups.reference}: {parts}")
    return tuple(notes)
