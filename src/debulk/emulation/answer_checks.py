"""Checks of an answer that has weights: positivity, tails, balance, what could explain it away."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from debulk.emulation.answers import Answer
from debulk.emulation.check import Check
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients
from debulk.emulation.weight_model import WeightModel

_PLACE = "debulk.emulation.checks.answering"


def answer_checks(
    found: EmulatedPatients, answer: Answer, model: WeightModel | None
) -> tuple[Check, ...]:
    """Check an answer; none where it has no weights to look at."""
    if getattr(answer, "weights", None) is None or find_spec("debulk.emulation.checks") is None:
        return ()
    checks: tuple[Check, ...] = importlib.import_module(_PLACE).checks_of(
        found.person_time, answer, model=model, calendar=found.calendar
    )
    return checks
