"""Patients made by hand: one that no score gives a point, and changes to it."""

from typing import Any

from debulk.patients import Cohort

PLAIN = {
    "age_years": 60.0,
    "t_stage": 3,
    "n_positive": 0,
    "synchronous": False,
    "cea_ug_l": 1.0,
    "ras": "wild_type",
    "lesion_list_complete": True,
    "differentiation": "well",
    "margin_positive": False,
    "crp_mg_l": 5.0,
    "neutrophil_lymphocyte_ratio": 2.0,
    "ca199_u_ml": 10.0,
    "progressed_on_first_line": False,
}
"""One liver metastasis of 10 mm, found 30 months after the primary, resected at 31: no points."""


def rows_of(name: str, **changes: Any) -> dict[str, list[dict[str, Any]]]:
    """Tables of one patient; beside columns of patients, `lesions` counts those in the liver,
    `size_mm` is the largest, `outside` adds one in the lung, `found_months` is their time."""
    lesions = changes.pop("lesions", 1)
    size_mm = changes.pop("size_mm", 10.0)
    outside = changes.pop("outside", False)
    found = changes.pop("found_months", 30.0)
    sizes = [size_mm, *[5.0] * (lesions - 1)] if lesions else []
    organs = ["liver"] * lesions + ["lung"] * outside
    table = [
        {
            "patient_id": name,
            "lesion_id": f"L{place}",
            "organ": organ,
            "diameter_mm": size,
            "detected_months": found,
        }
        for place, (organ, size) in enumerate(zip(organs, [*sizes, 4.0], strict=False))
    ]
    treatment = {
        "patient_id": name,
        "kind": "local",
        "name": "liver_resection",
        "start_months": 31.0,
        "lesion_ids": [each["lesion_id"] for each in table],
        "completeness": "complete",
    }
    return {
        "patients": [{"patient_id": name, **PLAIN, **changes}],
        "lesions": table,
        "treatments": [treatment],
        "followup": [{"patient_id": name, "last_months": 60.0, "dead": True}],
    }


def cohort_of(*patients: dict[str, Any]) -> Cohort:
    """A cohort of such patients, each given by its changes."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for place, changes in enumerate(patients):
        for table, rows in rows_of(f"P{place}", **changes).items():
            tables.setdefault(table, []).extend(rows)
    return Cohort.from_tables(tables)
