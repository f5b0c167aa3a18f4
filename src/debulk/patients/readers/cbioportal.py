"""A cBioPortal study, of any layout, read into a cohort."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError
from debulk.core.files import path_of
from debulk.patients.cohort import Cohort
from debulk.patients.readers.cbioportal_assessments import (
    assessments,
    cut_offs,
    nearest_diagnosis,
)
from debulk.patients.readers.cbioportal_decoded import decoded_table, read_decoded
from debulk.patients.readers.cbioportal_files import Study, read_study, role_of, tables_below
from debulk.patients.readers.cbioportal_lesions import (
    at_metastases,
    lesions,
    onset,
    reports,
)
from debulk.patients.readers.cbioportal_patients import characteristics, only_bowel
from debulk.patients.readers.cbioportal_time import Clock, clock_of
from debulk.patients.readers.cbioportal_treatments import treatments
from debulk.patients.readers.notes import Notes

_NOT_KNOWN = (
    "organ, extent and intent of an operation; whether it took the primary or metastases",
    "site, dose, fractions and intent of radiation",
    "size, number and site of lesions: a lesion here is an organ at its first report",
    "whether reported lymph nodes are regional or distant",
    "response other than progression, which machines read out of reports",
    "systemic treatment before, or outside, the study's centre",
    "to which cancer an event belongs in patients with more than one",
    "variant of a mutation: ras and braf tell any mutation of the genes",
    "metastases that no report of the centre has told; who was judged unfit for local treatment",
)


def read_cbioportal(path: str | Path) -> Cohort:
    """Read a cBioPortal study into a cohort.

    Parameters
    ----------
    path : str or Path
        A folder with ``data_clinical_patient``, and where there are any ``data_clinical_sample``
        and ``data_timeline_*`` files (.txt, .tsv, .csv, also .gz), at any depth; or one with the
        single decoded table of crc_msk_2017 (or that file).

    Returns
    -------
    Cohort
        Time zero is the diagnosis of the bowel cancer (crc_msk_2017: of its metastases);
        ``entry_months`` is the first sequencing. Beside the columns with a meaning, patients
        have stage_at_diagnosis, metastatic_months, metastases_told_by
        (stage, tissue, report), organs_at_metastases (joined by ;),
        n_organs_at_metastases, first_line_start_months, treated_elsewhere, n_cancers,
        sequencing_year, reports_read (whether the study has reports of the patient),
        reports_end_months and cea_end_months (where those tables are cut off); treatments have
        with_specimen and specimen_organ; assessments have progressed; follow-up has
        progression_known_to_months. `Cohort.record` counts every exclusion and decision and
        lists what the study cannot tell.

    Raises
    ------
    InputError
        If the folder holds no study, a table lacks its patients, a day is no number, a status is
        unknown, or a patient comes twice with different values: file, line, column, remedy.
    """
    folder = path_of(path, "path")
    if not folder.exists():
        raise InputError(str(folder), "there is no such folder", "Check the path")
    single = decoded_table(folder)
    if single is not None:
        return read_decoded(single)
    if not looks_like_cbioportal(folder):
        raise InputError(
            str(folder),
            "holds no cBioPortal study",
            "Name a folder with data_clinical_patient and data_timeline files",
        )
    notes = Notes()
    study = read_study(folder, notes)
    only_bowel(study, notes)
    clock = clock_of(study, notes)
    tables = _tables(study, clock, notes)
    for each in _NOT_KNOWN:
        notes.unknown(each)
    made = notes.record(f"cBioPortal study {study.name}", clock.time_zero)
    return Cohort.from_tables(tables, record=replace(made, licence=study.licence))


def looks_like_cbioportal(path: Path) -> bool:
    """Whether a folder (or file) is a cBioPortal study that `read_cbioportal` reads."""
    if path.is_dir() and any(
        role_of(each) in ("patients", "samples", "timeline")
        for each in tables_below(path)
        if each.name.lower().startswith(("data_clinical", "data_timeline"))
    ):
        return True
    return decoded_table(path) is not None


def _tables(study: Study, clock: Clock, notes: Notes) -> dict[str, object]:
    """The tables of the cohort."""
    patients = characteristics(study, clock, notes)
    told = reports(study, clock, notes)
    metastatic = onset(told, patients.select("patient_id", "stage_iv", "relapsed"), notes)
    organs = lesions(told, metastatic, patients.select("patient_id", "sex"), notes)
    treated, with_agents = treatments(study, clock, metastatic, notes)
    assessed = assessments(study, clock, organs, metastatic, notes)
    read = study.events("PROGRESSION").select(pl.col("PATIENT_ID").alias("patient_id")).unique()
    patients = patients.join(metastatic.drop("undated"), on="patient_id", how="left")
    for part in (
        at_metastases(organs, metastatic),
        _first_line(treated),
        _adjuvant(treated, with_agents),
        nearest_diagnosis(assessed, "cea_ug_l"),
        nearest_diagnosis(assessed, "who_ps"),
        cut_offs(study, clock, notes),
        read.with_columns(pl.lit(value=True).alias("reports_read")),
    ):
        patients = patients.join(part, on="patient_id", how="left", maintain_order="left")
    patients = _completed(patients, notes)
    return {
        "patients": patients,
        "lesions": organs,
        "treatments": treated,
        "assessments": assessed,
        "followup": _followup(clock, assessed, patients),
    }


def _completed(patients: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    """Truths that follow from the others, and counts of what is missing."""
    read = pl.col("reports_read").fill_null(value=False)
    # Metastases are synchronous or not; a patient without any is neither.
    synchronous = pl.when(pl.col("metastatic_months").is_not_null() | pl.col("relapsed")).then(
        "stage_iv"
    )
    # Nothing given before the metastases is known only of those treated nowhere else.
    adjuvant = pl.when((pl.col("adjuvant") == "given") | ~pl.col("treated_elsewhere")).then(
        "adjuvant"
    )
    unread = patients.filter(~read).height
    notes.decide("patients without any report of scans", unread)
    if unread:
        notes.unknown(
            "progression, new organs, CEA, performance status and systemic treatment of the "
            f"{unread} patients whose reports the study lacks; they may differ from the others"
        )
    for name in ("age_years", "sex", "primary_site", "who_ps", "cea_ug_l", "ras", "msi"):
        notes.decide(f"patients with unknown {name} at the diagnosis", patients[name].null_count())
    return patients.with_columns(
        read.alias("reports_read"),
        synchronous.alias("synchronous"),
        adjuvant.alias("adjuvant"),
        pl.lit(value=False).alias("lesion_list_complete"),
    ).drop("stage_iv", "relapsed")


def _first_line(treated: pl.DataFrame) -> pl.DataFrame:
    first = treated.filter(pl.col("line") == 1)
    return first.group_by("patient_id").agg(
        pl.col("start_months").min().alias("first_line_start_months")
    )


def _adjuvant(treated: pl.DataFrame, with_agents: pl.DataFrame) -> pl.DataFrame:
    """Whether anything systemic was given before the metastases, where the agents are told."""
    before = treated.filter(pl.col("line") == 0).group_by("patient_id")
    ends = before.agg(pl.col("end_months").max().alias("adjuvant_end_months"))
    rows = with_agents.join(ends, on="patient_id", how="left")
    given = pl.when(pl.col("adjuvant_end_months").is_not_null()).then(pl.lit("given"))
    return rows.select(
        "patient_id", given.otherwise(pl.lit("none")).alias("adjuvant"), "adjuvant_end_months"
    )


def _followup(clock: Clock, assessed: pl.DataFrame, patients: pl.DataFrame) -> pl.DataFrame:
    """Follow-up, with the first progression after the first palliative line began."""
    line = patients.select(
        "patient_id", "first_line_start_months", "reports_read", "reports_end_months"
    )
    rows = clock.patients.select("patient_id", "last_months", "dead").join(
        line, on="patient_id", how="left", maintain_order="left"
    )
    after = (
        assessed.filter("progressed")
        .join(line, on="patient_id")
        .filter(pl.col("time_months") > pl.col("first_line_start_months"))
    )
    first = after.group_by("patient_id").agg(
        pl.col("time_months").min().alias("progression_months")
    )
    known = pl.when("reports_read").then(
        pl.coalesce("reports_end_months", "last_months").alias("known")
    )
    return rows.join(first, on="patient_id", how="left", maintain_order="left").select(
        "patient_id",
        "last_months",
        "dead",
        "progression_months",
        known.alias("progression_known_to_months"),
    )
