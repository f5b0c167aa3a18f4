"""Time zero of a cBioPortal cohort, the end of each follow-up, and events between the two."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.readers.cbioportal_files import ROW, Study
from debulk.patients.readers.notes import Notes

WORK_UP_DAYS = 90
"""Events of the last days before the diagnosis belong to its work-up and count as day 0."""

FIRST_SEQUENCING_YEAR = 2014
"""The sequencing programme behind the authors' table began in this year; earlier is an error."""

_DEAD = ("1:deceased", "deceased", "dead", "1:dead", "1")
_ALIVE = ("0:living", "living", "alive", "0:alive", "0")
_BOWEL = r"\| C(18|19|20|26)"  # ICD-O topography of colon, rectosigmoid and rectum
_DISAGREEMENT_DAYS = 31


@dataclass(frozen=True)
class Clock:
    """Who is in the cohort, and how the study's days become months from time zero.

    Attributes
    ----------
    patients : polars.DataFrame
        patient_id, zero_day (time zero on the study's days), entry_months, last_months, dead.
    time_zero : str
        What time zero is, in words.
    """

    patients: pl.DataFrame
    time_zero: str

    def months(self, rows: pl.DataFrame, day: str = "START_DATE") -> pl.DataFrame:
        """Rows of the cohort's patients with `days` and `months` from time zero, of any sign."""
        known = self.patients.select("patient_id", "zero_day", "last_months", "dead")
        return (
            rows.rename({"PATIENT_ID": "patient_id"})
            .join(known, on="patient_id", how="inner", maintain_order="left")
            .with_columns((pl.col(day) - pl.col("zero_day")).alias("days"))
            .with_columns((pl.col("days") / DAYS_PER_MONTH).alias("months"))
        )

    def dated(self, rows: pl.DataFrame, what: str, notes: Notes) -> pl.DataFrame:
        """Rows between time zero and the end of follow-up; the others are left out and counted.

        Events of the work-up, at most `WORK_UP_DAYS` before time zero, are put on it.
        """
        placed = self.months(rows)
        notes.ignore(f"{what} of nobody in the cohort", rows.height - placed.height)
        early = pl.col("days") < -WORK_UP_DAYS
        late = pl.col("months") > pl.col("last_months") + 1e-9
        for reason, which in (
            (f"{what} more than {WORK_UP_DAYS} days before time zero", early),
            (f"{what} after death", late & pl.col("dead")),
            (f"{what} after the last contact", late & ~pl.col("dead")),
        ):
            notes.exclude(reason, _count(placed, which))
        kept = placed.filter(~early & ~late)
        notes.decide(
            f"{what} at most {WORK_UP_DAYS} days before time zero, put on it",
            _count(kept, pl.col("months") < 0),
        )
        return kept.with_columns(pl.col("months").clip(lower_bound=0.0))


def clock_of(study: Study, notes: Notes) -> Clock:
    """Set time zero and the end of follow-up of each patient.

    Time zero is the diagnosis of the bowel cancer: by the authors' table, else by the time line
    of diagnoses. A study with neither keeps its own day 0, and says so.

    Raises
    ------
    InputError
        If a status of OS_STATUS is unknown, a time is no number, or nobody is left.
    """
    rows = study.patients.select(
        pl.col("PATIENT_ID").alias("patient_id"), _status(study).alias("dead"), _os_months(study)
    )
    rows = rows.join(_authors(study, notes), on="patient_id", how="left", maintain_order="left")
    rows = rows.join(_diagnoses(study), on="patient_id", how="left", maintain_order="left")
    rows = _with_zero(rows, study, notes)
    rows = _with_end(rows, study, notes)
    if rows.height == 0:
        raise InputError(
            study.name,
            "no patient has a time zero and a follow-up",
            "Check OS_MONTHS and OS_STATUS",
        )
    by_diagnosis = rows["zero_day"].is_not_null().any()
    zero = (
        "diagnosis of the bowel cancer"
        if by_diagnosis
        else "day 0 of the study's time lines, which the files do not name"
    )
    return Clock(
        rows.select("patient_id", pl.col("zero_day").fill_null(0.0), "entry_months", "last_months",
                    "dead"),
        zero,
    )  # fmt: skip


def _status(study: Study) -> pl.Series:
    if "OS_STATUS" not in study.patients.columns:
        raise InputError(
            f"study {study.name}, data_clinical_patient",
            "column OS_STATUS is missing",
            "Give the patients' file OS_STATUS and OS_MONTHS",
        )
    given = study.patients["OS_STATUS"]
    word = given.str.to_lowercase()
    wrong = (~word.is_in((*_DEAD, *_ALIVE, "unknown"))).fill_null(value=False).arg_true()
    if wrong.len():
        row = int(wrong[0])
        raise InputError(
            f"data_clinical_patient, line {study.patients[ROW][row]}, column OS_STATUS",
            f"{given[row]!r} is no known status",
            "Write 0:LIVING or 1:DECEASED, or leave it empty",
        )
    known = word.is_in((*_DEAD, *_ALIVE))
    return word.is_in(_DEAD).set((~known).fill_null(value=True), None)


def _os_months(study: Study) -> pl.Expr | pl.Series:
    if "OS_MONTHS" not in study.patients.columns:
        return pl.lit(None, pl.Float64).alias("os_months")
    return numbers_of(study.patients, "OS_MONTHS", "data_clinical_patient").alias("os_months")


def numbers_of(frame: pl.DataFrame, column: str, file: str) -> pl.Series:
    """A column of numbers.

    Raises
    ------
    InputError
        At the first value that is none.
    """
    numbers = frame[column].cast(pl.Float64, strict=False).fill_nan(None)
    wrong = (numbers.is_null() & frame[column].is_not_null()).arg_true()
    if wrong.len():
        row = int(wrong[0])
        where = f"{file}, line {frame[ROW][row]}, column {column}"
        raise InputError(where, f"{frame[column][row]!r} is no number", "Give a number, or nothing")
    return numbers


def _authors(study: Study, notes: Notes) -> pl.DataFrame:
    """Days from diagnosis to first sequencing and to the end, as the study's authors give them."""
    names = {"ENTRY": "entry_days", "STOP": "stop_days", "AGE": "_age", "SEQUENCING_YEAR": "_year"}
    table = study.outcomes
    if table is None:
        types = {name: pl.Float64() for name in names.values()}
        return pl.DataFrame(schema={"patient_id": pl.String(), **types})
    given = [
        numbers_of(table, column, "the authors' table").alias(name)
        if column in table.columns
        else pl.lit(None, pl.Float64).alias(name)
        for column, name in names.items()
    ]
    rows = table.select(pl.col("PATIENT_ID").alias("patient_id"), *given)
    known = study.patients["PATIENT_ID"].implode()
    lost = rows.filter(~pl.col("patient_id").is_in(known)).height
    notes.ignore("patients of the authors' table who are not in the patients' file", lost)
    return rows


def _diagnoses(study: Study) -> pl.DataFrame:
    """First day on which a bowel cancer was registered."""
    primary = (pl.col("EVENT_TYPE") == "diagnosis") & (pl.col("SUBTYPE") == "primary")
    rows = study.events("DX_DESCRIPTION", where=primary)
    bowel = rows.filter(pl.col("DX_DESCRIPTION").str.contains(_BOWEL))
    return bowel.group_by(pl.col("PATIENT_ID").alias("patient_id")).agg(
        pl.col("START_DATE").min().alias("registered_day")
    )


def _with_zero(rows: pl.DataFrame, study: Study, notes: Notes) -> pl.DataFrame:
    impossible = (pl.col("_age") < 0) | (pl.col("_year") < FIRST_SEQUENCING_YEAR)
    notes.exclude(
        f"patients with an age below 0 or sequenced before {FIRST_SEQUENCING_YEAR}: a date of "
        "theirs is impossible, and with it every day of their time line",
        _count(rows, impossible),
    )
    rows = rows.filter(~impossible.fill_null(value=False))
    authors, registered = pl.col("entry_days"), pl.col("registered_day")
    notes.decide(
        "patients registered on another day than the authors', whose day counts",
        _count(rows, authors != -registered),
    )
    rows = rows.with_columns(pl.coalesce(-authors, registered).alias("zero_day"))
    if study.outcomes is not None:
        notes.decide(
            "patients without a row in the authors' table, dated by the registry",
            _count(rows, authors.is_null() & registered.is_not_null()),
        )
    if rows["zero_day"].is_null().all():
        return rows
    notes.exclude(
        "patients without a date of diagnosis: no time zero", rows["zero_day"].null_count()
    )
    return rows.drop_nulls("zero_day")


def _with_end(rows: pl.DataFrame, study: Study, notes: Notes) -> pl.DataFrame:
    """End of follow-up: the authors', else OS_MONTHS from where the patients' file says it counts.

    Day 0 of the time lines is the first sequencing where the file says so of OS_MONTHS; the
    months before it are then those of delayed entry.
    """
    sequenced = "sequenc" in study.os_origin or study.outcomes is not None
    before = (-pl.col("zero_day")).fill_null(0.0) / DAYS_PER_MONTH
    by_file = pl.col("os_months") + (before if sequenced else 0.0)
    by_authors = pl.col("stop_days") / DAYS_PER_MONTH
    notes.decide(
        f"patients whose OS_MONTHS differs by more than {_DISAGREEMENT_DAYS} days from the "
        "authors' table, which counts",
        _count(rows, ((by_authors - by_file) * DAYS_PER_MONTH).abs() > _DISAGREEMENT_DAYS),
    )
    if not sequenced:
        told = "diagnosis" if "diagnos" in study.os_origin else "time zero, as the file is silent"
        notes.decide(f"patients whose OS_MONTHS was counted from {told}", rows.height)
    entry = before if sequenced else pl.lit(None, pl.Float64)
    rows = rows.with_columns(
        pl.coalesce(by_authors, by_file).alias("last_months"), entry.alias("entry_months")
    )
    unknown = pl.col("dead").is_null() | pl.col("last_months").is_null()
    notes.exclude("patients without OS_STATUS or OS_MONTHS: no follow-up", _count(rows, unknown))
    rows = rows.filter(~unknown)
    early = pl.col("last_months") < 0
    notes.exclude("patients whose follow-up ends before time zero", _count(rows, early))
    rows = rows.filter(~early)
    notes.decide(
        "patients sequenced before time zero: entry on it", _count(rows, pl.col("entry_months") < 0)
    )
    return rows.with_columns(pl.col("entry_months").clip(lower_bound=0.0))


def _count(rows: pl.DataFrame, which: pl.Expr) -> int:
    return int(rows.select(which.fill_null(value=False).sum()).item())
