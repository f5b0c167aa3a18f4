"""The checks of an emulation that the laboratory counts failures of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from debulk.emulation.check import Check
from debulk.emulation.checks.balance import balance
from debulk.emulation.checks.positivity import positivity
from debulk.emulation.checks.unseen_tail import unseen_tail
from debulk.emulation.checks.weight_tails import weight_tails
from debulk.emulation.clones.fit import CloneAnswer
from debulk.emulation.clones.weights import CloneWeights
from debulk.emulation.person_time import PersonTime

Judge = Callable[[PersonTime, CloneWeights], Check]
"""What a check reads: the person-time, and the weights of clone-censor-weight."""

CHECKS: Mapping[str, Judge] = {
    "positivity": positivity,
    "unseen_tail": unseen_tail,
    "weight_tails": weight_tails,
    "balance": balance,
}
"""The checks by name; what is put here is counted in every cell."""


def failing(person_time: PersonTime, answer: CloneAnswer) -> list[float]:
    """Whether each check fails for one registry, as 0 or 1."""
    return [float(check(person_time, answer.weights).state == "fail") for check in CHECKS.values()]
