"""A planned design under the assumptions of a point, by formulas and by simulation."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from debulk.core.errors import InputError, nearest
from debulk.trials.boundaries.families import HaybittlePeto, WangTsiatis
from debulk.trials.boundaries.futility import (
    ConditionalPowerFutility,
    HazardRatioFutility,
    PredictivePowerFutility,
)
from debulk.trials.boundaries.rule import Harm
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending
from debulk.trials.survival_designs.assumptions import Stratum
from debulk.trials.survival_designs.designing import survival_design
from debulk.trials.survival_designs.timing import Timing

if TYPE_CHECKING:
    from debulk.trials.sweeps.spec import SweepSpec

TRUE_RATIO = "true_hazard_ratio"
"""Assumption of the simulation alone: the hazard ratio the patients have."""

PLANNED = (
    "planned_events",
    "planned_patients",
    "planned_duration_months",
    "planned_power",
    "critical_hazard_ratio",
    "expected_events",
    "expected_patients",
    "expected_duration_months",
    "expected_events_null",
    "expected_duration_months_null",
)
"""Columns from the formulas; expected under the design's hazard ratio unless null is said."""

SIMULATED = (
    "simulated_power",
    "simulated_power_se",
    "simulated_events",
    "simulated_patients",
    "simulated_duration_months",
    "simulated_hazard_ratio",
    "never_reached",
)
"""Columns from simulated trials."""

_ARGUMENTS = tuple(inspect.signature(survival_design).parameters)
_LOOKS = tuple(inspect.signature(group_sequential).parameters)
_RULES: dict[str, Callable[..., Any]] = {
    "spending": Spending,
    "wang-tsiatis": WangTsiatis,
    "haybittle-peto": HaybittlePeto,
    "conditional-power": ConditionalPowerFutility,
    "predictive-power": PredictivePowerFutility,
    "hazard-ratio": HazardRatioFutility,
}
"""Rules that a mapping with `rule` names; its other entries are their arguments."""


def check_names(names: tuple[str, ...], trials: int) -> None:
    """Refuse what is no assumption of a design.

    Parameters
    ----------
    names : tuple of str
        Of the axes and of what is fixed.
    trials : int
        0: nothing is simulated.

    Raises
    ------
    InputError
        With the nearest names.
    """
    for name in names:
        if name == TRUE_RATIO:
            if not trials:
                raise InputError(
                    f"sweep, {name}", "is for simulated trials alone", "Give trials, 1 or more"
                )
            continue
        first, dot, inner = name.partition(".")
        known = _LOOKS if dot and first == "boundaries" else _ARGUMENTS
        if (inner if dot and first == "boundaries" else name) not in known:
            offered = [*_ARGUMENTS, TRUE_RATIO, *(f"boundaries.{each}" for each in _LOOKS)]
            raise InputError(
                f"sweep, {name}", "is no assumption of a design", nearest(name, offered)
            )
    for needed in ("hazard_ratio", "accrual"):
        if needed not in names:
            raise InputError("sweep", f"{needed} is missing", "Give it in grid or in fixed")


def row(spec: SweepSpec, assumptions: Mapping[str, Any], workers: int | None) -> dict[str, Any]:
    """Outcomes of one design.

    Parameters
    ----------
    spec : SweepSpec
    assumptions : mapping of str to anything
        Arguments of `survival_design`, plain.
    workers : int or None
        Threads of the simulation.

    Raises
    ------
    InputError
        If there is no such design.
    """
    given = dict(assumptions)
    true_ratio = given.pop(TRUE_RATIO, None)
    design = survival_design(**_arguments(given))
    last, expected, null = design.looks[-1], design.expected_alternative, design.expected_null
    found: dict[str, Any] = {
        "planned_events": design.events,
        "planned_patients": design.patients,
        "planned_duration_months": design.duration_months,
        "planned_power": design.power,
        "critical_hazard_ratio": last.critical_hazard_ratio,
        "expected_events": expected.events,
        "expected_patients": expected.patients,
        "expected_duration_months": expected.duration_months,
        "expected_events_null": null.events,
        "expected_duration_months_null": null.duration_months,
    }
    if spec.trials:
        from debulk.trials.simulation.simulating import simulate

        seen = simulate(
            design, hazard_ratio=true_ratio, trials=spec.trials, seed=spec.seed, workers=workers
        )
        found |= {
            "simulated_power": seen.power,
            "simulated_power_se": seen.errors["power"],
            "simulated_events": seen.mean_events,
            "simulated_patients": seen.mean_patients,
            "simulated_duration_months": seen.months["mean"],
            "simulated_hazard_ratio": (seen.hazard_ratios or {}).get("median"),
            "never_reached": float(seen.never_reached),
        }
    return found


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments of `survival_design`, its parts made from mappings."""
    found = {name: value for name, value in given.items() if "." not in name}
    looks = {name.partition(".")[2]: value for name, value in given.items() if "." in name}
    bounds = found.get("boundaries")
    if looks or isinstance(bounds, Mapping):
        if bounds is not None and not isinstance(bounds, Mapping):
            raise InputError("boundaries", f"{bounds!r} has no parts", "Give a mapping")
        found["boundaries"] = _boundaries({**(bounds or {}), **looks})
    if "strata" in found and isinstance(found["strata"], list | tuple):
        found["strata"] = [_part(Stratum, each, "strata") for each in found["strata"]]
    if "timing" in found:
        timing = found["timing"]
        found["timing"] = (
            [_part(Timing, each, "timing") for each in timing]
            if isinstance(timing, list | tuple)
            else _part(Timing, timing, "timing")
        )
    return found


def _boundaries(entries: dict[str, Any]) -> Any:
    rules = {
        name: _rule(entries[name], name)
        for name in ("efficacy", "futility")
        if entries.get(name) is not None
    }
    if isinstance(entries.get("harm"), Mapping):
        harm = dict(entries["harm"])
        rules["harm"] = Harm(_rule(harm.get("spending"), "harm"), harm.get("alpha"))
    return _made(group_sequential, {**entries, **rules}, "boundaries")


def _rule(value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    entries = dict(value)
    name = entries.pop("rule", None)
    if name not in _RULES:
        raise InputError(f"{where}, rule", f"{name!r} is none", nearest(str(name), _RULES))
    return _made(_RULES[name], entries, where)


def _part(kind: Callable[..., Any], value: Any, where: str) -> Any:
    return _made(kind, dict(value), where) if isinstance(value, Mapping) else value


def _made(kind: Callable[..., Any], entries: dict[str, Any], where: str) -> Any:
    """Call with named entries; what is missing or unknown is said."""
    parameters = inspect.signature(kind).parameters
    for name in entries:
        if name not in parameters:
            raise InputError(f"{where}, {name}", "is not known", nearest(str(name), parameters))
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in entries:
            raise InputError(where, f"{name} is missing", f"Give {name}")
    return kind(**entries)
