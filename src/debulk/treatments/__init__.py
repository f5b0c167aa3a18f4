"""Local modalities and systemic regimens as cards, and who can be treated by what."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.treatments.card_names import card_named as card_named
    from debulk.treatments.cards import Modality as Modality
    from debulk.treatments.cards import Panel as Panel
    from debulk.treatments.cards import Sourced as Sourced
    from debulk.treatments.changes import override as override
    from debulk.treatments.changes import override_regimens as override_regimens
    from debulk.treatments.feasibility import Feasibility as Feasibility
    from debulk.treatments.feasibility import Lesion as Lesion
    from debulk.treatments.feasibility import feasible as feasible
    from debulk.treatments.library import load_modalities as load_modalities
    from debulk.treatments.library import load_panel as load_panel
    from debulk.treatments.library import load_regimens as load_regimens
    from debulk.treatments.plan_kernel import PlanArrays as PlanArrays
    from debulk.treatments.plan_kernel import plan_many as plan_many
    from debulk.treatments.planning import Plan as Plan
    from debulk.treatments.planning import plan as plan
    from debulk.treatments.regimens import Regimen as Regimen
    from debulk.treatments.tables import ModalityTables as ModalityTables
    from debulk.treatments.tables import modality_tables as modality_tables

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
    "card_named": "debulk.treatments.card_names",
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
    "card_named",
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
