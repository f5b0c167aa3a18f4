"""Who is in each design, in which arm, and what follows, from the same eligible patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.trials.alternatives.decisions import (
    ACCEPTS_INVITATION,
    COMES_OUTSIDE,
    FOUND_OUTSIDE,
    JOINS_COHORT,
    JOINS_REGISTRY_TRIAL,
)
from debulk.trials.alternatives.eligible import happens, place_in_trial, take
from debulk.trials.conduct.allocation import Allocation, allocate

if TYPE_CHECKING:
    from debulk.protocols import Protocol
    from debulk.protocols.spec import Conduct
    from debulk.trials.alternatives.assumptions import DesignAssumptions
    from debulk.trials.recruitment.randomised import Randomised

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Enrolled:
    """The patients of one design in all trials.

    Attributes
    ----------
    protocol : Protocol
        As this design conducts it.
    patients : Randomised
        In order of trial and enrolment.
    allocation : Allocation
        Their arms, and what they really follow in either.
    asked_about : bool array
        Whom its estimand is about.
    available : int64[trials]
        Patients who would take part over the whole accrual, each trial.
    full_months : float64[trials]
        Calendar time at which the planned number was in; infinite where it never was.
    """

    protocol: Protocol
    patients: Randomised
    allocation: Allocation
    asked_about: Bools
    available: npt.NDArray[np.int64]
    full_months: npt.NDArray[np.float64]


Design = Callable[["Protocol", int, "Randomised", int, "DesignAssumptions"], Enrolled]


def parallel_trial(
    protocol: Protocol, seed: int, pool: Randomised, trials: int, assumptions: DesignAssumptions
) -> Enrolled:
    """The protocol's own design: those who consent are randomised until the trial is full.

    Parameters
    ----------
    protocol : Protocol
    seed : int
    pool : Randomised
        Everybody eligible.
    trials : int
    assumptions : DesignAssumptions
    """
    return _randomised(protocol, seed, pool, pool.consents, trials)


def registry_trial(
    protocol: Protocol, seed: int, pool: Randomised, trials: int, assumptions: DesignAssumptions
) -> Enrolled:
    """Randomised within a registry: lighter consent wins more, follow-up is coarser.

    Parameters
    ----------
    protocol, seed, pool, trials, assumptions
        As in `parallel_trial`.
    """
    won = happens(
        seed, pool.trial, pool.patient, JOINS_REGISTRY_TRIAL, assumptions.registry_consent
    )
    conduct = protocol.conduct
    kept = (1.0 - conduct.lost_per_year) * (1.0 - assumptions.registry_lost_per_year)
    coarser = replace(
        conduct,
        lost_per_year=1.0 - kept,
        missed_visits=max(conduct.missed_visits, assumptions.registry_missed_visits),
    )
    changed = replace(protocol, conduct=coarser)
    return _randomised(changed, seed, pool, pool.consents | won, trials)


def trial_within_cohort(
    protocol: Protocol, seed: int, pool: Randomised, trials: int, assumptions: DesignAssumptions
) -> Enrolled:
    """Trial within a cohort (TwiCs): some of a cohort are invited at random, the rest not asked.

    Those who are invited and refuse are treated like the controls and stay in their arm.

    Parameters
    ----------
    protocol, seed, pool, trials, assumptions
        As in `parallel_trial`.
    """
    joins = happens(seed, pool.trial, pool.patient, JOINS_COHORT, assumptions.cohort_consent)
    found = _randomised(protocol, seed, pool, pool.consents | joins, trials)
    people = found.patients
    accepts = people.consents | happens(
        seed, people.trial, people.patient, ACCEPTS_INVITATION, assumptions.invitation_accepted
    )
    allocation = replace(found.allocation, withdraws=found.allocation.withdraws | ~accepts)
    return replace(found, allocation=allocation)


def single_arm(
    protocol: Protocol, seed: int, pool: Randomised, trials: int, assumptions: DesignAssumptions
) -> Enrolled:
    """All who consent are treated; external controls refused, or came to centres outside.

    As many are treated and found as the protocol plans for its two arms. Nothing is drawn to
    decide who is treated: it is the patient, with whatever makes a patient consent.

    Parameters
    ----------
    protocol, seed, pool, trials, assumptions
        As in `parallel_trial`.
    """
    who = (pool.trial, pool.patient)
    outside = happens(seed, *who, COMES_OUTSIDE, assumptions.outside)
    found = happens(seed, *who, FOUND_OUTSIDE, assumptions.external_refusers)
    treated_rows = np.flatnonzero(pool.consents & ~outside)
    control_rows = np.flatnonzero(outside | (~pool.consents & found))
    planned = protocol.design.planned_patients
    treated = round(planned * protocol.planned_share)
    of_treated = treated_rows[place_in_trial(pool.trial[treated_rows]) < treated]
    of_controls = control_rows[place_in_trial(pool.trial[control_rows]) < planned - treated]
    rows = np.concatenate([of_treated, of_controls])
    order = np.argsort(rows)
    people = take(pool, rows[order])
    is_treated = order < of_treated.size
    # Who would refuse or cross over is the same draw as in the parallel trial.
    drawn = allocate(replace(protocol, conduct=_unstratified(protocol)), seed, people)
    return Enrolled(
        protocol,
        people,
        Allocation(is_treated, drawn.withdraws, drawn.crosses_over),
        is_treated,
        _by_trial(pool.trial[treated_rows], trials),
        _full_months(take(pool, treated_rows), treated, trials),
    )


DESIGNS: dict[str, tuple[str, Design]] = {
    "rct": ("parallel randomised trial, as the protocol", parallel_trial),
    "registry-rct": ("randomised trial within a registry", registry_trial),
    "twics": ("trial within a cohort (TwiCs)", trial_within_cohort),
    "single-arm-external": ("single arm with external controls", single_arm),
}
"""Titles and makers of the designs by name."""


def _randomised(
    protocol: Protocol, seed: int, pool: Randomised, takes_part: Bools, trials: int
) -> Enrolled:
    """Randomise those who take part until each trial is full."""
    everybody = take(pool, takes_part)
    planned = protocol.design.planned_patients
    people = take(everybody, everybody.order < planned)
    return Enrolled(
        protocol,
        people,
        allocate(protocol, seed, people),
        np.ones(people.size, np.bool_),
        _by_trial(everybody.trial, trials),
        _full_months(everybody, planned, trials),
    )


def _by_trial(trial: npt.NDArray[np.int32], trials: int) -> npt.NDArray[np.int64]:
    return np.bincount(trial, minlength=trials).astype(np.int64)


def _full_months(people: Randomised, planned: int, trials: int) -> npt.NDArray[np.float64]:
    """When the last planned patient is in."""
    full = np.full(trials, np.inf)
    last = people.order == planned - 1
    full[people.trial[last]] = people.randomised_months[last]
    return full


def _unstratified(protocol: Protocol) -> Conduct:
    """The conduct with simple allocation, for draws that belong to patients alone."""
    plan = protocol.conduct.randomisation
    return replace(protocol.conduct, randomisation=replace(plan, method="simple", strata=()))
