"""Looks at the data before the last analysis: when they come, and where trials stop.

A look takes place when its share of the planned events is known, on follow-up as known then; who is
not in yet is no part of it. The trial stops at the first crossing: of the efficacy bound; of the
harm bound (in a two-sided design without futility or harm of its own, the mirror of the efficacy
bound); of the futility bound. The futility bound is followed, and does not loosen the efficacy
bounds unless the protocol calls it binding. Where the last analysis has fewer or more events than
planned, its bounds are those at the information observed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.trials.boundaries.rule import Harm
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending
from debulk.trials.boundaries.words import parse_rule
from debulk.trials.conduct.analysis import SurvivalTest
from debulk.trials.conduct.observing import Observed, World, statistics

if TYPE_CHECKING:
    from debulk.protocols import Protocol
    from debulk.trials.boundaries.bounds import Boundaries

NOTHING, EFFICACY, FUTILITY, HARM = 0, 1, 2, 3
"""Codes of why a trial stopped: at its end without crossing, or by which bound."""

REASONS = {"efficacy": EFFICACY, "futility": FUTILITY, "harm": HARM}
"""The bounds by name."""


def boundaries_of(protocol: Protocol) -> Boundaries | None:
    """Bounds at the looks that a protocol plans; None without monitoring.

    Parameters
    ----------
    protocol : Protocol
        Gives monitoring, alpha, sidedness and power. With futility or a harm bound of its own, a
        two-sided design is taken as one-sided at half its alpha.

    Raises
    ------
    InputError
        With the file and field, if the rules are unknown or contradict each other.
    """
    plan, design = protocol.design.monitoring, protocol.design
    if plan is None:
        return None
    where = f"{protocol.source_name or protocol.name}, design.monitoring"
    harm = None
    if plan.harm is not None:
        spending = parse_rule(plan.harm, f"{where}.harm")
        if not isinstance(spending, Spending):
            raise InputError(
                f"{where}.harm",
                f"{plan.harm!r} spends no error of its own",
                "Give a spending function, such as spending-pocock or kim-demets:1",
            )
        harm = Harm(spending, plan.harm_alpha)
    futility = None if plan.futility is None else parse_rule(plan.futility, f"{where}.futility")
    symmetric = design.sided == 2 and futility is None and harm is None
    efficacy = parse_rule(plan.efficacy, f"{where}.efficacy")
    try:
        return group_sequential(
            plan.information,
            alpha=design.alpha if symmetric or design.sided == 1 else design.alpha / 2.0,
            sided=2 if symmetric else 1,
            efficacy=efficacy,  # type: ignore[arg-type]
            futility=futility,  # type: ignore[arg-type]
            binding=plan.binding,
            beta=1.0 - design.power,
            harm=harm,
        )
    except InputError as error:
        raise InputError(where, f"{error.where} {error.found}", error.remedy) from None


@dataclass(frozen=True)
class Stops:
    """Where each of many trials stopped, and why.

    Attributes
    ----------
    cutoff_months : float64[trials]
        Calendar time of the analysis that ended the trial.
    look : int64[trials]
        Number of that look, from 1; the last analysis has the number of looks planned.
    reason : int64[trials]
        `NOTHING`, `EFFICACY`, `FUTILITY` or `HARM`.
    """

    cutoff_months: npt.NDArray[np.float64]
    look: npt.NDArray[np.int64]
    reason: npt.NDArray[np.int64]


class Monitor:
    """Bounds of a protocol's looks, and those at the information that trials really had.

    Parameters
    ----------
    protocol : Protocol
        Gives the planned deaths.
    boundaries : Boundaries
        At the looks planned.
    test : SurvivalTest
        Whose statistic is held against them.
    """

    def __init__(self, protocol: Protocol, boundaries: Boundaries, test: SurvivalTest) -> None:
        assert protocol.design.events is not None
        self.protocol, self.boundaries, self.test = protocol, boundaries, test
        self.planned = protocol.design.events
        self.events = self.deaths_at(boundaries, self.planned)
        self._updated: dict[tuple[int, ...], Boundaries] = {}

    @staticmethod
    def deaths_at(boundaries: Boundaries, planned: int) -> npt.NDArray[np.int64]:
        """Deaths at which each look takes place.

        Parameters
        ----------
        boundaries : Boundaries
            Give the information at the looks.
        planned : int
            Deaths at information 1.
        """
        return np.ceil(boundaries.information * planned - 1e-9).astype(np.int64)

    def stops(self, world: World, ends: npt.NDArray[np.float64]) -> Stops:
        """Where every trial of a world stops.

        Parameters
        ----------
        world : World
            The patients of all trials.
        ends : float64[trials]
            Calendar time of each trial's last analysis, if no look stops it.
        """
        trials, looks = len(world.slices), self.events.size
        deaths = [world.known_events(trial) for trial in range(trials)]
        total = np.array(
            [int((each <= end).sum()) for each, end in zip(deaths, ends, strict=True)], np.int64
        )
        cutoff, look = ends.copy(), np.full(trials, looks)
        reason = np.full(trials, NOTHING)
        going = np.ones(trials, np.bool_)
        for number in range(looks - 1):
            held = going & (total > self.events[number])
            if not held.any():
                break
            moments = np.array(
                [
                    each[self.events[number] - 1] if on else 0.0
                    for each, on in zip(deaths, held, strict=True)
                ]
            )
            crossed = np.where(held, self._crossed(world, moments, number, self.boundaries), 0)
            stopped = crossed != NOTHING
            cutoff[stopped], look[stopped] = moments[stopped], number + 1
            reason[stopped] = crossed[stopped]
            going &= ~stopped
        z = statistics(world, self._seen(world, ends), self.test)
        for trial in np.flatnonzero(going & (total > 0)):
            bounds = self._at_the_end(int(total[trial]))
            reason[trial] = _reason(-z[trial], bounds, bounds.efficacy_z.size - 1, last=True)
        return Stops(cutoff, look, reason)

    def _seen(self, world: World, moments: npt.NDArray[np.float64]) -> list[Observed]:
        return [world.seen(trial, float(moment)) for trial, moment in enumerate(moments)]

    def _crossed(
        self,
        world: World,
        moments: npt.NDArray[np.float64],
        number: int,
        bounds: Boundaries,
    ) -> npt.NDArray[np.int64]:
        """What every trial crosses at a look."""
        z = statistics(world, self._seen(world, moments), self.test)
        return np.array([_reason(-each, bounds, number, last=False) for each in z], np.int64)

    def _at_the_end(self, deaths: int) -> Boundaries:
        """Bounds of the last analysis, for the deaths there and the looks before it."""
        done = tuple(int(each) for each in self.events[:-1] if each < deaths)
        looks = (*done, deaths)
        if looks == tuple(self.events.tolist()):
            return self.boundaries
        if looks not in self._updated:
            self._updated[looks] = self.boundaries.update(
                looks, events_planned=self.planned, final=True
            )
        return self._updated[looks]


def _reason(benefit: float, bounds: Boundaries, number: int, *, last: bool) -> int:
    """Which bound a statistic (above 0 is benefit) crosses at a look."""
    if math.isnan(benefit):
        return NOTHING
    if benefit >= bounds.efficacy_z[number]:
        return EFFICACY
    if bounds.harm_z is not None and benefit <= bounds.harm_z[number]:
        return HARM
    if bounds.sided == 2 and benefit <= -bounds.efficacy_z[number]:
        return HARM
    # At the last analysis, not to reject is no stop for futility.
    if not last and bounds.futility_z is not None and benefit <= bounds.futility_z[number]:
        return FUTILITY
    return NOTHING
