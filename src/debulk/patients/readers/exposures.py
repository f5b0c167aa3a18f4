"""Doses and prescriptions, drug by drug, grouped into systemic lines."""

from __future__ import annotations

import polars as pl

from debulk.patients.readers.lines_of_agents import RULE, lines
from debulk.patients.readers.notes import Notes


def lines_of_exposures(exposures: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """Systemic treatments of a cohort from single exposures.

    Parameters
    ----------
    exposures : polars.DataFrame
        patient_id, agent, start_months and end_months (null: one day).
    notes : Notes
        Receives the rule and how many exposures it grouped.
    """
    dated = exposures.drop_nulls(["agent", "start_months"])
    notes.exclude("drugs without a name or a start", exposures.height - dated.height)
    turned = (pl.col("end_months") < pl.col("start_months")).fill_null(value=True)
    notes.decide(
        "drugs that end before they start were given on one day",
        dated.filter(pl.col("end_months") < pl.col("start_months")).height,
    )
    whole = dated.select(
        "patient_id",
        pl.col("agent").str.to_lowercase(),
        "start_months",
        end_months=pl.when(turned).then("start_months").otherwise("end_months"),
    )
    notes.decide(RULE, whole.height)
    return lines(whole).with_columns(kind=pl.lit("systemic"))
