"""The single decoded table of crc_msk_2017: metastasectomy ever or never, without a date."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError
from debulk.patients.cohort import Cohort
from debulk.patients.columns import schema
from debulk.patients.readers.cbioportal_files import (
    ROW,
    header_of,
    read_table,
    tables_below,
)
from debulk.patients.readers.cbioportal_time import numbers_of
from debulk.patients.readers.notes import Notes

_MARKS = ("PATIENT_ID", "METASTASECTOMY", "OVERALL_SURVIVAL_MONTHS", "LIVING_STATUS")
_NUMBERS = (
    "OVERALL_SURVIVAL_MONTHS",
    "TIME_FROM_MET_DX_TO_SEQUENCING",
    "TIME_TO_METASTASIS_MONTHS",
    "AGE",
    "STAGE_AT_DIAGNOSTIC",
)
_NEEDED = (
    *_MARKS,
    *_NUMBERS,
    "SEX",
    "PRIMARY_TUMOR_SITE",
    "PRIMARY_TUMOR_LOCATION",
    "FIRST_SITE_OF_METASTASIS",
    "METASTASECTOMY_SITE",
    "MSI_STATUS",
    "SAMPLE_TYPE",
)
_ORGANS = {
    "Liver": "liver",
    "Lung": "lung",
    "Pleura": "pleura",
    "Peritoneum": "peritoneum",
    "Omentum": "peritoneum",
    "Abdomen": "peritoneum",
    "Lymph Nodes": "lymph_node",
    "Bone": "bone",
    "Brain": "brain",
    "Adrenal": "adrenal",
    "Ovary": "ovary",
}
"""Sites of first metastasis; any other is *other*."""
_NOT_KNOWN = (
    "date of the metastasectomy: ever or never, which only those who lived long enough could have",
    "intent and completeness of the metastasectomy, and treatments other than it",
    "size and number of lesions; organs after the first ones",
    "progression, responses, CEA, performance status, ras and braf",
)


def decoded_table(path: Path) -> Path | None:
    """The file of this layout that a path is, or the only one that lies below it."""
    files = [path] if path.is_file() else tables_below(path) if path.is_dir() else []
    found = [
        each
        for each in files
        if not each.name.lower().startswith(("data_", "meta_")) and set(_MARKS) <= set(_names(each))
    ]
    return found[0] if len(found) == 1 else None


def read_decoded(file: Path) -> Cohort:
    """Read the table: time zero is the diagnosis of metastases, follow-up as the table gives it.

    Raises
    ------
    InputError
        If a number or a status is none, or nobody has a follow-up.
    """
    notes = Notes()
    table = read_table(file, notes, needed=_NEEDED)
    rows = table.unique("PATIENT_ID", keep="first", maintain_order=True)
    notes.exclude("samples after a patient's first", table.height - rows.height)
    rows = _numbered(rows, file)
    no_time = pl.col("OVERALL_SURVIVAL_MONTHS").fill_null(0.0) <= 0
    notes.exclude(
        "patients whose survival is 0, which stands for missing (nearly all have a primary of an "
        "early stage and no metastases to count from)",
        rows.filter(no_time).height,
    )
    rows = rows.filter(~no_time)
    if rows.height == 0:
        raise InputError(str(file), "no patient has a follow-up", "Check the column of survival")
    tables = {
        "patients": _patients(rows, notes),
        "lesions": _lesions(rows, notes),
        "treatments": _treatments(rows, notes),
        "followup": rows.select(
            pl.col("PATIENT_ID").alias("patient_id"),
            pl.col("OVERALL_SURVIVAL_MONTHS").alias("last_months"),
            (pl.col("LIVING_STATUS") == "1").alias("dead"),
        ),
    }
    for each in _NOT_KNOWN:
        notes.unknown(each)
    record = notes.record("cBioPortal study crc_msk_2017, decoded table", "diagnosis of metastases")
    licence = "ODbL 1.0, as the study's copies in other places say; the file itself is silent"
    return Cohort.from_tables(tables, record=replace(record, licence=licence))


def _numbered(rows: pl.DataFrame, file: Path) -> pl.DataFrame:
    rows = rows.with_columns(numbers_of(rows, name, str(file)) for name in _NUMBERS)
    for name in ("LIVING_STATUS", "METASTASECTOMY"):
        wrong = rows.filter(~pl.col(name).is_in(["0", "1"]))
        if wrong.height:
            where = f"{file}, line {wrong[ROW][0]}, column {name}"
            raise InputError(where, f"{wrong[name][0]!r} is neither 0 nor 1", "Write 0 or 1")
    return rows


def _patients(rows: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    entry = pl.col("TIME_FROM_MET_DX_TO_SEQUENCING")
    notes.decide("patients sequenced before the metastases: entry 0", _count(rows, entry < 0))
    notes.decide(
        "patients sequenced at or after the end of their follow-up: kept, though delayed entry "
        "leaves them no time at risk",
        _count(rows, entry.clip(lower_bound=0.0) >= pl.col("OVERALL_SURVIVAL_MONTHS")),
    )
    site, side = pl.col("PRIMARY_TUMOR_SITE"), pl.col("PRIMARY_TUMOR_LOCATION").str.to_lowercase()
    organs = pl.col("FIRST_SITE_OF_METASTASIS").str.split(";")
    return rows.select(
        pl.col("PATIENT_ID").alias("patient_id"),
        pl.col("AGE").alias("age_years"),
        pl.col("SEX").str.to_lowercase().alias("sex"),
        pl.when(site == "Rectum").then(pl.lit("rectum")).otherwise(side).alias("primary_site"),
        (pl.col("STAGE_AT_DIAGNOSTIC") == 4).alias("synchronous"),
        pl.col("MSI_STATUS")
        .replace_strict({"MSS": "stable", "MSI": "high"}, default=None, return_dtype=pl.String)
        .alias("msi"),
        pl.lit(value=True).alias("crc_confirmed"),
        pl.lit(value=False).alias("lesion_list_complete"),
        entry.clip(lower_bound=0.0).alias("entry_months"),
        pl.col("STAGE_AT_DIAGNOSTIC").cast(pl.Int32).alias("stage_at_diagnosis"),
        pl.lit(0.0).alias("metastatic_months"),
        pl.col("TIME_TO_METASTASIS_MONTHS").alias("months_from_diagnosis_to_metastases"),
        organs.list.len().cast(pl.Int32).alias("n_organs_at_metastases"),
        (pl.col("METASTASECTOMY") == "1").alias("metastasectomy"),
        (pl.col("SAMPLE_TYPE") == "Metastasis").alias("metastasis_sequenced"),
    )


def _lesions(rows: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    named = rows.select(
        pl.col("PATIENT_ID").alias("patient_id"),
        pl.col("FIRST_SITE_OF_METASTASIS").str.split(";").alias("site"),
    )
    notes.decide(
        "patients without a site of first metastasis: no lesion", named["site"].null_count()
    )
    sites = named.drop_nulls("site").explode("site").with_columns(pl.col("site").str.strip_chars())
    organ = pl.col("site").replace_strict(_ORGANS, default="other", return_dtype=pl.String)
    organs = sites.with_columns(organ.alias("organ")).group_by(
        "patient_id", "organ", maintain_order=True
    )
    return organs.agg(pl.col("site").str.join(", ")).select(
        "patient_id",
        pl.col("organ").alias("lesion_id"),
        pl.col("organ").cast(schema("lesions")["organ"]),
        "site",
        pl.lit(0.0).alias("detected_months"),
    )


def _treatments(rows: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """Metastasectomies: a local treatment whose date is null, since the table has none."""
    given = rows.filter(pl.col("METASTASECTOMY") == "1")
    notes.decide("metastasectomies without a date, read as local treatments", given.height)
    site = pl.col("METASTASECTOMY_SITE")
    ablation = site.str.contains("(?i)rfa|ablation").fill_null(value=False)
    return given.select(
        pl.col("PATIENT_ID").alias("patient_id"),
        pl.lit("local").alias("kind"),
        pl.when(ablation).then(pl.lit("ablation")).otherwise(pl.lit("surgery")).alias("name"),
        pl.lit(None, pl.Float64).alias("start_months"),
        site.alias("treated_site"),
    )


def _names(file: Path) -> list[str]:
    try:
        return header_of(file)
    except InputError:
        return []


def _count(rows: pl.DataFrame, which: pl.Expr) -> int:
    return int(rows.select(which.fill_null(value=False).sum()).item())
