"""A small registry for tests: monthly visits, selection by two covariates, exact times of death."""

from __future__ import annotations

import numpy as np

from debulk.emulation.person_time import Covariate, PersonTime


def registry(
    patients: int = 400,
    seed: int = 1,
    *,
    effect: float = 0.0,
    late: bool = True,
    entry: bool = False,
    competing: bool = False,
    whole_months: bool = False,
    last_visit: int = 24,
) -> PersonTime:
    """Simulate patients who are treated at visits, more readily with low burden.

    `effect` is the log hazard ratio of treatment; `late` lets treatment happen after visit 5.
    """
    random = np.random.default_rng(seed)
    visits = last_visit + 1
    burden = np.cumsum(random.normal(0.0, [1.0] + [0.3] * last_visit, (patients, visits)), axis=1)
    fit = (random.random(patients) < 0.5).astype(float)
    progression = random.exponential(20.0, patients)
    chance = 1.0 / (1.0 + np.exp(1.8 + 0.5 * burden - 0.4 * fit[:, None]))
    wants = random.random((patients, visits)) < chance
    if not late:
        wants[:, 6:] = False
    eligible = np.arange(visits)[None, :] < np.ceil(progression)[:, None]
    wants &= eligible
    start = np.where(wants.any(axis=1), wants.argmax(axis=1), np.inf)
    hazard = 0.03 * np.exp(0.5 * burden - 0.3 * fit[:, None])
    hazard *= np.exp(effect * (np.arange(visits)[None, :] >= start[:, None]))
    total = np.cumsum(hazard, axis=1)
    need = random.exponential(1.0, patients)
    gone = (total >= need[:, None]).argmax(axis=1)
    never = total[:, -1] < need
    before = np.where(gone > 0, total[np.arange(patients), gone - 1], 0.0)
    death = gone + (need - before) / hazard[np.arange(patients), gone]
    death = np.where(never, np.inf, death)
    end = np.minimum(random.uniform(12.0, 40.0, patients), float(visits))
    if whole_months:
        end, death = np.ceil(end), np.ceil(death)
    time = np.minimum(death, end)
    cause = (death <= end).astype(np.int8)
    if competing:
        cause[(cause == 1) & (random.random(patients) < 0.3)] = 2
    start = np.where(start < time, start, np.nan)
    rows = np.minimum(np.ceil(time).astype(int), visits)
    first = np.concatenate([[0], np.cumsum(rows)])
    patient = np.repeat(np.arange(patients), rows)
    visit = (np.arange(first[-1]) - first[patient]).astype(np.int32)
    entered = random.uniform(0.0, 3.0, patients) if entry else np.zeros(patients)
    return PersonTime(
        time_months=time,
        cause=cause,
        entry_months=np.where(entered < time, entered, 0.0),
        start_months=start,
        complete_months=start,
        progression_months=np.where(progression < time, progression, np.nan),
        lost=np.zeros(patients, dtype=bool),
        first=first,
        visit=visit,
        eligible=eligible[patient, visit],
        values=np.column_stack([burden[patient, visit], fit[patient]]),
        covariates=(Covariate("burden", continuous=True), Covariate("fit")),
        patient_id=tuple(range(patients)),
    )
