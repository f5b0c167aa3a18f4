"""Loss to follow-up: one row a patient and visit, not cloned, with treatment as a covariate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.emulation.clones.decisions import ModelRows, model_rows_of
from debulk.emulation.clones.timeline import last_intervals
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel


def loss_rows_of(
    person_time: PersonTime, model: WeightModel
) -> tuple[npt.NDArray[np.int64], ModelRows, tuple[str, ...]]:
    """Rows of the model of loss: every visit from entry on, lost before the next or not.

    Raises
    ------
    InputError
        If nobody was lost between visits.
    """
    patient = person_time.patient
    entered = person_time.visit * person_time.visit_months >= person_time.entry_months[patient]
    rows = np.flatnonzero(entered)
    of = patient[rows]
    # Whoever was followed beyond the last visit was not lost before it.
    last_visit = int(person_time.visit.max(initial=0))
    within = person_time.time_months <= (last_visit + 1) * person_time.visit_months
    lost = person_time.lost & within & (person_time.cause == 0)
    outcome = lost[of] & (person_time.visit[rows] == last_intervals(person_time)[of])
    if not outcome.any():
        found = f"nobody of {person_time.patients} was lost to follow-up between visits"
        raise InputError("model of loss", found, "Leave loss_model out")
    begun = person_time.start_visit[of]
    treated = ((begun >= 0) & (begun <= person_time.visit[rows])).astype(np.float64)
    model_rows, terms = model_rows_of(
        person_time, rows, outcome, model, {"local treatment": treated}, "loss to follow-up"
    )
    return rows, model_rows, terms
