"""Scales on which conditional survival is pooled."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Transform = Literal["arcsine", "log-log"]


def transformed(
    shares: Floats, at_risk: Floats, transform: Transform, continuity: float
) -> tuple[Floats, Floats]:
    """Conditional survival on the scale of pooling, and its variance.

    Parameters
    ----------
    shares : float64 array, shape (studies,)
        Conditional survival.
    at_risk : float64 array, shape (studies,)
        At risk at the start.
    transform : {"arcsine", "log-log"}
        arcsin(sqrt(p)), with variance 1 / (4 (n + 2c)); or log(-log p), with (1 - p) / (n p
        log(p)^2).
    continuity : float
        c: survivors added, with as many deaths, to each study; 1/4 as in Combescure et al. 2014.

    Returns
    -------
    tuple of float64 array, shape (studies,)
    """
    numbers = at_risk + 2.0 * continuity
    moved = (at_risk * shares + continuity) / numbers
    if transform == "arcsine":
        return np.arcsin(np.sqrt(moved)), 1.0 / (4.0 * numbers)
    with np.errstate(divide="ignore", invalid="ignore"):
        logged = np.log(moved)
        return np.log(-logged), (1.0 - moved) / (numbers * moved * logged**2)


def log_survival(value: Floats, transform: Transform) -> tuple[Floats, Floats]:
    """Log conditional survival from the scale of pooling, and its derivative there."""
    if transform == "arcsine":
        # Beyond 0 and pi/2 the sine turns back: survival stays at 0 or 1.
        angle = np.clip(value, 1e-9, np.pi / 2.0)
        return 2.0 * np.log(np.sin(angle)), 2.0 / np.tan(angle)
    return -np.exp(value), -np.exp(value)
