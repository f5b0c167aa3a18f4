"""The same patients with another event: one that local treatment cannot change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.emulation.person_time import Flags, Floats, PersonTime
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients
from debulk.patients import Cohort


def control_patients(found: EmulatedPatients, cohort: Cohort, name: str) -> EmulatedPatients:
    """The patients of an emulation, followed to the negative control event.

    Follow-up is the emulation's own, and ends at the control event; whatever ended it otherwise,
    death among it, competes. Who had the control event by time zero is left out.

    Parameters
    ----------
    found : EmulatedPatients
    cohort : Cohort
    name : str
        Column of the follow-up or of the patients: months of the event from the cohort's time
        zero; null for those without.

    Raises
    ------
    InputError
        If there is no such column of months, or nobody had the event after time zero.
    """
    months = _months_from_zero(found, cohort, name)
    whole = found.person_time
    kept = ~(months <= 0.0)
    happened = kept & (months <= whole.time_months)
    if not happened.any():
        what = f"none of {whole.patients} patients had it between time zero and the last contact"
        raise InputError("negative_control", f"{name!r}: {what}", "Name another event")
    time = np.where(happened, months, whole.time_months)
    cause = np.where(happened, 1, np.where(whole.cause > 0, 2, 0)).astype(np.int8)
    person_time = _followed_to(whole, time, cause, kept)
    return replace(found, person_time=person_time, undated_only=found.undated_only[kept])


def _months_from_zero(found: EmulatedPatients, cohort: Cohort, name: str) -> Floats:
    """Months of the event from each patient's time zero; NaN without."""
    tables = (cohort.followup, cohort.patients)
    table = next((each for each in tables if name in each.columns), None)
    if table is None or not table.schema[name].is_numeric():
        what = f"{name!r} is no column of months of the follow-up or the patients"
        known = [each for table in tables for each in table.columns if each.endswith("_months")]
        raise InputError("negative_control", what, nearest(name, known))
    told = table.select("patient_id", pl.col(name).cast(pl.Float64).alias("_control"))
    rows = found.flow.rows.select("patient_id", "zero_months")
    rows = rows.join(told, on="patient_id", how="left", maintain_order="left")
    since = (rows["_control"] - rows["zero_months"]).fill_null(float("nan"))
    return since.to_numpy().copy()


def _followed_to(whole: PersonTime, time: Floats, cause: np.ndarray, kept: Flags) -> PersonTime:
    """Some of the patients, each followed no longer than before."""
    patient = whole.patient
    there = kept[patient] & (whole.visit * whole.visit_months < time[patient] - 1e-9)
    rows = np.bincount(patient[there], minlength=whole.patients)[kept]

    def seen(months: Floats) -> Floats:
        return np.where(months > time, np.nan, months)[kept]

    return replace(
        whole,
        time_months=time[kept],
        cause=cause[kept],
        entry_months=whole.entry_months[kept],
        start_months=seen(whole.start_months),
        complete_months=seen(whole.complete_months),
        progression_months=seen(whole.progression_months),
        lost=(whole.lost & (cause == 0))[kept],
        first=np.r_[0, np.cumsum(rows)].astype(np.int64),
        visit=whole.visit[there],
        eligible=whole.eligible[there],
        values=whole.values[there],
        patient_id=tuple(np.array(whole.patient_id, dtype=object)[kept]),
        centre=None if whole.centre is None else whole.centre[kept],
    )
