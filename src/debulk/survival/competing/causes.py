"""Follow-up that may end for one of several causes, checked once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.survival.labels import distinct, label_of
from debulk.survival.subjects import (
    Bools,
    Floats,
    Ints,
    one_dimensional,
    read_subjects,
    same_length,
)

CENSORED = 0
"""Label that marks a censored row when no other is given."""


@dataclass(frozen=True, eq=False)
class CompetingSubjects:
    """Checked follow-up of n subjects that may end for one of K causes.

    Attributes
    ----------
    time : array of float, shape (n,)
        End of follow-up, finite and at least 0.
    code : array of int, shape (n,)
        0 for censored, k for the k-th of `labels` (counted from 1).
    labels : tuple of int or str
        The K causes that occur, in sorted order.
    entry, weights : array of float, shape (n,), or None
        Start of observation (below `time`) and sampling weights (above 0).
    """

    time: Floats
    code: Ints
    labels: tuple[Any, ...]
    entry: Floats | None = None
    weights: Floats | None = None

    @property
    def n(self) -> int:
        """Number of subjects."""
        return int(self.time.size)

    def code_of(self, cause: Any) -> int:
        """Code of a cause.

        Raises
        ------
        InputError
            If no subject has the cause.
        """
        for position, label in enumerate(self.labels):
            if label_of(label) == label_of(cause):
                return position + 1
        known = [label_of(label) for label in self.labels]
        raise InputError(
            "cause_of_interest",
            f"no subject has the cause {label_of(cause)!r}",
            nearest(label_of(cause), known),
        )

    def subset(self, chosen: Bools) -> CompetingSubjects:
        """The subjects for whom `chosen` is true; the causes keep their codes."""
        return CompetingSubjects(
            self.time[chosen],
            self.code[chosen],
            self.labels,
            None if self.entry is None else self.entry[chosen],
            None if self.weights is None else self.weights[chosen],
        )


def read_causes(
    time: Any,
    cause: Any,
    *,
    censoring: Any = CENSORED,
    entry: Any = None,
    weights: Any = None,
) -> CompetingSubjects:
    """Check follow-up that may end for one of several causes.

    Parameters
    ----------
    time : array-like, shape (n,)
        End of follow-up, finite and at least 0.
    cause : array-like, shape (n,)
        Why follow-up ended: whole numbers from 0, or text.
    censoring : label or None
        The value of `cause` that marks a censored row; None where no row is censored. Text needs
        it named.
    entry, weights : array-like, shape (n,), optional
        Start of observation (below `time`) and sampling weights (above 0).

    Raises
    ------
    InputError
        On the first row that is wrong; on a censoring label that no row of text has; where every
        row is censored, since then no cause is known.
    """
    raw = one_dimensional(cause, "cause")
    same_length(raw, one_dimensional(time, "time").size, "cause")
    nothing = np.zeros(raw.size, dtype=np.bool_)
    checked = read_subjects(time, nothing, entry=entry, weights=weights)
    values, positions = distinct(raw, checked.n, "cause")
    labels = _labels(values, positions)
    censored = None if censoring is None else label_of(censoring)
    if any(isinstance(label, str) for label in labels) and censored is not None:
        _refuse_unknown(censored, labels)
    causes = [label for label in labels if label_of(label) != censored]
    if not causes:
        raise InputError(
            "cause", "every row is censored", "Check which value marks censoring and which a cause"
        )
    place = {label_of(label): position + 1 for position, label in enumerate(causes)}
    codes = np.array([place.get(label_of(label), 0) for label in labels], dtype=np.int64)
    return CompetingSubjects(
        checked.time, codes[positions], tuple(causes), checked.entry, checked.weights
    )


def _labels(values: list[Any], positions: Ints) -> list[int | str]:
    """Whole numbers from 0 as int, text as it is; anything else is refused with its row."""
    result: list[int | str] = []
    for code, value in enumerate(values):
        if isinstance(value, str):
            result.append(value)
        elif (
            isinstance(value, bool | int | float) and 0 <= value < math.inf and value == int(value)
        ):
            result.append(int(value))
        else:
            row = int(np.argmax(positions == code)) + 1
            raise InputError(
                f"cause, row {row}",
                f"{value!r} is neither text nor a whole number from 0",
                "Number the causes from 1, with 0 for censored, or name them",
            )
    return result


def _is_whole(value: Any) -> bool:
    number = isinstance(value, bool | int | float)
    return number and 0 <= value < math.inf and value == int(value)


def _refuse_unknown(censored: str, labels: Iterable[int | str]) -> None:
    known = [label_of(label) for label in labels]
    if censored not in known:
        raise InputError(
            "censoring",
            f"no row of cause is {censored!r}",
            nearest(censored, known) + " Give censoring=None if no row is censored",
        )
