"""A hazard ratio printed without its interval, completed by what its study printed elsewhere."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from debulk.evidence.effects.effect import Effect, NotEnough, require_level
from debulk.evidence.effects.hazard_ratios import PrintedHazardRatio, hazard_ratio_effect
from debulk.evidence.record import Finding, findings_by_key
from debulk.survival.curves.limits import normal_width

WHOLE_COMPARISON = "experimental vs control"
ARMS = {"experimental": 1, "control": 2}
_PATIENTS_OF_ARM = re.compile(r"\((\d+)\)$")
_OF_PATIENTS = re.compile(r"of (\d+)\b")


def completed_hazard_ratio(row: Finding) -> Effect:
    """Log hazard ratio of a finding without limits, from other findings of the same study.

    Parameters
    ----------
    row : Finding
        A hazard ratio of experimental against control arm.

    Returns
    -------
    Effect
        By the best route that the p value of the same outcome, the deaths in all or by arm and the
        patients by arm allow (`hazard_ratio_effect`). A remark gives the keys of what was used.

    Raises
    ------
    NotEnough
        If the study printed nothing that tells the error.
    InputError
        If a number is impossible.

    Notes
    -----
    Patients of the arms are taken from the descriptions of treatment, as in ``FOLFOX (549)``, where
    they add up to the patients of the study.
    """
    effect, used = _completed(row)
    keys = ", ".join(dict.fromkeys(each.key for each in used))
    return effect.remarked(f"No interval is printed; its error is made of {keys}")


def derived_interval(row: Finding, conf_level: float = 0.95) -> tuple[float, float, str]:
    """Interval of a hazard ratio printed without one, and what it was derived from.

    Parameters
    ----------
    row : Finding
        As for `completed_hazard_ratio`.
    conf_level : float
        Level of the interval, 0.95 or 95.

    Raises
    ------
    NotEnough, InputError
        As `completed_hazard_ratio`.
    """
    effect, used = _completed(row)
    reach = effect.se * normal_width(require_level("conf_level", conf_level))
    ends = (math.exp(effect.estimate - reach), math.exp(effect.estimate + reach))
    return *ends, f"derived from {_in_words(used)} ({effect.route})"


def _completed(row: Finding) -> tuple[Effect, list[Finding]]:
    """The effect and the findings that make its error."""
    if row.value is None:
        raise NotEnough("value", "no number is printed", "Leave it out")
    told = _told_elsewhere(row)
    if not told:
        found = f"{row.value:g} has no interval, and its study prints nothing to make one of"
        raise NotEnough("value", found, "Leave it out")
    printed: dict[str, Any] = {name: value for name, (value, _) in told.items()}
    one_sided = "p" in told and _is_one_sided(told["p"][1])
    effect = hazard_ratio_effect(
        PrintedHazardRatio(hazard_ratio=row.value, one_sided=one_sided, **printed)
    )
    by_p = "p value" in effect.route
    return effect, [each for name, (_, each) in told.items() if (name == "p") == by_p]


def _in_words(used: list[Finding]) -> str:
    """Write "844 deaths" or "p = 0.34"; patients of the arms are named by the route."""
    numbers = [each for each in used if each.value is not None]
    if any(each.group == WHOLE_COMPARISON for each in numbers):
        return f"p = {numbers[0].value:g}"
    told = dict.fromkeys(f"{each.value:g} {each.group.replace('-', ', ')}" for each in numbers)
    return " and ".join(told)


def _told_elsewhere(row: Finding) -> dict[str, tuple[float, Finding]]:
    """Fields of `PrintedHazardRatio` that other findings of the study fill, and which ones."""
    if row.group != WHOLE_COMPARISON:
        return {}
    others = [each for each in findings_by_key().values() if each.study == row.study != ""]
    found: dict[str, tuple[float, Finding]] = {}
    for each in others:
        name = _field_of(each, row)
        if name and each.value is not None:
            found[name] = (each.value, each)
    if {"events", "events_1", "events_2"} & found.keys():
        found |= _patients_by_arm(found, others, row.n)
    return found


def _field_of(other: Finding, row: Finding) -> str:
    if other.quantity == f"p value, {row.outcome}" and other.group == row.group:
        return "p"
    if row.outcome != "overall survival" or other.outcome != row.outcome:
        return ""
    fields = {"deaths": "events"} | {f"deaths-{arm}": f"events_{i}" for arm, i in ARMS.items()}
    return fields.get(other.group, "") if other.unit == "patients" else ""


def _patients_by_arm(
    found: Mapping[str, tuple[float, Finding]], others: list[Finding], n: int | None
) -> dict[str, tuple[float, Finding]]:
    """Patients of both arms, beside their deaths or in the description of treatment, or nothing."""
    beside: dict[str, Any] = {}
    described: dict[str, Any] = {}
    for arm, i in ARMS.items():
        deaths = found.get(f"events_{i}")
        if deaths and (counted := _OF_PATIENTS.match(deaths[1].statistic)):
            beside[f"n_{i}"] = (float(counted[1]), deaths[1])
        for each in others:
            counted = _PATIENTS_OF_ARM.search(each.text)
            if each.quantity == "treatment" and each.group == arm and counted:
                described[f"n_{i}"] = (float(counted[1]), each)
    if len(beside) == len(ARMS):
        return beside
    whole = len(described) == len(ARMS) and sum(each for each, _ in described.values()) == n
    return described if whole else {}


def _is_one_sided(p: Finding) -> bool:
    return p.statistic.startswith("one-sided")
