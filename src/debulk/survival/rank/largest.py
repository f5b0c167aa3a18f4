"""Probability that the largest of correlated standard normal numbers passes a bound."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from debulk.survival.rank.quadrature import MOST_LINES, Region, bending_lines, probability
from debulk.survival.subjects import Floats

_SEED = 20190517
_SHIFTS = 10
_FIRST_POINTS = 509
_MOST_POINTS = 130_000
_ABSOLUTE, _RELATIVE = 1e-6, 2e-5
_UNCERTAIN = 1e-5  # between rules of two sizes; the larger is far better than that
_DEPENDENT = 1e-10  # a conditional variance below this is rounding


@dataclass(frozen=True)
class Tail:
    """A probability, and the error of its integration."""

    probability: float
    error: float


@dataclass(frozen=True, eq=False)
class _Triangle:
    """Numbers z_0 ... z_j as sums of r independent ones, in the order best integrated.

    Attributes
    ----------
    rows : array, shape (j + 1, r)
        Coefficients; z_0 is the first independent number itself.
    last : tuple of int
        The last independent number that each row uses.
    """

    rows: Floats
    last: tuple[int, ...]


def largest_beyond(correlation: Floats, bound: float, *, two_sided: bool) -> Tail:
    """P(max Z >= bound), or P(max |Z| >= bound), for k correlated standard normal numbers.

    Parameters
    ----------
    correlation : array, shape (k, k)
        May be singular: numbers that depend on others are integrated over as such.
    bound : float
        For two sides at least 0.
    two_sided : bool
        Whether -Z counts as well.

    Notes
    -----
    The event is the union over i of "Z_i is the first beyond the bound". Each part has Z_i in its
    tail, so that a small probability has a small relative error. Parts of up to three linearly
    independent numbers are integrated by panels (`quadrature`). Others are an integral over a unit
    cube (Genz 1992, Journal of Computational and Graphical Statistics; Genz and Kwong 2000,
    Journal of Statistical Computation and Simulation, for singular correlations), taken over a
    lattice with `_SHIFTS` random shifts of a fixed seed: the same in every run.
    """
    sides = 2.0 if two_sided else 1.0
    if two_sided and bound <= 0:
        return Tail(1.0, 0.0)
    mass = float(ndtr(-bound))
    total, errors = mass, 0.0
    for i in range(1, correlation.shape[0]):
        triangle = _triangle(correlation[: i + 1, : i + 1])
        part = _by_panels(triangle, bound, two_sided)
        if part is None:
            part = _by_lattice(triangle, bound, mass, two_sided, total)
        total += part.probability
        errors += part.error
    return Tail(min(1.0, sides * total), sides * errors)


def _by_panels(triangle: _Triangle, bound: float, two_sided: bool) -> Tail | None:
    """P(z_0 >= bound and all others within); None where panels do not do."""
    if triangle.rows.shape[1] > 3:
        return None
    lower = -bound if two_sided else -math.inf
    region = Region(triangle.rows[1:], triangle.last[1:], lower, bound, bound)
    if bending_lines(region) > MOST_LINES:
        return None
    found, error = probability(region)
    return Tail(found, error) if error <= _UNCERTAIN else None


def _triangle(correlation: Floats) -> _Triangle:
    """Pivoted Cholesky factor that begins with the last number, whose tail is integrated over."""
    left = np.roll(np.roll(correlation, 1, axis=0), 1, axis=1).copy()
    size = left.shape[0]
    columns: list[Floats] = []
    pivot = 0
    while left[pivot, pivot] > _DEPENDENT:
        column = left[:, pivot] / math.sqrt(left[pivot, pivot])
        column[np.abs(column) < math.sqrt(_DEPENDENT)] = 0.0
        columns.append(column)
        left = left - np.outer(column, column)
        left[pivot, :], left[:, pivot] = 0.0, 0.0
        if len(columns) == size:
            break
        pivot = int(np.argmax(np.diag(left)))
    rows = np.stack(columns, axis=1)
    last = tuple(int(np.flatnonzero(row)[-1]) for row in rows)
    return _Triangle(rows, last)


def _by_lattice(
    triangle: _Triangle, bound: float, mass: float, two_sided: bool, so_far: float
) -> Tail:
    """The same, by more and more points until it is known well."""
    dimensions = triangle.rows.shape[1] - 1
    shifts = np.random.Generator(np.random.PCG64(_SEED)).random((_SHIFTS, dimensions + 1))
    points = _FIRST_POINTS
    while True:
        means = np.array(
            [
                _share_within(triangle, _lattice(points, shift), bound, mass, two_sided).mean()
                for shift in shifts
            ]
        )
        probability = mass * float(means.mean())
        error = mass * float(means.std(ddof=1)) / math.sqrt(_SHIFTS)
        wanted = min(_ABSOLUTE, _RELATIVE * (so_far + probability))
        if error <= wanted or 2 * points > _MOST_POINTS:
            return Tail(probability, error)
        points = 2 * points + 1


def _lattice(points: int, shift: Floats) -> Floats:
    """Richtmyer's points in the unit cube, shifted, and folded so that the ends meet."""
    roots = np.sqrt(np.array(_primes(shift.size)))
    steps = np.arange(1, points + 1)[:, None] * (roots - np.floor(roots)) + shift
    folded: Floats = np.abs(2.0 * (steps - np.floor(steps)) - 1.0)
    return folded


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % each for each in found):
            found.append(candidate)
        candidate += 1
    return found


def _share_within(
    triangle: _Triangle, points: Floats, bound: float, mass: float, two_sided: bool
) -> Floats:
    """At each point: the share of the others' numbers within the bound, given z_0 beyond it.

    The last independent number needs no point: its interval is known.
    """
    rows, last = triangle.rows, triangle.last
    dimensions = rows.shape[1]
    independent = np.zeros((points.shape[0], dimensions))
    # ndtri of the lower tail keeps its digits where 1 - u would not.
    independent[:, 0] = -ndtri(np.clip(points[:, 0], 1e-300, 1.0) * mass)
    share = np.ones(points.shape[0])
    for k in range(dimensions):
        low = np.full(points.shape[0], -math.inf)
        high = np.full(points.shape[0], math.inf)
        for row in range(1, rows.shape[0]):
            if last[row] != k:
                continue
            centre = independent[:, :k] @ rows[row, :k]
            slope = rows[row, k]
            ends = ((-bound if two_sided else -math.inf) - centre) / slope, (bound - centre) / slope
            low = np.maximum(low, np.minimum(*ends))
            high = np.minimum(high, np.maximum(*ends))
        if k == 0:
            # Rows that follow z_0 alone are within or not; it has its point already.
            share *= (independent[:, 0] >= low) & (independent[:, 0] <= high)
            continue
        at_low, at_high = ndtr(low), ndtr(high)
        inside = np.maximum(at_high - at_low, 0.0)
        share *= inside
        if k < dimensions - 1:
            level = np.clip(at_low + points[:, k] * inside, 1e-300, 1.0 - 1e-16)
            independent[:, k] = ndtri(level)
    return share
