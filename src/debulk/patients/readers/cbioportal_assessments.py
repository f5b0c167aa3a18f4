"""Assessments of a cBioPortal study: scans read by machine, CEA, performance status."""

from __future__ import annotations

import polars as pl

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.readers.cbioportal_files import Study
from debulk.patients.readers.cbioportal_time import WORK_UP_DAYS, Clock, numbers_of
from debulk.patients.readers.notes import Notes

_PER_ML = ("ng/ml", "ug/l", "µg/l", "mcg/l")  # one and the same unit
_NEAR_MONTHS = WORK_UP_DAYS / DAYS_PER_MONTH


def assessments(
    study: Study, clock: Clock, lesions: pl.DataFrame, metastatic: pl.DataFrame, notes: Notes
) -> pl.DataFrame:
    """The assessments table, one row a patient and day, with `progressed` (truth or null).

    Progression in a report is response PD; *no progression* is `progressed` false and no
    response, since the report does not tell stable disease from a response.
    """
    scans = _scans(study, clock, notes)
    scans = _with_new_organs(scans, lesions, metastatic)
    key = ["patient_id", "time_months"]
    table = scans
    for other in (_cea(study, clock, notes), _status(study, clock, notes)):
        table = table.join(other, on=key, how="full", coalesce=True)
    return table.sort(key)


def nearest_diagnosis(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """A patient's first value within 90 days of the diagnosis (or of the work-up before it)."""
    near = rows.filter((pl.col("time_months") <= _NEAR_MONTHS) & pl.col(column).is_not_null())
    return near.group_by("patient_id").agg(pl.col(column).sort_by("time_months").first())


def cut_offs(study: Study, clock: Clock, notes: Notes) -> pl.DataFrame:
    """Months at which the tables of reports and of CEA are cut off; null where they are whole."""
    names = {
        "reports_end_months": ("DIAGNOSIS_TABLE_TRUNCATED", "DIAGNOSIS_TABLE_LAST_DAY"),
        "cea_end_months": ("LAB_TABLE_TRUNCATED", "LAB_TABLE_LAST_DAY"),
    }
    rows = clock.patients.select("patient_id")
    for name, (cut, day) in names.items():
        if study.cut_offs is None or not {cut, day} <= set(study.cut_offs.columns):
            rows = rows.with_columns(pl.lit(None, pl.Float64).alias(name))
            continue
        days = numbers_of(study.cut_offs, day, "the table of last days shown")
        table = study.cut_offs.with_columns(days).filter(pl.col(cut).is_in(["1", "1.0", "TRUE"]))
        placed = clock.months(table.select("PATIENT_ID", day), day)
        ends = placed.select(
            "patient_id",
            pl.min_horizontal(pl.col("months").clip(lower_bound=0.0), "last_months").alias(name),
        )
        notes.decide(f"patients whose table is cut off, on {name}", ends.height)
        notes.decide(
            f"patients whose table is cut off before time zero: {name} is 0",
            placed.filter(pl.col("months") < 0).height,
        )
        rows = rows.join(ends, on="patient_id", how="left", maintain_order="left")
    return rows


def _scans(study: Study, clock: Clock, notes: Notes) -> pl.DataFrame:
    """Days with a scan: progression if any report of the day says so."""
    rows = clock.dated(study.events("PROGRESSION"), "scans", notes)
    word = pl.col("PROGRESSION").str.to_lowercase()
    _refuse_word(rows, "PROGRESSION", ("y", "n", "yes", "no", "indeterminate"))
    yes, no = word.is_in(["y", "yes"]).any(), word.is_in(["n", "no"]).any()
    found = pl.when(yes).then(statement=True).when(no).then(statement=False).otherwise(None)
    days = rows.group_by("patient_id", pl.col("months").alias("time_months")).agg(
        found.alias("progressed")
    )
    notes.decide(
        "days whose scans were all indeterminate: progression unknown",
        days["progressed"].null_count(),
    )
    response = pl.when(pl.col("progressed")).then(pl.lit("PD"))
    return days.with_columns(response.alias("response"))


def _with_new_organs(
    scans: pl.DataFrame, lesions: pl.DataFrame, metastatic: pl.DataFrame
) -> pl.DataFrame:
    """Whether an organ was first reported on the day of the scan, after the first metastases."""
    first = lesions.select(
        "patient_id", pl.col("detected_months").alias("time_months"), pl.lit(1).alias("_new")
    ).unique()
    rows = scans.join(first, on=["patient_id", "time_months"], how="left").join(
        metastatic.select("patient_id", "metastatic_months"), on="patient_id", how="left"
    )
    later = pl.col("time_months") > pl.col("metastatic_months")
    new = pl.when(later).then(pl.col("_new").is_not_null())
    return rows.with_columns(new.alias("new_lesions")).drop("_new", "metastatic_months")


def _cea(study: Study, clock: Clock, notes: Notes) -> pl.DataFrame:
    rows = study.events("TEST", "RESULT", "LR_UNIT_MEASURE", "UNIT")
    rows = rows.filter(pl.col("TEST").str.to_uppercase() == "CEA").drop_nulls("RESULT")
    rows = rows.with_columns(pl.coalesce("LR_UNIT_MEASURE", "UNIT").alias("_unit"))
    unit = pl.col("_unit").str.to_lowercase()
    foreign = rows.filter(~unit.is_in(_PER_ML))
    if foreign.height:
        raise InputError(
            "time line of laboratory tests, column LR_UNIT_MEASURE",
            f"{foreign['_unit'][0]!r} is no known unit of CEA (in {foreign.height} rows)",
            "Give CEA in ng/ml, which is ug/L",
        )
    notes.decide("CEA values without a unit, taken for ng/ml", rows["_unit"].null_count())
    below = pl.col("RESULT").str.starts_with("<")
    notes.decide("CEA values below a limit: the limit", rows.filter(below).height)
    value = pl.col("RESULT").str.strip_chars("<= ").cast(pl.Float64, strict=False)
    rows = rows.with_columns(value.alias("cea_ug_l"))
    known = (pl.col("cea_ug_l") >= 0) & pl.col("cea_ug_l").is_finite()
    notes.exclude(
        "CEA values that are no number", rows.filter(~known.fill_null(value=False)).height
    )
    dated = clock.dated(rows.filter(known), "CEA values", notes)
    return dated.group_by("patient_id", pl.col("months").alias("time_months")).agg(
        pl.col("cea_ug_l").sort_by("START_DATE", "cea_ug_l").last()
    )


def _status(study: Study, clock: Clock, notes: Notes) -> pl.DataFrame:
    """ECOG as WHO performance status; the worst of a day."""
    rows = study.events("ECOG")
    value = pl.col("ECOG").str.extract(r"^([0-5])(?:\.0)?$").cast(pl.Int32)
    rows = rows.with_columns(value.alias("who_ps"))
    notes.exclude("ECOG values other than 0 to 5", rows["who_ps"].null_count())
    dated = clock.dated(rows.drop_nulls("who_ps"), "performance statuses", notes)
    return dated.group_by("patient_id", pl.col("months").alias("time_months")).agg(
        pl.col("who_ps").max()
    )


def _refuse_word(rows: pl.DataFrame, column: str, words: tuple[str, ...]) -> None:
    wrong = rows.filter(~pl.col(column).str.to_lowercase().is_in(words))
    if wrong.height:
        raise InputError(
            f"time line with the column {column}",
            f"{wrong[column][0]!r} is no known word (in {wrong.height} rows)",
            f"Known: {', '.join(words)}",
        )
