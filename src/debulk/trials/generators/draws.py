"""Random numbers of generated patients: pure functions of seed, trial, patient and decision."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform

Floats = npt.NDArray[np.float64]


@kernel
def unit_numbers(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    decision: np.uint64,
    index: int,
) -> npt.NDArray[np.float64]:
    """Uniform numbers, one a patient, strictly between 0 and 1."""
    draws = np.empty(trial.size)
    for row in range(trial.size):
        draws[row] = uniform(patient_key(seed, trial[row], patient[row]), decision, 0, index)
    return draws


def exponential_numbers(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    decision: np.uint64,
) -> Floats:
    """Exponential numbers of mean 1, one a patient.

    Parameters
    ----------
    seed : int
    trial, patient : int arrays
        Whose numbers they are.
    decision : numpy.uint64
        What is decided.
    """
    draws: Floats = -np.log(unit_numbers(seed, trial, patient, decision, 0))
    return draws
