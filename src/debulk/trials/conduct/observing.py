"""What a trial sees of its patients at a moment of calendar time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.survival.batch import analyse_trials

if TYPE_CHECKING:
    from debulk.protocols import Protocol
    from debulk.trials.conduct.analysis import SurvivalTest

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """Patients of many trials as they really live, under the arms they were given.

    Attributes
    ----------
    event_months, lost_months : float64 arrays
        Event of the endpoint, and loss to follow-up, from randomisation; infinite is never.
    entry_months : float64 array
        Calendar time of randomisation.
    experimental : bool array
        Arm assigned.
    strata : int64 array
        Stratum of each patient, for stratified tests.
    starts : int64[trials + 1]
        Where each trial's patients begin.
    attended : callable or None
        For an endpoint that is known at assessments: the last one attended up to a moment, for the
        patients of some rows. None where an event is known whenever it comes.
    """

    event_months: Floats
    entry_months: Floats
    lost_months: Floats
    experimental: Bools
    strata: Ints
    starts: Ints
    attended: Callable[[Floats, slice], Floats] | None = None

    @cached_property
    def slices(self) -> list[slice]:
        """Rows of each trial."""
        return [slice(int(first), int(end)) for first, end in itertools.pairwise(self.starts)]

    def known_events(self, trial: int) -> Floats:
        """Calendar times of one trial's events that are not lost, in order."""
        here = self.slices[trial]
        event = self.event_months[here]
        known = np.isfinite(event) & (event <= self.lost_months[here])
        return np.sort((self.entry_months[here] + event)[known])

    def seen(self, trial: int, cutoff_months: float) -> Observed:
        """One trial as known at a moment; who comes later has no follow-up."""
        here = self.slices[trial]
        moment, entry = self.event_months[here], self.entry_months[here]
        until = np.minimum(self.lost_months[here], np.maximum(cutoff_months - entry, 0.0))
        # By the same sum as in `known_events`: the event that makes the moment is part of it.
        event = (moment <= self.lost_months[here]) & (entry + moment <= cutoff_months)
        known = until if self.attended is None else self.attended(until, here)
        return Observed(cutoff_months, until, np.where(event, moment, known), event)

    def planned_end(self, protocol: Protocol, trial: int) -> float:
        """The last analysis: at the planned events, not before the last patient is in."""
        cutoff = protocol.conduct.cutoff_months
        planned = protocol.design.events
        events = self.known_events(trial)
        if planned is not None and events.size >= planned:
            last_in = float(self.entry_months[self.slices[trial]].max())
            cutoff = min(cutoff, max(float(events[planned - 1]), last_in))
        return cutoff


@dataclass(frozen=True)
class Observed:
    """The endpoint of one trial as known at a moment.

    Attributes
    ----------
    cutoff_months : float
        That moment, in calendar time.
    until : float64 array
        Follow-up of each patient, were they to live.
    time : float64 array
        Follow-up.
    event : bool array
        Whether it ended with the event.
    """

    cutoff_months: float
    until: Floats
    time: Floats
    event: Bools


def compare(
    seen: list[Observed], experimental: Bools, starts: Ints, *, fit: bool = True
) -> list[tuple[float, float, float]]:
    """Log-rank z, log hazard ratio (Cox, Efron) and its standard error of every trial.

    Parameters
    ----------
    seen : list of Observed
        One a trial.
    experimental : bool array
        Arm of each patient.
    starts : int64[trials + 1]
        Where each trial's patients begin.
    fit : bool
        Whether the Cox model is fitted; else the last two are not to be used.
    """
    if not seen:
        return []
    time = np.concatenate([each.time for each in seen])
    event = np.concatenate([each.event for each in seen])
    arms = np.ascontiguousarray(experimental).view(np.uint8)
    found = analyse_trials(time, event.view(np.uint8), arms, starts, fit)
    return list(zip(*(each.tolist() for each in found), strict=True))


def statistics(world: World, seen: list[Observed], test: SurvivalTest) -> Floats:
    """Statistic of every trial by the protocol's test; NaN where it cannot be made.

    Parameters
    ----------
    world : World
        The patients.
    seen : list of Observed
        What is known of each trial.
    test : SurvivalTest
        The test.
    """
    if test.kind == "logrank":
        margin = test.has_margin
        compared = compare(seen, world.experimental, world.starts, fit=margin)
        if margin:
            return np.array([test.against_margin(each[1], each[2]) for each in compared])
        return np.array([each[0] for each in compared], dtype=np.float64)
    found = np.full(len(seen), math.nan)
    for trial, here in enumerate(world.slices):
        arms, strata = world.experimental[here], world.strata[here]
        found[trial] = test.z(seen[trial].time, seen[trial].event, arms, strata)
    return found
