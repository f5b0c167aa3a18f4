"""What the form of the designer shows: four groups of fields, with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from debulk.core.strings import entries, text
from debulk.protocols import packaged_protocols
from debulk.reports.design.asking.given import written
from debulk.web.trials.answers import acronym
from debulk.web.trials.fields import NAMES, RANGES, WORDS

GROUPS: Mapping[str, tuple[str, ...]] = {
    "who": ("population", "randomise", "median_control", "front_median", "lost_in_induction"),
    "effect": ("by", "gain_months", "hazard_ratio", "delay_months", "harm_ratio", "harm_months"),
    "accrual": ("find", "power", "accrual_months", "per_month", "ramp_months", "follow_up",
                "refusal", "not_treated", "crossover"),
    "errors": ("alpha", "sided", "looks", "efficacy", "futility", "binding", "dropout",
               "allocation"),
}  # fmt: skip
"""Fields by group, in the order of reading."""

_UNITS: Mapping[str, str] = {
    **dict.fromkeys(("median_control", "front_median", "gain_months", "delay_months",
                     "harm_months", "accrual_months", "ramp_months", "follow_up"), "months"),
    **dict.fromkeys(("lost_in_induction", "power", "refusal", "not_treated", "crossover",
                     "dropout"), "share"),
}  # fmt: skip


def form_view(fields: Mapping[str, str]) -> dict[str, Any]:
    """Groups of fields for the template.

    Parameters
    ----------
    fields : mapping of str to str
        As typed.
    """
    groups = [
        (name, text(f"designer.groups.{name}"), [_field(each, fields[each]) for each in members])
        for name, members in GROUPS.items()
    ]
    return {"groups": groups, "names": NAMES, "pinned": {name: fields[name] for name in ("a", "b")}}


def _field(name: str, value: str) -> dict[str, Any]:
    words = entries(f"designer.fields.{name}")
    unit = _UNITS.get(name)
    found: dict[str, Any] = {
        "name": name,
        "value": value,
        "label": words["label"],
        "hint": words["hint"] or None,
        "unit": text(f"designer.units.{unit}") if unit else None,
    }
    if name in RANGES:
        run = RANGES[name]
        least, most, step = written(run.least), written(run.most), written(run.step)
        return found | {"kind": "slider", "least": least, "most": most, "step": step}
    if name in WORDS or name == "population":
        return found | {"kind": "select", "choices": _choices(name, value)}
    return found | {"kind": "text"}


def _choices(name: str, value: str) -> list[tuple[str, str]]:
    known = _known_choices(name)
    if value in {each for each, _ in known}:
        return list(known)
    return [*known, (value, value)]


@cache
def _known_choices(name: str) -> tuple[tuple[str, str], ...]:
    if name == "population":
        own = ("", text("designer.choices.population.own"))
        return (own, *((each, acronym(each)) for each in packaged_protocols()))
    if name in ("efficacy", "futility"):
        words = entries("designer.choices.rules")
        return tuple((each, words[each or "none"]) for each in WORDS[name])
    if name == "binding":
        words = entries("designer.choices.binding")
        return (("", words["no"]), ("yes", words["yes"]))
    words = entries(f"designer.choices.{name}")
    return tuple((each, words[each]) for each in WORDS[name])
