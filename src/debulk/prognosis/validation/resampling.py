"""Patients drawn with replacement, as a count each."""

from __future__ import annotations

import numpy as np

from debulk.core.streams import claim, uniforms
from debulk.survival.subjects import Floats, Ints

_RESAMPLE = claim(6010, "validation: patients of a resample")


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
