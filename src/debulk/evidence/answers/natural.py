"""Numbers of the scale of pooling on the scale that readers know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from debulk.evidence.effects.study_effects import StudyEffects
    from debulk.evidence.pooling.checks import PooledRow

ENDS = ("estimate", "lower", "upper")


def to_natural(
    effects: StudyEffects, value: float | None, patients: int | None = None
) -> float | None:
    """A number of the scale of pooling on the scale that readers know; None beyond reckoning.

    Parameters
    ----------
    effects : StudyEffects
        Tells the scale.
    value : float or None
        On it.
    patients : int or None
        Of the study whose own number it is; None for a number of all studies.
    """
    if value is None:
        return None
    import numpy as np

    from debulk.evidence.effects.proportions import back_transform

    known: Any = patients
    if known is None and effects.scale == "double arcsine":
        known = [each for each in effects.patients if each is not None] or None
    with np.errstate(over="ignore"):
        found = float(back_transform(value, effects.scale, patients=known or None))
    return found if math.isfinite(found) else None


def numbers_of(
    effects: StudyEffects, found: Any, patients: int | None = None
) -> dict[str, float | None]:
    """Estimate and limits of a result on the scale that readers know."""
    return {end: to_natural(effects, getattr(found, end), patients) for end in ENDS}


def row_of(effects: StudyEffects, row: PooledRow) -> dict[str, Any]:
    """One line of a check on both scales."""
    from debulk.core.results import plain

    return {**plain(row), "natural": numbers_of(effects, row)}
