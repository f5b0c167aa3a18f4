"""The checks of an emulation that the laboratory counts failures of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from debulk.emulation.check import Check
from debulk.emulation.checks.balance import check_balance
from debulk.emulation.checks.positivity import check_positivity
from debulk.emulation.checks.unseen_tail import check_unseen_tail
from debulk.emulation.checks.weight_tails import check_weight_tails
from debulk.emulation.clones.fit import CloneAnswer
from debulk.emulation.clones.weights import CloneWeights
from debulk.emulation.person_time import PersonTime

Judge = Callable[[PersonTime, CloneWeights], Check]
"""What a check reads: the person-time, and the weights of clone-censor-weight."""

CHECKS: Mapping[str, Judge] = {
    "positivity": check_positivity,
    "unseen_tail": check_unseen_tail,
    "weight_tails": check_weight_tails,
    "balance": check_balance,
}
"""The checks by name; what is put here is counted in every cell."""


def failing(person_time: PersonTime, answer: CloneAnswer) -> list[float]:
    """Whether each check fails for one registry, as 0 or 1."""
    return [float(check(person_time, answer.weights).state == "fail") for check in CHECKS.values()]
