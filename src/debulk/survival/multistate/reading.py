"""Rows of states as users give them, checked once, with messages that name subject and row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.survival.labels import codes_of, distinct, label_of
from debulk.survival.multistate.rows import STAYS, StateRows
from debulk.survival.subjects import Bools, Floats, Ints, check_weights, numbers, same_length

FIRST_STATE = "(s0)"
"""Name of the state in which all subjects start when no `from_state` is given."""


@dataclass(frozen=True, eq=False)
class _Raw:
    """Rows in the order of subject and time, with labels as codes."""

    start: Floats
    stop: Floats
    target: Ints
    subject: Ints
    number: Ints
    subjects: list[Any]
    states: list[str]

    def name(self, row: int) -> str:
        """A row as messages call it."""
        subject = label_of(self.subjects[self.subject[row]])
        return f"subject {subject}, row {self.number[row] + 1}"


def read_state_rows(
    start: Any,
    stop: Any,
    to_state: Any,
    *,
    subject: Any,
    from_state: Any = None,
    censoring: Any = 0,
    weights: Any = None,
    cluster: Any = None,
) -> tuple[StateRows, Ints]:
    """Check rows of states.

    Parameters
    ----------
    start, stop, to_state, subject, from_state, censoring, weights, cluster
        As for `multi_state`.

    Returns
    -------
    rows : StateRows
        In the order of subject and time.
    subjects : array of int, shape (n,)
        Subject of each row, numbered from 0.

    Raises
    ------
    InputError
        Naming subject and row: an interval without length, one that overlaps the one before or
        leaves a gap after it, a state other than the one the row before ended in, a move to the
        state a subject is in.
    """
    stops = numbers(stop, "stop")
    if stops.size == 0:
        raise InputError("stop", "there are no rows", "Give at least one row")
    n = stops.size
    starts = numbers(start, "start")
    same_length(starts, n, "start")
    _refuse_first(starts < 0, "start", "is negative", starts)
    _refuse_first(starts >= stops, "start", "is not below the row's stop", starts)
    loads = np.ones(n) if weights is None else numbers(weights, "weights")
    same_length(loads, n, "weights")
    check_weights(loads)
    _refuse_first(loads <= 0, "weights", "is not above 0", loads)
    subjects, subject_codes = distinct(subject, n, "subject")
    units = subject_codes if cluster is None else codes_of(cluster, n, "cluster")
    states, origin, target = _states(from_state, to_state, n, censoring)
    order = np.lexsort((starts, subject_codes))
    raw = _Raw(
        starts[order],
        stops[order],
        target[order],
        subject_codes[order],
        order,
        subjects,
        states,
    )
    follows = np.zeros(n, dtype=np.bool_)
    follows[1:] = raw.subject[1:] == raw.subject[:-1]
    _check_times(raw, follows)
    origins = _carried(raw, follows, None if origin is None else origin[order])
    _check_moves(raw, origins)
    rows = StateRows(
        raw.start, raw.stop, origins, raw.target, units[order], loads[order], tuple(states)
    )
    return rows, raw.subject


def _states(
    from_state: Any, to_state: Any, n: int, censoring: Any
) -> tuple[list[str], Ints | None, Ints]:
    """Labels of all states, and codes of both columns among them."""
    ends, end_codes = distinct(to_state, n, "to_state")
    censored = None if censoring is None else label_of(censoring)
    end_labels = [label_of(each) for each in ends]
    text = any(isinstance(each, str) for each in ends)
    if text and censored is not None and censored not in end_labels:
        raise InputError(
            "censoring",
            f"no row of to_state is {censored!r}",
            nearest(censored, end_labels) + " Give censoring=None if every row ends with a move",
        )
    begun: list[str] = [FIRST_STATE]
    begin_codes = None
    if from_state is not None:
        values, begin_codes = distinct(from_state, n, "from_state")
        begun = [label_of(each) for each in values]
        if censored in begun:
            row = int(np.argmax(begin_codes == begun.index(str(censored)))) + 1
            raise InputError(
                f"from_state, row {row}",
                f"{censored!r} is the label of censoring",
                "Name another label in censoring=, or rename the state",
            )
    states = begun + [each for each in end_labels if each != censored and each not in begun]
    place = {label: code for code, label in enumerate(states)}
    place_of_ends = np.array(
        [STAYS if each == censored else place[each] for each in end_labels], dtype=np.int64
    )
    return states, begin_codes, place_of_ends[end_codes]


def _check_times(raw: _Raw, follows: Bools) -> None:
    before = np.concatenate(([0.0], raw.stop[:-1]))
    for wrong, found, remedy in (
        (
            raw.start < before,
            "overlaps the subject's row before: two states at once",
            "Let each row start where the one before stops",
        ),
        (
            raw.start > before,
            "leaves a gap after the subject's row before",
            "Fill the gap, or give the two parts subjects of their own and a common cluster",
        ),
    ):
        bad = wrong & follows
        if bad.any():
            row = int(np.argmax(bad))
            times = f"({raw.start[row]:g} after {before[row]:g})"
            raise InputError(raw.name(row), f"the interval {found} {times}", remedy)


def _carried(raw: _Raw, follows: Bools, given: Ints | None) -> Ints:
    """The state of each row: that in which the row before ended, or was."""
    rows = np.arange(raw.stop.size)
    before = np.concatenate(([STAYS], raw.target[:-1]))
    opening = np.zeros(raw.stop.size, dtype=np.int64) if given is None else given
    # Rows whose state is known at once: a subject's first, and those after a move. The others go
    # on in the state of the nearest such row above.
    known = ~follows | (before != STAYS)
    value = np.where(follows, before, opening)
    result: Ints = value[np.maximum.accumulate(np.where(known, rows, 0))]
    if given is not None:
        wrong = given != result
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(
                raw.name(row),
                f"from_state is {raw.states[given[row]]!r}, but the rows before leave the subject "
                f"in {raw.states[result[row]]!r}",
                "Correct one of the two",
            )
    return result


def _check_moves(raw: _Raw, origin: Ints) -> None:
    wrong = origin == raw.target
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            raw.name(row),
            f"to_state is {raw.states[origin[row]]!r}, where the subject already is",
            "Mark the row as censored, or join it to the next",
        )


def _refuse_first(wrong: Bools, name: str, found: str, values: Floats) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"{name}, row {row + 1}", f"{values[row]:g} {found}", "Correct the row")
