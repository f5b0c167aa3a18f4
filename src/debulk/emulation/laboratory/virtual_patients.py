"""Patients of the disease model at their first response, who could be treated locally."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from debulk.core.anatomy import ORGAN_CODE
from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import (
    Course,
    DiseaseModel,
    LocalTreatment,
    Presenters,
    draw_presenters,
    run_course,
)
from debulk.disease.growth import STEP_DAYS
from debulk.disease.presenters import joined
from debulk.treatments import ModalityTables, load_modalities, modality_tables, plan_many

RUN_IN_STEPS = 3
"""Steps of 21 days from the start of line 1 to the first response assessment: time zero."""

VISIT_STEPS = 2
"""Steps between visits of the tumour board: six weeks, so that visits fall on the model's steps."""

VISIT_MONTHS = VISIT_STEPS * STEP_DAYS / DAYS_PER_MONTH

LAST_MONTHS = 84.0
"""Nobody is followed for longer."""

_BIRTHS = 4_000
_TRIALS_A_REGISTRY = 1_000
_LEAST_TREATABLE = 0.8
_WORST_STATUS = 2


@dataclass(frozen=True)
class VirtualPatients:
    """Patients at time zero, with the local treatment that a panel would plan for them.

    Attributes
    ----------
    presenters : Presenters
    modality : (lesions,) int8
        Modality planned for each lesion; -1 for none.
    tables : ModalityTables
        The cards.
    """

    presenters: Presenters
    modality: npt.NDArray[np.int8]
    tables: ModalityTables

    def __len__(self) -> int:
        return len(self.presenters)

    def take(self, rows: npt.NDArray[np.int64]) -> VirtualPatients:
        """Some of the patients."""
        lesions = self.presenters.lesion_rows(rows)
        return VirtualPatients(self.presenters.take(rows), self.modality[lesions], self.tables)


def first_responders(
    model: DiseaseModel, *, seed: int, registry: int, patients: int
) -> VirtualPatients:
    """Patients alive without progression at their first assessment, who could be treated.

    At least 80 % of the metastases that imaging shows then can be treated by the panel's rule, and
    the WHO performance status at presentation was 0 to 2.

    Parameters
    ----------
    model : DiseaseModel
        With one parameter set.
    seed : int
    registry : int
        Its number; a registry has trials of virtual patients of its own.
    patients : int
        How many are wanted.
    """
    parts: list[VirtualPatients] = []
    found, first = 0, registry * _TRIALS_A_REGISTRY
    for trial in range(first, first + _TRIALS_A_REGISTRY):
        presenters = draw_presenters(model, seed=seed, first_trial=trial, trials=1, births=_BIRTHS)
        parts.append(_who_could(model, presenters, seed))
        found += len(parts[-1])
        if found >= patients:
            break
    else:
        raise InputError("patients", f"{patients} are more than a registry can find", "Ask fewer")
    everyone = VirtualPatients(
        joined([each.presenters for each in parts]),
        np.concatenate([each.modality for each in parts]),
        parts[0].tables,
    )
    return everyone.take(np.arange(patients))


def _who_could(model: DiseaseModel, presenters: Presenters, seed: int) -> VirtualPatients:
    run_in = run_course(
        model,
        presenters,
        seed=seed,
        randomised_step=RUN_IN_STEPS,
        horizon_months=1.0,
        stop_after_run_in=True,
    )
    tables = _tables()
    single = run_in.run_in_visible & (presenters.copies <= 1.0)
    plans = plan_many(
        np.where(single, presenters.organ, ORGAN_CODE["primary"]).astype(np.int8),
        np.where(single, run_in.run_in_diameter_mm, np.nan),
        presenters.near_vessel.astype(np.int8),
        presenters.offsets,
        np.full(len(presenters), np.nan),
        np.zeros(len(presenters)),
        tables,
    )
    shown = np.bincount(
        presenters.owner,
        weights=run_in.run_in_visible * presenters.copies,
        minlength=len(presenters),
    )
    could = run_in.eligible_at_randomisation & (presenters.who_ps <= _WORST_STATUS)
    could &= (shown > 0) & (plans.treatable >= _LEAST_TREATABLE * shown)
    rows = np.flatnonzero(could)
    return VirtualPatients(presenters, plans.modality, tables).take(rows)


def _tables() -> ModalityTables:
    """The cards, without the pause of therapy before a session.

    The pause would begin before the board's decision: nobody's course may differ before it.
    """
    tables = modality_tables(load_modalities())
    return replace(tables, pause_before_days=np.zeros_like(tables.pause_before_days))


def follow(
    model: DiseaseModel,
    who: VirtualPatients,
    seed: int,
    visit: npt.NDArray[np.int64] | None = None,
    *,
    horizon_months: float = LAST_MONTHS,
) -> Course:
    """Course from time zero on, treated locally at each patient's `visit`, or never.

    Parameters
    ----------
    visit : (n,) int64, optional
        Visit of local treatment, -1 for never; None is never for all.
    """
    local = None
    if visit is not None:
        step = np.where(visit < 0, -1, RUN_IN_STEPS + VISIT_STEPS * visit)
        local = LocalTreatment(who.tables, who.modality, step)
    return run_course(
        model,
        who.presenters,
        seed=seed,
        randomised_step=RUN_IN_STEPS,
        local=local,
        horizon_months=horizon_months,
        watch=True,
    )


def treatable_at(
    model: DiseaseModel, who: VirtualPatients, seed: int, visits: int
) -> npt.NDArray[np.bool_]:
    """Whether local treatment planned for each visit would be carried out.

    It is not in the dead, in those who have progressed, and where nothing planned is left.

    Returns
    -------
    (n, visits) bool
    """
    last = (visits + 1) * VISIT_MONTHS
    done = [
        follow(model, who, seed, np.full(len(who), visit), horizon_months=last).local_months
        for visit in range(visits)
    ]
    return np.isfinite(np.stack(done, axis=1))
