"""Survival curves of follow-up that was seen, to draw times from, and what lies beyond them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.survival import kaplan_meier
from debulk.trials.generators.hazards import Steps
from debulk.trials.randomisation.checks import flag_column, number_column, whole_column

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

Tail = Literal["exponential", "never"]
"""What is assumed beyond the last follow-up: the hazard of its last third goes on, or no event."""

TAILS = ("exponential", "never")


@dataclass(frozen=True, eq=False)
class ProductLimit:
    """A Kaplan-Meier curve with a stated tail, to draw times from.

    Attributes
    ----------
    months, survival : float64 arrays
        Times of events, and survival just after each.
    last_months : float
        End of the longest follow-up.
    tail_hazard : float
        Per month beyond it; 0 where nobody has the event any more.
    patients, events : int
    """

    months: Floats
    survival: Floats
    last_months: float
    tail_hazard: float
    patients: int
    events: int

    @property
    def beyond(self) -> float:
        """Share of patients whose event lies beyond the last follow-up."""
        return float(self.survival[-1])

    def survival_at(self, months: Floats) -> Floats:
        """Survival at some times within follow-up.

        Parameters
        ----------
        months : float64 array
        """
        place = np.searchsorted(self.months, months, side="right")
        found: Floats = np.concatenate([[1.0], self.survival])[place]
        return found

    def time_at(self, level: Floats) -> Floats:
        """The first time at which survival is at or below a level; infinite for never.

        Parameters
        ----------
        level : float64 array
            Above 0 and below 1; uniform numbers give times with this curve's distribution.
        """
        place = np.searchsorted(-self.survival, -level, side="left")
        inside = place < self.months.size
        found: Floats = self.months[np.minimum(place, self.months.size - 1)]
        if self.tail_hazard > 0.0 and self.beyond > 0.0:
            more = np.log(self.beyond / np.minimum(level, self.beyond)) / self.tail_hazard
            return np.where(inside, found, self.last_months + more)
        return np.where(inside, found, np.inf)


def product_limit(
    time: Floats, event: Truths, tail: Tail, where: str, *, late_event: bool = True
) -> ProductLimit:
    """Kaplan-Meier curve of some follow-up, with its tail.

    Parameters
    ----------
    time, event : arrays
        As `checked_follow_up` gives them.
    tail : {"exponential", "never"}
        Exponential: events of the last third of the longest follow-up over the time spent in it.
    where : str
        Whose follow-up it is, for complaints.
    late_event : bool
        Whether an exponential tail needs an event in the last third; else its hazard may be 0.

    Raises
    ------
    InputError
        If nobody has the event, or the tail would need a hazard and the last third has no event.
    """
    if not event.any():
        raise InputError(where, "nobody has the event", "Give follow-up with events")
    curve = kaplan_meier(time, event)
    at = np.asarray(curve.events) > 0
    last = float(time.max())
    hazard = 0.0
    if tail == "exponential":
        start = 2.0 * last / 3.0
        seen = int((event & (time > start)).sum())
        if seen == 0 and late_event:
            raise InputError(
                where,
                f"no event in the last third of follow-up ({start:g} to {last:g} months)",
                "Say tail='never', or end follow-up earlier",
            )
        hazard = seen / float(np.maximum(time - start, 0.0).sum())
    return ProductLimit(
        months=np.asarray(curve.time, dtype=np.float64)[at],
        survival=np.asarray(curve.survival, dtype=np.float64)[at],
        last_months=last,
        tail_hazard=hazard,
        patients=int(time.size),
        events=int(event.sum()),
    )


def hazard_between_events(time: Floats, event: Truths, tail_hazard: float) -> Steps:
    """The hazard of a Kaplan-Meier curve, spread evenly between one event and the next.

    Its integral from 0 to an event is -ln of survival just after it. Where the last event takes all
    who are at risk, which would take an infinite hazard, their increment is Nelson and Aalen's.

    Parameters
    ----------
    time, event : arrays
        As `checked_follow_up` gives them.
    tail_hazard : float
        Per month beyond the longest follow-up.
    """
    months, events = np.unique(time[event], return_counts=True)
    at_risk = time.size - np.searchsorted(np.sort(time), months, side="left")
    starts = np.concatenate([[0.0], months])
    share = events / at_risk
    increments = np.where(share < 1.0, -np.log1p(-np.where(share < 1.0, share, 0.0)), share)
    rates = increments / np.diff(starts)
    last = float(time.max())
    if last > months[-1]:
        starts, rates = np.append(starts, last), np.append(rates, 0.0)
    return Steps(tuple(starts.tolist()), (*rates.tolist(), tail_hazard))


def checked_follow_up(time: Any, event: Any, where: str) -> tuple[Floats, Truths]:
    """Times and events of some patients, checked.

    Parameters
    ----------
    time : array-like of float
        Months, at least 0 and above 0 where the event happened.
    event : array-like of bool or 0/1
    where : str
        Whose they are, for complaints.

    Raises
    ------
    InputError
        If they are not of one length, finite and possible.
    """
    times = number_column(time, f"{where}, time", None)
    if times.size == 0:
        raise InputError(where, "holds no patient", "Give at least one")
    events = _flags(event, f"{where}, event", times.size)
    wrong = events & (times == 0.0)
    if wrong.any():
        raise InputError(
            f"{where}, entry {int(np.argmax(wrong))}",
            "has its event at time 0",
            "Leave out who had the event before follow-up began, or give a time above 0",
        )
    return times, events


def _flags(event: Any, where: str, size: int) -> Truths:
    """Booleans, or numbers 0 and 1."""
    try:
        kind = np.asarray(event).dtype.kind
    except (ValueError, TypeError):
        kind = "O"
    if kind == "b":
        return flag_column(event, where, size)
    return whole_column(event, where, size, 1).astype(np.bool_)


def checked_tail(tail: Any) -> Tail:
    """The tail, one of two words.

    Raises
    ------
    InputError
        If it is another.
    """
    if tail == "exponential":
        return "exponential"
    if tail == "never":
        return "never"
    raise InputError("tail", f"{tail!r:.60} is no choice", nearest(str(tail), TAILS))


def digest_of(*columns: npt.NDArray[Any]) -> str:
    """SHA-256 over some columns, so that a result names the data it rests on.

    Parameters
    ----------
    *columns : arrays
    """
    found = hashlib.sha256()
    for each in columns:
        found.update(np.ascontiguousarray(each).tobytes())
    return found.hexdigest()
