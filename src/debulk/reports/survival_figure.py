"""The figures of a comparison: survival or incidence over numbers at risk, and its checks."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from debulk.reports.figures.checks import log_log_chart
from debulk.reports.figures.pictures import write_pictures
from debulk.reports.figures.steps import StepCurve, StepFigure, step_chart, top_of
from debulk.reports.figures.style import p_text

if TYPE_CHECKING:
    from debulk.core.results import Estimate
    from debulk.survival.comparison import Comparison

_MOST_RATIOS = 3
"""Hazard ratios that fit on the lines below a title; the table has them all."""


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
    return step_chart(
        StepFigure(
            title="Survival by Kaplan-Meier, with 95 % bands",
            x_title=time_title(comparison),
            y_title="Survival",
            curves=tuple(step_curve(comparison, label) for label in comparison.curves),
            times=comparison.times_at_risk,
            at_risk=_at_risk(comparison),
            notes=_notes(comparison),
        )
    )


def incidence_chart(comparison: Comparison) -> alt.VConcatChart:
    """Draw the cumulative incidence of every cause over the numbers at risk.

    Parameters
    ----------
    comparison : Comparison
        Of a table with competing causes.

    Returns
    -------
    altair.VConcatChart
        A group has a colour and a cause a dash; bands are drawn for the cause of interest alone.
    """
    competing = comparison.competing
    assert competing is not None
    causes = competing.causes
    curves = []
    for cause in causes:
        for label, own in competing.curves.items():
            curve = own[cause]
            interest = cause == competing.cause
            nothing = np.full(curve.time.size, np.nan)
            # Before the first event of a cause its limits are not defined on the logarithmic
            # scales, and nothing is uncertain that could be drawn.
            before = curve.incidence == 0.0
            curves.append(
                StepCurve(
                    group=group_name(comparison, label),
                    time=curve.time,
                    value=curve.incidence,
                    lower=np.where(before, 0.0, curve.lower) if interest else nothing,
                    upper=np.where(before, 0.0, curve.upper) if interest else nothing,
                    start=0.0,
                    line=f"cause {cause}" if len(causes) > 1 else "",
                )
            )
    return step_chart(
        StepFigure(
            title=f"Cumulative incidence, with 95 % bands for cause {competing.cause}",
            x_title=time_title(comparison),
            y_title="Cumulative incidence",
            curves=tuple(curves),
            times=comparison.times_at_risk,
            at_risk=_at_risk(comparison),
            notes=_notes(comparison),
            top=top_of(curves),
        )
    )


def log_log_figure(comparison: Comparison) -> alt.Chart | None:
    """Draw log(-log S) of the groups against log time; None where no curve can be drawn.

    Parameters
    ----------
    comparison : Comparison
        Of a table without competing causes.
    """
    curves = {
        group_name(comparison, label): (each.time, each.survival)
        for label, each in comparison.curves.items()
    }
    drawable = any(
        bool(((time > 0) & (survival > 0) & (survival < 1)).any())
        for time, survival in curves.values()
    )
    return log_log_chart(curves, time_title(comparison)) if drawable else None


def write_figures(comparison: Comparison, folder: Path) -> tuple[str, ...]:
    """Write every figure of a comparison into a folder, each as SVG, PDF and PNG.

    Returns
    -------
    tuple of str
        The names of the files: survival or incidence; with groups log-log; with a model forest
        and schoenfeld.

    Raises
    ------
    InputError
        If vl-convert, which turns the figure into pictures, is not installed, or the folder
        cannot be written to.
    """
    charts: dict[str, Any] = {}
    if comparison.competing is not None:
        charts["incidence"] = incidence_chart(comparison)
    else:
        charts["survival"] = survival_chart(comparison)
        if comparison.groups is not None:
            charts["log-log"] = log_log_figure(comparison)
    if comparison.adjusted is not None:
        from debulk.reports.adjusted_figures import adjusted_forest, residual_figure

        charts["forest"] = adjusted_forest(comparison, comparison.adjusted)
        charts["schoenfeld"] = residual_figure(comparison, comparison.adjusted)
    files: tuple[str, ...] = ()
    for name, chart in charts.items():
        if chart is not None:
            files += write_pictures(chart, folder, name)
    return files


def step_curve(comparison: Comparison, label: str) -> StepCurve:
    """A group's Kaplan-Meier curve as a figure draws it."""
    curve = comparison.curves[label]
    # Before the first event the limits are not defined on the logarithmic scales; nothing is
    # uncertain there that could be drawn.
    before = curve.survival == 1.0
    return StepCurve(
        group=group_name(comparison, label),
        time=curve.time,
        value=curve.survival,
        lower=np.where(before, 1.0, curve.lower),
        upper=np.where(before, 1.0, curve.upper),
        censored=comparison.censored_times(label),
    )


def time_title(comparison: Comparison) -> str:
    """Title of the time axis, with the unit where it is known, and the landmark."""
    unit = comparison.time_unit
    start = "" if comparison.landmark is None else f" since landmark {comparison.landmark.at:g}"
    return f"Time{start}" if unit == "as in the file" else f"Time{start} ({unit})"


def _notes(comparison: Comparison) -> tuple[str, ...]:
    notes = []
    if comparison.groups is None:
        return ()
    stratified = bool(comparison.strata)
    competing = comparison.competing
    if competing is not None and competing.gray is not None:
        notes.append(f"Gray's test p {p_text(competing.gray.p)}")
    elif comparison.logrank is not None:
        kind = "Log-rank" if competing is None else "Cause-specific log-rank"
        notes.append(f"{_name(kind, stratified)} p {p_text(comparison.logrank.p)}")
    elif comparison.weighted_test is not None:
        notes.append(f"Robust Wald test, weighted, p {p_text(comparison.weighted_test.p)}")
    reference = group_name(comparison, comparison.groups.reference)
    name = "Hazard ratio" if competing is None else "Cause-specific hazard ratio"
    title = f"{_name(name, stratified)} against {reference}"
    notes += _ratios(title, comparison, comparison.hazard_ratios)
    if competing is not None:
        name = f"Subdistribution hazard ratio against {reference}"
        notes += _ratios(name, comparison, competing.subdistribution)
    return tuple(notes)


def _name(name: str, stratified: bool) -> str:
    return f"Stratified {name[0].lower()}{name[1:]}" if stratified else name


def group_name(comparison: Comparison, label: str) -> str:
    """A group as figures call it: a number says nothing without the name of its column."""
    groups = comparison.groups
    if groups is None or not all(_is_number(each) for each in groups.labels):
        return label
    return f"{comparison.group_column} {label}"


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True


def _at_risk(comparison: Comparison) -> dict[str, list[float]]:
    counts = comparison.at_risk.items()
    return {group_name(comparison, label): numbers for label, numbers in counts}


def _ratios(name: str, comparison: Comparison, ratios: dict[str, Estimate]) -> list[str]:
    known = {
        group_name(comparison, label): f"{each.estimate:.2f} ({each.lower:.2f} to {each.upper:.2f})"
        for label, each in ratios.items()
        if not math.isnan(each.estimate)
    }
    if not 0 < len(known) <= _MOST_RATIOS:
        return []
    return [f"{name}: " + "; ".join(f"{label} {text}" for label, text in known.items())]
