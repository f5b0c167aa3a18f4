"""What mCODE's resources say of a patient: cancers, tumours, findings, procedures, drugs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from debulk.core.errors import InputError
from debulk.patients.readers.mcode_resources import (
    Resource,
    code_in,
    codings,
    has_profile,
    key_of,
    listed,
    name_of,
    until,
    when,
    words,
)
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.sites import (
    bare_code,
    is_bowel_cancer,
    organ_of,
    organ_of_code,
    procedure_of,
    side_of,
    side_of_code,
)
from debulk.patients.readers.units import factor_to

# LOINC
_CEA, _ECOG, _SIZE, _LONGEST = "2039-6", "89247-1", "21889-1", "33728-7"
_STATUS = {"97509-4", "88040-1"}
_T_CATEGORIES = {"21905-5", "21899-0"}
_ECOG_ANSWERS = {"LA9622-7": 0, "LA9623-5": 1, "LA9624-3": 2, "LA9625-0": 3, "LA9626-8": 4,
                 "LA9627-6": 5}  # fmt: skip
# SNOMED CT
_WORSENED = {"271299001"}
_INTENTS = {"373808002": "cure", "363676003": "symptoms"}

_SECONDARY = re.compile(r"secondary malignan|metasta", re.IGNORECASE)
_MALIGNANT = re.compile(r"malignan|carcinoma|cancer", re.IGNORECASE)

_EFFECTIVE = ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
_ONSET = ("onsetDateTime", "onsetPeriod", "recordedDate", "dateRecorded", "assertedDate")
_PERFORMED = ("performedDateTime", "performedPeriod")


@dataclass
class Events:
    """What was found, by patient; dates as they stand in the resources."""

    primaries: list[tuple[str, str | None, bool]] = field(default_factory=list)
    sides: dict[str, str] = field(default_factory=dict)
    t_stages: dict[str, int] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    worse: list[tuple[str, str]] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            "lesions": [],
            "treatments": [],
            "exposures": [],
            "assessments": [],
        }
    )


def events_of(resources: list[tuple[str, Resource]], notes: Notes) -> Events:
    """Sort resources into events; a type that is not read is counted by its name."""
    events, ignored = Events(), Counter[str]()
    taken: set[str] = set()
    for patient, each in resources:
        read = _READERS.get(each["resourceType"])
        if read is None or not read(events, patient, each, notes):
            ignored[_told(each)] += 1
        elif each["resourceType"] in ("MedicationAdministration", "MedicationStatement"):
            taken.add(patient)
    prescribed = [(p, each) for p, each in resources if each["resourceType"] == "MedicationRequest"]
    for patient, each in prescribed:
        if patient in taken or not _drug(events, patient, each, notes):
            ignored["MedicationRequest (given drugs are known)"] += 1
        else:
            notes.decide("MedicationRequest: drugs count as given where no intake is recorded", 1)
    sizes = [row for row in events.rows["lesions"] if "size" in row]
    _sizes_to_lesions(events, sizes, notes)
    for what, count in ignored.most_common():
        notes.ignore(what, count)
    return events


def _told(resource: Resource) -> str:
    kind = str(resource["resourceType"])
    if kind in ("Observation", "Procedure", "Condition"):
        codes = codings(resource.get("code"))
        about = words(resource.get("code")) or (codes[0][1] if codes else "no code")
        return f"{kind}: {about[:60]}"
    return kind


def _condition(events: Events, patient: str, each: Resource, notes: Notes) -> bool:
    status = words(each.get("verificationStatus")) + str(codings(each.get("verificationStatus")))
    if "refuted" in status or "entered-in-error" in status:
        notes.exclude("Condition refuted or entered in error", 1)
        return True
    codes = [bare_code(code) for system, code, _ in codings(each.get("code")) if "icd-10" in system]
    said = f"{words(each.get('code'))} {words(each.get('bodySite'))}"
    date = when(each, *_ONSET)
    organ = next((organ_of_code(code) for code in codes if organ_of_code(code)), None)
    secondary = has_profile(each, "secondary-cancer") or organ is not None
    primary = has_profile(each, "primary-cancer") or any(is_bowel_cancer(code) for code in codes)
    if not secondary and not primary:
        secondary = _SECONDARY.search(said) is not None
        primary = not secondary and _MALIGNANT.search(said) is not None
        primary = primary and organ_of(said) == "primary"
        if secondary or primary:
            notes.decide("conditions without profile and ICD-10 were sorted by their words", 1)
    if secondary:
        events.rows["lesions"].append(
            {"patient_id": patient, "lesion_id": name_of(each), "detected_date": date,
             "organ": organ or organ_of(words(each.get("bodySite"))) or organ_of(said) or "other"}
        )  # fmt: skip
        notes.decide("a secondary cancer condition is one row of lesions, for its organ", 1)
    elif primary:
        bowel = any(is_bowel_cancer(code) for code in codes) or organ_of(said) == "primary"
        events.primaries.append((patient, date, bowel))
        side = next((side_of_code(code) for code in codes if side_of_code(code)), side_of(said))
        if bowel and side is not None:
            events.sides.setdefault(patient, side)
    else:
        return False
    _see(events, patient, date)
    return True


def _observation(events: Events, patient: str, each: Resource, notes: Notes) -> bool:
    date = when(each, *_EFFECTIVE)
    code = each.get("code")
    row: dict[str, Any] = {"patient_id": patient, "time_date": date}
    if code_in(code, {_CEA}):
        value = _quantity(each.get("valueQuantity"), "ug/l", notes)
        row["cea_ug_l"] = value
    elif code_in(code, {_ECOG}):
        row["who_ps"] = _ecog(each)
    elif code_in(code, _STATUS):
        said = words(each.get("valueCodeableConcept"))
        row["disease_status"] = said or None
        if code_in(each.get("valueCodeableConcept"), _WORSENED):
            row["response"] = "PD"
            notes.decide("disease status 'worsened' counts as PD; a clinician's view, no RECIST", 1)
            if date is not None:
                events.worse.append((patient, date))
    elif code_in(code, _T_CATEGORIES):
        found = re.search(r"T([0-4])", words(each.get("valueCodeableConcept"))
                          + str(codings(each.get("valueCodeableConcept"))))  # fmt: skip
        if found is None:
            return False
        events.t_stages[patient] = int(found[1])
        return True
    elif code_in(code, {_SIZE, _LONGEST}) or has_profile(each, "tumor-size"):
        return _size(events, patient, each, date, notes)
    else:
        return False
    if len(row) == 2 or all(row[name] is None for name in list(row)[2:]):
        return False
    events.rows["assessments"].append(row)
    _see(events, patient, date)
    return True


def _size(events: Events, patient: str, each: Resource, date: str | None, notes: Notes) -> bool:
    longest = [
        part.get("valueQuantity")
        for part in listed(each.get("component"))
        if isinstance(part, dict) and code_in(part.get("code"), {_LONGEST})
    ] or [each.get("valueQuantity")]
    value = _quantity(longest[0], "mm", notes)
    focus = next((key_of(part) for part in listed(each.get("focus"))), None)
    if value is None or focus is None:
        return False
    events.rows["lesions"].append(
        {"patient_id": patient, "lesion_id": focus, "size": value, "size_date": date}
    )
    _see(events, patient, date)
    return True


def _tumour(events: Events, patient: str, each: Resource, notes: Notes) -> bool:
    place = words(each.get("location")) or words(each.get("morphology"))
    events.rows["lesions"].append(
        {"patient_id": patient, "lesion_id": name_of(each), "organ": organ_of(place) or "other",
         "site": place or None}
    )  # fmt: skip
    return True


def _sizes_to_lesions(events: Events, sizes: list[dict[str, Any]], notes: Notes) -> None:
    """Give each tumour its first and latest size; a size of an unknown tumour is counted."""
    lesions = {(row["patient_id"], row["lesion_id"]): row
               for row in events.rows["lesions"] if "size" not in row}  # fmt: skip
    for row in sorted(sizes, key=lambda each: str(each["size_date"] or "")):
        lesion = lesions.get((row["patient_id"], row["lesion_id"]))
        if lesion is None:
            notes.ignore("tumour sizes whose tumour is not in the bundles")
            continue
        lesion.setdefault("baseline_diameter_mm", row["size"])
        lesion["diameter_mm"] = row["size"]
    events.rows["lesions"] = list(lesions.values())


def _procedure(events: Events, patient: str, each: Resource, notes: Notes) -> bool:
    said = words(each.get("code"))
    name = procedure_of(said, words(each.get("bodySite")))
    if name is None:
        return False
    intent = None
    for part in listed(each.get("extension")):
        if isinstance(part, dict) and "intent" in str(part.get("url")):
            intent = _INTENTS.get(code_in(part.get("valueCodeableConcept"), _INTENTS) or "")
    date = when(each, *_PERFORMED)
    events.rows["treatments"].append(
        {"patient_id": patient, "kind": "local", "name": name, "start_date": date,
         "end_date": until(each, *_PERFORMED), "intent": intent}
    )  # fmt: skip
    _see(events, patient, date)
    return True


def _drug(events: Events, patient: str, each: Resource, notes: Notes) -> bool:
    agent = words(each.get("medicationCodeableConcept")).lower()
    if not agent:
        return False
    date = when(each, "effectiveDateTime", "effectivePeriod", "authoredOn")
    events.rows["exposures"].append(
        {"patient_id": patient, "agent": agent, "start_date": date,
         "end_date": until(each, "effectivePeriod")}
    )  # fmt: skip
    _see(events, patient, date)
    return True


def _later(events: Events, patient: str, each: Resource, notes: Notes) -> bool:
    """Prescriptions are read after all that was given."""
    return True


def _see(events: Events, patient: str, date: str | None) -> None:
    if date is not None:
        events.seen.append((patient, date))


def _quantity(value: Any, ours: str, notes: Notes) -> float | None:
    """A quantity in our unit; one in an unknown unit is unknown, and counted with the unit."""
    if not isinstance(value, dict) or not isinstance(value.get("value"), int | float):
        return None
    unit = str(value.get("code") or value.get("unit") or "")
    try:
        return float(value["value"]) * factor_to(ours, unit, "Observation")
    except InputError:
        notes.decide(f"quantities in the unit {unit!r} are unknown", 1)
        return None


def _ecog(each: Resource) -> int | None:
    value = each.get("valueInteger")
    if isinstance(value, int):
        return value
    for concept in (each.get("valueCodeableConcept"), each.get("interpretation")):
        code = code_in(concept, _ECOG_ANSWERS)
        if code is not None:
            return _ECOG_ANSWERS[code]
    quantity = each.get("valueQuantity")
    number = quantity.get("value") if isinstance(quantity, dict) else None
    return int(number) if isinstance(number, int | float) and number in range(6) else None


_READERS: dict[str, Callable[[Events, str, Resource, Notes], bool]] = {
    "Condition": _condition,
    "Observation": _observation,
    "Procedure": _procedure,
    "BodyStructure": _tumour,
    "MedicationAdministration": _drug,
    "MedicationStatement": _drug,
    "MedicationRequest": _later,
}
