"""Both possible courses of every randomised patient, on the same random numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform
from debulk.disease import LocalTreatment, run_course
from debulk.trials.decisions import SALVAGE
from debulk.trials.recruitment.centres import Skill, at_centres, delivery_chance
from debulk.trials.recruitment.covariates import covariates_of
from debulk.trials.recruitment.local_plans import complications, local_treatment
from debulk.trials.recruitment.randomised import Randomised
from debulk.trials.recruitment.systemic import care_of, kill_factor_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.disease import Course
    from debulk.protocols import Strategy
    from debulk.trials.recruitment.funnel import Recruited
    from debulk.trials.recruitment.run_in import RunIn
    from debulk.trials.running.settings import TrialSettings

    Floats = npt.NDArray[np.float64]


def follow(settings: TrialSettings, recruited: Recruited) -> Randomised:
    """Follow every randomised patient under the strategy of either arm.

    In the null world the course in the experimental arm is that in the control arm. Salvage is a
    third course, of those alone who would get it.

    Parameters
    ----------
    settings : TrialSettings
        Protocol, model, cards, seed.
    recruited : Recruited
        Who was randomised.
    """
    run_in = recruited.run_in
    presenters = run_in.presenters
    randomised_months = recruited.arrival_months + settings.run_in_months
    # Nobody is observed beyond the last cut-off; deaths soon after local treatment count anyway.
    left = settings.protocol.conduct.cutoff_months - randomised_months
    horizon = np.maximum(left, settings.least_follow_up_months)
    skill = at_centres(settings, presenters.trial, presenters.patient, recruited)
    both = both_courses(settings, run_in, horizon, skill)
    control, experimental, plan = both.control, both.experimental, both.plan
    control_grade = _complications(settings, run_in, control, both.plan_control)
    grade = control_grade
    if experimental is not control:
        grade = _complications(settings, run_in, experimental, plan)
    salvage_months, death_salvage = _salvage(settings, run_in, control, plan, horizon)
    return Randomised(
        trial=presenters.trial,
        patient=presenters.patient,
        order=recruited.order,
        randomised_months=randomised_months,
        death_control=control.death_months,
        progression_control=control.progression_months,
        death_experimental=experimental.death_months,
        progression_experimental=experimental.progression_months,
        systemic_days_lost_control=control.systemic_days_lost,
        systemic_days_lost_experimental=experimental.systemic_days_lost,
        visit_phase_months=control.visit_phase_months,
        visit_interval_months=np.full(len(presenters), control.visit_interval_months),
        **_local_columns(experimental, ""),
        **_local_columns(control, "_control"),
        complication_control=control_grade,
        complication_experimental=grade,
        salvage_months=salvage_months,
        death_salvage=death_salvage,
        consents=recruited.consents,
        centre=skill.centre,
        covariates=covariates_of(settings, run_in),
    )


@dataclass(frozen=True)
class BothCourses:
    """The same patients under both strategies.

    Attributes
    ----------
    control, experimental : Course
        One and the same in the null world: the control arm's systemic therapy in both arms, and
        its local treatment.
    plan_control, plan : LocalTreatment or None
        Local treatment planned in each arm, None where there is none; that of the experimental arm
        is None in the null world.
    """

    control: Course
    experimental: Course
    plan_control: LocalTreatment | None
    plan: LocalTreatment | None


def both_courses(
    settings: TrialSettings, run_in: RunIn, horizon_months: Floats, skill: Skill
) -> BothCourses:
    """Follow patients from randomisation under the strategy of each arm.

    Parameters
    ----------
    settings : TrialSettings
        Protocol, model, cards, seed.
    run_in : RunIn
        The patients at randomisation.
    horizon_months : float64 array
        How long each of them is followed.
    skill : Skill
        Where they are treated.
    """
    strategies = [arm.strategy for arm in settings.protocol.arms]
    # The control arm's local treatment is real in the null world, too.
    plan_control = _plan(settings, run_in, strategies[0], skill)
    control = _course(settings, run_in, strategies[0], plan_control, horizon_months)
    if settings.null:
        return BothCourses(control, control, plan_control, None)
    plan = _plan(settings, run_in, strategies[1], skill)
    experimental = _course(settings, run_in, strategies[1], plan, horizon_months)
    return BothCourses(control, experimental, plan_control, plan)


def _plan(
    settings: TrialSettings, run_in: RunIn, strategy: Strategy, skill: Skill
) -> LocalTreatment | None:
    if not strategy.local_treatment:
        return None
    chance = delivery_chance(settings.protocol.conduct.centres, strategy.delivered, skill)
    return local_treatment(settings, run_in, strategy, chance)


def _course(
    settings: TrialSettings,
    run_in: RunIn,
    strategy: Strategy,
    local: LocalTreatment | None,
    horizon_months: Floats,
) -> Course:
    return run_course(
        # The null world is one course in both arms, not a sham in each.
        replace(settings.disease, null=False),
        run_in.presenters,
        seed=settings.seed,
        randomised_step=settings.run_in_steps,
        local=local,
        kill_factor=kill_factor_of(settings, strategy, run_in),
        care=care_of(settings, strategy),
        horizon_months=horizon_months,
    )


def _complications(
    settings: TrialSettings, run_in: RunIn, course: Course, local: LocalTreatment | None
) -> npt.NDArray[np.int8]:
    tables = settings.tables if local is None else local.tables
    return complications(settings, run_in, course, tables)


def _local_columns(course: Course, arm: str) -> dict[str, npt.NDArray[Any]]:
    """What was done locally in one arm."""
    return {
        f"local_months{arm}": course.local_months,
        f"visible{arm}": course.visible_at_local.astype(np.int64),
        f"treated{arm}": course.treated_visible.astype(np.int64),
        f"died_within_90_days{arm}": course.died_within_90_days,
    }


def _salvage(
    settings: TrialSettings,
    run_in: RunIn,
    control: Course,
    plan: LocalTreatment | None,
    horizon: Floats,
) -> tuple[Floats, Floats]:
    """When control patients would get local treatment after progression, and their deaths then."""
    months, death = np.full(len(control), np.nan), control.death_months
    share = settings.protocol.conduct.salvage
    if share == 0.0 or plan is None:
        return months, death
    presenters = run_in.presenters
    draws = _salvage_draws(settings.seed, presenters.trial, presenters.patient)
    rows = np.flatnonzero((draws < share) & np.isfinite(control.progression_months))
    if rows.size == 0:
        return months, death
    late = LocalTreatment(
        tables=plan.tables,
        modality=plan.modality[presenters.lesion_rows(rows)],
        step=np.asarray(plan.step)[rows],
        after_progression=True,
    )
    strategy = settings.protocol.control.strategy
    course = _course(settings, run_in.take(rows), strategy, late, horizon[rows])
    months, death = months.copy(), death.copy()
    months[rows], death[rows] = course.local_months, course.death_months
    return months, death


@kernel
def _salvage_draws(
    seed: int, trial: npt.NDArray[np.int32], patient: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    draws = np.empty(trial.size)
    for row in range(trial.size):
        draws[row] = uniform(patient_key(seed, trial[row], patient[row]), SALVAGE, 0, 0)
    return draws
