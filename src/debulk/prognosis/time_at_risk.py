"""Patients with a prediction and time at risk, from the moment of judgement."""

from __future__ import annotations

from typing import Literal

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion
from debulk.patients.cohort import Cohort

Outcome = Literal["death", "progression or death"]
"""What is predicted."""


def followed(
    table: pl.DataFrame,
    cohort: Cohort,
    *,
    predicted: str = "points",
    outcome: Outcome = "death",
    centre: str | None = None,
) -> tuple[pl.DataFrame, list[Exclusion]]:
    """Patients with a prediction and time at risk, and who was left out for what.

    Parameters
    ----------
    table : polars.DataFrame
        patient_id, the prediction and, if wanted, judged_months, from where time runs (null or
        absent: from time zero).
    cohort : Cohort
        With the follow-up of the patients; ``entry_months`` is taken as left truncation.
    predicted : str
        Column of the prediction.
    outcome : {"death", "progression or death"}
    centre : str, optional
        Column of the patients table.

    Returns
    -------
    polars.DataFrame
        The columns of `table` and of the follow-up, with time (months, above 0), event, entry
        (months, 0 without left truncation) and centre (null where none is asked for).
    list of Exclusion

    Raises
    ------
    InputError
        If there is no such centre, or nobody is left.
    """
    if centre is not None and centre not in cohort.patients.columns:
        found = f"the patients table has no column {centre!r}"
        raise InputError("centre", found, nearest(centre, cohort.patients.columns))
    patients = cohort.patients.select(
        "patient_id",
        "entry_months",
        pl.lit(None).alias("centre") if centre is None else pl.col(centre).alias("centre"),
    )
    rows = table.join(cohort.followup, on="patient_id", how="left", maintain_order="left")
    rows = rows.join(patients, on="patient_id", how="left", maintain_order="left")
    judged = pl.col("judged_months") if "judged_months" in table.columns else pl.lit(None)
    start = judged.cast(pl.Float64).fill_null(0.0)
    end, event = pl.col("last_months"), pl.col("dead")
    if outcome == "progression or death":
        end = pl.min_horizontal("last_months", "progression_months")
        event = pl.col("dead") | pl.col("progression_months").is_not_null()
    rows = rows.with_columns(
        time=end - start,
        event=event,
        entry=(pl.col("entry_months") - start).fill_null(0.0).clip(lower_bound=0.0),
    )
    steps = [
        (f"no {predicted}", pl.col(predicted).is_null()),
        ("no follow-up", pl.col("time").is_null()),
        ("outcome or end of follow-up not after the moment of judgement", pl.col("time") <= 0.0),
        ("follow-up ends before entry", pl.col("entry") >= pl.col("time")),
    ]
    if centre is not None:
        steps.append(("no centre", pl.col("centre").is_null()))
    exclusions = []
    for reason, leaves in steps:
        kept = rows.filter(~leaves)
        if kept.height < rows.height:
            exclusions.append(Exclusion(reason, rows.height - kept.height))
        rows = kept
    if rows.height == 0:
        told = "; ".join(f"{each.count:g}: {each.reason}" for each in exclusions)
        found = f"of {table.height} patients none can be used ({told})"
        raise InputError("cohort", found, "Give what the score asks for, and follow-up")
    return rows, exclusions


def late_entry(rows: pl.DataFrame) -> pl.Series | None:
    """Entry of patients under left truncation; None where nobody entered late."""
    return rows["entry"] if bool((rows["entry"] > 0.0).any()) else None
