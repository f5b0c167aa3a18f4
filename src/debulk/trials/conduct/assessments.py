"""Assessments: when progression is found, and until when nobody is known to have progressed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform
from debulk.trials.decisions import MISSED

if TYPE_CHECKING:
    from debulk.trials.recruitment.randomised import Randomised

Floats = npt.NDArray[np.float64]


def last_assessment(until: Floats, phase: Floats, interval: Floats) -> Floats:
    """Time of the last assessment up to a moment; 0 (randomisation) when there was none."""
    visits = phase + interval * np.floor((until - phase) / interval)
    return np.where(until < phase, 0.0, visits)


def last_attended(
    seed: int, missed: float, randomised: Randomised, until: Floats, rows: slice
) -> Floats:
    """Time of the last assessment up to a moment that was not missed; 0 when there was none.

    Parameters
    ----------
    seed : int
        Seed of the random streams.
    missed : float
        Probability that an assessment is missed.
    randomised : Randomised
        All patients.
    until : float64 array
        The moment, for each patient of `rows`.
    rows : slice
        The patients asked about.
    """
    phase = randomised.visit_phase_months[rows]
    interval = randomised.visit_interval_months[rows]
    if missed == 0.0:
        return last_assessment(until, phase, interval)
    trial, patient = randomised.trial[rows], randomised.patient[rows]
    return _last_attended(seed, missed, trial, patient, until, phase, interval)


def with_missed_visits(seed: int, missed: float, randomised: Randomised) -> Randomised:
    """Patients whose progression is found at the first assessment that is not missed.

    The course itself is that of the generator: what a missed visit changes is what the trial knows.
    Progression that would be found only after death is never found.

    Parameters
    ----------
    seed : int
        Seed of the random streams.
    missed : float
        Probability that an assessment is missed, each for itself.
    randomised : Randomised
        The patients, as if no assessment were missed.
    """
    if missed == 0.0 or randomised.size == 0:
        return randomised
    visits = (randomised.visit_phase_months, randomised.visit_interval_months)
    people = (randomised.trial, randomised.patient)

    def found(progression: Floats, death: Floats) -> Floats:
        late = _found(seed, missed, *people, progression, *visits)
        return np.where(late > death, np.inf, late)

    control = found(randomised.progression_control, randomised.death_control)
    experimental = found(randomised.progression_experimental, randomised.death_experimental)
    return replace(randomised, progression_control=control, progression_experimental=experimental)


@kernel
def _attends(seed: int, trial: int, patient: int, visit: int, missed: float) -> bool:
    return uniform(patient_key(seed, trial, patient), MISSED, 0, visit) >= missed


@kernel
def _found(
    seed: int,
    missed: float,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    progression: npt.NDArray[np.float64],
    phase: npt.NDArray[np.float64],
    interval: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Shift progression by the assessments missed in a row from the one that would find it."""
    found = progression.copy()
    for row in range(trial.size):
        if not np.isfinite(progression[row]) or progression[row] <= 0.0:
            continue
        # On the grid of assessments up to rounding, or between two of them: the later one.
        places = (progression[row] - phase[row]) / interval[row]
        visit = max(0, int(np.ceil(places - 1e-6)))
        late = 0
        while late < 10_000 and not _attends(seed, trial[row], patient[row], visit + late, missed):
            late += 1
        found[row] = progression[row] + late * interval[row]
    return found


@kernel
def _last_attended(
    seed: int,
    missed: float,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    until: npt.NDArray[np.float64],
    phase: npt.NDArray[np.float64],
    interval: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    last = np.zeros(trial.size)
    for row in range(trial.size):
        if until[row] < phase[row]:
            continue
        visit = int(np.floor((until[row] - phase[row]) / interval[row]))
        while visit >= 0 and not _attends(seed, trial[row], patient[row], visit, missed):
            visit -= 1
        if visit >= 0:
            last[row] = phase[row] + interval[row] * visit
    return last
