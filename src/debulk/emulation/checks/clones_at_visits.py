"""Clones of one strategy visit by visit: who was there, with which weight before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.emulation.clones.weights import ArmWeights, CloneWeights
from debulk.emulation.person_time import Flags, Floats, PersonTime
from debulk.survival.options import check_kind


@dataclass(frozen=True, slots=True)
class ClonesAtVisit:
    """Clones of a strategy that had kept to it until a visit of the grace period.

    Attributes
    ----------
    visit : int
    patient : (c,) int64
        Index of each clone's patient; alive and under observation at the visit.
    row : (c,) int64
        Their rows of the person-time.
    before, after : (c,) float64
        Weight just before the decision, losses until then counted, and just after; 0 after for a
        clone that left.
    probability : (c,) float64
        Fitted probability of the decision's outcome; NaN where there was none to take.
    """

    visit: int
    patient: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]
    before: Floats
    after: Floats
    probability: Floats


def check_weights_of(person_time: PersonTime, weights: CloneWeights) -> None:
    """Refuse weights that are none, or of other patients.

    Raises
    ------
    InputError
        Naming the argument.
    """
    check_kind(person_time, PersonTime, "person_time")
    check_kind(weights, CloneWeights, "weights")
    patients = weights.arms[0].censored.size
    if patients != person_time.patients:
        found = f"{person_time.patients} patients; the weights are of {patients}"
        raise InputError("person_time", found, "Give the person-time that the weights were made of")


def clones_at_visits(
    person_time: PersonTime, weights: CloneWeights, arm: ArmWeights
) -> Iterator[ClonesAtVisit]:
    """Walk over the visits of the grace period.

    Parameters
    ----------
    person_time : PersonTime
    weights : CloneWeights
    arm : ArmWeights
        One of its arms.

    Yields
    ------
    ClonesAtVisit
        Visits at which nobody was left are passed over.
    """
    probability = np.full(person_time.visit.size, np.nan)
    probability[arm.rows] = arm.probability
    owner = person_time.patient
    seen, remaining = observed(person_time), remaining_weights(person_time, weights)
    for visit in range(weights.visits):
        rows = np.flatnonzero((person_time.visit == visit) & seen)
        left = arm.censored[owner[rows]]
        rows = rows[(left < 0) | (left >= visit)]
        if rows.size == 0:
            continue
        patient = owner[rows]
        before = np.ones(rows.size)
        if visit:
            before = arm.weight[patient, visit - 1] * remaining[rows] / remaining[rows - 1]
        yield ClonesAtVisit(
            visit, patient, rows, before, arm.weight[patient, visit], probability[rows]
        )


def observed(person_time: PersonTime) -> Flags:
    """Rows at which a patient was under observation: the others come before a late entry."""
    entry = person_time.entry_months[person_time.patient]
    found: Flags = person_time.visit * person_time.visit_months >= entry
    return found


def remaining_weights(person_time: PersonTime, weights: CloneWeights) -> Floats:
    """Inverse probability of having remained in follow-up until each row; 1 without a model."""
    chance = np.zeros(person_time.visit.size)
    if weights.loss is not None:
        chance[weights.loss.rows] = weights.loss.probability
    # Loss after a visit is settled at the next; nobody has been lost by the first.
    steps = np.r_[0.0, -np.log1p(-chance[:-1])]
    steps[person_time.first[:-1]] = 0.0
    summed = np.cumsum(steps)
    found: Floats = np.exp(summed - summed[person_time.first[:-1]][person_time.patient])
    return found
