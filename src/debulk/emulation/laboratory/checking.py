"""The checks of an emulation that the laboratory counts failures of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from debulk.emulation.answers import Answer
from debulk.emulation.person_time import PersonTime

Fails = Callable[[PersonTime, Answer], bool]
"""Whether a check fails, from the person-time and the answer of clone-censor-weight."""

CHECKS: Mapping[str, Fails] = {}
"""The checks by name; what is put here is counted in every cell."""
