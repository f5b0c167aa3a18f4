"""Which numbers of a design were chosen, which are defaults, which follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from debulk.core.provenance import Parameter, Status

if TYPE_CHECKING:
    from debulk.trials.survival_designs.model import Model
    from debulk.trials.survival_designs.trial_design import TrialDesign

_UNITS = {
    "follow_up": "months",
    "accrual": "patients per month",
    "duration_months": "months",
    "hazard_control": "per month",
    "dropout": "per month",
}
_ASSUMED = ("hazard_ratio", "hazard_control", "accrual", "dropout")
"""What the future decides: assumptions, whoever chose them."""


def parameters_of(design: TrialDesign, chosen: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Every number a design rests on.

    Parameters
    ----------
    design : TrialDesign
        The design.
    chosen : mapping of str to anything
        What the user gave; None where it is a default or follows from the rest.
    """
    follow_up = design.duration_months - design.accrual.end_months
    values: dict[str, Any] = {
        "hazard_ratio": design.hazard_ratio,
        "hazard_control": design.hazard_control,
        "null_ratio": design.null_ratio,
        "alpha": design.alpha,
        "sided": design.sided,
        "allocation": design.allocation,
        "accrual": design.accrual,
        "dropout": design.dropout,
        "formula": design.formula,
        "power": design.power,
        "events": design.events,
        "patients": design.patients,
        "follow_up": follow_up,
        "duration_months": design.duration_months,
    }
    if design.strata is not None:
        values["strata"] = design.strata
        del values["hazard_ratio"], values["hazard_control"]
    if design.boundaries is not None:
        values["boundaries"] = design.boundaries.rule.to_dict()
    return tuple(_parameter(name, value, chosen) for name, value in values.items())


def _parameter(name: str, value: Any, chosen: Mapping[str, Any]) -> Parameter:
    status: Status = "chosen"
    source = "assumption" if name in _ASSUMED else "the call"
    if name in chosen and chosen[name] is None:
        fixed = name in ("alpha", "sided", "null_ratio", "allocation", "dropout", "formula")
        status, source = ("default", "assumption") if fixed else ("derived", "the other parameters")
    if name == "duration_months":
        status, source = "derived", "accrual and follow_up"
    return Parameter(name, value, status, source, unit=_UNITS.get(name, ""))


def remarks_of(design: TrialDesign, model: Model) -> tuple[str, ...]:
    """What a reader of a design must know.

    Parameters
    ----------
    design : TrialDesign
        The design.
    model : Model
        Behind it.
    """
    found: list[str] = []
    if not model.is_proportional:
        found.append(
            "The hazard ratio is not the same for all times and strata: the power rests on its "
            "logarithm averaged over the events expected by each look."
        )
    if design.duration_months < design.accrual.end_months:
        found.append(
            f"The final analysis is expected at month {design.duration_months:.1f}, before the "
            f"last of the patients enters at month {design.accrual.end_months:.1f}."
        )
    if design.timing:
        found.append(
            "The looks are timed by their own conditions: the boundaries were made for the "
            "information expected then."
        )
    if any(look.month_null is None for look in design.looks):
        found.append("Under the null hypothesis the planned events are never expected.")
    return tuple(found)
