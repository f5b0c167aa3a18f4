"""The worlds that a trial is analysed in: as simulated, and the one without any effect."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.streams import exponential, patient_key
from debulk.trials.conduct.assessments import last_attended, with_missed_visits
from debulk.trials.conduct.observing import World
from debulk.trials.conduct.strata import strata_of
from debulk.trials.decisions import LOST

if TYPE_CHECKING:
    from debulk.protocols import Protocol
    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.recruitment.randomised import Randomised

Floats = npt.NDArray[np.float64]
Endpoint = Literal["os", "pfs"]


def primary_endpoint(protocol: Protocol) -> Endpoint:
    """The endpoint that decides a trial and whose events are counted: the first one called primary.

    Parameters
    ----------
    protocol : Protocol
        Names its endpoints.

    Raises
    ------
    InputError
        If it is neither overall nor progression-free survival.
    """
    first = next((each.name for each in protocol.endpoints if each.primary), "os")
    if first == "os":
        return "os"
    if first == "pfs":
        return "pfs"
    raise InputError(
        f"{protocol.source_name or protocol.name}, endpoints",
        f"the primary endpoint is {first!r}",
        "Make os or pfs primary: simulated trials are decided by one of the two",
    )


@dataclass(frozen=True)
class Worlds:
    """Patients of many trials, by endpoint.

    Attributes
    ----------
    os, pfs : World
        As simulated: overall and progression-free survival, the latter known at assessments.
    primary, null : World
        The primary endpoint, as simulated and with the control arm's course for everybody.
    margin : World or None
        The same where the hazard ratio between the arms is the design's margin, whoever follows
        what; None without such courses.
    """

    os: World
    pfs: World
    primary: World
    null: World
    margin: World | None = None


def worlds_of(
    protocol: Protocol,
    seed: int,
    randomised: Randomised,
    allocation: Allocation,
    starts: npt.NDArray[np.int64],
    at_margin: tuple[Floats, Floats] | None = None,
) -> Worlds:
    """Lay out who has which event when, in the world simulated and in the null one.

    Parameters
    ----------
    protocol, seed, randomised, allocation, starts, at_margin
        As in `debulk.trials.conduct.conducting.conduct_trials`.
    """
    missed = protocol.conduct.missed_visits
    assessed = with_missed_visits(seed, missed, randomised)
    lost_per_month = -math.log1p(-protocol.conduct.lost_per_year) / 12.0
    lost = _losses(seed, randomised.trial, randomised.patient, lost_per_month)
    strata = strata_of(protocol, randomised)
    follows = allocation.follows_experimental
    entry = randomised.randomised_months

    def attended(until: Floats, rows: slice) -> Floats:
        return last_attended(seed, missed, randomised, until, rows)

    def os_world(death: Floats) -> World:
        return World(death, entry, lost, allocation.experimental, strata, starts)

    def pfs_world(failure: Floats) -> World:
        return World(failure, entry, lost, allocation.experimental, strata, starts, attended)

    death = really_dies(randomised, allocation)
    progression = np.where(follows, assessed.progression_experimental, assessed.progression_control)
    os, pfs = os_world(death), pfs_world(np.minimum(progression, death))
    by_death = primary_endpoint(protocol) == "os"
    without = randomised.death_control
    if not by_death:
        without = np.minimum(assessed.progression_control, without)
    make, primary = (os_world, os) if by_death else (pfs_world, pfs)
    margin = None
    if at_margin is not None:
        death, progression = at_margin
        there = replace(randomised, death_experimental=death, progression_experimental=progression)
        found = with_missed_visits(seed, missed, there).progression_experimental
        failure = death if by_death else np.minimum(found, death)
        margin = make(np.where(allocation.experimental, failure, without))
    return Worlds(os, pfs, primary, make(without), margin)


def really_dies(randomised: Randomised, allocation: Allocation) -> Floats:
    """Death of each patient in the arm assigned, as they are really treated there.

    Parameters
    ----------
    randomised : Randomised
        All courses of each patient.
    allocation : Allocation
        Which of them is followed; salvage belongs to those assigned to the control arm.
    """
    in_control = np.where(
        allocation.experimental, randomised.death_control, randomised.death_salvage
    )
    follows = allocation.follows_experimental
    return np.where(follows, randomised.death_experimental, in_control)


@kernel
def _losses(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    lost_per_month: float,
) -> npt.NDArray[np.float64]:
    """Draw when each patient is lost to follow-up; infinity where nobody is."""
    lost = np.full(trial.size, np.inf)
    if lost_per_month > 0.0:
        for row in range(trial.size):
            key = patient_key(seed, trial[row], patient[row])
            lost[row] = exponential(key, LOST, 0, 0) / lost_per_month
    return lost
