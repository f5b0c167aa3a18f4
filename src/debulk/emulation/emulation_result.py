"""What an emulated trial answers, and everything that must be read beside the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from debulk.core.provenance import Exclusion, Provenance
from debulk.core.results import plain
from debulk.emulation.answers import Answer
from debulk.emulation.check import Check
from debulk.emulation.grace import GracePeriod
from debulk.emulation.method_table import NAIVE
from debulk.emulation.person_time import PersonTime
from debulk.emulation.question.eligibility import JudgedCriterion
from debulk.emulation.question.flow import FlowStep

MILESTONES_MONTHS = (12, 24, 36, 60)
"""When survival is told, as for trials."""


@dataclass(frozen=True)
class Emulation:
    """An emulated trial.

    Attributes
    ----------
    protocol, title : str
    method : str
        What was asked for; "all" is every method.
    answer : Answer
        Of the method asked for; of clone-censor-weight for "all".
    answers : tuple of Answer
        Side by side, the naive one first.
    refused : tuple of (str, str)
        Methods that gave no answer, and why.
    patients, clones : int
        Patients analysed; clones that stood for them, 0 in a method without.
    flow : tuple of FlowStep
    excluded : tuple of Exclusion
    criteria : tuple of JudgedCriterion
    strategies : mapping of str to mapping
        Title, text, patients, events and survival of each.
    items : tuple of Check
        The seven items.
    checks : tuple of Check
        Of the question and of the answers.
    not_known : tuple of str
        What the trial asks and the registry cannot tell.
    decisions : tuple of str
    published : mapping or None
        The result of the trial itself, for display only.
    provenance : Provenance
    person_time : PersonTime
    grace : GracePeriod
        What the methods read; not part of the JSON.
    """

    protocol: str
    title: str
    method: str
    answer: Answer
    answers: tuple[Answer, ...]
    refused: tuple[tuple[str, str], ...]
    patients: int
    clones: int
    flow: tuple[FlowStep, ...]
    excluded: tuple[Exclusion, ...]
    criteria: tuple[JudgedCriterion, ...]
    strategies: Mapping[str, Mapping[str, Any]]
    items: tuple[Check, ...]
    checks: tuple[Check, ...]
    not_known: tuple[str, ...]
    decisions: tuple[str, ...]
    published: Mapping[str, Any] | None
    provenance: Provenance
    person_time: PersonTime = field(repr=False)
    grace: GracePeriod = field(repr=False)

    @property
    def naive(self) -> Answer | None:
        """The warning: ever against never treated; None where it could not be made."""
        return next((each for each in self.answers if each.method.startswith(NAIVE)), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        main = self.answer.to_dict()
        return {
            "protocol": self.protocol,
            "title": self.title,
            "method": self.method,
            "patients": self.patients,
            "clones": self.clones,
            "excluded": [
                {"reason": each.reason, "patients": int(each.count)} for each in self.excluded
            ],
            "strategies": plain(self.strategies),
            "effect": main["effect"],
            "effect_of": self.answer.method,
            "estimand": self.answer.estimand,
            "contrast": self.answer.contrast,
            "tau_months": main["tau_months"],
            "answers": [each.to_dict() for each in self.answers],
            "refused": [{"method": name, "why": why} for name, why in self.refused],
            "flow": [each.to_dict() for each in self.flow],
            "criteria": [each.to_dict() for each in self.criteria],
            "items": [each.to_dict() for each in self.items],
            "checks": [each.to_dict() for each in self.checks],
            "not_known": list(self.not_known),
            "decisions": list(self.decisions),
            "published": plain(self.published),
            "provenance": self.provenance.to_dict(),
        }


@dataclass(frozen=True)
class Question:
    """The question put to a registry, before any method answers it.

    Attributes
    ----------
    protocol : str
    patients : int
    flow, criteria, items, checks, not_known, decisions, provenance
        As in `Emulation`.
    """

    protocol: str
    patients: int
    flow: tuple[FlowStep, ...]
    criteria: tuple[JudgedCriterion, ...]
    items: tuple[Check, ...]
    checks: tuple[Check, ...]
    not_known: tuple[str, ...]
    decisions: tuple[str, ...]
    provenance: Provenance

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        lists = ("flow", "criteria", "items", "checks")
        return {
            "protocol": self.protocol,
            "patients": self.patients,
            **{name: [each.to_dict() for each in getattr(self, name)] for name in lists},
            "not_known": list(self.not_known),
            "decisions": list(self.decisions),
            "provenance": self.provenance.to_dict(),
        }
