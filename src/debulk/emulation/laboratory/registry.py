"""One registry of the cheap simulator, as the methods read it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key
from debulk.emulation.laboratory.knobs import Knobs
from debulk.emulation.laboratory.life_kernels import (
    COVARIATES,
    NEVER,
    PROGRESSED,
    death_time,
    draw_path,
    end_of_follow_up,
    least_factor,
    usual_care,
)
from debulk.emulation.person_time import Covariate, Floats, PersonTime
from debulk.survival.options import check_kind, whole_number

_CONTINUOUS = ("burden", "depth of response")


def simulate_registry(knobs: Knobs, *, seed: int, registry: int, patients: int) -> PersonTime:
    """Patients treated as the tumour board chose, followed until death, loss or the cut-off.

    Patient i of registry r is the same in every situation: only what is done and what it does
    differ.

    Parameters
    ----------
    knobs : Knobs
    seed : int
        0 or above.
    registry : int
        Its number, from 0.
    patients : int
        How many.

    Returns
    -------
    PersonTime
        With a row for every month of follow-up.

    Raises
    ------
    InputError
        If one of them is not as it must be.
    """
    check_kind(knobs, Knobs, "knobs")
    whole_number(seed, "seed", 0, 2**63 - 1)
    whole_number(registry, "registry", 0, 2**31 - 1)
    whole_number(patients, "patients", 1, 10_000_000)
    months = int(np.ceil(knobs.cut_off_last))
    room = np.empty((months, 7))
    ends = np.empty((4, patients))
    first = np.zeros(patients + 1, dtype=np.int64)
    # Room for as many as there could be: pages that nothing is written to cost nothing.
    most = patients * months
    visit = np.empty(most, dtype=np.int32)
    values = np.empty((most, len(COVARIATES)))
    _fill(knobs.record()[0], seed, registry, room, ends, first, visit, values)
    rows = int(first[-1])
    time, cause, start, progression = ends
    seen = np.where(progression < time, progression, np.nan)
    values = values[:rows].copy()
    return PersonTime(
        time_months=time,
        cause=(cause == 1.0).astype(np.int8),
        entry_months=np.zeros(patients),
        start_months=start,
        complete_months=start,
        progression_months=seen,
        lost=cause == 2.0,
        first=first,
        visit=visit[:rows].copy(),
        eligible=values[:, PROGRESSED] == 0.0,
        values=values,
        covariates=tuple(Covariate(name, name in _CONTINUOUS) for name in COVARIATES),
        patient_id=tuple(range(patients)),
    )


@kernel
def _fill(
    k: Any,
    seed: int,
    registry: int,
    room: Floats,
    ends: Floats,
    first: npt.NDArray[np.int64],
    visit: npt.NDArray[np.int32],
    values: Floats,
) -> None:
    """Write time, how it ended (0 cut-off, 1 death, 2 loss), treatment and progression; then rows.

    `ends` has a row for each of the four.
    """
    visits, least, filled = int(k.visits), least_factor(k), 0
    for row in range(ends.shape[1]):
        key = patient_key(seed, registry, row)
        threshold, progression = draw_path(k, key, room, least)
        alone = death_time(k, room, threshold, NEVER)
        chosen = usual_care(key, room, alone, visits)
        death = death_time(k, room, threshold, chosen)
        loss, cut_off = end_of_follow_up(k, key)
        time = min(death, min(loss, cut_off))
        ends[0, row] = time
        ends[1, row] = 1.0 if death <= time else (2.0 if loss <= time else 0.0)
        # Who is lost before the visit was never seen to be treated.
        ends[2, row] = float(chosen) if 0 <= chosen < time else np.nan
        ends[3, row] = progression
        for month in range(room.shape[0]):
            if month >= time:
                break
            visit[filled] = month
            values[filled] = room[month, : values.shape[1]]
            filled += 1
        first[row + 1] = filled
