"""Normal probabilities of regions with flat sides, in up to three independent numbers.

The last number needs no integration. The integrands bend where two sides meet; those places are
known, so that Gauss-Legendre panels between them are exact to nearly all digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr

from debulk.survival.subjects import Floats

_REACH = 9.0  # a normal number lies beyond once in 1e19
_STEPS = (1.5, 0.4, 0.15)  # longest panels, one after the other until the error is small
_ABSOLUTE, _RELATIVE = 3e-6, 3e-4  # between two rules; the finer is far better than that
_BENDS = (-5.0, -2.0, 0.0, 2.0, 5.0)  # where a normal probability begins and ends to rise
_COARSE, _FINE = 7, 10  # points a panel; their difference is the error stated
MOST_LINES = 20
"""Lines at which the integrand bends beyond which another way is faster."""


@dataclass(frozen=True, eq=False)
class Region:
    """Numbers z = rows @ y within limits, for independent standard normal y of one to three.

    Attributes
    ----------
    rows : array, shape (s, r)
        Coefficients of each side.
    last : tuple of int
        The last y that each side uses.
    lower, upper : float
        Limits of every z; `lower` may be -inf.
    start : float
        Least value of the first y, which is integrated over its tail.
    """

    rows: Floats
    last: tuple[int, ...]
    lower: float
    upper: float
    start: float


def probability(region: Region) -> tuple[float, float]:
    """Probability of the region, and how far a coarser rule is from it."""
    low, high = _first_limits(region)
    if region.rows.shape[1] == 1:
        return max(0.0, float(ndtr(-low) - ndtr(-high))), 0.0
    high = min(high, max(region.start, 0.0) + _REACH)
    if not low < high:
        return 0.0, 0.0
    rule = _planar if region.rows.shape[1] == 2 else _spatial
    fine, error = 0.0, math.inf
    for step in _STEPS:
        coarse, fine = (rule(region, (low, high, step), points) for points in (_COARSE, _FINE))
        error = abs(fine - coarse)
        if error <= min(_ABSOLUTE, _RELATIVE * fine):
            break
    return fine, error


def bending_lines(region: Region) -> int:
    """Number of lines at which the integrand bends."""
    ends = 2 if math.isfinite(region.lower) else 1
    pairs = region.last.count(2) * ends
    return pairs * (pairs - 1) // 2 + ends * region.last.count(1)


def _first_limits(region: Region) -> tuple[float, float]:
    low, high = region.start, math.inf
    for row, last in zip(region.rows, region.last, strict=True):
        if last == 0:
            ends = sorted((region.lower / row[0], region.upper / row[0]))
            low, high = max(low, ends[0]), min(high, ends[1])
    return low, high


def _ends(region: Region, k: int) -> tuple[Floats, Floats]:
    """Lower and upper ends of y_k as c0 + c1 y_0 + ... of the y before it; one row a side."""
    low: list[Floats] = []
    high: list[Floats] = []
    for row, last in zip(region.rows, region.last, strict=True):
        if last != k:
            continue
        for limit in (region.lower, region.upper):
            if math.isfinite(limit):
                end = np.concatenate(([limit], -row[:k])) / row[k]
                (low if (limit == region.lower) == (row[k] > 0) else high).append(end)
    return np.array(low).reshape(-1, k + 1), np.array(high).reshape(-1, k + 1)


def _panels(breaks: Floats, low: Floats, high: Floats, points: int) -> tuple[Floats, Floats]:
    """Nodes and weights between breaks from `low` to `high`; arrays of shape (..., b)."""
    edges = np.sort(np.clip(breaks, low, high), axis=-1)
    x, w = _nodes(points)
    centre = 0.5 * (edges[..., 1:] + edges[..., :-1])
    half = 0.5 * (edges[..., 1:] - edges[..., :-1])
    shape = (*edges.shape[:-1], -1)
    nodes = (centre[..., None] + half[..., None] * x).reshape(shape)
    return nodes, (half[..., None] * w).reshape(shape)


def _density(y: Floats) -> Floats:
    result: Floats = np.exp(-0.5 * y * y) / math.sqrt(2.0 * math.pi)
    return result


def _between(low: list[Floats], high: list[Floats], like: Floats) -> Floats:
    """Probability of a number between the highest lower end and the lowest upper one."""
    lowest, highest = np.full(like.shape, -math.inf), np.full(like.shape, math.inf)
    for each in low:
        np.maximum(lowest, each, out=lowest)
    for each in high:
        np.minimum(highest, each, out=highest)
    # The smaller tail keeps its digits.
    turned = lowest > 0
    first, second = np.where(turned, -highest, lowest), np.where(turned, -lowest, highest)
    result: Floats = np.maximum(ndtr(second) - ndtr(first), 0.0)
    return result


def _planar(region: Region, span: tuple[float, float, float], points: int) -> float:
    low, high, step = span
    lower, upper = _ends(region, 1)
    lines = np.concatenate((lower, upper))
    breaks = _grid(low, high, step)
    with np.errstate(divide="ignore", invalid="ignore"):
        meets = [(a[0] - b[0]) / (b[1] - a[1]) for a in lines for b in lines]
        bends = [(bend - a[0]) / a[1] for a in lines for bend in _BENDS]
    breaks = np.concatenate((breaks, _finite(meets), _finite(bends)))
    y, w = _panels(breaks, np.array(low), np.array(high), points)
    share = _between([a[0] + a[1] * y for a in lower], [a[0] + a[1] * y for a in upper], y)
    return float(np.sum(w * _density(y) * share))


def _spatial(region: Region, span: tuple[float, float, float], points: int) -> float:
    low, high, step = span
    limits, ends = _ends(region, 1), _ends(region, 2)
    sides = np.concatenate(ends)
    bends, upright = _bends(sides)
    lines = np.concatenate((*limits, bends, [[-_REACH, 0.0], [_REACH, 0.0]]))
    with np.errstate(divide="ignore", invalid="ignore"):
        meets = [(a[0] - b[0]) / (b[1] - a[1]) for a in lines for b in lines]
    breaks = np.concatenate((_grid(low, high, step), _finite(meets), upright))
    y0, w0 = _panels(np.unique(breaks), np.array(low), np.array(high), points)
    y0, w0 = y0[w0 > 0], w0[w0 > 0]
    bottom, top = np.full(y0.size, -_REACH), np.full(y0.size, _REACH)
    for a in limits[0]:
        np.maximum(bottom, a[0] + a[1] * y0, out=bottom)
    for a in limits[1]:
        np.minimum(top, a[0] + a[1] * y0, out=top)
    top = np.maximum(top, bottom)
    inner = [np.broadcast_to(each, y0.shape) for each in _grid(-_REACH, _REACH, step)]
    inner += [a[0] + a[1] * y0 for a in bends]
    inner += [(-a[0] - a[1] * y0) / a[2] for a in sides if abs(a[2]) > 1.0]
    y1, w1 = _panels(np.stack(inner, axis=-1), bottom[:, None], top[:, None], points)
    values = [[a[0] + a[1] * y0[:, None] + a[2] * y1 for a in part] for part in ends]
    share = _between(values[0], values[1], y1)
    return float(np.sum(w0 * _density(y0) * np.sum(w1 * _density(y1) * share, axis=1)))


def _bends(sides: Floats) -> tuple[Floats, Floats]:
    """Lines y1 = p + q y0 at which two sides meet, and the y0 of those that stand upright."""
    lines, upright = [np.zeros((0, 2))], [0.0]
    for row, a in enumerate(sides):
        for b in sides[:row]:
            if abs(a[2] - b[2]) > 1e-12:
                lines.append((a[None, :2] - b[None, :2]) / (b[2] - a[2]))
            elif abs(a[1] - b[1]) > 1e-12:
                upright.append((a[0] - b[0]) / (b[1] - a[1]))
    return np.concatenate(lines), np.array(upright)


def _grid(low: float, high: float, step: float) -> Floats:
    result: Floats = np.linspace(low, high, max(2, math.ceil((high - low) / step) + 1))
    return result


def _finite(values: list[float]) -> Floats:
    found = np.array(values)
    result: Floats = found[np.isfinite(found)]
    return result


@cache
def _nodes(points: int) -> tuple[Floats, Floats]:
    """Points and weights on (-1, 1); finding them costs more than using them."""
    x, w = np.polynomial.legendre.leggauss(points)
    return x, w
