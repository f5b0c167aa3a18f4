"""A cohort from a trial's CDISC data: SDTM and ADaM, as transport files, CSV or Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from debulk.core.errors import InputError
from debulk.core.files import path_of
from debulk.patients.cohort import Cohort
from debulk.patients.readers.cdisc_followup import followup_of
from debulk.patients.readers.cdisc_patients import patients_of
from debulk.patients.readers.cdisc_treatments import procedures_of, study_treatment_of
from debulk.patients.readers.cdisc_tumours import lesions_of, visits_of
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.plausibility import cohort_of
from debulk.patients.readers.table_files import read_table

DOMAINS = {
    "DM": "demographics: age, sex, arm",
    "ADSL": "subject-level data: randomisation date",
    "TU": "identified tumours: lesions and their organs",
    "TR": "measured tumours: diameters and their sum",
    "RS": "response by visit",
    "EX": "study treatment: dates of the systemic line",
    "PR": "procedures: local treatment",
    "DS": "disposition: randomisation, death, last contact",
    "DD": "details of death: its cause",
    "ADTTE": "times to event: overall and progression-free survival",
}
"""Domains that are read, and what each would tell."""

_ENDINGS = (".xpt", ".csv", ".parquet")


def read_cdisc(path: str | Path) -> Cohort:
    """Read a trial's SDTM or ADaM data sets into a cohort.

    Parameters
    ----------
    path : str or Path
        A folder with ``dm`` or ``adsl`` and, where there are any, ``tu``, ``tr``, ``rs``, ``ex``,
        ``pr``, ``ds``, ``dd`` and ``adtte``, each ``.xpt`` (needs the extra ``registries``),
        ``.csv`` or ``.parquet``.

    Returns
    -------
    Cohort
        Time zero is randomisation where any subject has its date, else the reference start
        (RFSTDTC), else the first dose (TRTSDT); subjects without it are excluded and counted.
        `Cohort.record` says what was left out, decided, ignored and cannot be known.

    Raises
    ------
    InputError
        If there is neither DM nor ADSL, a file is damaged, or a unit is unknown.
    """
    folder = path_of(path, "path")
    files = cdisc_files(folder)
    if not {"DM", "ADSL"} & set(files):
        raise InputError(
            str(folder), "holds neither dm nor adsl (.xpt, .csv, .parquet)", "Check the folder"
        )
    notes = Notes()
    domains = {name: _domain(file, notes) for name, file in files.items() if name in DOMAINS}
    for name, file in files.items():
        if name not in DOMAINS:
            notes.ignore(f"file {file.name}")
    patients, zero, time_zero = patients_of(domains, notes)
    tables = {"patients": patients}
    lesions = lesions_of(domains, zero, notes)
    for table, found in (
        ("lesions", lesions),
        ("assessments", visits_of(domains, zero, notes)),
        ("treatments", _treatments(domains, zero, notes)),
    ):
        if found is not None and found.height:
            tables[table] = found
    followup = followup_of(domains, zero, notes)
    if followup.height:
        tables["followup"] = followup
    for name, what in DOMAINS.items():
        if name not in domains and name not in ("DM", "ADSL"):
            notes.unknown(f"no {name} ({what})")
    _never_told(notes)
    return cohort_of(tables, notes, source=f"CDISC study {_study(domains)}", time_zero=time_zero)


def cdisc_files(folder: Path) -> dict[str, Path]:
    """The data sets of a folder by the name of their domain, in capitals.

    Raises
    ------
    InputError
        If it is no folder, or a domain is there twice.
    """
    if not folder.is_dir():
        found = "is a file, not a folder" if folder.exists() else "there is no such folder"
        raise InputError(str(folder), found, "Name the folder of the data sets")
    files: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        name = file.stem.upper()
        if file.suffix.lower() not in _ENDINGS or file.name.startswith("."):
            continue
        if name in files:
            found = f"holds {name} twice ({files[name].name}, {file.name})"
            raise InputError(str(folder), found, "Keep one of the two")
        files[name] = file
    return files


def _domain(file: Path, notes: Notes) -> pl.DataFrame:
    frame = read_table(file, notes)
    frame = frame.rename({name: name.strip().upper() for name in frame.columns})
    if "USUBJID" not in frame.columns:
        raise InputError(
            f"{file}, column USUBJID", "the column is missing", "Export the domain whole"
        )
    texts = pl.selectors.string()
    blank = texts.str.strip_chars()
    frame = frame.with_columns(pl.when(blank != "").then(blank).name.keep())
    nameless = frame.filter(pl.col("USUBJID").is_null()).height
    notes.exclude(f"{file.name}: rows without USUBJID", nameless)
    return frame.filter(pl.col("USUBJID").is_not_null())


def _treatments(
    domains: dict[str, pl.DataFrame], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    parts = [study_treatment_of(domains, zero, notes), procedures_of(domains, zero, notes)]
    found = [each for each in parts if each is not None]
    return pl.concat(found, how="diagonal") if found else None


def _study(domains: dict[str, pl.DataFrame]) -> str:
    first = domains.get("ADSL", domains.get("DM"))
    if first is None or "STUDYID" not in first.columns:
        return "without STUDYID"
    return ", ".join(sorted(first["STUDYID"].drop_nulls().cast(pl.String).unique())[:5])


def _never_told(notes: Notes) -> None:
    notes.unknown(
        "side of the primary tumour, RAS, BRAF, MSI: no SDTM domain that is read has them"
    )
    notes.unknown("which lesions a local procedure treated, and whether completely")
    notes.unknown(
        "whether TU lists every lesion: RECIST asks for five targets at most, and others may stand "
        "in one row"
    )
    notes.unknown("lines of systemic treatment before and after the study's own")
