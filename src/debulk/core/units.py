"""Units that hold everywhere: months, millimetres, millilitres, cells."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DAYS_PER_MONTH = 30.4375
"""Days in a month (365.25 / 12)."""

CELLS_PER_ML = 1e9
"""Tumour cells in one millilitre (one cubic centimetre)."""

MM_PER_CM = 10.0
"""Millimetres in a centimetre."""


def sphere_volume_ml(diameter_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Volume in millilitres of spheres whose diameters are given in millimetres."""
    diameter_cm = np.asarray(diameter_mm, dtype=np.float64) / MM_PER_CM
    volume: npt.NDArray[np.float64] = np.pi / 6.0 * diameter_cm**3
    return volume


def sphere_diameter_mm(volume_ml: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Diameters in millimetres of spheres whose volumes are given in millilitres."""
    volume = np.asarray(volume_ml, dtype=np.float64)
    diameter: npt.NDArray[np.float64] = MM_PER_CM * np.cbrt(6.0 * volume / np.pi)
    return diameter
