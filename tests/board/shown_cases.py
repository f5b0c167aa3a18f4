"""Invented patients for the tests of what the board shows."""

from __future__ import annotations

from typing import Any

from debulk.board import BoardCase, case_of_rows

PATIENT = {
    "age_years": 62.0,
    "sex": "male",
    "primary_site": "left",
    "primary_in_situ": False,
    "synchronous": True,
    "t_stage": 3,
    "n_positive": 2,
    "who_ps": 0,
    "cea_ug_l": 250.0,
    "ras": "mutated",
    "braf": "wild_type",
    "lesion_list_complete": True,
}


def lesion(name: str, organ: str, diameter_mm: float | None, **more: Any) -> dict[str, Any]:
    return {"lesion_id": name, "organ": organ, "diameter_mm": diameter_mm, **more}


def shown_case(
    *lesions: dict[str, Any],
    treatments: tuple[dict[str, Any], ...] = (),
    assessments: tuple[dict[str, Any], ...] = (),
    case_id: str = "K7QF",
    board_months: float = 4.0,
    **patient: Any,
) -> BoardCase:
    """A case of one patient; keywords change columns of the patient."""
    tables = {
        "patients": [{"patient_id": case_id, **PATIENT, **patient}],
        "lesions": [{"patient_id": case_id, **each} for each in lesions],
        "treatments": [{"patient_id": case_id, **each} for each in treatments],
        "assessments": [{"patient_id": case_id, **each} for each in assessments],
    }
    return case_of_rows(tables, case_id=case_id, board_months=board_months)


def liver_only(**patient: Any) -> BoardCase:
    return shown_case(
        lesion("L1", "liver", 28.0, site="right S6"),
        lesion("L2", "liver", 19.0, site="right S7"),
        **patient,
    )


def multi_organ(**patient: Any) -> BoardCase:
    """Six lesions in liver, lung and nodes: the patients of ORCHESTRA."""
    return shown_case(
        lesion("L1", "liver", 40.0),
        lesion("L2", "liver", 20.0),
        lesion("U1", "lung", 11.0),
        lesion("U2", "lung", 12.0),
        lesion("N1", "lymph_node", 22.0, site="para_aortic"),
        lesion("N2", "lymph_node", 18.0, site="para_aortic"),
        **patient,
    )
