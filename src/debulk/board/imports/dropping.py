"""Fields that could identify a patient, left out before anything else is read."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

_PATTERN = re.compile(
    r"(?:^|_)(?:name|names|first_name|last_name|surname|forename|given|family|initials|birth|birthday|"
    r"birthdate|dob|born|address|street|house|postcode|postal|zip|zipcode|city|town|village|country|"
    r"phone|telephone|tel|mobile|fax|email|mail|mrn|nhs|bsn|ssn|insurance|insurer|passport|"
    r"hospital|centre|center|site_id|physician|doctor|surgeon|consultant|gp|contact|photo|picture|"
    r"accession|record_number|case_number)(?:_|$)"
)

# Columns with a meaning whose names the pattern would catch.
_NEVER = {"name", "site", "panellist"}

FHIR_FIELDS = ("name", "birthDate", "address", "telecom", "identifier", "photo", "contact",
               "generalPractitioner", "managingOrganization", "link")  # fmt: skip
"""Fields of a FHIR Patient that tell who it is."""


@lru_cache(maxsize=4_096)
def identifying_column(table: str, column: str) -> bool:
    """Whether a column's name says that its cells could identify somebody."""
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z])([A-Z])", r"\1_\2", column).casefold())
    if table == "treatments" and plain in _NEVER:
        return False
    return plain not in _NEVER - {"name"} and _PATTERN.search(plain) is not None


def without_identifying(
    tables: dict[str, list[dict[str, Any]]],
) -> tuple[dict[str, list[dict[str, Any]]], Counter[str]]:
    """The tables without identifying columns, and how many values of each were left out."""
    dropped: Counter[str] = Counter()
    kept: dict[str, list[dict[str, Any]]] = {}
    for table, rows in tables.items():
        kept[table] = []
        for row in rows:
            bad = [column for column in row if identifying_column(table, column)]
            dropped.update(column for column in bad if row[column] is not None)
            kept[table].append({key: value for key, value in row.items() if key not in bad})
    return kept, dropped


def fhir_identifying(resources: Any) -> Counter[str]:
    """How many FHIR Patients of a bundle carry each field that tells who they are."""
    found: Counter[str] = Counter()
    level = [resources]
    while level:
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                if each.get("resourceType") == "Patient":
                    found.update(field for field in FHIR_FIELDS if each.get(field))
                inner += each.values()
            elif isinstance(each, list):
                inner += each
        level = inner
    return found
