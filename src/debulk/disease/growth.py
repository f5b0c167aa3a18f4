# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""Gompertz growth, sizes, and the classes of organs that share their dynamics.

A tumour of age `a` has ``N(a) = exp(lnK (1 - exp(-b a)))`` cells; 1e9 cells are one millilitre.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.core.compiled import kernel
from debulk.disease.inner import inner

CAPACITY = 1e12
LN_CAPACITY = math.log(CAPACITY)
STEP_DAYS = 21.0
CELLS_PER_CM3 = 1e9

LIVER, LUNG, PERITONEUM, NODE, OTHER, PRIMARY = range(6)
"""Classes of organs with dynamics of their own; bone, brain, adrenal, ovary, pleura are OTHER."""

_NAMED = {
    "liver": LIVER,
    "lung": LUNG,
    "peritoneum": PERITONEUM,
    "lymph_node": NODE,
    "primary": PRIMARY,
}
CLASS_OF_ORGAN = np.array([_NAMED.get(organ, OTHER) for organ in ORGANS], dtype=np.int8)
"""Class of each organ code of `debulk.core.anatomy.ORGANS`."""

ORGAN_OF_CLASS = np.array(
    [ORGAN_CODE[o] for o in ("liver", "lung", "peritoneum", "lymph_node", "other", "primary")],
    dtype=np.int8,
)

_CUBE = CELLS_PER_CM3 * math.pi / 6.0


@kernel
def cells_at_age(growth: float, age: float) -> float:
    """Cells of a tumour that started as one cell `age` days ago."""
    return math.exp(LN_CAPACITY * (1.0 - math.exp(-growth * age)))


@kernel
def age_at_cells(growth: float, cells: float) -> float:
    """Days from one cell to `cells`."""
    return -math.log(1.0 - math.log(cells) / LN_CAPACITY) / growth


@inner
def cells_of_diameter(diameter_cm: float) -> float:
    """Cells of a sphere."""
    return _CUBE * diameter_cm**3


@inner
def diameter_of_cells(cells: float) -> float:
    """Diameter, in cm, of a sphere of that many cells."""
    return (cells / _CUBE) ** (1.0 / 3.0) if cells > 0.0 else 0.0


@inner
def seen_factor(p: Any, organ_class: int) -> float:
    """Smallest volume that imaging shows in an organ, relative to the liver."""
    if organ_class == PERITONEUM:
        return p.see_per
    if organ_class == LUNG:
        return p.see_lung
    return 1.0


@inner
def organ_load(p: Any, volumes_ml: Any) -> float:
    """Sum over organs of volume over the volume at which the organ fails."""
    load = volumes_ml[LIVER] / p.c0_liver + volumes_ml[LUNG] / p.c0_lung
    load += volumes_ml[PERITONEUM] / p.c0_per + volumes_ml[NODE] / p.c0_ln
    load += volumes_ml[OTHER] / p.c0_oth + volumes_ml[PRIMARY] / p.c0_prim
    return load / p.cscale
