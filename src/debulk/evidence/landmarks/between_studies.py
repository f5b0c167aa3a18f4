"""Covariance between studies of several effects, by moments."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def covariance_between(estimates: Floats, variances: Floats) -> Floats:
    """DerSimonian and Laird's estimator for several effects that do not correlate within studies.

    Jackson, White and Thompson 2010, Stat Med 29:1282; made positive by dropping its negative
    eigenvalues.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies, effects)
        NaN where a study lacks an effect.

    Returns
    -------
    float64 array, shape (effects, effects)
    """
    effects = estimates.shape[1]
    found = np.zeros((effects, effects))
    for first in range(effects):
        for second in range(first, effects):
            both = ~np.isnan(estimates[:, first]) & ~np.isnan(estimates[:, second])
            if both.sum() < 2:
                continue
            weights = 1.0 / np.sqrt(variances[both, first] * variances[both, second])
            left, right = estimates[both, first], estimates[both, second]
            left = left - np.sum(weights * left) / weights.sum()
            right = right - np.sum(weights * right) / weights.sum()
            expected = both.sum() - 1.0 if first == second else 0.0
            scale = weights.sum() - np.sum(weights**2) / weights.sum()
            value = (np.sum(weights * left * right) - expected) / scale
            found[first, second] = found[second, first] = value
    values, vectors = np.linalg.eigh(found)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


def pooled_effects(estimates: Floats, variances: Floats, between: Floats) -> tuple[Floats, Floats]:
    """Effects pooled by generalised least squares, and their covariance.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies, effects)
        NaN where a study lacks an effect.
    between : float64 array, shape (effects, effects)
        Covariance between studies.

    Returns
    -------
    tuple of float64 array
        Shapes (effects,) and (effects, effects).
    """
    effects = estimates.shape[1]
    information, score = np.zeros((effects, effects)), np.zeros(effects)
    for values, spread in zip(estimates, variances, strict=True):
        told = np.flatnonzero(~np.isnan(values))
        block = np.ix_(told, told)
        weight = np.linalg.inv(np.diag(spread[told]) + between[block])
        information[block] += weight
        score[told] += weight @ values[told]
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return covariance @ score, covariance
