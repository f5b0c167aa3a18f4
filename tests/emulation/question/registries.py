"""Hand-made registries and bare protocols, small enough to follow every patient by eye."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from debulk.patients import Cohort
from debulk.protocols import Protocol, load_protocol
from debulk.protocols.emulation_plan import EmulationPlan
from debulk.protocols.spec import FunnelStep


def patient(
    *,
    last: float,
    dead: bool = False,
    progression: float | None = None,
    line: float | None = 1.0,
    second_line: float | None = None,
    line_end: float | None = None,
    local: tuple[float | None, ...] = (),
    treated: tuple[tuple[str, ...], ...] = (),
    local_name: str | None = None,
    intent: str | None = None,
    assessments: tuple[tuple[float, str | None, float | None], ...] = (),
    lesions: tuple[str, ...] = ("liver", "lung"),
    detected: float | None = 0.0,
    cause: str | None = None,
    **columns: Any,
) -> dict[str, Any]:
    """One patient: times in months from the cohort's time zero; assessments are (time, response,
    CEA); `treated` names the lesions (L0, L1 ...) of each local treatment."""
    return locals()


def cohort(**patients: dict[str, Any]) -> Cohort:
    """A cohort of patients by name."""
    people, follow_up, treatments, assessments, lesions = [], [], [], [], []
    for name, it in patients.items():
        people.append({"patient_id": name, **it["columns"]})
        follow_up.append(
            {
                "patient_id": name,
                "last_months": it["last"],
                "dead": it["dead"],
                "progression_months": it["progression"],
                "cause": it["cause"],
            }
        )
        for number, start in ((1, it["line"]), (2, it["second_line"])):
            if start is not None:
                row = {"patient_id": name, "kind": "systemic", "line": number}
                end = it["line_end"] if number == 1 else None
                treatments.append({**row, "start_months": start, "end_months": end})
        for place, start in enumerate(it["local"]):
            named = it["treated"][place] if place < len(it["treated"]) else None
            treatments.append(
                {
                    "patient_id": name,
                    "kind": "local",
                    "name": it["local_name"],
                    "start_months": start,
                    "intent": it["intent"],
                    "lesion_ids": None if named is None else list(named),
                }
            )
        for time, response, cea in it["assessments"]:
            assessments.append(
                {
                    "patient_id": name,
                    "time_months": time,
                    "response": response,
                    "cea_ug_l": cea,
                }
            )
        for place, organ in enumerate(it["lesions"]):
            lesions.append(
                {
                    "patient_id": name,
                    "lesion_id": f"L{place}",
                    "organ": organ,
                    "detected_months": it["detected"],
                }
            )
    tables = {
        "patients": people,
        "followup": follow_up,
        "treatments": treatments,
        "assessments": assessments,
        "lesions": lesions,
    }
    return Cohort.from_tables({name: rows for name, rows in tables.items() if rows})


def protocol(*criteria: str, share: float = 0.0, **plan: Any) -> Protocol:
    """ORCHESTRA with only some of its criteria, and a plan of the test's own."""
    whole = load_protocol("orchestra")
    step = FunnelStep("eligible", "eligible", "criteria", criteria=criteria)
    steps = (whole.funnel[0], *((step,) if criteria else ()), whole.funnel[-1])
    arm = replace(
        whole.experimental, strategy=replace(whole.experimental.strategy, minimum_share=share)
    )
    chosen = {"time_zero": "first-line", "grace_months": 6.0, "timing": "natural", **plan}
    return replace(
        whole,
        criteria={name: whole.criteria[name] for name in criteria},
        funnel=steps,
        arms=(whole.control, arm),
        emulation=EmulationPlan(**chosen),
    )
