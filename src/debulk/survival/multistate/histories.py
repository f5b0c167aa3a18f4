"""Multi-state models from one row a subject: when each state began, and how follow-up ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.labels import codes_of, label_of
from debulk.survival.limits import Scale, check_scale
from debulk.survival.multistate.model import MultiState, estimate_states
from debulk.survival.multistate.rows import STAYS, StateRows
from debulk.survival.options import check_level, shown
from debulk.survival.subjects import (
    Bools,
    Floats,
    Ints,
    numbers,
    one_dimensional,
    read_subjects,
    same_length,
)


def illness_death(
    progression_time: Any,
    progressed: Any,
    death_time: Any,
    died: Any,
    *,
    states: tuple[str, str, str] = ("event-free", "progressed", "dead"),
    weights: Any = None,
    cluster: Any = None,
    conf_level: float = 0.95,
    conf_type: Scale = "log",
) -> MultiState:
    """Estimate an illness-death model: event-free, progressed, dead.

    Parameters
    ----------
    progression_time, progressed : array-like, shape (n,)
        When each subject progressed, and whether it did (bool or 0/1). The time of one who did
        not is not looked at and may be missing.
    death_time, died : array-like, shape (n,)
        Death or end of follow-up (finite, at least 0), and which of the two.
    states : tuple of str
        Names of the three states.
    weights, cluster : array-like, shape (n,), optional
        Sampling weights above 0, and units that vary independently.
    conf_level, conf_type : float, {"log", "log-log", "plain"}
        Level and scale of the pointwise limits.

    Returns
    -------
    MultiState
        A progression on the day of death counts as death only, since no time is spent progressed;
        ``.counts`` says how many. One on the last day of a subject who is alive counts.

    Raises
    ------
    InputError
        On a progression after the end of follow-up, with the row; on arrays that do not fit.
    """
    named = isinstance(states, list | tuple) and len({label_of(each) for each in states}) == 3
    if not named or len(states) != 3:
        raise InputError("states", f"{shown(states)} are not three names", "Name three states")
    first, middle, last = states
    return state_histories(
        {middle: (progression_time, progressed)},
        death_time,
        died,
        first_state=first,
        end_state=last,
        weights=weights,
        cluster=cluster,
        conf_level=conf_level,
        conf_type=conf_type,
    )


def state_histories(
    onsets: Mapping[str, tuple[Any, Any]],
    end_time: Any,
    ended: Any,
    *,
    first_state: str = "start",
    end_state: str = "death",
    weights: Any = None,
    cluster: Any = None,
    conf_level: float = 0.95,
    conf_type: Scale = "log",
) -> MultiState:
    """Estimate a multi-state model from the times at which states began.

    Parameters
    ----------
    onsets : mapping of str to (times, happened)
        Each state between the first and the last, such as ``{"response": (t, r), "progression":
        (u, p)}``: arrays of shape (n,). Subjects enter the states in the order of their times; a
        time is looked at only where `happened` is true.
    end_time, ended : array-like, shape (n,)
        End of follow-up, and whether it was the move into `end_state` (bool or 0/1).
    first_state, end_state : str
        Names of the first and the last state.
    weights, cluster, conf_level, conf_type
        As for `illness_death`.

    Returns
    -------
    MultiState
        ``.counts`` says how many onsets were left out because no time is spent in the state: on
        the day of the move into `end_state`, or on the day of the onset of another state, of
        which the one later in `onsets` counts.

    Raises
    ------
    InputError
        On an onset after the end of follow-up, with state and row; on arrays that do not fit.
    """
    check_level(conf_level)
    check_scale(conf_type)
    if not isinstance(onsets, Mapping):
        remedy = "Give {state: (times, happened)}"
        raise InputError("onsets", f"{shown(onsets)} is no mapping", remedy)
    subjects = read_subjects(end_time, ended, weights=weights)
    n = subjects.n
    names = [label_of(first_state), *(label_of(each) for each in onsets), label_of(end_state)]
    if len(set(names)) < len(names):
        raise InputError("onsets", f"the states {names!r} repeat a name", "Name each state once")
    times = np.full((n, len(onsets)), np.inf)
    for place, (name, given) in enumerate(onsets.items()):
        times[:, place] = _onset(name, given, subjects.time)
    counts = _leave_out(times, names[1:-1], subjects.time, subjects.event, names[-1])
    start, stop, origin, target, subject = _rows(times, subjects.time, subjects.event)
    units = np.arange(n) if cluster is None else codes_of(cluster, n, "cluster")
    loads = np.ones(n) if subjects.weights is None else subjects.weights
    rows = StateRows(start, stop, origin, target, units[subject], loads[subject], tuple(names))
    return estimate_states(rows, subject, None, conf_level, conf_type, counts)


def _onset(name: str, given: tuple[Any, Any], end: Floats) -> Floats:
    """Times of onset, infinite where there was none."""
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise InputError(f"onsets[{name!r}]", "is not a pair", "Give (times, happened)")
    raw = one_dimensional(given[0], name)
    same_length(raw, end.size, name)
    try:
        happened = read_subjects(end, given[1]).event
    except InputError as error:
        raise InputError(f"{name}: {error.where}", error.found, error.remedy) from None
    if raw.dtype.kind not in "biufO":
        raise InputError(name, f"holds {raw.dtype} values, not numbers", "Give numbers")
    times = numbers(np.where(happened, raw, 0.0), name)
    for wrong, found in (
        (times < 0, "is negative"),
        (times > end, "lies after the end of follow-up"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(
                f"{name}, row {row + 1}",
                f"{times[row]:g} {found} (which ends at {end[row]:g})",
                "Correct the time, or mark that the state did not begin",
            )
    result: Floats = np.where(happened, times, np.inf)
    return result


def _leave_out(
    times: Floats, names: list[str], end: Floats, ended: Bools, end_state: str
) -> dict[str, int]:
    """Take out, in place, the onsets of states in which no time is spent; count them."""
    counts = {}
    for place, name in enumerate(names):
        for other in range(place + 1, len(names)):
            same = np.isfinite(times[:, place]) & (times[:, place] == times[:, other])
            times[same, place] = np.inf
            if same.any():
                counts[f"{name} at the time of {names[other]}: not counted"] = int(same.sum())
        same = ended & (times[:, place] == end)
        times[same, place] = np.inf
        if same.any():
            counts[f"{name} at the time of {end_state}: not counted"] = int(same.sum())
    return counts


def _rows(times: Floats, end: Floats, ended: Bools) -> tuple[Floats, Floats, Ints, Ints, Ints]:
    """Intervals of all subjects: start, stop, state, state moved to, subject."""
    n, places = times.shape
    order = np.argsort(times, axis=1, kind="stable")
    everyone = np.arange(n)
    since, state = np.full(n, -np.inf), np.zeros(n, dtype=np.int64)
    parts = []
    for turn in range(places):
        place = order[:, turn]
        onset = times[everyone, place]
        some = np.flatnonzero(np.isfinite(onset))
        parts.append((since[some], onset[some], state[some], place[some] + 1, some))
        since[some], state[some] = onset[some], place[some] + 1
    rest = np.flatnonzero(since < end)
    target = np.where(ended[rest], places + 1, STAYS)
    parts.append((since[rest], end[rest], state[rest], target, rest))
    start, stop, origin, into, subject = (
        np.concatenate([part[column] for part in parts]) for column in range(5)
    )
    return start, stop, origin, into.astype(np.int64), subject
