"""What may be done from the moment of judgement on, and what follows in each virtual patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.board.futures.alike import COURSE_SEED, Alike
from debulk.board.settings import HORIZON_MONTHS
from debulk.core.streams import uniforms
from debulk.disease import Course, DiseaseModel, LocalTreatment, decisions, run_course
from debulk.treatments import ModalityTables, load_modalities, modality_tables
from debulk.trials.recruitment.local_plans import complication_grades, modalities_planned
from debulk.trials.recruitment.randomised import MAJOR

Floats = npt.NDArray[np.float64]

DELAY_STEPS = 2
"""Steps of 21 days from the judgement to local treatment: six weeks, time to plan it."""

LATER_STEPS = 4
"""Steps of further systemic therapy before local treatment after further response."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be done.

    Attributes
    ----------
    name : str
        ``systemic``, ``local`` or ``local_later``.
    local : bool
        Whether what can be treated locally is treated.
    after_steps : int
        Steps on systemic therapy before the plan of local treatment is made.
    """

    name: str
    local: bool
    after_steps: int = 0


OPTIONS = {
    each.name: each
    for each in (
        Option("systemic", local=False),
        Option("local", local=True),
        Option("local_later", local=True, after_steps=LATER_STEPS),
    )
}
"""Every option by name; systemic therapy alone is what the others are compared with."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The courses of all virtual patients under one option; times from the judgement.

    Attributes
    ----------
    death_months, progression_free_months : float64[n]
        Infinite where neither comes within `HORIZON_MONTHS`.
    treated : bool[n]
        Whether local treatment was done.
    died_within_90_days, major_complication, not_resumed : bool[n]
        Of local treatment; a complication of grade 3 to 5 includes death.
    pause_days : float64[n]
        Days by which local treatment interrupts systemic therapy, where it is resumed.
    days_off : float64[n]
        Days without the systemic therapy that was planned, up to progression, for whatever reason.
    """

    death_months: Floats
    progression_free_months: Floats
    treated: npt.NDArray[np.bool_]
    died_within_90_days: npt.NDArray[np.bool_]
    major_complication: npt.NDArray[np.bool_]
    not_resumed: npt.NDArray[np.bool_]
    pause_days: Floats
    days_off: Floats


def follow(model: DiseaseModel, who: Alike, option: Option) -> Followed:
    """Follow the virtual patients from the judgement under an option.

    Local treatment is planned in each by the packaged cards, on what imaging shows then, as in a
    simulated trial; who has died or progressed by its date does not get it. Where the case itself
    has progressed it is given nevertheless, beside the next line.

    Parameters
    ----------
    model : DiseaseModel
        In its null world local treatment is a sham.
    who : Alike
    option : Option
    """
    tables = modality_tables(load_modalities())
    local = _plan(model, who, option, tables) if option.local else None
    course = _course(model, who, local)
    stopped, pause = _interruption(model, who, course, tables)
    progression = np.maximum(course.progression_months, 0.0)
    return Followed(
        death_months=course.death_months,
        progression_free_months=np.minimum(progression, course.death_months),
        treated=np.isfinite(course.local_months),
        died_within_90_days=course.died_within_90_days,
        major_complication=_major(model, who, course, tables),
        not_resumed=stopped,
        pause_days=pause,
        days_off=course.systemic_days_lost,
    )


def _course(model: DiseaseModel, who: Alike, local: LocalTreatment | None) -> Course:
    return run_course(
        model,
        who.presenters,
        seed=COURSE_SEED,
        randomised_step=who.run_in_steps,
        local=local,
        horizon_months=float(HORIZON_MONTHS),
    )


def _plan(
    model: DiseaseModel, who: Alike, option: Option, tables: ModalityTables
) -> LocalTreatment:
    diameter, visible = who.diameter_mm, who.visible
    judged = who.run_in_steps + option.after_steps
    if option.after_steps:
        later = run_course(
            model,
            who.presenters,
            seed=COURSE_SEED,
            randomised_step=judged,
            horizon_months=1.0,
            stop_after_run_in=True,
        )
        diameter, visible = later.run_in_diameter_mm, later.run_in_visible
    count = len(who)
    modality = modalities_planned(
        who.presenters, visible, diameter, np.zeros(count), tables, load_modalities()
    )
    return LocalTreatment(
        tables=tables,
        modality=modality,
        step=np.full(count, judged + DELAY_STEPS, np.int64),
        after_progression=who.progressed,
    )


def _major(
    model: DiseaseModel, who: Alike, course: Course, tables: ModalityTables
) -> npt.NDArray[np.bool_]:
    strength = 0.0 if model.null else model.strengths["operative-death"]
    grade = complication_grades(who.presenters, course, tables, COURSE_SEED, strength)
    return grade >= MAJOR if not model.null else np.zeros(len(who), dtype=np.bool_)


def _interruption(
    model: DiseaseModel, who: Alike, course: Course, tables: ModalityTables
) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Who does not take up the interrupted line again, and the days it is paused for the others.

    The rules of the course, read once more (`debulk.disease.course.local`): the pause is the
    longest before and the longest after of the modalities used, longer after a complication; the
    line stops where the random number is at or above the lowest chance of resuming.
    """
    count = len(who)
    if model.null:
        return np.zeros(count, dtype=np.bool_), np.zeros(count)
    record = model.record()[who.presenters.trial % model.draws]
    resume, whole, before, after = np.ones(count), np.ones(count), np.zeros(count), np.zeros(count)
    for code in range(len(tables.names)):
        used = (course.used >> code) & 1 == 1
        resume[used] = np.minimum(resume[used], tables.resume_probability[code])
        whole[used] *= 1.0 - tables.major_complication[code]
        before[used] = np.maximum(before[used], tables.pause_before_days[code])
        after[used] = np.maximum(after[used], tables.pause_after_days[code])
    resume = 1.0 - np.minimum(1.0, record["on_pause"]) * (1.0 - resume)
    worse = record["on_operative_morbidity"]
    hit = (worse > 0.0) & (_draws(who, decisions.LOCAL_MORBIDITY) < 1.0 - whole)
    kept = 1.0 - np.minimum(1.0, worse) * (1.0 - record["morbid_resume"])
    resume = np.where(hit, resume * kept, resume)
    if who.progressed:
        before[:] = 0.0  # nobody knew when: the course makes no pause before it
    pause = record["on_pause"] * (before + after) + np.where(
        hit, worse * record["morbid_pause_days"], 0.0
    )
    stopped = np.isfinite(course.local_months) & (_draws(who, decisions.LOCAL_RESUMED) >= resume)
    return stopped, pause


def _draws(who: Alike, decision: np.uint64) -> Floats:
    """The course's random number for a decision, of each virtual patient."""
    trial, patient = who.presenters.trial, who.presenters.patient
    drawn = np.empty(len(who))
    for each in np.unique(trial):
        rows = trial == each
        drawn[rows] = uniforms(COURSE_SEED, int(each), patient[rows], decision, 0)
    return drawn
