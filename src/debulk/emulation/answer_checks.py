"""Checks of an answer that has weights: positivity, tails, balance, what could explain it away."""

from __future__ import annotations

from debulk.emulation.answers import Answer
from debulk.emulation.check import Check
from debulk.emulation.checks.answering import checks_of
from debulk.emulation.clones.fit import CloneAnswer
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients
from debulk.emulation.weight_model import WeightModel


def answer_checks(
    found: EmulatedPatients, answer: Answer, model: WeightModel | None
) -> tuple[Check, ...]:
    """Check an answer; none where it has no weights to look at."""
    if not isinstance(answer, CloneAnswer):
        return ()
    return checks_of(found.person_time, answer, model=model, calendar=found.calendar)
