"""Time from time zero to the event, its cause, progression, entry and loss, by patient."""

from __future__ import annotations

import polars as pl

from debulk.core.errors import InputError
from debulk.emulation.question.flow import Flow, reasons
from debulk.emulation.question.time_zero import progressions
from debulk.patients import Cohort
from debulk.protocols.emulation_plan import EmulationPlan

KNOWN_TO = "progression_known_to_months"
"""Column of the follow-up, where there is one: progression after it would not have been seen."""

CUTOFF = "cutoff_months"
"""Column of the patients, where there is one: the end of data collection, in the cohort's months;
whoever was last seen a visit or more before it was lost."""


def add_follow_up(flow: Flow, cohort: Cohort) -> None:
    """Add last_months, dead and cause; leave out who was not followed after time zero."""
    told = cohort.followup.select("patient_id", "last_months", "dead", "cause")
    entry = cohort.patients.select("patient_id", "entry_months")
    cutoff = cohort.patients.schema.get(CUTOFF)
    if cutoff is not None and cutoff.is_numeric():
        entry = entry.with_columns(cohort.patients[CUTOFF].cast(pl.Float64))
    else:
        entry = entry.with_columns(pl.lit(None, dtype=pl.Float64).alias(CUTOFF))
    rows = flow.rows
    for table in (told, entry):
        rows = rows.join(table, on="patient_id", how="left", maintain_order="left")
    zero = pl.col("zero_months")
    flow.rows = rows.with_columns(
        (pl.col("last_months") - zero).alias("followed_months"),
        (pl.col("entry_months") - zero).clip(0.0).fill_null(0.0).alias("entry_from_zero"),
    )
    rows = flow.rows
    followed, late = rows["followed_months"], rows["entry_from_zero"] >= rows["followed_months"]
    why = reasons(
        (followed.is_null(), "no follow-up recorded"),
        ((followed <= 0.0) & rows["dead"], "dead at or before time zero"),
        (followed <= 0.0, "last seen at or before time zero"),
        (late, "came under observation only when follow-up ended (left truncation)"),
        length=rows.height,
    )
    flow.leave_out("alive and under observation after time zero", why)
    if flow.rows.height == 0:
        most = flow.steps[-1].left_out[0]
        found = f"nobody was followed after it; of {most.count:.0f} patients: {most.reason}"
        raise InputError("time zero", found, "Choose an earlier time zero")


def add_progression(flow: Flow, cohort: Cohort, grace_months: float) -> None:
    """Add the first progression after time zero; leave out who had progressed by then.

    Only progression since the first palliative line counts, where there was one by time zero.
    """
    known = flow.rows.select(
        "patient_id",
        "zero_months",
        pl.col("first_line_months").fill_null(float("inf")).alias("_line")
        if "first_line_months" in flow.rows.columns
        else pl.lit(float("inf")).alias("_line"),
    )
    dated = progressions(cohort).join(known, on="patient_id")
    progressed, zero = pl.col("progressed"), pl.col("zero_months")
    found = dated.group_by("patient_id").agg(
        (progressed - zero).filter(progressed > zero).min().alias("progression_months"),
        ((progressed <= zero) & (progressed > pl.col("_line"))).any().alias("_before"),
    )
    flow.rows = flow.rows.join(found, on="patient_id", how="left", maintain_order="left")
    before = flow.rows["_before"]
    flow.rows = flow.rows.drop("_before")
    _count_unseen(flow, cohort, grace_months)
    why = reasons((before, "progressed at or before time zero"), length=flow.rows.height)
    flow.leave_out("free of progression at time zero", why)


def _count_unseen(flow: Flow, cohort: Cohort, grace_months: float) -> None:
    """Count those whose progression inside the grace period would not have been seen."""
    kind = cohort.followup.schema.get(KNOWN_TO)
    if kind is None or not kind.is_numeric():
        return
    told = cohort.followup.select("patient_id", pl.col(KNOWN_TO).alias("_known"))
    rows = flow.rows.join(told, on="patient_id", how="left", maintain_order="left")
    end = pl.min_horizontal(pl.col("zero_months") + grace_months, "last_months")
    unseen = rows.filter(pl.col("progression_months").is_null() & (pl.col("_known") < end))
    flow.decide(
        "patients whose scans are on record only up to some day of the grace period, taken "
        "as free of progression after it",
        unseen.height,
    )


def event_of(rows: pl.DataFrame, plan: EmulationPlan, flow: Flow) -> pl.DataFrame:
    """Time and cause of the event: columns time_months, cause (0 none, 1 the event, 2, 3 other).

    Raises
    ------
    InputError
        If causes of death are asked for and the table holds none of them.
    """
    time, cause = pl.col("followed_months"), pl.col("dead").cast(pl.Int8)
    if plan.event_causes:
        _check_causes(rows, plan)
        told = pl.col("cause").is_not_null()
        wanted = pl.col("cause").is_in(list(plan.event_causes))
        untold = rows.filter(pl.col("dead") & ~told).height
        flow.decide("deaths without a cause, which compete as one of their own", untold)
        of_death = pl.when(wanted).then(1).when(told).then(2).otherwise(3)
        cause = pl.when(pl.col("dead")).then(of_death).otherwise(0).cast(pl.Int8)
    if plan.outcome == "pfs":
        progressed = (pl.col("progression_months") <= time).fill_null(value=False)
        cause = pl.when(progressed).then(pl.lit(1, dtype=pl.Int8)).otherwise(cause)
        time = pl.when(progressed).then(pl.col("progression_months")).otherwise(time)
    return rows.select(time.alias("time_months"), cause.alias("cause"))


def lost(rows: pl.DataFrame, visit_months: float) -> pl.Series:
    """Whether each patient was last seen alive a visit or more before the registry's cut-off."""
    short = pl.col("last_months") + visit_months <= pl.col(CUTOFF)
    return rows.select((short & ~pl.col("dead")).fill_null(value=False)).to_series()


def _check_causes(rows: pl.DataFrame, plan: EmulationPlan) -> None:
    words = rows.filter(pl.col("dead"))["cause"].drop_nulls().unique().sort().to_list()
    for name in plan.event_causes:
        if name not in words:
            known = f"Causes of death there: {', '.join(words[:10])}" if words else "None is given"
            raise InputError("event_causes", f"nobody died of {name!r}", known)
