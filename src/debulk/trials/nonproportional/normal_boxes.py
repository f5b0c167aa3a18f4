"""Probability that correlated normal numbers all stay below their bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr, ndtri

from debulk.survival.subjects import Floats, Ints

_SEED = 19920601
_SHIFTS = 8
_POINTS = 2039
_EQUAL = 1e-6
_DEPENDENT = 1e-9  # a conditional variance below this, of numbers of spread 1, is rounding


@dataclass(frozen=True)
class Box:
    """A probability, and the standard error of its integration."""

    probability: float
    error: float


def below(upper: Floats, covariance: Floats) -> Box:
    """P(X <= upper) for normal X of mean 0.

    Parameters
    ----------
    upper : array, shape (k,)
    covariance : array, shape (k, k)
        May be singular.

    Notes
    -----
    Genz (1992), Journal of Computational and Graphical Statistics; for singular covariances as in
    Genz and Kwong (2000), Journal of Statistical Computation and Simulation. A lattice with
    `_SHIFTS` random shifts of a fixed seed: the same in every run, and smooth in `upper`.
    """
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    varies = spread > 0.0
    if (upper[~varies] < 0.0).any():
        return Box(0.0, 0.0)
    if not varies.any():
        return Box(1.0, 0.0)
    spread = spread[varies]
    rows, last = _triangle(covariance[np.ix_(varies, varies)] / np.outer(spread, spread))
    bound = upper[varies] / spread
    rank = rows.shape[1]
    if rank == 1:
        return _line(rows[:, 0], bound)
    points = _lattice(rank - 1)
    independent = np.zeros((points.shape[0], rank))
    share = np.ones(points.shape[0])
    for k in range(rank):
        low, high = np.zeros(points.shape[0]), np.ones(points.shape[0])
        for row in np.flatnonzero(last == k):
            slope = rows[row, k]
            end = ndtr((bound[row] - independent[:, :k] @ rows[row, :k]) / slope)
            if slope > 0:
                high = np.minimum(high, end)
            else:
                low = np.maximum(low, end)
        inside = np.maximum(high - low, 0.0)
        share = share * inside
        if k < rank - 1:
            level = np.clip(low + points[:, k] * inside, 1e-300, 1.0 - 1e-16)
            independent[:, k] = ndtri(level)
    means = share.reshape(_SHIFTS, _POINTS).mean(axis=1)
    return Box(float(means.mean()), float(means.std(ddof=1)) / math.sqrt(_SHIFTS))


def first_beyond(lower: Floats, upper: Floats, covariance: Floats) -> Floats:
    """P(X_k >= upper_k, and lower <= X < upper at all before), for each k; X normal of mean 0.

    Parameters
    ----------
    lower, upper : array, shape (k,)
    covariance : array, shape (k, k)
        Not singular.

    Notes
    -----
    As `below`, in the order given, so that one pass gives all.
    """
    rows = np.linalg.cholesky(covariance)
    size = upper.size
    points = _lattice(max(1, size - 1))
    independent = np.zeros((points.shape[0], size))
    share = np.ones(points.shape[0])
    found = np.empty(size)
    for k in range(size):
        centre = independent[:, :k] @ rows[k, :k]
        high = (upper[k] - centre) / rows[k, k]
        found[k] = float((share * ndtr(-high)).mean())
        if k + 1 == size:
            break
        low = ndtr((lower[k] - centre) / rows[k, k])
        inside = np.maximum(ndtr(high) - low, 0.0)
        share = share * inside
        independent[:, k] = ndtri(np.clip(low + points[:, k] * inside, 1e-300, 1.0 - 1e-16))
    return found


def _line(slopes: Floats, bound: Floats) -> Box:
    """All numbers are multiples of one."""
    high = min((b / s for b, s in zip(bound, slopes, strict=True) if s > 0), default=math.inf)
    low = max((b / s for b, s in zip(bound, slopes, strict=True) if s < 0), default=-math.inf)
    return Box(max(0.0, float(ndtr(high) - ndtr(low))), 0.0)


def _triangle(covariance: Floats) -> tuple[Floats, Ints]:
    """Rows of a pivoted Cholesky factor, and the last column that each uses.

    The largest conditional variance comes first; only numbers that add one get a column.
    """
    left = covariance.copy()
    columns: list[Floats] = []
    while len(columns) < left.shape[0]:
        spread = np.diag(left)
        # The first of equals, so that rounding does not decide on the order.
        pivot = int(np.argmax(spread >= spread.max() - _EQUAL))
        if left[pivot, pivot] <= _DEPENDENT:
            break
        column = left[:, pivot] / math.sqrt(left[pivot, pivot])
        column[np.abs(column) < math.sqrt(_DEPENDENT)] = 0.0
        columns.append(column)
        left = left - np.outer(column, column)
        left[pivot, :], left[:, pivot] = 0.0, 0.0
    rows = np.stack(columns, axis=1)
    last = np.array([np.flatnonzero(row)[-1] for row in rows])
    return rows, last


@cache
def _lattice(dimensions: int) -> Floats:
    """Richtmyer's points in the unit cube for all shifts, folded so that the ends meet."""
    roots = np.sqrt(np.array(_primes(dimensions), dtype=np.float64))
    shifts = np.random.Generator(np.random.PCG64(_SEED)).random((_SHIFTS, 1, dimensions))
    steps = np.arange(1, _POINTS + 1)[:, None] * (roots - np.floor(roots)) + shifts
    folded: Floats = np.abs(2.0 * (steps - np.floor(steps)) - 1.0).reshape(-1, dimensions)
    return folded


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % each for each in found):
            found.append(candidate)
        candidate += 1
    return found
