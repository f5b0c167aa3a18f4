"""Figures of the model with covariates: forest plot, and residuals against time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from debulk.reports.figures.checks import ResidualPanel, schoenfeld_chart
from debulk.reports.figures.forest import ForestFigure, ForestRow, forest_chart
from debulk.reports.figures.style import p_text
from debulk.survival.comparison.adjusted import AdjustedModel, term_label

if TYPE_CHECKING:
    from debulk.core.results import Estimate
    from debulk.survival.comparison import Comparison

MOST_PANELS = 12
"""Covariates that the figure of residuals shows; the table has them all."""


def adjusted_forest(comparison: Comparison, model: AdjustedModel) -> alt.LayerChart:
    """Draw the hazard ratios of a model, the groups' unadjusted ones beside.

    Parameters
    ----------
    comparison : Comparison
        Whose groups are compared.
    model : AdjustedModel
        Its model.
    """
    rows: list[ForestRow] = []
    prefix = f"{model.group_column}[T."
    groups = {term: each for term, each in model.hazard_ratios.items() if term.startswith(prefix)}
    others = {term: each for term, each in model.hazard_ratios.items() if term not in groups}
    if comparison.groups is not None:
        against = comparison.groups.reference
        head = f"{model.group_column}, against {against}"
        rows.append(ForestRow(head, kind="heading"))
        for term, each in groups.items():
            label = term.removeprefix(prefix).removesuffix("]")
            if label in model.unadjusted:
                rows.append(_row(f"{label}, unadjusted", model.unadjusted[label]))
            rows.append(_row(f"{label}, adjusted", each))
        rows.append(ForestRow("Covariates", kind="heading"))
    rows += [_row(term_label(term), each) for term, each in others.items()]
    competing = comparison.competing is not None
    kind = "Cause-specific hazard ratio" if competing else "Hazard ratio"
    note = f"Adjusted for {model.adjustment.text}; {model.n} rows, {model.events} events"
    return forest_chart(
        ForestFigure(
            title=f"{kind}s from Cox's model",
            x_title=f"{kind}, logarithmic",
            rows=tuple(rows),
            favours=("lower hazard", "higher hazard"),
            estimate_title="Ratio (95 % interval)",
            notes=(note,),
        )
    )


def residual_figure(comparison: Comparison, model: AdjustedModel) -> alt.ConcatChart | None:
    """Draw the scaled Schoenfeld residuals of a model; None where there is nothing to draw.

    Parameters
    ----------
    comparison : Comparison
        For the unit of time.
    model : AdjustedModel
    """
    plot = model.schoenfeld
    if plot is None or plot.time.size == 0:
        return None
    tests = {row["term"]: row for row in model.proportionality}
    panels = []
    for place, term in enumerate(plot.names[:MOST_PANELS]):
        values = plot.coefficient[:, place]
        known = np.isfinite(values)
        if not known.any():
            continue
        order = np.argsort(plot.time[known], kind="stable")
        note = f"p {p_text(tests[term]['p'])}" if term in tests else ""
        panels.append(
            ResidualPanel(
                term=term_label(term),
                time=plot.time[known][order],
                residual=values[known][order],
                coefficient=float(plot.beta[place]),
                note=note,
            )
        )
    if not panels:
        return None
    whole = tests["GLOBAL"]
    notes = []
    if math.isfinite(whole["chi_square"]):
        notes.append(
            f"Test of proportional hazards, all terms: chi-square {whole['chi_square']:.2f}, "
            f"df {whole['df']}, p {p_text(whole['p'])}"
        )
    if len(plot.names) > MOST_PANELS:
        notes.append(f"The first {MOST_PANELS} of {len(plot.names)} terms.")
    unit = comparison.time_unit
    x_title = "Time" if unit == "as in the file" else f"Time ({unit})"
    return schoenfeld_chart(panels, x_title, notes)


def _row(label: str, each: Estimate) -> ForestRow:
    return ForestRow(label, each.estimate, each.lower, each.upper)
