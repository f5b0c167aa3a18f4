"""Patients drawn with replacement, as a count each."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.streams import claim, uniforms
from debulk.survival.options import whole_number
from debulk.survival.subjects import Floats, Ints

MOST_RESAMPLES = 100_000


_RESAMPLE = claim(6010, "validation: patients of a resample")


def check_resamples(bootstrap: Any, seed: Any, least: int = 0) -> None:
    """Refuse a number of resamples, or a seed, that is none.

    Raises
    ------
    InputError
        Naming the one that is wrong.
    """
    whole_number(bootstrap, "bootstrap", least, MOST_RESAMPLES)
    whole_number(seed, "seed", 0, 2**63 - 1)


def patient_counts(patients: int, seed: int, replicate: int) -> Floats:
    """How often each patient is drawn in a resample of the same size.

    Parameters
    ----------
    patients : int
    seed, replicate : int
        The same two give the same counts, whatever else is drawn.

    Returns
    -------
    array of float, shape (patients,)
        Whole numbers that add to `patients`.
    """
    drawn = drawn_patients(patients, seed, replicate)
    return np.bincount(drawn, minlength=patients).astype(np.float64)


def drawn_patients(patients: int, seed: int, replicate: int) -> Ints:
    """Positions of the patients of a resample, as drawn."""
    places = np.arange(patients, dtype=np.int64)
    found = np.floor(uniforms(seed, replicate, places, _RESAMPLE, 0) * patients).astype(np.int64)
    return np.minimum(found, patients - 1)
