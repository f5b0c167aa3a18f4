"""The checks of an emulation whose failures the laboratory counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from debulk.emulation.check import Check
from debulk.emulation.checks.positivity import check_positivity
from debulk.emulation.checks.unseen_tail import check_unseen_tail
from debulk.emulation.person_time import PersonTime

if TYPE_CHECKING:
    from debulk.emulation.clones.weights import CloneWeights

CHECKS: Mapping[str, Callable[[PersonTime, CloneWeights], Check]] = {
    "positivity": check_positivity,
    "unseen-tail": check_unseen_tail,
}
"""The checks by name, from the person-time and the weights of clone-censor-weight."""

EITHER = "either"
"""That at least one of them fails."""


def failures(person_time: PersonTime, weights: CloneWeights) -> list[float]:
    """1 for each check that fails and 0 for the others; the last is `EITHER`."""
    told = [float(check(person_time, weights).state == "fail") for check in CHECKS.values()]
    return [*told, max(told)]
