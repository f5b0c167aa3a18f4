"""A check: what was looked at, whether it passed, and what that means, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from debulk.core.results import plain

State = Literal["pass", "fail", "unknown"]
"""Passed, failed, or nothing in the table can tell."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes
    ----------
    check : str
        What was looked at, such as ``"time zero"``.
    state : {"pass", "fail", "unknown"}
    text : str
        What was found, and what it means for the answer.
    value, threshold : float or None
        The number looked at and the one it is held against, where there are any.
    """

    check: str
    state: State
    text: str
    value: float | None = None
    threshold: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "check": self.check,
            "state": self.state,
            "text": self.text,
            "value": plain(self.value),
            "threshold": plain(self.threshold),
        }
