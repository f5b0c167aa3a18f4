"""Complications of local treatment by Clavien-Dindo grade, as far as the cards tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.trials.endpoints.measures import Measured
from debulk.trials.estimands.contrast import GROUPS
from debulk.trials.recruitment.randomised import BELOW_3, DEATH, MAJOR

if TYPE_CHECKING:
    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.recruitment.randomised import Randomised

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

GRADES = {
    "treated_locally": ("had local treatment", (BELOW_3, MAJOR, DEATH)),
    "below_grade_3": ("none of grade 3 or more", (BELOW_3,)),
    "grade_3_or_4": ("grade 3 or 4", (MAJOR,)),
    "grade_5": ("grade 5, death within 90 days", (DEATH,)),
}
"""Shares of an arm: name, title and codes of `Randomised.complication`."""


def complication_shares(
    pool: Randomised, allocation: Allocation, starts: Ints
) -> dict[str, Measured]:
    """Share of each arm's patients by worst complication, by trial and on the pool.

    Parameters
    ----------
    pool : Randomised
        Patients with both of their courses.
    allocation : Allocation
        Their arms, and what they would follow in either.
    starts : int64[trials + 1]
        Where each trial's patients begin.
    """
    grades = np.stack(
        [
            np.where(
                allocation.crosses_over, pool.complication_experimental, pool.complication_control
            ),
            np.where(
                allocation.withdraws, pool.complication_control, pool.complication_experimental
            ),
        ]
    )
    trial = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    cell = 2 * trial + allocation.experimental
    own = np.where(allocation.experimental, grades[1], grades[0])
    patients = np.bincount(cell, minlength=2 * (starts.size - 1)).astype(np.float64)
    group = np.arange(pool.size) % GROUPS
    groups = GROUPS if pool.size >= GROUPS else 0
    found = {}
    for name, (_, codes) in GRADES.items():
        had = np.bincount(cell, np.isin(own, codes), minlength=patients.size)
        share = np.divide(had, patients, out=np.full(patients.size, np.nan), where=patients > 0)
        happens = np.isin(grades, codes)
        without = [happens[:, group != each].mean(axis=1) for each in range(groups)]
        found[name] = Measured(
            share.reshape(-1, 2),
            happens.mean(axis=1) if pool.size else np.full(2, np.nan),
            np.array(without).reshape(-1, 2),
        )
    return found
