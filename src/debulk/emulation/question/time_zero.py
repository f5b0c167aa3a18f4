"""Time zero of each patient: after eligibility, before the strategies part."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.emulation.question.flow import Flow, reasons
from debulk.patients import Cohort
from debulk.protocols.emulation_plan import TIME_ZEROS, EmulationPlan

PROGRESSED = "progressed"
"""Column of the assessments, where there is one: whether a scan told progression."""

_NO_LINE = "no first palliative line with a date"
_NO_RESPONSE = "no response assessed after the first palliative line began"
_SECOND_LINE = "the second line began before a response was assessed"
_PROGRESSED = "progressed before a response without progression was assessed"
_NO_METASTASIS = "no metastasis with a date"


def add_time_zero(flow: Flow, cohort: Cohort, plan: EmulationPlan) -> None:
    """Give each patient still in a column `zero_months`; leave out who has no time zero.

    Raises
    ------
    InputError
        If time zero is neither a known moment nor a column of months, or nobody has one.
    """
    makers: dict[str, Callable[[Flow, Cohort, EmulationPlan], pl.Series]] = {
        "first-response": _first_response,
        "first-line": _first_line,
        "metastatic-diagnosis": _metastatic_diagnosis,
        "cohort-start": lambda flow, cohort, plan: _set(flow, pl.lit(0.0)),
    }
    flow.decide(
        "patients with palliative lines that overlap, each of which counts from its start",
        _overlapping(cohort),
    )
    why = makers.get(plan.time_zero, _column)(flow, cohort, plan)
    flow.leave_out(f"time zero: {words_of(plan)}", why)
    if flow.rows.height == 0:
        most = flow.steps[-1].left_out[0]
        found = f"no patient has one; of {most.count:.0f} patients: {most.reason}"
        raise InputError(f"time zero {plan.time_zero}", found, "Choose another time zero")


def words_of(plan: EmulationPlan) -> str:
    """The time zero, in words."""
    later = f", from {plan.response_after_months:g} months after it on"
    return {
        "first-response": "first assessment without progression after the first palliative line "
        f"began{later if plan.response_after_months else ''}",
        "first-line": "start of the first palliative line",
        "metastatic-diagnosis": "first metastasis detected",
        "cohort-start": "the cohort's own time zero",
    }.get(plan.time_zero, f"column {plan.time_zero} of the patients")


def palliative_starts(cohort: Cohort) -> pl.DataFrame:
    """Start of the first palliative line and of the next one: patient_id, first, second.

    Raises
    ------
    InputError
        If a later line is dated before the first one.
    """
    lines = _palliative_lines(cohort)
    start, line = pl.col("start_months"), pl.col("line")
    found = lines.group_by("patient_id", maintain_order=True).agg(
        start.filter(line == 1).min().alias("first_line_months"),
        start.filter(line >= 2).min().alias("second_line_months"),
    )
    wrong = found.filter(pl.col("second_line_months") < pl.col("first_line_months"))
    if wrong.height:
        patient, first, second = wrong.row(0)
        more = f" (and in {wrong.height - 1} more patients)" if wrong.height > 1 else ""
        raise InputError(
            f"treatments, patient {patient}",
            f"a later line begins at {second:g}, before the first at {first:g} months{more}",
            "Correct the numbers of the lines or their dates",
        )
    return found


def progressions(cohort: Cohort) -> pl.DataFrame:
    """Every dated progression, of the follow-up and of the assessments: patient_id, progressed."""
    assessed = cohort.assessments.filter(pl.col("response").cast(pl.String) == "PD").select(
        "patient_id", pl.col("time_months").alias("progressed")
    )
    told = cohort.followup.select("patient_id", pl.col("progression_months").alias("progressed"))
    return pl.concat([told.drop_nulls("progressed"), assessed])


def _palliative_lines(cohort: Cohort) -> pl.DataFrame:
    palliative = (pl.col("kind").cast(pl.String) == "systemic") & (pl.col("line") >= 1)
    return cohort.treatments.filter(palliative & pl.col("start_months").is_not_null())


def _overlapping(cohort: Cohort) -> int:
    """Patients in whom a palliative line begins before an earlier one has ended."""
    lines = _palliative_lines(cohort).sort("patient_id", "start_months", "line")
    earlier = pl.col("end_months").cum_max().shift(1).over("patient_id")
    fresh = pl.col("line") != pl.col("line").shift(1).over("patient_id")
    overlap = lines.filter((pl.col("start_months") < earlier) & fresh)
    return overlap["patient_id"].n_unique()


def _set(flow: Flow, months: pl.Expr) -> pl.Series:
    flow.rows = flow.rows.with_columns(months.cast(pl.Float64).alias("zero_months"))
    return pl.Series("why", [None] * flow.rows.height, dtype=pl.String)


def _first_line(flow: Flow, cohort: Cohort, plan: EmulationPlan) -> pl.Series:
    del plan
    starts = palliative_starts(cohort)
    flow.rows = flow.rows.join(starts, on="patient_id", how="left", maintain_order="left")
    _set(flow, pl.col("first_line_months"))
    zero = flow.rows["zero_months"]
    return reasons((zero.is_null(), _NO_LINE), length=zero.len())


def _first_response(flow: Flow, cohort: Cohort, plan: EmulationPlan) -> pl.Series:
    starts = palliative_starts(cohort)
    rows = flow.rows.join(starts, on="patient_id", how="left", maintain_order="left")
    begun = rows.select("patient_id", "first_line_months").drop_nulls()
    late_enough = pl.col("time_months") >= pl.max_horizontal(
        pl.col("first_line_months") + plan.response_after_months - 1e-9, "first_line_months"
    )
    after = pl.col("time_months") > pl.col("first_line_months")
    first = (
        cohort.assessments.filter(_without_progression(cohort))
        .join(begun, on="patient_id")
        .filter(late_enough & after)
        .group_by("patient_id")
        .agg(pl.col("time_months").min().alias("_response"))
    )
    worse = (
        progressions(cohort)
        .join(begun, on="patient_id")
        .filter(pl.col("progressed") > pl.col("first_line_months"))
        .group_by("patient_id")
        .agg(pl.col("progressed").min().alias("_worse"))
    )
    for each in (first, worse):
        rows = rows.join(each, on="patient_id", how="left", maintain_order="left")
    flow.rows = rows
    _set(flow, pl.col("_response"))
    zero = flow.rows["zero_months"]
    why = reasons(
        (rows["first_line_months"].is_null(), _NO_LINE),
        # Whoever has progressed at the assessment, or before it, has had no first response.
        (rows["_worse"] <= zero.fill_null(float("inf")), _PROGRESSED),
        (zero.is_null(), _NO_RESPONSE),
        (rows["second_line_months"] < zero, _SECOND_LINE),
        length=rows.height,
    )
    flow.rows = flow.rows.drop("_response", "_worse")
    return why


def _without_progression(cohort: Cohort) -> pl.Expr:
    """Assessments that tell there was no progression, by a response or in so many words."""
    told = pl.col("response").cast(pl.String).is_in(["CR", "PR", "SD"])
    if cohort.assessments.schema.get(PROGRESSED) != pl.Boolean:
        return told
    # Some registries know only progression or none, which is no response of RECIST.
    return told | (pl.col("response").is_null() & ~pl.col(PROGRESSED))


def _metastatic_diagnosis(flow: Flow, cohort: Cohort, plan: EmulationPlan) -> pl.Series:
    del plan
    first = (
        cohort.lesions.filter(pl.col("organ").cast(pl.String) != "primary")
        .group_by("patient_id")
        .agg(pl.col("detected_months").min().alias("_first"))
    )
    flow.rows = flow.rows.join(first, on="patient_id", how="left", maintain_order="left")
    _set(flow, pl.col("_first"))
    zero = flow.rows["zero_months"]
    flow.rows = flow.rows.drop("_first")
    return reasons((zero.is_null(), _NO_METASTASIS), length=zero.len())


def _column(flow: Flow, cohort: Cohort, plan: EmulationPlan) -> pl.Series:
    name, types = plan.time_zero, cohort.patients.schema
    if name not in types:
        found = f"{name!r} is neither a moment nor a column of the patients"
        known = [*TIME_ZEROS, *(each for each in types if each.endswith("_months"))]
        raise InputError("time zero", found, nearest(name, known))
    if not types[name].is_numeric():
        found = f"column {name!r} holds {types[name]}, not months"
        raise InputError("time zero", found, "Name a column of months from the cohort's time zero")
    flow.rows = flow.rows.with_columns(cohort.patients[name][flow.rows["_row"]].alias("_given"))
    _set(flow, pl.col("_given").cast(pl.Float64).fill_nan(None))
    zero = flow.rows["zero_months"]
    flow.rows = flow.rows.drop("_given")
    return reasons((zero.is_null(), f"no value in {name}"), length=zero.len())
