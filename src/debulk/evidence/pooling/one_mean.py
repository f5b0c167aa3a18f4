"""Studies with one common mean, no moderators: every estimator in closed sums, compiled.

The most precise study stands first and effects are counted from its own. Its weight may exceed the
others' by any factor: its residual and its share are then sums over the others, where subtraction
would lose them in rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
from scipy.special import chdtri

from debulk.core.compiled import kernel
from debulk.evidence.pooling.likelihood import GRID_START, GRID_STEP
from debulk.evidence.pooling.pooled import Method

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

METHODS: tuple[Method, ...] = get_args(Method)
"""A method's place here is its number in the kernels."""

EE, DL, PM, REML, ML, HE, HS, SJ, EB = range(len(METHODS))
MOST_STEPS = 500
ROUNDING = 4e-16
"""A change of this share ends a search: doubles know no finer one."""


def variance_of_one_mean(estimates: Floats, variances: Floats, method: Method) -> float:
    """Variance between studies, never below 0, as `variance_between` without moderators.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies,)
        Effects and their variances within studies; two at least, unless for equal effects.
    method : Method
        Estimator.
    """
    effects, within = estimates.copy(), variances.copy()
    most_precise_first(effects, within)
    return float(between(effects, within, METHODS.index(method)))


def limits_of_one_mean(
    estimates: Floats, variances: Floats, conf_level: float
) -> tuple[float, float]:
    """Q-profile limits of the variance between studies, as `variance_limits` without moderators."""
    effects, within = estimates.copy(), variances.copy()
    most_precise_first(effects, within)
    tail, freedom = (1.0 - conf_level) / 2.0, len(effects) - 1.0
    lower = between_at_q(effects, within, float(chdtri(freedom, tail)))
    return float(lower), float(between_at_q(effects, within, float(chdtri(freedom, 1.0 - tail))))


@kernel
def most_precise_first(effects: Floats, within: Floats) -> float:
    """Put the most precise study first and count all effects from its own, which is returned."""
    first = 0
    for i in range(1, effects.size):
        if within[i] < within[first]:
            first = i
    origin = effects[first]
    effects[first], effects[0] = effects[0], origin
    within[first], within[0] = within[0], within[first]
    for i in range(effects.size):
        effects[i] -= origin
    return float(origin)


@kernel
def sums_at(effects: Floats, within: Floats, tau2: float) -> tuple[float, float, float, float]:
    """Mean, total weight, Q, and the sum of squares of weighted residuals."""
    first, others, moved = 1.0 / (within[0] + tau2), 0.0, 0.0
    for i in range(1, effects.size):
        weight = 1.0 / (within[i] + tau2)
        others += weight
        moved += weight * effects[i]
    total = first + others
    mean = moved / total
    q, pull = first * mean * mean, (first * mean) ** 2
    for i in range(1, effects.size):
        weight, residual = 1.0 / (within[i] + tau2), effects[i] - mean
        q += weight * residual * residual
        pull += (weight * residual) ** 2
    return mean, total, q, pull


@kernel
def trace_at(within: Floats, tau2: float) -> float:
    """Trace of the projection: the sum over studies of weight times what others weigh."""
    first, others, squares = 1.0 / (within[0] + tau2), 0.0, 0.0
    for i in range(1, within.size):
        weight = 1.0 / (within[i] + tau2)
        others += weight
        squares += weight * weight
    return float((2.0 * first * others + (others * others - squares)) / (first + others))


@kernel
def between(effects: Floats, within: Floats, method: int) -> float:
    """Variance between studies by the method of this number."""
    k = effects.size
    if method == EE:
        return 0.0
    if method in (PM, EB):
        return between_at_q(effects, within, k - 1.0)
    if method in (ML, REML):
        return most_likely_between(effects, within, method == REML)
    if method in (HE, SJ):
        return _from_spread(effects, within, method == SJ)
    _, total, q, _ = sums_at(effects, within, 0.0)
    if method == HS:
        return max(0.0, (q - k) / total)
    return max(0.0, (q - (k - 1.0)) / trace_at(within, 0.0))


@kernel
def _from_spread(effects: Floats, within: Floats, sidik_jonkman: bool) -> float:
    k, spread = effects.size, 0.0
    mean = effects.mean()
    for i in range(k):
        spread += (effects[i] - mean) ** 2
    if not sidik_jonkman:
        return float(max(0.0, spread / (k - 1.0) - within.mean()))
    if spread == 0.0:
        return 0.0
    start = spread / k
    return float(start * sums_at(effects, within, start)[2] / (k - 1.0))


@kernel
def between_at_q(effects: Floats, within: Floats, target: float) -> float:
    """Variance at which Q takes a value; 0 where Q lies below it from the start.

    Q falls and is convex, so that Newton's steps from the left rise towards the root.
    """
    tau2 = 0.0
    for _ in range(MOST_STEPS):
        _, _, q, pull = sums_at(effects, within, tau2)
        if q <= target:
            break
        step = (q - target) / pull
        tau2 += step
        if step <= ROUNDING * tau2:
            break
    return tau2


@kernel
def slope_at(effects: Floats, within: Floats, tau2: float, restricted: bool) -> float:
    """Twice the slope of the log likelihood of the variance."""
    _, total, _, pull = sums_at(effects, within, tau2)
    return pull - (trace_at(within, tau2) if restricted else total)


@kernel
def height_at(effects: Floats, within: Floats, tau2: float, restricted: bool) -> float:
    """Log likelihood of the variance, without constants."""
    _, total, q, _ = sums_at(effects, within, tau2)
    spread = np.log(within + tau2).sum() + q
    return float(-0.5 * (spread + (np.log(total) if restricted else 0.0)))


@kernel
def most_likely_between(effects: Floats, within: Floats, restricted: bool) -> float:
    """Variance with the highest likelihood, by the search that `likelihood` describes."""
    k = effects.size
    mean, spread = effects.mean(), 0.0
    for i in range(k):
        spread += (effects[i] - mean) ** 2
    last = 1.01 * max(within.max(), 2.0 * spread / (k - 1.0))
    left, before = 0.0, slope_at(effects, within, 0.0, restricted)
    best, highest, maxima = 0.0, -np.inf, 0
    if before <= 0.0:
        highest, maxima = height_at(effects, within, 0.0, restricted), 1
    right = GRID_START * within[0]
    while left < last:
        after = slope_at(effects, within, right, restricted)
        if before > 0.0 and after <= 0.0:
            root = _root(effects, within, restricted, left, right, before, after)
            height = height_at(effects, within, root, restricted)
            maxima += 1
            if height > highest:
                best, highest = root, height
        left, before = right, after
        right *= GRID_STEP
    return best


@kernel
def _root(
    effects: Floats,
    within: Floats,
    restricted: bool,
    left: float,
    right: float,
    at_left: float,
    at_right: float,
) -> float:
    """Root of the slope between two variances, by regula falsi after Anderson and Bjorck (1973).

    `left` is the far end, on the other side of the root from `right`, which is the latest point.
    """
    for _ in range(MOST_STEPS):
        if at_right == 0.0:
            break
        moved = right - at_right * (right - left) / (at_right - at_left)
        if abs(moved - right) <= ROUNDING * right:
            break
        here = slope_at(effects, within, moved, restricted)
        if (here > 0.0) != (at_right > 0.0):
            left, at_left = right, at_right
        else:
            shrink = 1.0 - here / at_right
            at_left *= shrink if shrink > 0.0 else 0.5
        right, at_right = moved, here
    return right
