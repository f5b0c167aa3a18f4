"""Cases written down in a line."""

from __future__ import annotations

from typing import Any

from debulk.board import BoardCase, case_of_rows


def case(
    sizes: dict[str, list[float]],
    *,
    case_id: str = "T1",
    line: dict[str, Any] | None = None,
    response: str | None = None,
    board_months: float = 3.0,
    now: list[float] | None = None,
    **patient: Any,
) -> BoardCase:
    """A patient with metastases of some sizes by organ, synchronous unless said otherwise.

    `now` are the sizes at the judgement, in the order of the organs; else they stay as they were.
    """
    about = {
        "patient_id": case_id,
        "age_years": 62.0,
        "sex": "male",
        "primary_in_situ": False,
        "synchronous": True,
        "who_ps": 0,
        "msi": "stable",
        "adjuvant": "none",
        "lesion_list_complete": True,
        **patient,
    }
    organs = [(organ, size) for organ, each in sizes.items() for size in each]
    lesions = [
        {
            "patient_id": case_id,
            "lesion_id": f"L{place}",
            "organ": organ,
            "baseline_diameter_mm": size,
            "diameter_mm": size if now is None else now[place],
            "detected_months": 0.0,
        }
        for place, (organ, size) in enumerate(organs)
    ]
    tables: dict[str, Any] = {"patients": [about], "lesions": lesions}
    if line is not None:
        tables["treatments"] = [{"patient_id": case_id, "kind": "systemic", **line}]
    if response is not None:
        seen = {"patient_id": case_id, "time_months": board_months, "response": response}
        tables["assessments"] = [seen]
    return case_of_rows(tables, case_id=case_id, board_months=board_months)
