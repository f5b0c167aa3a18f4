"""Scatter of noisy estimates without the part that is noise."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def without_noise(values: Floats, noise: float) -> Floats:
    """Values drawn towards their mean until they scatter no more than they would without noise.

    The scatter of noisy values is that of what they stand for plus that of the noise: each
    deviation is multiplied by the square root of the share that is no noise (constrained empirical
    Bayes estimates, Louis 1984, J Am Stat Assoc 79:393).

    Parameters
    ----------
    values : float64[n]
    noise : float
        Mean variance of their errors.

    Returns
    -------
    float64[n]
        The values as they are where there are fewer than two, or all are the same.
    """
    total = float(values.var(ddof=1)) if values.size > 1 else 0.0
    if total <= 0.0:
        return values
    kept = math.sqrt(max(0.0, 1.0 - noise / total))
    mean = float(values.mean())
    return np.asarray(mean + kept * (values - mean))
