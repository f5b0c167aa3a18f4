"""Lesions, treatments and assessments of an OMOP database's cohort."""

from __future__ import annotations

import polars as pl

from debulk.core.errors import InputError
from debulk.patients.readers.dates import iso_dates, months_from
from debulk.patients.readers.exposures import lines_of_exposures
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.omop_concepts import CEA_LOINC, DRUGS, WHO_PS, OmopConcepts
from debulk.patients.readers.omop_tables import Database
from debulk.patients.readers.sites import organ_of_code, procedure_of
from debulk.patients.readers.units import factor_to


def lesions_of(
    database: Database, concepts: OmopConcepts, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """A row for each organ with a secondary tumour, from its first diagnosis."""
    rows = _events(database, "condition_occurrence", "condition", zero, notes)
    if rows is None:
        return None
    organs = [
        concepts.metastasis.get(_whole(concept)) or organ_of_code(value or "")
        for concept, value in rows.select("concept", "value").iter_rows()
    ]
    found = rows.with_columns(organ=pl.Series(organs, dtype=pl.String)).drop_nulls("organ")
    table = (
        found.sort("start_months", nulls_last=True, maintain_order=True)
        .group_by("patient_id", "organ", maintain_order=True)
        .agg(detected_months=pl.col("start_months").first())
    )
    notes.decide("each organ with a secondary tumour is one row of lesions", table.height)
    return table.with_columns(lesion_id="organ").sort("patient_id", "organ")


def treatments_of(
    database: Database, concepts: OmopConcepts, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """Local procedures, and systemic lines from episodes where they are named, else from drugs."""
    parts = [
        _procedures(database, concepts, zero, notes),
        _regimens(database, concepts, zero, notes) if concepts.regimen else None,
    ]
    if parts[1] is None:
        if "episode" in database.columns:
            notes.ignore("table episode: the mapping names no regimen concepts")
        parts[1] = _drugs(database, concepts, zero, notes)
    found = [each for each in parts if each is not None and each.height]
    return pl.concat(found, how="diagonal_relaxed") if found else None


def assessments_of(
    database: Database, concepts: OmopConcepts, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """CEA and performance status by day; other measurements are not loaded."""
    there = database.columns.get("measurement", set())
    if not {"measurement_concept_id", "measurement_date", "value_as_number"} <= there:
        notes.unknown("CEA and performance status: there is no table measurement")
        return None
    wanted = [*concepts.cea, *concepts.who_ps, *WHO_PS]
    tests = [f"CAST(t.measurement_concept_id AS BIGINT) IN ({', '.join(map(str, wanted))})"]
    if "measurement_source_value" in there:
        tests.append(f"CAST(t.measurement_source_value AS VARCHAR) = '{CEA_LOINC}'")
    unit = "CAST(t.unit_source_value AS VARCHAR)" if "unit_source_value" in there else "NULL"
    rows = database.ask(
        "SELECT c.person_id AS patient_id, CAST(t.measurement_concept_id AS VARCHAR) AS concept, "
        "CAST(t.measurement_date AS VARCHAR) AS day, CAST(t.value_as_number AS VARCHAR) AS value, "
        f"{unit} AS unit FROM measurement t JOIN cohort c "
        f"ON CAST(t.person_id AS VARCHAR) = c.person_id WHERE {' OR '.join(tests)}"
    )
    if not concepts.cea:
        notes.unknown(f"CEA beyond rows whose source value is LOINC {CEA_LOINC}: no concept named")
    rows = _in_months(rows, "day", "time_months", "measurement.measurement_date", zero, notes)
    rows = rows.with_columns(pl.col("value").cast(pl.Float64, strict=False)).drop_nulls(
        ["value", "time_months"]
    )
    status = pl.col("concept").cast(pl.Float64).cast(pl.Int64).is_in([*concepts.who_ps, *WHO_PS])
    ps = rows.filter(status).select("patient_id", "time_months", who_ps="value")
    cea = rows.filter(~status)
    notes.decide("CEA without a unit is in ug/l", cea["unit"].null_count())
    units = cea["unit"].fill_null("ug/l")
    factors = {each: factor_to("ug/l", each, "measurement, column unit_source_value")
               for each in units.unique()}  # fmt: skip
    cea = cea.select(
        "patient_id",
        "time_months",
        cea_ug_l=pl.col("value")
        * units.replace_strict(factors, default=1.0, return_dtype=pl.Float64),
    )
    key = ["patient_id", "time_months"]
    return (
        cea.group_by(key).agg(pl.col("cea_ug_l").max())
        .join(ps.group_by(key).agg(pl.col("who_ps").max()), on=key, how="full", coalesce=True)
        .sort(key)
    )  # fmt: skip


def _procedures(
    database: Database, concepts: OmopConcepts, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    rows = _events(database, "procedure_occurrence", "procedure", zero, notes)
    if rows is None:
        notes.unknown("local treatment: there is no table procedure_occurrence")
        return None
    names = [
        concepts.local.get(_whole(concept)) or procedure_of(name) or procedure_of(value)
        for concept, name, value in rows.select("concept", "name", "value").iter_rows()
    ]
    found = rows.with_columns(name=pl.Series(names, dtype=pl.String))
    notes.ignore("procedure_occurrence: no local treatment of metastases by concept or name",
                 found["name"].null_count())  # fmt: skip
    return found.drop_nulls("name").select(
        "patient_id", "name", "start_months", kind=pl.lit("local")
    )


def _drugs(
    database: Database, concepts: OmopConcepts, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    rows = _events(database, "drug_exposure", "drug", zero, notes)
    if rows is None:
        notes.unknown("systemic treatment: there is no table drug_exposure")
        return None
    agents = []
    for concept, name, value in rows.select("concept", "name", "value").iter_rows():
        said = f"{name or ''} {value or ''}".lower()
        agent = next((each for each in DRUGS if each in said), None)
        if agent is None and _whole(concept) in concepts.systemic:
            agent = said.strip() or f"concept {concept}"
        agents.append(agent)
    found = rows.with_columns(agent=pl.Series(agents, dtype=pl.String))
    notes.ignore("drug_exposure: no drug against bowel cancer by name or concept",
                 found["agent"].null_count())  # fmt: skip
    found = found.drop_nulls("agent")
    return lines_of_exposures(found, notes) if found.height else None


def _regimens(
    database: Database, concepts: OmopConcepts, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    rows = _events(database, "episode", "episode", zero, notes)
    if rows is None:
        notes.unknown("regimens: the mapping names their concepts, but there is no table episode")
        return None
    wanted = rows.filter(pl.col("concept").cast(pl.Float64).cast(pl.Int64).is_in(concepts.regimen))
    named = pl.coalesce("value", "name")
    return wanted.select(
        "patient_id", "start_months", "end_months", name=named, kind=pl.lit("systemic")
    )


def _events(
    database: Database, table: str, stem: str, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame | None:
    """Rows of the cohort's persons: concept, its name where the vocabulary is there, times."""
    there = database.columns.get(table, set())
    start = next((n for n in (f"{stem}_start_date", f"{stem}_date", f"{stem}_exposure_start_date")
                  if n in there), None)  # fmt: skip
    concept = f"{stem}_concept_id"
    if start is None or concept not in there:
        return None
    end = next((n for n in (f"{stem}_end_date", f"{stem}_exposure_end_date") if n in there), None)
    value = f"{stem}_source_value"
    parts = [
        "c.person_id AS patient_id",
        f"CAST(t.{concept} AS VARCHAR) AS concept",
        f"CAST(t.{start} AS VARCHAR) AS start_day",
        f"CAST(t.{end} AS VARCHAR) AS end_day" if end else "NULL AS end_day",
        f"CAST(t.{value} AS VARCHAR) AS value" if value in there else "NULL AS value",
    ]
    join = f"FROM {table} t JOIN cohort c ON CAST(t.person_id AS VARCHAR) = c.person_id"
    if {"concept_id", "concept_name"} <= database.columns.get("concept", set()):
        parts.append("CAST(v.concept_name AS VARCHAR) AS name")
        join += (
            f" LEFT JOIN concept v ON CAST(t.{concept} AS BIGINT) = CAST(v.concept_id AS BIGINT)"
        )
    else:
        parts.append("NULL AS name")
    rows = database.ask(f"SELECT {', '.join(parts)} {join}").with_columns(pl.all().cast(pl.String))
    rows = _in_months(rows, "start_day", "start_months", f"{table}.{start}", zero, notes)
    return _in_months(rows, "end_day", "end_months", f"{table}.{end}", zero, notes)


def _in_months(
    rows: pl.DataFrame, column: str, name: str, where: str, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame:
    days = iso_dates(rows[column], where, notes)
    joined = rows.with_columns(_day=days).join(
        zero, left_on="patient_id", right_on="person_id", how="inner", maintain_order="left"
    )
    return joined.with_columns(months_from("_day", "zero").alias(name)).drop("_day", "zero", column)


def _whole(text: str | None) -> int:
    try:
        return int(float(text)) if text is not None else 0
    except ValueError:
        raise InputError("OMOP tables", f"{text!r} is no concept id", "Correct the row") from None
