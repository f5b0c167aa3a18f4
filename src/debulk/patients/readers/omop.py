"""A cohort from the tables of an OMOP common data model."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from debulk.core.errors import InputError
from debulk.core.files import path_of
from debulk.patients.cohort import Cohort
from debulk.patients.readers.dates import iso_dates, months_from
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.omop_concepts import (
    BOWEL_ICD,
    SEX,
    OmopConcepts,
    read_omop_mapping,
)
from debulk.patients.readers.omop_events import assessments_of, lesions_of, treatments_of
from debulk.patients.readers.omop_tables import Database, need, open_database
from debulk.patients.readers.plausibility import cohort_of
from debulk.patients.readers.sites import side_of_code


def read_omop(
    path: str | Path, *, mapping: str | Path | None = None, memory_limit: str | None = None
) -> Cohort:
    """Read patients with bowel cancer from an OMOP database into a cohort.

    Parameters
    ----------
    path : str or Path
        A folder of the CDM's tables as CSV or Parquet, or a DuckDB file. Needed are ``person``
        and ``condition_occurrence``; ``death``, ``observation_period``, ``drug_exposure``,
        ``procedure_occurrence``, ``measurement``, ``episode`` and ``concept`` are read where
        they are there.
    mapping : str or Path, optional
        A YAML file that says what the database's own concepts mean.
    memory_limit : str, optional
        Such as ``"2GB"``: tables beyond memory are read through DuckDB within this limit. Without
        it Polars reads lazily, and DuckDB where the files are larger than 2 GiB.

    Returns
    -------
    Cohort
        Time zero is the first diagnosis of bowel cancer: ICD-10 C18 to C20 in the source values,
        and the mapping's ``diagnosis``. Only rows of these persons are ever loaded.

    Raises
    ------
    InputError
        If a table or column is missing, or nobody has the diagnosis.
    """
    source = path_of(path, "path")
    if not source.exists():
        raise InputError(str(source), "there is no such file or folder", "Check the path")
    given = read_omop_mapping(mapping)
    notes = Notes()
    if mapping is not None:
        notes.read(path_of(mapping, "mapping"))
    database = open_database(source, notes, memory_limit)
    need(database, "person", ("person_id", "gender_concept_id", "year_of_birth"), str(source))
    need(database, "condition_occurrence",
         ("person_id", "condition_concept_id", "condition_start_date"), str(source))  # fmt: skip
    zero = _diagnosed(database, given.concepts, str(source), notes)
    patients = _patients(database, zero, notes)
    tables = {"patients": patients.join(_sides(database), on="patient_id", how="left")}
    for name, found in (
        ("lesions", lesions_of(database, given.concepts, zero, notes)),
        ("treatments", treatments_of(database, given.concepts, zero, notes)),
        ("assessments", assessments_of(database, given.concepts, zero, notes)),
        ("followup", _followup(database, zero, notes)),
    ):
        if found is not None and found.height:
            tables[name] = found
    for what in (
        "response and progression: the common data model has no place for them",
        "number and size of lesions: a condition names an organ, not each lesion",
        "RAS, BRAF, MSI",
        "whether local treatment was complete, and which lesions it treated",
    ):
        notes.unknown(what)
    return cohort_of(tables, notes, source=given.name, time_zero="first diagnosis of bowel cancer")


def _diagnosed(
    database: Database, concepts: OmopConcepts, where: str, notes: Notes
) -> pl.DataFrame:
    """Persons of the cohort and their day of diagnosis; kept in the database as ``cohort``."""
    tests = []
    if "condition_source_value" in database.columns["condition_occurrence"]:
        value = "UPPER(CAST(condition_source_value AS VARCHAR))"
        tests += [f"{value} LIKE '{code}%'" for code in BOWEL_ICD]
    if concepts.diagnosis:
        ids = ", ".join(map(str, concepts.diagnosis))
        tests.append(f"CAST(condition_concept_id AS BIGINT) IN ({ids})")
    if not tests:
        raise InputError(
            f"{where}, table condition_occurrence",
            "has no condition_source_value to look for ICD-10 codes in",
            "Name the concepts of bowel cancer in a mapping file: concepts: diagnosis: [...]",
        )
    database.keep(
        "cohort",
        "SELECT CAST(person_id AS VARCHAR) AS person_id, "
        "MIN(CAST(condition_start_date AS VARCHAR)) AS diagnosed FROM condition_occurrence "
        f"WHERE {' OR '.join(tests)} GROUP BY CAST(person_id AS VARCHAR)",
    )
    found = database.ask("SELECT person_id, diagnosed FROM cohort")
    if found.height == 0:
        raise InputError(
            f"{where}, table condition_occurrence",
            "nobody has a diagnosis of bowel cancer (ICD-10 C18 to C20, or the mapping's concepts)",
            "Name the concepts in a mapping file: concepts: diagnosis: [...]",
        )
    days = iso_dates(found["diagnosed"], "condition_occurrence.condition_start_date", notes)
    zero = found.select("person_id").with_columns(zero=days)
    undated = zero["zero"].null_count()
    notes.exclude("patients without a date of diagnosis", undated)
    return zero.drop_nulls().sort("person_id")


def _patients(database: Database, zero: pl.DataFrame, notes: Notes) -> pl.DataFrame:
    there = database.columns["person"]
    parts = [
        f"CAST(p.{name} AS VARCHAR) AS {name}" if name in there else f"NULL AS {name}"
        for name in ("gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth",
                     "care_site_id")
    ]  # fmt: skip
    rows = database.ask(
        f"SELECT CAST(p.person_id AS VARCHAR) AS person_id, {', '.join(parts)} FROM person p "
        "JOIN cohort c ON CAST(p.person_id AS VARCHAR) = c.person_id"
    ).with_columns(pl.all().cast(pl.String))
    joined = zero.join(rows, on="person_id", how="left", maintain_order="left")
    absent = zero.join(rows, on="person_id", how="anti").height
    notes.exclude("diagnoses of persons who are not in the table person", absent)
    joined = joined.join(rows.select("person_id"), on="person_id", how="semi")
    number = {
        name: pl.col(name).cast(pl.Float64, strict=False)
        for name in ("gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth")
    }
    born = pl.date(
        number["year_of_birth"].cast(pl.Int32),
        number["month_of_birth"].fill_null(7).cast(pl.Int8),
        number["day_of_birth"].fill_null(1).cast(pl.Int8),
    )
    notes.decide(
        "birthdays known as a year alone were put on 1 July", joined["month_of_birth"].null_count()
    )
    years = months_from("zero", born) / 12.0
    return joined.select(
        patient_id="person_id",
        age_years=years,
        sex=number["gender_concept_id"].cast(pl.Int64).replace_strict(SEX, default=None),
        crc_confirmed=pl.lit(value=True),
        centre="care_site_id",
    )


def _sides(database: Database) -> pl.DataFrame:
    """Side of the primary tumour by ICD-10, of persons whose codes agree on one."""
    if "condition_source_value" not in database.columns["condition_occurrence"]:
        return pl.DataFrame(schema={"patient_id": pl.String, "primary_site": pl.String})
    value = "CAST(t.condition_source_value AS VARCHAR)"
    tests = " OR ".join(f"UPPER({value}) LIKE '{code}%'" for code in BOWEL_ICD)
    rows = database.ask(
        f"SELECT c.person_id AS patient_id, {value} AS code FROM condition_occurrence t "
        f"JOIN cohort c ON CAST(t.person_id AS VARCHAR) = c.person_id WHERE {tests}"
    )
    sides = rows["code"].map_elements(side_of_code, return_dtype=pl.String)
    told = rows.select("patient_id").with_columns(primary_site=sides).drop_nulls().unique()
    return told.filter(~pl.col("patient_id").is_duplicated())


def _followup(database: Database, zero: pl.DataFrame, notes: Notes) -> pl.DataFrame | None:
    """Death where it is dated; else the end of the last observation period."""
    last = _last(
        database, "observation_period", "observation_period_end_date", "MAX", "seen", notes
    )
    death = _last(database, "death", "death_date", "MIN", "death", notes)
    if last is None and death is None:
        notes.unknown("follow-up: there is neither observation_period nor death")
        return None
    if death is None:
        notes.unknown("deaths: there is no table death")
    empty = pl.DataFrame(schema={"person_id": pl.String, "seen": pl.Date})
    table = zero.join(empty if last is None else last, on="person_id", how="left")
    empty = pl.DataFrame(schema={"person_id": pl.String, "death": pl.Date})
    table = table.join(empty if death is None else death, on="person_id", how="left")
    return table.select(
        patient_id="person_id",
        last_months=months_from(pl.coalesce("death", "seen"), "zero"),
        dead=pl.col("death").is_not_null(),
    ).sort("patient_id")


def _last(
    database: Database, table: str, column: str, pick: str, name: str, notes: Notes
) -> pl.DataFrame | None:
    if column not in database.columns.get(table, set()):
        return None
    rows = database.ask(
        f"SELECT c.person_id AS person_id, {pick}(CAST(t.{column} AS VARCHAR)) AS day "
        f"FROM {table} t JOIN cohort c ON CAST(t.person_id AS VARCHAR) = c.person_id "
        "GROUP BY c.person_id"
    )
    days = iso_dates(rows["day"], f"{table}.{column}", notes)
    return rows.select("person_id").with_columns(days.alias(name))
