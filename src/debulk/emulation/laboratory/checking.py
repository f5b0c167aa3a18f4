"""The checks of an emulation whose failures the laboratory counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from debulk.emulation.check import Check
<<<<<<< HEAD
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
=======
from debulk.emulation.checks.positivity import positivity
from debulk.emulation.checks.unseen_tail import unseen_tail
from debulk.emulation.person_time import PersonTime

if TYPE_CHECKING:
    from debulk.emulation.clones.weights import CloneWeights

CHECKS: Mapping[str, Callable[[PersonTime, CloneWeights], Check]] = {
    "positivity": positivity,
    "unseen-tail": unseen_tail,
}
"""The checks by name, from the person-time and the weights of clone-censor-weight."""

EITHER = "either"
"""That at least one of them fails."""


def failures(person_time: PersonTime, weights: CloneWeights) -> list[float]:
    """1 for each check that fails and 0 for the others; the last is `EITHER`."""
    told = [float(check(person_time, weights).state == "fail") for check in CHECKS.values()]
    return [*told, max(told)]
>>>>>>> part-lab
