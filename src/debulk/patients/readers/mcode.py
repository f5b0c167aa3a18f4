"""A cohort from FHIR R4 bundles in the manner of mCODE, read leniently."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError
from debulk.core.files import path_of
from debulk.patients.cohort import Cohort
from debulk.patients.readers.dates import iso_dates, months_from
from debulk.patients.readers.exposures import lines_of_exposures
from debulk.patients.readers.mcode_events import Events, events_of
from debulk.patients.readers.mcode_resources import (
    Resource,
    bare_key,
    key_of,
    name_of,
    resources_of,
)
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.plausibility import cohort_of

_WRONG = ("entered-in-error", "cancelled", "not-done", "refuted")


def read_mcode(path: str | Path) -> Cohort:
    """Read FHIR bundles of cancer patients into a cohort.

    Parameters
    ----------
    path : str or Path
        A JSON or NDJSON file, or a folder of them: bundles of any type, bundles in bundles,
        single resources. Nothing is validated; what is not understood is counted.

    Returns
    -------
    Cohort
        Time zero is the first dated primary cancer (mCODE primary cancer condition, or ICD-10 C18
        to C20); patients without one are kept, with no times. `Cohort.record` lists what was
        ignored by type of resource.

    Raises
    ------
    InputError
        If a file is no JSON, or there is no patient.
    """
    notes = Notes()
    source = path_of(path, "path")
    if not source.exists():
        raise InputError(str(source), "there is no such file or folder", "Check the path")
    found = resources_of(source, notes)
    patients = _patients_of(found, notes)
    if not patients:
        raise InputError(
            str(source),
            f"holds no Patient among its {len(found)} resources",
            "Export the bundle with its Patient",
        )
    aliases = {
        alias: name
        for name, each in patients.items()
        for alias in (name, bare_key(str(each.get("_url") or ""))) if alias
    }  # fmt: skip
    events = events_of(_of_patients(found, aliases, notes), notes)
    zero = _time_zero(events, patients, notes)
    tables = {"patients": _patients(patients, events, zero, notes)}
    dated = _dated(events, zero, notes)
    for name, rows in dated.items():
        if name == "exposures":
            rows = lines_of_exposures(rows, notes) if rows.height else rows
            tables = _added(tables, "treatments", rows)
        elif rows.height:
            tables = _added(tables, name, rows)
    followup = _followup(events, patients, zero, notes)
    if followup.height:
        tables["followup"] = followup
    if "lesions" not in tables:
        notes.unknown("lesions and their organs: no secondary cancer condition or tumour")
    notes.unknown("whether all lesions are listed: a condition names an organ, not each lesion")
    notes.unknown("whether local treatment was complete, and which lesions it treated")
    return cohort_of(
        tables, notes, source=f"FHIR bundles ({source.name})",
        time_zero="first dated primary cancer condition",
    )  # fmt: skip


def _patients_of(found: list[Resource], notes: Notes) -> dict[str, Resource]:
    """Patients by their identifier; one that comes again must say the same of sex and birth."""
    patients: dict[str, Resource] = {}
    for each in found:
        if each["resourceType"] != "Patient":
            continue
        name = name_of(each)
        if not name:
            notes.exclude("Patients without an identifier", 1)
        elif name not in patients:
            patients[name] = each
        elif any(
            None not in (patients[name].get(key), each.get(key))
            and patients[name][key] != each[key]
            for key in ("gender", "birthDate")
        ):
            raise InputError(
                f"Patient {name!r}",
                "comes twice with a different sex or date of birth",
                "Correct one, or give the two patients identifiers of their own",
            )
        else:
            patients[name] = {**each, **patients[name]}
            notes.decide("Patients that come again are one patient", 1)
    return patients


def _of_patients(
    found: list[Resource], aliases: dict[str, str], notes: Notes
) -> list[tuple[str, Resource]]:
    """Resources with the patient they are about; others are counted by type."""
    kept: list[tuple[str, Resource]] = []
    astray: Counter[str] = Counter()
    for each in found:
        if each["resourceType"] == "Patient":
            continue
        key = key_of(each.get("subject")) or key_of(each.get("patient"))
        status = str(each.get("status") or "")
        if key is None or key not in aliases:
            astray[each["resourceType"]] += 1
        elif status in _WRONG:
            notes.exclude(f"{each['resourceType']} with status {status}", 1)
        else:
            kept.append((aliases[key], each))
    for kind, count in astray.items():
        notes.ignore(f"{kind}: its patient is not among the Patients", count)
    return kept


def _time_zero(events: Events, patients: dict[str, Resource], notes: Notes) -> pl.DataFrame:
    primaries = pl.DataFrame(
        events.primaries, schema={"patient_id": pl.String, "date": pl.String, "bowel": pl.Boolean},
        orient="row",
    )  # fmt: skip
    dates = iso_dates(primaries["date"], "Condition.onset", notes)
    zero = (
        primaries.with_columns(zero=dates)
        .drop_nulls("zero")
        .group_by("patient_id")
        .agg(pl.col("zero").min())
    )
    notes.decide(
        "patients without a dated primary cancer are kept, with no times",
        len(patients) - zero.height,
    )
    return zero


def _patients(
    patients: dict[str, Resource], events: Events, zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame:
    known = {patient for patient, *_ in events.primaries}
    bowel = {patient for patient, _, is_bowel in events.primaries if is_bowel}
    table = pl.DataFrame(
        {
            "patient_id": list(patients),
            "born": [_text(each.get("birthDate")) for each in patients.values()],
            "sex": [
                each.get("gender") if each.get("gender") in ("male", "female") else None
                for each in patients.values()
            ],
            "primary_site": [events.sides.get(name) for name in patients],
            "t_stage": [events.t_stages.get(name) for name in patients],
            "crc_confirmed": [name in bowel if name in known else None for name in patients],
        },
        schema_overrides={"born": pl.String, "sex": pl.String, "primary_site": pl.String,
                          "t_stage": pl.Int32, "crc_confirmed": pl.Boolean},
    )  # fmt: skip
    others = table.filter(~pl.col("crc_confirmed")).height
    notes.decide("patients whose primary cancer is not of the bowel are kept", others)
    born = iso_dates(table["born"], "Patient.birthDate", notes)
    joined = table.with_columns(born=born).join(
        zero, on="patient_id", how="left", maintain_order="left"
    )
    years = months_from("zero", "born") / 12.0
    return joined.with_columns(age_years=years).drop("born", "zero")


def _dated(events: Events, zero: pl.DataFrame, notes: Notes) -> dict[str, pl.DataFrame]:
    """The rows of each table with their times in months; those without any are counted."""
    tables: dict[str, pl.DataFrame] = {}
    for name, rows in events.rows.items():
        if not rows:
            continue
        frame = pl.DataFrame(rows, infer_schema_length=None)
        for column in [each for each in frame.columns if each.endswith("_date")]:
            days = iso_dates(frame[column], f"{name}.{column}", notes)
            joined = frame.with_columns(_day=days).join(
                zero, on="patient_id", how="left", maintain_order="left"
            )
            frame = joined.with_columns(
                months_from("_day", "zero").alias(column.removesuffix("_date") + "_months")
            ).drop("_day", "zero", column)
        tables[name] = frame
    return tables


def _added(
    tables: dict[str, pl.DataFrame], name: str, rows: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    if rows.height == 0:
        return tables
    parts = [tables[name], rows] if name in tables else [rows]
    return {**tables, name: pl.concat(parts, how="diagonal_relaxed")}


def _followup(
    events: Events, patients: dict[str, Resource], zero: pl.DataFrame, notes: Notes
) -> pl.DataFrame:
    """Death from Patient; else the latest date that any resource has."""
    told = pl.DataFrame(
        [(name, _text(each.get("deceasedDateTime")),
          each.get("deceasedBoolean") is True or "deceasedDateTime" in each)
         for name, each in patients.items()],
        schema={"patient_id": pl.String, "death": pl.String, "dead": pl.Boolean}, orient="row",
    )  # fmt: skip
    told = told.with_columns(death=iso_dates(told["death"], "Patient.deceased", notes))
    seen = pl.DataFrame(
        events.seen, schema={"patient_id": pl.String, "date": pl.String}, orient="row"
    )
    days = iso_dates(seen["date"], "dates of resources", Notes())
    latest = seen.with_columns(day=days).group_by("patient_id").agg(pl.col("day").max())
    worse = pl.DataFrame(
        events.worse, schema={"patient_id": pl.String, "date": pl.String}, orient="row"
    )
    first = (
        worse.with_columns(worse=iso_dates(worse["date"], "disease status", notes))
        .group_by("patient_id")
        .agg(pl.col("worse").min())
    )
    table = (
        told.join(zero, on="patient_id")
        .join(latest, on="patient_id", how="left")
        .join(first, on="patient_id", how="left")
    )
    undated = table.filter(pl.col("dead") & pl.col("death").is_null()).height
    notes.exclude("deaths without a date: no follow-up", undated)
    notes.decide("last contact is the latest date in the bundles",
                 table.filter(~pl.col("dead")).height)  # fmt: skip
    last = pl.when("dead").then("death").otherwise("day")
    return table.select(
        "patient_id",
        "dead",
        last_months=months_from(last, "zero"),
        progression_months=months_from("worse", "zero"),
    ).sort("patient_id")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
