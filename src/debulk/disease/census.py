"""Everyone with bowel cancer, presenting with metastases or not: stage and recurrence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.disease.exponential_integral import exponential_integral_tables
from debulk.disease.history import work_space
from debulk.disease.model import DiseaseModel
from debulk.disease.person import (
    ADJUVANT,
    AGE_YEARS,
    DIAGNOSIS_DAY,
    FEMALE,
    OCCULT,
    OTHER_DEATH_MONTHS,
    PERSON_FIELDS,
    RECURRENCE_MONTHS,
    STAGE,
    SURVIVORS,
)
from debulk.disease.presenters import hazards_of
from debulk.disease.presenters_kernels import census_of_block


@dataclass(frozen=True)
class Census:
    """People with bowel cancer, a row each.

    Attributes
    ----------
    stage : int8[n]
        At diagnosis, 1 to 4.
    adjuvant : bool[n]
        Whether adjuvant chemotherapy was given.
    recurrence_months : float64[n]
        From diagnosis to the visit that would find a recurrence; NaN where none in the follow-up.
        It may lie after `death_other_months`: death is a competing event, left to the reader.
    diagnosis_years : float64[n]
        From the first cell of the primary to diagnosis.
    age_years : float64[n]
        At diagnosis.
    female : bool[n]
    death_other_months : float64[n]
        From diagnosis to death from causes other than the cancer.
    occult_at_diagnosis : int32[n]
        Metastases of the primary, of one cell or more, that staging does not show; at most 64 are
        followed. Metastases of metastases are not counted.
    occult_survivors : int32[n]
        Those among them that outlive removal of the primary and adjuvant chemotherapy in stage
        I-III, however long they take to be found; 0 in stage IV.
    """

    stage: npt.NDArray[np.int8]
    adjuvant: npt.NDArray[np.bool_]
    recurrence_months: npt.NDArray[np.float64]
    diagnosis_years: npt.NDArray[np.float64]
    age_years: npt.NDArray[np.float64]
    female: npt.NDArray[np.bool_]
    death_other_months: npt.NDArray[np.float64]
    occult_at_diagnosis: npt.NDArray[np.int32]
    occult_survivors: npt.NDArray[np.int32]

    @property
    def cured_by_removal(self) -> npt.NDArray[np.bool_]:
        """Whether no metastasis is left after stage I-III: the primary's removal was a cure."""
        return np.asarray((self.stage < 4) & (self.occult_survivors == 0))


def take_census(model: DiseaseModel, *, seed: int, births: int, trial: int = 0) -> Census:
    """Live through the natural histories of all people of one trial.

    The same people as `draw_presenters` sees, without leaving early.

    Parameters
    ----------
    model : DiseaseModel
        The disease model.
    seed : int
        0 or above.
    births : int
        People with bowel cancer.
    trial : int
        Trial whose people they are.

    Returns
    -------
    Census

    Raises
    ------
    InputError
        If `seed`, `trial` or `births` is below 0.
    """
    for name, value in (("seed", seed), ("trial", trial), ("births", births)):
        if value < 0:
            raise InputError(name, f"{value} is below 0", "Give 0 or more")
    record = model.record()
    people = np.empty((births, PERSON_FIELDS))
    tables = exponential_integral_tables(), hazards_of(record)
    census_of_block(record, *tables, work_space(), seed, trial, people)
    return Census(
        stage=people[:, STAGE].astype(np.int8),
        adjuvant=people[:, ADJUVANT] > 0.0,
        recurrence_months=people[:, RECURRENCE_MONTHS].copy(),
        diagnosis_years=people[:, DIAGNOSIS_DAY] / 365.25,
        age_years=people[:, AGE_YEARS].copy(),
        female=people[:, FEMALE] > 0.0,
        death_other_months=people[:, OTHER_DEATH_MONTHS].copy(),
        occult_at_diagnosis=people[:, OCCULT].astype(np.int32),
        occult_survivors=people[:, SURVIVORS].astype(np.int32),
    )
