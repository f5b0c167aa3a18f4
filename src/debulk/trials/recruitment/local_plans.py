"""Local treatment planned for the patients of an arm, and the complications it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.anatomy import ORGAN_CODE
from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform
from debulk.disease import LocalTreatment, decisions
from debulk.disease.decisions import ONCE, WHOLE
from debulk.treatments import plan_many
from debulk.trials.recruitment.randomised import BELOW_3, DEATH, MAJOR, NO_LOCAL

if TYPE_CHECKING:
    from debulk.disease import Course, Presenters
    from debulk.protocols import Strategy
    from debulk.treatments import Modality, ModalityTables
    from debulk.trials.recruitment.run_in import RunIn
    from debulk.trials.running.settings import TrialSettings


# Numba takes stream numbers as constants of the module.
_MORBIDITY = decisions.LOCAL_MORBIDITY


def local_treatment(
    settings: TrialSettings,
    run_in: RunIn,
    strategy: Strategy,
    delivered: float | npt.NDArray[np.float64],
) -> LocalTreatment:
    """Plan local treatment on what imaging shows at randomisation; see `modalities_planned`.

    Parameters
    ----------
    settings : TrialSettings
        Cards, and the step of local treatment.
    run_in : RunIn
        The patients at randomisation.
    strategy : Strategy
        The arm's strategy.
    delivered : float or float64 array
        Probability that the plan is carried out, one for all or each patient's own.
    """
    tables, presenters = settings.tables_of(strategy), run_in.presenters
    modality = modalities_planned(
        presenters, run_in.visible, run_in.diameter_mm, run_in.boldness, tables, settings.modalities
    )
    if strategy.targets:
        targets = np.array([ORGAN_CODE[organ] for organ in strategy.targets])
        modality = np.where(np.isin(presenters.organ, targets), modality, -1).astype(np.int8)
    return LocalTreatment(
        tables=tables,
        modality=modality,
        step=np.full(len(presenters), settings.local_step_of(strategy), np.int16),
        delivered=delivered,
    )


def modalities_planned(
    presenters: Presenters,
    visible: npt.NDArray[np.bool_],
    diameter_mm: npt.NDArray[np.float64],
    boldness: npt.NDArray[np.float64],
    tables: ModalityTables,
    modalities: Mapping[str, Modality],
) -> npt.NDArray[np.int8]:
    """Modality that the cards plan for each lesion; -1 for none.

    A lesion too small for imaging gets the operation planned for its organ, if there is one: the
    surgeon finds some of them. Where imaging shows so many that some are lumped
    (`debulk.disease.Presenters.copies`), the lumps are left alone: each is many lesions, and no
    card's session treats them.

    Parameters
    ----------
    presenters : Presenters
    visible, diameter_mm : bool[lesions], float64[lesions]
        What imaging shows when the plan is made.
    boldness : float64[n]
        Of each patient's panel.
    tables : ModalityTables
        The cards of the arm.
    modalities : mapping of str to Modality
        The same cards, or more.
    """
    single = visible & (presenters.copies <= 1.0)
    plans = plan_many(
        np.where(single, presenters.organ, ORGAN_CODE["primary"]).astype(np.int8),
        np.where(single, diameter_mm, np.nan),
        presenters.near_vessel.astype(np.int8),
        presenters.offsets,
        np.full(len(presenters), np.nan),
        boldness,
        tables,
    )
    operations = np.array([modalities[name].kind == "removes" for name in tables.names])
    return _with_occult(plans.modality, visible, presenters.organ, presenters.offsets, operations)


def complications(
    settings: TrialSettings, run_in: RunIn, course: Course, tables: ModalityTables
) -> npt.NDArray[np.int8]:
    """Grade of the worst complication of each patient of an arm; see `complication_grades`.

    Parameters
    ----------
    settings : TrialSettings
        Seed, and whether local treatment can kill.
    run_in : RunIn
        The patients.
    course : Course
        What was done, and who died.
    tables : ModalityTables
        The cards of the arm.
    """
    strength = settings.disease.strengths["operative-death"]
    return complication_grades(run_in.presenters, course, tables, settings.seed, strength)


def complication_grades(
    presenters: Presenters, course: Course, tables: ModalityTables, seed: int, death_strength: float
) -> npt.NDArray[np.int8]:
    """Clavien-Dindo grade of the worst complication, as far as the cards tell.

    A card gives the probability of grade 3 or more for a session, death included, and of death.
    Death within 90 days is grade 5; those who live have grade 3 or 4 with probability
    (major - death) / (1 - death), taken over the modalities used; what lies below 3 is not known.
    The random number is that by which the course lengthens the pause of therapy, so that those
    whose therapy a complication holds up are among those counted. Where operations kill more or
    fewer, the death part follows; a complication is counted whether or not it delays therapy.

    Parameters
    ----------
    presenters : Presenters
    course : Course
        What was done, and who died.
    tables : ModalityTables
        The cards of the arm.
    seed : int
        Of the course.
    death_strength : float
        Strength of the model's mechanism of death by operation.
    """
    no_major, no_death = np.ones(len(course)), np.ones(len(course))
    for code in range(len(tables.names)):
        used = (course.used >> code) & 1 == 1
        no_major[used] *= 1.0 - tables.major_complication[code]
        no_death[used] *= 1.0 - tables.mortality_90_days[code]
    no_death = 1.0 - np.minimum(1.0, death_strength * (1.0 - no_death))
    alive = np.maximum(no_death, 1e-12)
    major = np.clip((no_death - no_major) / alive, 0.0, 1.0)
    draws = _complication_draws(seed, presenters.trial, presenters.patient)
    grade = np.where(draws < major, MAJOR, BELOW_3)
    grade = np.where(course.died_within_90_days, DEATH, grade)
    return np.where(np.isfinite(course.local_months), grade, NO_LOCAL).astype(np.int8)


@kernel
def _complication_draws(
    seed: int, trial: npt.NDArray[np.int32], patient: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    draws = np.empty(trial.size)
    for row in range(trial.size):
        draws[row] = uniform(patient_key(seed, trial[row], patient[row]), _MORBIDITY, WHOLE, ONCE)
    return draws


@kernel
def _with_occult(
    modality: npt.NDArray[np.int8],
    shown: npt.NDArray[np.bool_],
    organ: npt.NDArray[np.int8],
    offsets: npt.NDArray[np.int64],
    operations: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int8]:
    """Extend an organ's operation to the lesions there that imaging does not show."""
    extended = modality.copy()
    for patient in range(offsets.size - 1):
        for lesion in range(offsets[patient], offsets[patient + 1]):
            if shown[lesion]:
                continue
            for other in range(offsets[patient], offsets[patient + 1]):
                chosen = modality[other]
                if chosen >= 0 and organ[other] == organ[lesion] and operations[chosen]:
                    extended[lesion] = chosen
                    break
    return extended
