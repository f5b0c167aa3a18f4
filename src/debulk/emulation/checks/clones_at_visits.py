"""Clones of one strategy visit by visit: who was there, with which weight before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.emulation.clones.weights import ArmWeights, CloneWeights
from debulk.emulation.person_time import Floats, PersonTime
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
        Weight just before the decision and just after; 0 after for a clone that left.
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
    observed = person_time.visit * person_time.visit_months >= person_time.entry_months[owner]
    for visit in range(weights.visits):
        rows = np.flatnonzero((person_time.visit == visit) & observed)
        left = arm.censored[owner[rows]]
        rows = rows[(left < 0) | (left >= visit)]
        if rows.size == 0:
            continue
        patient = owner[rows]
        before = arm.weight[patient, visit - 1] if visit else np.ones(rows.size)
        yield ClonesAtVisit(
            visit, patient, rows, before, arm.weight[patient, visit], probability[rows]
        )
