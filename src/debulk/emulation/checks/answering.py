"""All checks of one answer of clone-censor-weight."""

from __future__ import annotations

from debulk.emulation.answers import Answer
from debulk.emulation.check import Check
from debulk.emulation.checks.balance import check_balance
from debulk.emulation.checks.before_time_zero import check_calendar_time
from debulk.emulation.checks.negative_control import check_negative_control
from debulk.emulation.checks.positivity import check_positivity
from debulk.emulation.checks.unmeasured import check_unmeasured_selection
from debulk.emulation.checks.unseen_tail import check_unseen_tail
from debulk.emulation.checks.weight_tails import check_weight_tails
from debulk.emulation.clones.fit import CloneAnswer
from debulk.emulation.person_time import Floats, PersonTime
from debulk.emulation.weight_model import WeightModel
from debulk.survival.options import check_kind


def checks_of(
    person_time: PersonTime,
    answer: CloneAnswer,
    *,
    model: WeightModel | None = None,
    calendar: Floats | None = None,
    control: Answer | None = None,
) -> tuple[Check, ...]:
    """Check what an answer rests on, and what could explain it away.

    Parameters
    ----------
    person_time : PersonTime
        What the answer was made from.
    answer : CloneAnswer
    model : WeightModel, optional
        The model of treatment behind its weights.
    calendar : (n,) float64, optional
        Calendar time of each patient's time zero; NaN where unknown.
    control : Answer, optional
        The same method on an outcome that local treatment cannot change.

    Returns
    -------
    tuple of Check
        Positivity, unseen tail, weight tails, balance, calendar time, negative control outcome,
        unmeasured selection.
    """
    check_kind(answer, CloneAnswer, "answer")
    weights = answer.weights
    return (
        check_positivity(person_time, weights),
        check_unseen_tail(person_time, weights),
        check_weight_tails(person_time, weights),
        check_balance(person_time, weights),
        check_calendar_time(person_time, calendar, model=model, visits=weights.visits),
        check_negative_control(control),
        check_unmeasured_selection(answer.hazard_ratio),
    )
