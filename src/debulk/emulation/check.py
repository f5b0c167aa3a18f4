"""One check of an emulation: passed, failed, or not to be told from these data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from debulk.core.results import plain

State = Literal["pass", "fail", "unknown"]
"""Unknown is an answer: the data do not tell."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked and what came out.

    Attributes
    ----------
    check : str
        Short name, such as ``"positivity"``.
    state : {"pass", "fail", "unknown"}
    text : str
        What was found and what it means, in a sentence or two.
    value, threshold : float or None
        The number that decided and the limit it was held against.
    details : mapping of str to anything plain
        The numbers behind it.
    """

    check: str
    state: State
    text: str
    value: float | None = None
    threshold: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "check": self.check,
            "state": self.state,
            "text": self.text,
            "value": plain(self.value),
            "threshold": plain(self.threshold),
            "details": plain(self.details),
        }
