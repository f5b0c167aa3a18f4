"""Two-sided designs with a futility region around 0: trials go on in two stretches of Z."""

from __future__ import annotations

import math

import numpy as np

from debulk.core.compiled import kernel
from debulk.trials.boundaries.recursion import (
    Floats,
    above,
    below,
    bound_above,
    carry,
    crossing,
    density,
    grid,
    panel_width,
    region,
)


@kernel
def carry_around(
    nodes: Floats,
    mass: Floats,
    information: Floats,
    look: int,
    theta: float,
    inner: float,
    upper: float,
) -> tuple[Floats, Floats]:
    """Nodes and mass of trials that go on: between `inner` and `upper` in absolute value."""
    if not inner > 0.0:
        return carry(nodes, mass, information, look, theta, -upper, upper)
    now = information[look]
    before = information[look - 1] if look > 0 else 0.0
    start, end = region(-upper, upper, theta * math.sqrt(now))
    width = panel_width(information, look)
    left, left_weights = grid(start, min(-inner, end), width)
    right, right_weights = grid(max(inner, start), end, width)
    z = np.concatenate((left, right))
    weights = np.concatenate((left_weights, right_weights))
    return z, weights * density(nodes, mass, before, now, theta, z)


@kernel
def within(
    nodes: Floats, mass: Floats, before: float, now: float, theta: float, inner: float
) -> float:
    """Probability of an absolute value below `inner`."""
    if not inner > 0.0:
        return 0.0
    return above(nodes, mass, before, now, theta, -inner) - above(
        nodes, mass, before, now, theta, inner
    )


@kernel
def bound_around(
    nodes: Floats,
    mass: Floats,
    before: float,
    now: float,
    theta: float,
    target: float,
    upper: float,
) -> float:
    """The inner bound with probability `target` within; at most `upper`, -inf for none."""
    if not target > 0.0:
        return -math.inf
    high = min(upper, abs(theta) * math.sqrt(now) + 40.0)
    if within(nodes, mass, before, now, theta, high) <= target:
        return upper
    low, at = 0.0, 0.5 * high
    both = np.empty(2)
    for _ in range(200):
        short = target - within(nodes, mass, before, now, theta, at)
        if short > 0.0:
            low = at
        else:
            high = at
        both[0], both[1] = -at, at
        slope = density(nodes, mass, before, now, theta, both).sum()
        new = 0.5 * (low + high)
        if slope > 0.0 and low < at + short / slope < high:
            new = at + short / slope
        change, at = new - at, new
        if abs(change) < 1e-13:
            break
    return at


@kernel
def crossing_around(
    information: Floats, inner: Floats, upper: Floats, theta: float
) -> tuple[Floats, Floats, Floats]:
    """Probabilities of stopping within `inner`, at or below -`upper`, at or above `upper`."""
    looks = information.size
    lost, down, up = np.zeros(looks), np.zeros(looks), np.zeros(looks)
    nodes, mass = np.zeros(1), np.ones(1)
    before = 0.0
    for k in range(looks):
        now = information[k]
        lost[k] = within(nodes, mass, before, now, theta, inner[k])
        down[k] = below(nodes, mass, before, now, theta, -upper[k])
        up[k] = above(nodes, mass, before, now, theta, upper[k])
        if k + 1 < looks:
            nodes, mass = carry_around(nodes, mass, information, k, theta, inner[k], upper[k])
        before = now
    return lost, down, up


@kernel
def spend_around(
    information: Floats,
    inner: Floats,
    upper: Floats,
    alpha: Floats,
    futile: Floats,
    theta: float,
    solve_inner: bool,
    solve_upper: bool,
) -> tuple[Floats, Floats]:
    """Inner bounds that spend `futile` under `theta`, upper ones that spend `alpha` under 0.

    What is not to be solved stands as given. `alpha` is one side's, by look.
    """
    looks = information.size
    inner, upper = inner.copy(), upper.copy()
    nodes, mass = np.zeros(1), np.ones(1)
    null_nodes, null_mass = np.zeros(1), np.ones(1)
    before = 0.0
    for k in range(looks):
        now = information[k]
        if solve_upper:
            upper[k] = bound_above(null_nodes, null_mass, before, now, 0.0, alpha[k])
        if solve_inner:
            inner[k] = bound_around(nodes, mass, before, now, theta, futile[k], upper[k])
        if k + 1 == looks:
            inner[k] = upper[k]
            break
        if solve_upper:
            null_nodes, null_mass = carry_around(
                null_nodes, null_mass, information, k, 0.0, inner[k], upper[k]
            )
        if solve_inner:
            nodes, mass = carry_around(nodes, mass, information, k, theta, inner[k], upper[k])
        before = now
    return inner, upper


def stopping(
    information: Floats, futility: Floats | None, upper: Floats, theta: float, sided: int
) -> tuple[Floats, Floats, Floats]:
    """Probabilities of stopping for futility, of rejecting below, and of rejecting above.

    Parameters
    ----------
    information, upper : array, shape (k,)
    futility : array or None
        Lower bounds (one-sided) or inner bounds (two-sided); -inf where there is none.
    theta : float
    sided : int
    """
    none = np.zeros(information.size)
    if sided == 1:
        lower = np.full(information.size, -math.inf) if futility is None else futility
        down, up = crossing(information, lower, upper, theta)
        return down, none, up
    if futility is None:
        down, up = crossing(information, -upper, upper, theta)
        return none, down, up
    return crossing_around(information, futility, upper, theta)
