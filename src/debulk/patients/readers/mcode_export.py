"""A cohort as a FHIR R4 bundle in the manner of mCODE, for exchange."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from debulk.core.files import json_text, write_text
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.cohort import Cohort

_MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"
_LOINC, _ICD = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"

Row = dict[str, Any]


def write_mcode(cohort: Cohort, path: str | Path, *, time_zero: date) -> None:
    """Write a cohort as one FHIR R4 bundle.

    Parameters
    ----------
    cohort : Cohort
    path : str or Path
        The JSON file; replaced whole or not at all.
    time_zero : datetime.date
        The day that stands for time zero of every patient: a cohort knows months, a bundle needs
        dates. An invented day keeps the intervals and hides the calendar.

    Notes
    -----
    Patients, the bowel cancer, metastases with their sizes, CEA, performance status, local
    treatment, systemic treatment and death are written; what FHIR has no place for is not.
    """
    write_text(Path(path), json_text(mcode_bundle(cohort, time_zero=time_zero)))


def mcode_bundle(cohort: Cohort, *, time_zero: date) -> dict[str, Any]:
    """The bundle that `write_mcode` writes, as plain values."""
    resources = [
        *_patients(cohort, time_zero),
        *_lesions(cohort, time_zero),
        *_assessments(cohort, time_zero),
        *_treatments(cohort, time_zero),
    ]
    entries = [
        {"fullUrl": f"urn:debulk:{each['resourceType']}:{each['id']}", "resource": each}
        for each in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _patients(cohort: Cohort, zero: date) -> Iterator[Row]:
    death = {
        row["patient_id"]: _day(zero, row["last_months"])
        for row in cohort.followup.filter(dead=True).iter_rows(named=True)
    }
    for row in cohort.patients.iter_rows(named=True):
        name, age = row["patient_id"], row["age_years"]
        born = None if age is None else zero - timedelta(days=round(age * 365.25))
        yield _whole(
            resourceType="Patient",
            id=_id(name),
            gender=row["sex"],
            birthDate=born and born.isoformat(),
            deceasedDateTime=death.get(name),
        )
        site = row["primary_site"]
        yield _whole(
            resourceType="Condition",
            id=_id(name, "primary"),
            meta={"profile": [_MCODE + "primary-cancer-condition"]},
            clinicalStatus=_concept(_CLINICAL, "active"),
            subject=_of(name),
            code=_concept(_ICD, "C20" if site == "rectum" else "C18.9"),
            bodySite=_where(site),
            onsetDateTime=zero.isoformat(),
        )


def _where(site: str | None) -> list[Row] | None:
    if site is None:
        return None
    return [{"text": site if site == "rectum" else f"{site} colon"}]


def _lesions(cohort: Cohort, zero: date) -> Iterator[Row]:
    for row in cohort.lesions.filter(cohort.lesions["organ"] != "primary").iter_rows(named=True):
        name, lesion = row["patient_id"], row["lesion_id"]
        yield _whole(
            resourceType="Condition",
            id=_id(name, lesion),
            meta={"profile": [_MCODE + "secondary-cancer-condition"]},
            clinicalStatus=_concept(_CLINICAL, "active"),
            subject=_of(name),
            code={"text": "secondary malignant tumour"},
            bodySite=[{"text": row["organ"].replace("_", " ")}],
            recordedDate=_day(zero, row["detected_months"]),
        )
        if row["diameter_mm"] is not None:
            size = {"value": row["diameter_mm"], "unit": "mm",
                    "system": "http://unitsofmeasure.org", "code": "mm"}  # fmt: skip
            yield {
                **_observation(name, lesion, "21889-1", None),
                "focus": [{"reference": f"Condition/{_id(name, lesion)}"}],
                "component": [{"code": _concept(_LOINC, "33728-7"), "valueQuantity": size}],
            }


def _assessments(cohort: Cohort, zero: date) -> Iterator[Row]:
    for at, row in enumerate(cohort.assessments.iter_rows(named=True)):
        name, day = row["patient_id"], _day(zero, row["time_months"])
        if row["cea_ug_l"] is not None:
            value = {"value": row["cea_ug_l"], "unit": "ug/L",
                     "system": "http://unitsofmeasure.org", "code": "ug/L"}  # fmt: skip
            yield {**_observation(name, f"cea{at}", "2039-6", day), "valueQuantity": value}
        if row["who_ps"] is not None:
            made = _observation(name, f"ps{at}", "89247-1", day)
            yield {**made, "valueInteger": row["who_ps"]}


def _treatments(cohort: Cohort, zero: date) -> Iterator[Row]:
    for at, row in enumerate(cohort.treatments.iter_rows(named=True)):
        name = row["patient_id"]
        period = _whole(start=_day(zero, row["start_months"]), end=_day(zero, row["end_months"]))
        said = {"text": (row["name"] or "treatment").replace("_", " ")}
        common = {"id": _id(name, f"treatment{at}"), "status": "completed", "subject": _of(name)}
        if not period:
            continue
        if row["kind"] == "local":
            yield {"resourceType": "Procedure", **common, "code": said, "performedPeriod": period}
        else:
            yield {
                "resourceType": "MedicationAdministration",
                **common,
                "medicationCodeableConcept": said,
                "effectivePeriod": period,
            }


def _observation(patient: str, name: str, code: str, day: str | None) -> Row:
    return _whole(
        resourceType="Observation",
        id=_id(patient, name, "o"),
        status="final",
        subject=_of(patient),
        code=_concept(_LOINC, code),
        effectiveDateTime=day,
    )


def _concept(system: str, code: str) -> Row:
    return {"coding": [{"system": system, "code": code}]}


def _of(patient: str) -> Row:
    return {"reference": f"Patient/{_id(patient)}"}


def _id(*parts: object) -> str:
    """An identifier as FHIR allows it: 64 letters, digits, hyphens and points."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(map(str, parts)))[:64]


def _day(zero: date, months: float | None) -> str | None:
    if months is None:
        return None
    return (zero + timedelta(days=round(months * DAYS_PER_MONTH))).isoformat()


def _whole(**elements: Any) -> Row:
    """Elements that have a value: FHIR knows no null."""
    return {name: value for name, value in elements.items() if value is not None}
