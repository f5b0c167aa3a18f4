# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""Growth of one tumour, sizes, and the classes of organs that share their dynamics.

A tumour of age `a` in days has ``N(a) = exp(lnK (1 - exp(-b a)))`` cells (Gompertz), or
``N(a) = exp(b a)`` where metastases grow exponentially; 1e9 cells are one millilitre. `b` is the
growth constant of the tumour, per day. The primary always follows Gompertz.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.disease.inner import inner

LN_10 = math.log(10.0)
LN_2 = math.log(2.0)
LN_CELLS_PER_CM3 = math.log(1e9)
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


@inner
def growth_constant(p: Any) -> float:
    """Growth constant of a metastasis that at one millilitre doubles in `dtM` days."""
    if p.exponential > 0.0:
        return LN_2 / p.dtM
    return LN_2 / (p.dtM * (LN_10 * p.cap_met - LN_CELLS_PER_CM3))


@inner
def cells_of_primary(p: Any, growth: float, age: float) -> float:
    """Cells of a primary that started as one cell `age` days ago."""
    return math.exp(LN_10 * p.cap_primary * (1.0 - math.exp(-growth * age)))


@inner
def age_of_primary(p: Any, growth: float, ln_cells: float) -> float:
    """Days that a primary takes from one cell to exp(ln_cells)."""
    return -math.log(1.0 - ln_cells / (LN_10 * p.cap_primary)) / growth


@inner
def age_at_ln_cells(p: Any, growth: float, ln_cells: float) -> float:
    """Days that a metastasis takes from one cell to exp(ln_cells); infinite if never."""
    if p.exponential > 0.0:
        return ln_cells / growth
    left = 1.0 - ln_cells / (LN_10 * p.cap_met)
    return -math.log(left) / growth if left > 0.0 else np.inf


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
