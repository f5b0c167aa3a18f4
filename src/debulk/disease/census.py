"""Everyone with bowel cancer, presenting with metastases or not: stage and recurrence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.disease.exponential_integral import exponential_integral_tables
from debulk.disease.history import (
    ADJUVANT,
    DIAGNOSIS_DAY,
    PERSON_FIELDS,
    RECURRENCE_MONTHS,
    STAGE,
    work_space,
)
from debulk.disease.model import DiseaseModel
from debulk.disease.presenters_kernels import census_of_block
from debulk.disease.response import response_tables


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
        From diagnosis to the visit that finds a recurrence; NaN where none in the follow-up.
    diagnosis_years : float64[n]
        From the first cell of the primary to diagnosis.
    """

    stage: npt.NDArray[np.int8]
    adjuvant: npt.NDArray[np.bool_]
    recurrence_months: npt.NDArray[np.float64]
    diagnosis_years: npt.NDArray[np.float64]


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
    tables = exponential_integral_tables(), response_tables(record)
    census_of_block(record, *tables, work_space(), seed, trial, people)
    return Census(
        stage=people[:, STAGE].astype(np.int8),
        adjuvant=people[:, ADJUVANT] > 0.0,
        recurrence_months=people[:, RECURRENCE_MONTHS].copy(),
        diagnosis_years=people[:, DIAGNOSIS_DAY] / 365.25,
    )
