"""The density of Z over the looks of a trial that has not stopped yet, step by step.

With theta the expected Z at information 1, the score Z_k sqrt(t_k) has independent normal
increments of mean theta (t_k - t_j) and variance t_k - t_j. So the density at a look is an
integral over the continuation region of the look before (Armitage, McPherson and Rowe 1969). The
integral is taken by Gauss-Legendre on panels not wider than 5.5 standard deviations of the step
from and to that look, for which the 16-point rule is exact to about 1e-12.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel

Floats = npt.NDArray[np.float64]

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANEL = 5.5
"""Width of a panel in standard deviations of the narrower of its two steps."""
_REACH_OPEN = 7.0
"""Where an open side is cut, in standard deviations: 1e-12 of the trials lie beyond."""
_REACH_BOUND = 13.0
"""Where a side with a bound is cut; a bound beyond spends less than 1e-38."""
_BAND = 8.5
"""A step that is so many standard deviations from the likeliest one adds nothing."""
_FARTHEST = 45.0
"""A bound is nearer to the mean: beyond, probabilities are below 1e-300."""
_ROOT_TWO = math.sqrt(2.0)
_NORMALISER = 1.0 / math.sqrt(2.0 * math.pi)


@kernel
def region(lower: float, upper: float, mean: float) -> tuple[float, float]:
    """The stretch of Z between two bounds in which anything happens."""
    down = _REACH_OPEN if lower == -math.inf else _REACH_BOUND
    up = _REACH_OPEN if lower > -math.inf and upper == math.inf else _REACH_BOUND
    return max(lower, mean - down), min(upper, mean + up)


@kernel
def grid(lower: float, upper: float, width: float) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss-Legendre panels not wider than `width`; none if empty."""
    if not upper > lower:
        return np.empty(0), np.empty(0)
    panels = max(1, math.ceil((upper - lower) / width))
    half = 0.5 * (upper - lower) / panels
    size = _POINTS.size
    nodes, weights = np.empty(panels * size), np.empty(panels * size)
    for panel in range(panels):
        middle = lower + (2 * panel + 1) * half
        for i in range(size):
            nodes[panel * size + i] = middle + half * _POINTS[i]
            weights[panel * size + i] = half * _WEIGHTS[i]
    return nodes, weights


@kernel
def density(
    nodes: Floats, mass: Floats, before: float, now: float, theta: float, z: Floats
) -> Floats:
    """Density of Z at information `now`, at rising `z`, from the mass at the look before."""
    step = now - before
    spread = math.sqrt(step)
    scale = math.sqrt(now) / spread * _NORMALISER
    root_now, ratio = math.sqrt(now), math.sqrt(before) / spread
    result = np.empty(z.size)
    first = 0
    for i in range(z.size):
        centre = (z[i] * root_now - theta * step) / spread
        # Of paths to here, the likeliest took this step.
        likely = (z[i] - theta * root_now) * spread / root_now
        farthest, nearest = max(likely, 0.0) + _BAND, min(likely, 0.0) - _BAND
        while first < nodes.size and centre - nodes[first] * ratio > farthest:
            first += 1
        total = 0.0
        for j in range(first, nodes.size):
            away = centre - nodes[j] * ratio
            if away < nearest:
                break
            total += mass[j] * math.exp(-0.5 * away * away)
        result[i] = scale * total
    return result


@kernel
def above(
    nodes: Floats, mass: Floats, before: float, now: float, theta: float, bound: float
) -> float:
    """Probability of being at or above `bound` at information `now`, not having stopped before."""
    if bound == math.inf:
        return 0.0
    step = now - before
    spread = math.sqrt(step)
    ratio = math.sqrt(before) / spread
    centre = (bound * math.sqrt(now) - theta * step) / spread if bound > -math.inf else -math.inf
    total = 0.0
    for j in range(nodes.size):
        total += mass[j] * 0.5 * math.erfc((centre - nodes[j] * ratio) / _ROOT_TWO)
    return total


@kernel
def below(
    nodes: Floats, mass: Floats, before: float, now: float, theta: float, bound: float
) -> float:
    """Probability of being at or below `bound`, as `above`."""
    return above(-nodes, mass, before, now, -theta, -bound)


@kernel
def bound_above(
    nodes: Floats, mass: Floats, before: float, now: float, theta: float, target: float
) -> float:
    """The bound that is reached from below with probability `target`.

    Newton's method on the logarithm of the probability, which is concave (a truncated and
    convolved normal stays log-concave), halving where it leaves what is left of the range. inf
    where nothing is to be spent, -inf where more is to be spent than is left.
    """
    if not target > 0.0:
        return math.inf
    if target >= mass.sum():
        return -math.inf
    at = np.array([theta * math.sqrt(now)])
    low, high = at[0] - _FARTHEST, at[0] + _FARTHEST
    for _ in range(200):
        tail = above(nodes, mass, before, now, theta, at[0])
        if tail > target:
            low = at[0]
        else:
            high = at[0]
        slope = density(nodes, mass, before, now, theta, at)[0]
        new = 0.5 * (low + high)
        if tail > 0.0 and slope > 0.0:
            step = at[0] + math.log(tail / target) * tail / slope
            if low < step < high:
                new = step
        change, at[0] = new - at[0], new
        if abs(change) < 1e-13 * max(1.0, abs(new)):
            break
    return float(at[0])


@kernel
def bound_below(
    nodes: Floats, mass: Floats, before: float, now: float, theta: float, target: float
) -> float:
    """The bound that is reached from above with probability `target`; -inf for none."""
    return -bound_above(-nodes[::-1].copy(), mass[::-1].copy(), before, now, -theta, target)


@kernel
def panel_width(information: Floats, look: int) -> float:
    """Width of the panels at a look: 5.5 standard deviations of its narrower step."""
    now = information[look]
    before = information[look - 1] if look > 0 else 0.0
    narrow = math.sqrt((now - before) / now)
    if look + 1 < information.size:
        narrow = min(narrow, math.sqrt((information[look + 1] - now) / now))
    return _PANEL * min(narrow, 1.0)


@kernel
def carry(
    nodes: Floats,
    mass: Floats,
    information: Floats,
    look: int,
    theta: float,
    lower: float,
    upper: float,
) -> tuple[Floats, Floats]:
    """Nodes and mass of the trials that go on after `look`, between `lower` and `upper`."""
    now = information[look]
    before = information[look - 1] if look > 0 else 0.0
    start, end = region(lower, upper, theta * math.sqrt(now))
    z, weights = grid(start, end, panel_width(information, look))
    return z, weights * density(nodes, mass, before, now, theta, z)


@kernel
def crossing(
    information: Floats, lower: Floats, upper: Floats, theta: float
) -> tuple[Floats, Floats]:
    """Probabilities of stopping at or below `lower` and at or above `upper`, look by look."""
    looks = information.size
    down, up = np.zeros(looks), np.zeros(looks)
    nodes, mass = np.zeros(1), np.ones(1)
    before = 0.0
    for k in range(looks):
        now = information[k]
        up[k] = above(nodes, mass, before, now, theta, upper[k])
        down[k] = below(nodes, mass, before, now, theta, lower[k])
        if k + 1 < looks:
            nodes, mass = carry(nodes, mass, information, k, theta, lower[k], upper[k])
        before = now
    return down, up


@kernel
def spend_above(
    information: Floats, lower: Floats, increments: Floats, symmetric: bool, theta: float
) -> Floats:
    """Upper bounds that spend `increments`; with `symmetric`, the lower ones are their mirror."""
    looks = information.size
    upper = np.empty(looks)
    nodes, mass = np.zeros(1), np.ones(1)
    before = 0.0
    for k in range(looks):
        upper[k] = bound_above(nodes, mass, before, information[k], theta, increments[k])
        if k + 1 < looks:
            floor = -upper[k] if symmetric else lower[k]
            nodes, mass = carry(nodes, mass, information, k, theta, floor, upper[k])
        before = information[k]
    return upper


@kernel
def spend_null(
    information: Floats, upper: Floats, alpha: Floats, futile: Floats, joint: bool
) -> tuple[Floats, Floats]:
    """Lower bounds that spend `futile` (by look) under theta = 0.

    With `joint` the upper bounds spend `alpha` among the same trials (binding); else `upper`
    stands. A lower bound is never above the upper; at the last look it is the upper.
    """
    looks = information.size
    lower, upper = np.empty(looks), upper.copy()
    nodes, mass = np.zeros(1), np.ones(1)
    before = 0.0
    for k in range(looks):
        now = information[k]
        if joint:
            upper[k] = bound_above(nodes, mass, before, now, 0.0, alpha[k])
        lower[k] = min(bound_below(nodes, mass, before, now, 0.0, futile[k]), upper[k])
        if k + 1 == looks:
            lower[k] = upper[k]
            break
        nodes, mass = carry(nodes, mass, information, k, 0.0, lower[k], upper[k])
        before = now
    return lower, upper


@kernel
def spend_beta(
    information: Floats,
    upper: Floats,
    alpha: Floats,
    beta: Floats,
    theta: float,
    joint: bool,
) -> tuple[Floats, Floats]:
    """Lower bounds that spend `beta` (by look) under `theta`, and the upper bounds.

    With `joint` the upper bounds are solved beside them, to spend `alpha` under 0 among trials that
    have not stopped for futility (binding); otherwise `upper` stands. A lower bound is never above
    the upper; at the last look it is the upper.
    """
    looks = information.size
    lower, upper = np.empty(looks), upper.copy()
    nodes, mass = np.zeros(1), np.ones(1)
    null_nodes, null_mass = np.zeros(1), np.ones(1)
    before = 0.0
    for k in range(looks):
        now = information[k]
        if joint:
            upper[k] = bound_above(null_nodes, null_mass, before, now, 0.0, alpha[k])
        lower[k] = min(bound_below(nodes, mass, before, now, theta, beta[k]), upper[k])
        if k + 1 == looks:
            lower[k] = upper[k]
            break
        if joint:
            null_nodes, null_mass = carry(
                null_nodes, null_mass, information, k, 0.0, lower[k], upper[k]
            )
        nodes, mass = carry(nodes, mass, information, k, theta, lower[k], upper[k])
        before = now
    return lower, upper
