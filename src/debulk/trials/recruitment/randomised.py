"""The patients whom trials randomised, each with both of their possible courses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Randomised:
    """Randomised patients as flat arrays, sorted by trial and order of randomisation.

    Times are months from randomisation, unless a name says otherwise; infinity is never.

    Attributes
    ----------
    trial, patient, order : arrays of int
        Trial, patient number in it, place in its order of randomisation.
    randomised_months : float64 array
        Calendar time of randomisation, from the trial's first day.
    death_control, progression_control : float64 arrays
        Course without local treatment.
    death_experimental, progression_experimental : float64 arrays
        Course with it.
    local_months : float64 array
        First local procedure; NaN where none was done.
    visible, treated : int arrays
        Lesions that imaging showed at that moment, and those of them treated.
    died_within_90_days : bool array
        Of the first local procedure.
    systemic_days_lost_control, systemic_days_lost_experimental : float64 arrays
        Days without the planned systemic therapy.
    visit_phase_months, visit_interval_months : float64 arrays
        When assessments happen.
    """

    trial: npt.NDArray[np.int32]
    patient: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]
    randomised_months: npt.NDArray[np.float64]
    death_control: npt.NDArray[np.float64]
    progression_control: npt.NDArray[np.float64]
    death_experimental: npt.NDArray[np.float64]
    progression_experimental: npt.NDArray[np.float64]
    local_months: npt.NDArray[np.float64]
    visible: npt.NDArray[np.int64]
    treated: npt.NDArray[np.int64]
    died_within_90_days: npt.NDArray[np.bool_]
    systemic_days_lost_control: npt.NDArray[np.float64]
    systemic_days_lost_experimental: npt.NDArray[np.float64]
    visit_phase_months: npt.NDArray[np.float64]
    visit_interval_months: npt.NDArray[np.float64]

    @property
    def size(self) -> int:
        """Number of patients."""
        return self.trial.size

    def outcomes(self) -> npt.NDArray[np.float64]:
        """Death and progression, without and with local treatment: four rows."""
        return np.stack(
            [
                self.death_control,
                self.progression_control,
                self.death_experimental,
                self.progression_experimental,
            ]
        )

    def starts(self, first_trial: int, trials: int) -> npt.NDArray[np.int64]:
        """Where the patients of each trial begin, with the end as last entry."""
        edges = np.arange(first_trial, first_trial + trials + 1)
        return np.searchsorted(self.trial, edges).astype(np.int64)

    @classmethod
    def joined(cls, parts: Sequence[Randomised]) -> Randomised:
        """The patients of several chunks, in their order."""
        return cls(
            **{
                each.name: np.concatenate([getattr(part, each.name) for part in parts])
                for each in fields(cls)
            }
        )
