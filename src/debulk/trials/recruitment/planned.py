"""Patients drawn from the plan's own numbers, for trials that the disease model does not fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.streams import exponential, patient_key, uniform
from debulk.trials.decisions import PLANNED_DEATH, PLANNED_PROGRESSION, PLANNED_VISIT
from debulk.trials.recruitment.generator import PatientGenerator, Recruitment
from debulk.trials.recruitment.plain_funnel import pass_funnel
from debulk.trials.recruitment.randomised import Randomised

if TYPE_CHECKING:
    from debulk.protocols.plans import PlannedPatients
    from debulk.trials.running.settings import TrialSettings

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PatientsFromPlan(PatientGenerator):
    """Patients of the protocol's part ``planned``: exponential survival, nothing else known.

    Death is exponential with the planned median of overall survival. Progression without death is
    exponential with the difference of the two planned hazards, so that the earlier of both,
    progression-free survival as assessed, is exponential with its own planned median. One uniform
    number a patient for death and one for progression serve both arms.

    Attributes
    ----------
    null : bool
        Hazard ratios of 1.
    """

    null: bool = False

    name = "patients drawn from the plan"
    remarks = (
        "Patients are drawn from the plan's own assumptions, not from the disease model: the "
        "result says what the plan implies, not what the treatment does.",
        "Criteria are assumed met: planned patients have no characteristics.",
    )

    def recruit(
        self, settings: TrialSettings, first_trial: int, trials: int, *, keep_refusers: bool = False
    ) -> Recruitment:
        """See `PatientGenerator.recruit`."""
        plan = self._plan(settings)
        passed = pass_funnel(
            settings,
            first_trial,
            trials,
            registered=plan.registered,
            keep_refusers=keep_refusers,
        )
        seed, trial, patient = settings.seed, passed.trial, passed.patient
        unit_death, unit_progression, visit = _draws(seed, trial, patient)
        control = _times(plan, unit_death, unit_progression, (1.0, 1.0))
        ratios = (plan.hazard_ratio_os, plan.hazard_ratio_pfs)
        other = control if self.null else _times(plan, unit_death, unit_progression, ratios)
        nothing, none = np.full(trial.size, np.nan), np.zeros(trial.size, np.int64)
        return Recruitment(
            Randomised(
                trial=trial,
                patient=patient,
                order=passed.order,
                randomised_months=passed.arrival_months,
                death_control=control[0],
                progression_control=control[1],
                death_experimental=other[0],
                progression_experimental=other[1],
                local_months=nothing,
                visible=none,
                treated=none,
                died_within_90_days=np.zeros(trial.size, np.bool_),
                systemic_days_lost_control=nothing,
                systemic_days_lost_experimental=nothing,
                visit_phase_months=visit * plan.visit_interval_months,
                visit_interval_months=np.full(trial.size, plan.visit_interval_months),
                consents=passed.consents,
                centre=passed.centre,
            ),
            passed.counts,
        )

    def null_world(self) -> PatientsFromPlan:
        """The same patients with hazard ratios of 1."""
        return replace(self, null=True)

    def course_at_ratio(self, randomised: Randomised, ratio: float) -> tuple[Floats, Floats]:
        """Exponential times with hazards times a ratio are the same times over that ratio."""
        return randomised.death_control / ratio, randomised.progression_control / ratio

    def identity(self) -> Mapping[str, Any]:
        """The null world; the plan itself is part of the protocol."""
        return {"null": self.null}

    def check(self, settings: TrialSettings) -> None:
        """Refuse what the plan cannot draw; see `PatientGenerator.check`."""
        super().check(settings)
        plan = self._plan(settings)
        for arm, os_ratio, pfs_ratio in (
            ("control arm", 1.0, 1.0),
            ("experimental arm", plan.hazard_ratio_os, plan.hazard_ratio_pfs),
        ):
            if pfs_ratio / plan.median_pfs_months < os_ratio / plan.median_os_months:
                raise InputError(
                    f"{settings.protocol.source_name}, planned",
                    f"in the {arm} progression-free survival would be longer than survival",
                    "Let the hazard of progression or death be at least that of death",
                )

    def _plan(self, settings: TrialSettings) -> PlannedPatients:
        plan = settings.protocol.planned
        if plan is None:
            raise InputError(
                f"protocol {settings.protocol.name}",
                "has no part called planned",
                "Run it on the disease model, or write that part",
            )
        return plan


def _times(
    plan: PlannedPatients, unit_death: Floats, unit_progression: Floats, ratios: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Death and progression of one arm; progression is infinite where death comes first."""
    death_per_month = ratios[0] * math.log(2.0) / plan.median_os_months
    failure_per_month = ratios[1] * math.log(2.0) / plan.median_pfs_months
    death = unit_death / death_per_month
    alone = failure_per_month - death_per_month
    progression = unit_progression / alone if alone > 0.0 else np.full(death.size, np.inf)
    return death, np.where(progression < death, progression, np.inf)


@kernel
def _draws(
    seed: int, trial: npt.NDArray[np.int32], patient: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Exponential numbers of mean 1 for death and progression; the phase of the assessments."""
    death, progression = np.empty(trial.size), np.empty(trial.size)
    visit = np.empty(trial.size)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], patient[row])
        death[row] = exponential(key, PLANNED_DEATH, 0, 0)
        progression[row] = exponential(key, PLANNED_PROGRESSION, 0, 0)
        visit[row] = uniform(key, PLANNED_VISIT, 0, 0)
    return death, progression, visit
