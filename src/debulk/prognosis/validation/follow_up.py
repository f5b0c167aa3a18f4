"""Follow-up and predicted risks, checked once, in the form that every statistic reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.options import one_number, shown
from debulk.survival.subjects import Bools, Floats, Ints, check_weights, numbers, same_length


@dataclass(frozen=True, eq=False)
class FollowUp:
    """Rows of follow-up of n patients; without start-stop rows, one row a patient.

    Attributes
    ----------
    start, stop : array of float, shape (rows,)
        A row is at risk at t if start < t <= stop, in any one unit of time.
    cause : array of int, shape (rows,)
        How the row ended: 0 without an event, 1 the event, 2 and more a competing event.
    weight : array of float, shape (rows,)
        What the row counts for over its interval.
    patient : array of int, shape (rows,)
        Position of the row's patient, from 0.
    load : array of float, shape (patients,)
        What each patient counts for when predictions are averaged.
    plain : bool
        One row a patient, from 0 on, of weight 1.
    """

    start: Floats
    stop: Floats
    cause: Ints
    weight: Floats
    patient: Ints
    load: Floats
    plain: bool = False

    @property
    def patients(self) -> int:
        """Number of patients."""
        return int(self.load.size)

    @property
    def event(self) -> Bools:
        """Whether each row ended with the event."""
        result: Bools = self.cause == 1
        return result

    @property
    def events(self) -> int:
        """Number of events."""
        return int(np.count_nonzero(self.event))

    @property
    def competing(self) -> bool:
        """Whether there are competing events."""
        return bool((self.cause > 1).any())

    def mean(self, values: Floats) -> float:
        """Mean over patients of one value each."""
        return float(self.load @ values) / float(self.load.sum())

    def of(self, chosen: Bools) -> FollowUp:
        """The follow-up of the patients for whom `chosen` is true, numbered anew."""
        rows = chosen[self.patient]
        place = np.cumsum(chosen) - 1
        return FollowUp(
            self.start[rows],
            self.stop[rows],
            self.cause[rows],
            self.weight[rows],
            place[self.patient[rows]],
            self.load[chosen],
            self.plain,
        )

    def counted(self, counts: Floats) -> FollowUp:
        """The follow-up with each patient counted so often; 0 leaves the rows out."""
        load = self.weight * counts[self.patient]
        rows = load > 0.0
        return FollowUp(
            self.start[rows],
            self.stop[rows],
            self.cause[rows],
            load[rows],
            self.patient[rows],
            self.load * counts,
        )


def read_follow_up(time: Any, event: Any, *, entry: Any = None, weights: Any = None) -> FollowUp:
    """Check follow-up given as arrays, one row a patient.

    Parameters
    ----------
    time : array-like, shape (n,)
        End of follow-up, finite and above 0.
    event : array-like, shape (n,)
        How it ended: bool, or 0 without an event, 1 the event, 2 and more a competing event.
    entry : array-like, shape (n,), optional
        Start of observation (left truncation), at least 0 and below `time`.
    weights : array-like, shape (n,), optional
        Weights, above 0.

    Raises
    ------
    InputError
        On the first row that is wrong; without an event of interest.
    """
    times = numbers(time, "time")
    if times.size == 0:
        raise InputError("time", "there are no rows", "Give at least one patient")
    refuse(times <= 0.0, times, "time", "is not above 0", "Times run from the prediction on")
    causes = read_causes(event, times.size)
    starts = np.zeros(times.size)
    if entry is not None:
        starts = numbers(entry, "entry")
        same_length(starts, times.size, "entry")
        refuse(starts < 0.0, starts, "entry", "is negative", "Entry is at 0 or later")
        refuse(starts >= times, starts, "entry", "is not below the row's time", "It precedes exit")
    loads = np.ones(times.size)
    if weights is not None:
        loads = numbers(weights, "weights")
        same_length(loads, times.size, "weights")
        check_weights(loads)
        refuse(loads == 0.0, loads, "weights", "is not above 0", "Leave such rows out")
    return FollowUp(
        starts,
        times,
        causes,
        loads,
        np.arange(times.size),
        loads,
        plain=entry is None and weights is None,
    )


def read_causes(event: Any, n: int, name: str = "event") -> Ints:
    """How each row ended, as whole numbers from 0.

    Raises
    ------
    InputError
        If a value is no whole number from 0 on, or none is 1.
    """
    found = numbers(event, name)
    same_length(found, n, name)
    bad = (found < 0) | (found != np.rint(found))
    remedy = "Write 0 for no event, 1 for the event, 2 and more for competing events"
    refuse(bad, found, name, "is not a whole number from 0 on", remedy)
    if not (found == 1).any():
        remedy = "Check which value marks the event; it must be 1"
        raise InputError(name, "no patient has the event", remedy)
    return found.astype(np.int64)


def read_risk(risk: Any, n: int, name: str = "risk") -> Floats:
    """Predicted risks of the event by the horizon.

    Raises
    ------
    InputError
        If one is missing or not within 0 to 1, or all are the same.
    """
    risks = numbers(risk, name)
    same_length(risks, n, name)
    outside = (risks < 0.0) | (risks > 1.0)
    remedy = "Give probabilities of the event; to rank only, give `linear_predictor`"
    refuse(outside, risks, name, "is not within 0 to 1", remedy)
    refuse_constant(risks, name)
    return risks


def refuse_constant(values: Floats, name: str) -> None:
    """Refuse predictions that tell no patient from another.

    Raises
    ------
    InputError
        If all are the same.
    """
    if values.size and values.min() == values.max():
        found = f"every patient has the same value, {values[0]:g}"
        raise InputError(name, found, "Give predictions that differ between patients")


def read_horizon(horizon: Any, follow_up: FollowUp, name: str = "horizon") -> float:
    """A horizon that follow-up reaches: someone is still followed beyond it.

    Raises
    ------
    InputError
        If it is not above 0, nobody is followed beyond it, or no event lies before it.
    """
    moment = one_number(horizon, name)
    if moment <= 0.0:
        raise InputError(name, f"{shown(horizon)} is not above 0", "Give a time after prediction")
    last = float(follow_up.stop.max())
    if moment >= last:
        found = f"{moment:g} is not before the end of follow-up, {last:g}"
        raise InputError(name, found, f"Give a horizon below {last:g}")
    if not ((follow_up.start <= moment) & (follow_up.stop > moment)).any():
        found = f"nobody is under observation at {moment:g}"
        raise InputError(name, found, "Give a horizon that somebody was seen to reach")
    if not (follow_up.event & (follow_up.stop <= moment)).any():
        found = f"no event lies between 0 and {moment:g}"
        first = float(follow_up.stop[follow_up.event].min(initial=np.inf))
        remedy = f"Give a horizon from {first:g} on, where the first event is"
        raise InputError(name, found, remedy if np.isfinite(first) else "Give more patients")
    return moment


def refuse(bad: Bools, values: Floats, name: str, found: str, remedy: str) -> None:
    """Refuse the first row that is bad, with its number and value."""
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(f"{name}, row {row + 1}", f"{values[row]:g} {found}", remedy)
