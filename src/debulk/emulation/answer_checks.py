"""Checks of the answer that stands for all, of whichever method it is."""

from __future__ import annotations

from debulk.emulation.answers import Answer
from debulk.emulation.check import Check
from debulk.emulation.checks.answering import checks_of
from debulk.emulation.checks.negative_control import check_negative_control
from debulk.emulation.clones.fit import CloneAnswer
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients
from debulk.emulation.question.settings import Settings


def answer_checks(
    found: EmulatedPatients, answer: Answer, settings: Settings, control: Answer | None
) -> tuple[Check, ...]:
    """Check an answer; one without weights by its negative control alone, if there is one."""
    if not isinstance(answer, CloneAnswer):
        return () if control is None else (check_negative_control(control),)
    return checks_of(
        found.person_time,
        answer,
        model=settings.treatment_model(found.grace),
        calendar=found.calendar,
        control=control,
    )
