"""Local modalities and systemic regimens as cards, and who can be treated by what."""

from debulk.core.lazy import lazy_names

_HOMES = {
    "Feasibility": "debulk.treatments.feasibility",
    "Lesion": "debulk.treatments.feasibility",
    "Modality": "debulk.treatments.cards",
    "ModalityTables": "debulk.treatments.tables",
    "Panel": "debulk.treatments.cards",
    "Plan": "debulk.treatments.planning",
    "PlanArrays": "debulk.treatments.plan_kernel",
    "Regimen": "debulk.treatments.regimens",
    "Sourced": "debulk.treatments.cards",
    "feasible": "debulk.treatments.feasibility",
    "load_modalities": "debulk.treatments.library",
    "load_panel": "debulk.treatments.library",
    "load_regimens": "debulk.treatments.library",
    "modality_tables": "debulk.treatments.tables",
    "override": "debulk.treatments.changes",
    "override_regimens": "debulk.treatments.changes",
    "plan": "debulk.treatments.planning",
    "plan_many": "debulk.treatments.plan_kernel",
}

__all__ = [
    "Feasibility",
    "Lesion",
    "Modality",
    "ModalityTables",
    "Panel",
    "Plan",
    "PlanArrays",
    "Regimen",
    "Sourced",
    "feasible",
    "load_modalities",
    "load_panel",
    "load_regimens",
    "modality_tables",
    "override",
    "override_regimens",
    "plan",
    "plan_many",
]

_lazy, __dir__ = lazy_names(__name__, _HOMES)


def __getattr__(name: str) -> object:
    return _lazy(name)
