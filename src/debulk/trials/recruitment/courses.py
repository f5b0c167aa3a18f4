"""Both possible courses of every randomised patient, on the same random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from debulk.core.anatomy import ORGAN_CODE
from debulk.core.compiled import kernel
from debulk.disease import LocalTreatment, run_course
from debulk.treatments import plan_many
from debulk.trials.recruitment.randomised import Randomised

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.disease import Course
    from debulk.trials.recruitment.funnel import Recruited
    from debulk.trials.recruitment.run_in import RunIn
    from debulk.trials.running.settings import TrialSettings


def follow(settings: TrialSettings, recruited: Recruited) -> Randomised:
    """Follow every randomised patient without and with local treatment.

    In the null world (a sham) the course with local treatment is the course without it.
    """
    run_in = recruited.run_in
    presenters = run_in.presenters
    randomised_months = recruited.arrival_months + settings.run_in_months
    # Nobody is observed beyond the last cut-off; deaths soon after local treatment count anyway.
    left = settings.protocol.conduct.cutoff_months - randomised_months
    horizon = np.maximum(left, settings.least_follow_up_months)
    control = _course(settings, run_in, None, horizon)
    if settings.model.null:
        experimental = control
    else:
        experimental = _course(settings, run_in, local_treatment(settings, run_in), horizon)
    return Randomised(
        trial=presenters.trial,
        patient=presenters.patient,
        order=recruited.order,
        randomised_months=randomised_months,
        death_control=control.death_months,
        progression_control=control.progression_months,
        death_experimental=experimental.death_months,
        progression_experimental=experimental.progression_months,
        local_months=experimental.local_months,
        visible=experimental.visible_at_local.astype(np.int64),
        treated=experimental.treated_visible.astype(np.int64),
        died_within_90_days=experimental.died_within_90_days,
        systemic_days_lost_control=control.systemic_days_lost,
        systemic_days_lost_experimental=experimental.systemic_days_lost,
        visit_phase_months=control.visit_phase_months,
        visit_interval_months=np.full(len(presenters), control.visit_interval_months),
    )


def _course(
    settings: TrialSettings,
    run_in: RunIn,
    local: LocalTreatment | None,
    horizon_months: npt.NDArray[np.float64],
) -> Course:
    return run_course(
        settings.model,
        run_in.presenters,
        seed=settings.seed,
        randomised_step=settings.run_in_steps,
        local=local,
        kill_factor=run_in.kill_factor,
        horizon_months=horizon_months,
    )


def local_treatment(settings: TrialSettings, run_in: RunIn) -> LocalTreatment:
    """Plan local treatment on what imaging shows at randomisation.

    Every visible lesion gets the modality that the cards plan for it. A lesion too small for
    imaging gets the operation planned for its organ, if there is one: the surgeon finds some of
    them.
    """
    presenters, shown = run_in.presenters, run_in.visible
    size = presenters.trial.size
    plans = plan_many(
        np.where(shown, presenters.organ, ORGAN_CODE["primary"]).astype(np.int8),
        np.where(shown, run_in.diameter_mm, np.nan),
        presenters.near_vessel.astype(np.int8),
        presenters.offsets,
        np.full(size, np.nan),
        run_in.boldness,
        settings.tables,
    )
    operations = np.array(
        [settings.modalities[name].kind == "removes" for name in settings.tables.names]
    )
    modality = _with_occult(plans.modality, shown, presenters.organ, presenters.offsets, operations)
    return LocalTreatment(
        tables=settings.tables,
        modality=modality,
        step=np.full(size, settings.local_step, np.int16),
        delivered=settings.protocol.experimental.strategy.delivered,
    )


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
