"""The registry that virtual patients would leave: the tables of a cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import DiseaseModel, observe
from debulk.disease.cohort_view import tables_of
from debulk.disease.course.outcome import CAUSES
from debulk.disease.growth import STEP_DAYS
from debulk.emulation.laboratory.virtual_patients import RUN_IN_STEPS
from debulk.patients.cohort import Cohort
from debulk.patients.reading_record import ReadingRecord
from debulk.survival.options import check_kind

if TYPE_CHECKING:
    from debulk.emulation.laboratory.disease_world import VirtualRegistry
    from debulk.emulation.person_time import Floats

_ROUNDING = 1e-9  # months

RUN_IN_MONTHS = RUN_IN_STEPS * STEP_DAYS / DAYS_PER_MONTH
"""From the start of line 1 to the first response assessment, time zero of the emulated trial."""


def cohort_of_registry(model: DiseaseModel, made: VirtualRegistry) -> Cohort:
    """What the files of a registry would hold.

    Parameters
    ----------
    model : DiseaseModel
        That the registry was made with.
    made : VirtualRegistry
        As `debulk.emulation.laboratory.disease_world.DiseaseWorld.virtual_registry` gives it.

    Returns
    -------
    Cohort
        Times from the diagnosis of the bowel cancer. The start of line 1 is a treatment; the first
        response assessment follows 63 days later. What is known after a patient's last contact is
        not told, nor is the frailty by which the board chose.
    """
    from debulk.emulation.laboratory.disease_world import VirtualRegistry

    check_kind(model, DiseaseModel, "model")
    check_kind(made, VirtualRegistry, "made")
    presenters = made.who.presenters
    zero = presenters.recurrence_months + RUN_IN_MONTHS
    death = made.observed("death_months")
    time = np.minimum(death, made.end_months)
    tables = tables_of(presenters)
    tables |= {
        "patients": tables["patients"].with_columns(cutoff_months=zero + made.cut_off_months),
        "lesions": _lesions(made, tables["lesions"]),
        "treatments": pl.concat([_lines(made, zero, time), _local(made, zero)]),
        "assessments": _assessments(model, made, zero + time),
        "followup": _followup(made, zero, time, death <= made.end_months),
    }
    record = ReadingRecord(
        source="virtual registry of the disease model",
        time_zero="diagnosis of the bowel cancer",
        decisions=("Local treatment was chosen by a simulated tumour board",),
        not_known=(
            "frailty, as far as performance status does not show it",
            "whether anything was left to treat at a visit of the board",
        ),
    )
    return Cohort.from_tables(tables, validate=False, record=record)


def _lesions(made: VirtualRegistry, lesions: pl.DataFrame) -> pl.DataFrame:
    """Lesions as the first response assessment shows them; their size before is the baseline."""
    seen = made.who.presenters.visible
    gone = pl.Series("disappeared", ~made.without.run_in_visible[seen])
    now = pl.Series("diameter_mm", made.without.run_in_diameter_mm[seen])
    return lesions.with_columns(
        pl.col("diameter_mm").alias("baseline_diameter_mm"), pl.when(~gone).then(now), gone
    )


def _lines(made: VirtualRegistry, zero: Floats, time: Floats) -> pl.DataFrame:
    """Lines of systemic therapy that had begun by the last contact."""
    start, end = made.observed("line_start_months"), made.observed("line_end_months")
    patient, line = np.nonzero(start < time[:, None])
    ends = end[patient, line]
    return pl.DataFrame(
        {
            "patient_id": patient,
            "kind": pl.repeat("systemic", patient.size, dtype=pl.String, eager=True),
            "name": pl.repeat(None, patient.size, dtype=pl.String, eager=True),
            "line": line.astype(np.int32) + 1,
            "start_months": zero[patient] + start[patient, line],
            "end_months": zero[patient] + np.where(ends < time[patient], ends, np.nan),
            "lesion_ids": pl.repeat(None, patient.size, dtype=pl.List(pl.String), eager=True),
            "intent": pl.repeat(None, patient.size, dtype=pl.String, eager=True),
            "completeness": pl.repeat(None, patient.size, dtype=pl.String, eager=True),
        }
    ).with_columns(pl.col("end_months").fill_nan(None))


def _local(made: VirtualRegistry, zero: Floats) -> pl.DataFrame:
    """Local treatments: a row for each modality of a patient's session."""
    presenters, names = made.who.presenters, made.who.tables.names
    rows = []
    for place, patient in enumerate(made.treated):
        own = slice(presenters.offsets[patient], presenters.offsets[patient + 1])
        shown = presenters.visible[own] & made.without.run_in_visible[own]
        complete = made.local.treated_visible[place] >= made.local.visible_at_local[place]
        for code, name in enumerate(names):
            if not made.local.used[place] >> code & 1:
                continue
            planned = own.start + np.flatnonzero(shown & (made.who.modality[own] == code))
            rows.append(
                {
                    "patient_id": int(patient),
                    "kind": "local",
                    "name": name,
                    "line": None,
                    "start_months": zero[patient] + made.local.local_months[place],
                    "end_months": None,
                    "lesion_ids": [str(each) for each in planned],
                    "intent": "debulking",
                    "completeness": "complete" if complete else "incomplete",
                }
            )
    return pl.DataFrame(rows, schema=_LOCAL_SCHEMA)


_LOCAL_SCHEMA: dict[str, Any] = {
    "patient_id": pl.Int64,
    "kind": pl.String,
    "name": pl.String,
    "line": pl.Int32,
    "start_months": pl.Float64,
    "end_months": pl.Float64,
    "lesion_ids": pl.List(pl.String),
    "intent": pl.String,
    "completeness": pl.String,
}


def _assessments(model: DiseaseModel, made: VirtualRegistry, last_months: Floats) -> pl.DataFrame:
    """What tests showed of the course that each patient really had, up to the last contact.

    An assessment on the day of local treatment was made before it. Progression is what the
    patient's own visits found: a scan that would call it sooner is told without a response.
    """
    presenters = made.who.presenters
    mine = made.who.take(made.treated).presenters
    without = observe(model, presenters, made.without, randomised_step=RUN_IN_STEPS)
    local = observe(model, mine, made.local, randomised_step=RUN_IN_STEPS)
    row = pl.col("patient_id").cast(pl.Int64)
    owner = pl.Series(made.treated).gather(local["patient_id"].cast(pl.Int64))
    both = pl.concat(
        [
            without.with_columns(row, after=False),
            local.with_columns(owner.alias("patient_id"), after=True),
        ]
    ).sort("patient_id", "time_months")
    treated = np.full(len(presenters), np.inf)
    treated[made.treated] = made.local.local_months + RUN_IN_MONTHS
    owners = both["patient_id"]
    later = both["months_on_course"] > pl.Series(treated).gather(owners) + _ROUNDING
    kept = (later == both["after"]) & (both["time_months"] <= pl.Series(last_months).gather(owners))
    progressed = pl.col("months_on_course") >= pl.lit(
        pl.Series(made.observed("progression_months") + RUN_IN_MONTHS - _ROUNDING).gather(owners)
    )
    sums = pl.col("sum_diameters_mm")
    first = pl.max_horizontal(sums.first().over("patient_id"), 1.0)
    return (
        both.with_columns(
            progressed=progressed, depth_of_response=(1.0 - sums / first).fill_nan(None)
        )
        .with_columns(pl.when(pl.col("progressed") | (pl.col("response") != "PD")).then("response"))
        .filter(kept)
        .drop("months_on_course", "after")
    )


def _followup(
    made: VirtualRegistry,
    zero: Floats,
    time: Floats,
    dead: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> pl.DataFrame:
    progression = made.observed("progression_months")
    cause = np.where(dead, made.observed("cause").astype(np.int64), 0)
    return pl.DataFrame(
        {
            "patient_id": np.arange(time.size),
            "last_months": zero + time,
            "dead": dead,
            "progression_months": np.where(progression <= time, zero + progression, np.nan),
            "cause": pl.Series(CAUSES).gather(cause),
        }
    ).with_columns(
        pl.col("progression_months").fill_nan(None), pl.when("dead").then("cause").alias("cause")
    )
