"""Products of transition matrices over time."""

from __future__ import annotations

import numpy as np

from debulk.core.compiled import kernel
from debulk.survival.subjects import Floats


@kernel
def occupation(initial: Floats, steps: Floats) -> Floats:
    """State occupation before the first and after each of K steps.

    Parameters
    ----------
    initial : array, shape (S,)
        Occupation at the start.
    steps : array, shape (K, S, S)
        Increments dA of the transition hazards.

    Returns
    -------
    array, shape (K + 1, S)
        ``initial (I + dA_1) ... (I + dA_k)`` (Aalen and Johansen 1978, Scand J Stat 5:141).
    """
    count = initial.size
    result = np.empty((steps.shape[0] + 1, count))
    result[0] = initial
    for k in range(steps.shape[0]):
        for j in range(count):
            total = result[k, j]
            for i in range(count):
                total += result[k, i] * steps[k, i, j]
            # A state that everybody leaves ends at 0, not at what rounding keeps of it.
            result[k + 1, j] = total if total > 1e-15 else 0.0
    return result


@kernel
def time_to_come(gaps: Floats, steps: Floats) -> Floats:
    """Expected time in each state until the horizon, from each state after each step.

    Parameters
    ----------
    gaps : array, shape (K + 1,)
        Time from the start to step 1, between steps, and from step K to the horizon.
    steps : array, shape (K, S, S)

    Returns
    -------
    array, shape (K + 1, S, S)
        Entry [k, i, j]: time in j from step k to the horizon for one who is then in i.
    """
    size, count = steps.shape[0], steps.shape[1]
    result = np.zeros((size + 1, count, count))
    for i in range(count):
        result[size, i, i] = gaps[size]
    for k in range(size - 1, -1, -1):
        for i in range(count):
            for j in range(count):
                total = result[k + 1, i, j]
                for m in range(count):
                    total += steps[k, i, m] * result[k + 1, m, j]
                result[k, i, j] = total
            result[k, i, i] += gaps[k]
    return result


@kernel
def product_tree(steps: Floats) -> Floats:
    """Products of the matrices I + dA over runs of 1, 2, 4, ... steps, as a binary heap.

    Leaf k lies at ``size + k``, node i holds the product of its children 2 i and 2 i + 1.
    """
    length, count = steps.shape[0], steps.shape[1]
    size = 1
    while size < length:
        size *= 2
    tree = np.zeros((2 * size, count, count))
    for i in range(count):
        tree[:, i, i] = 1.0
    for k in range(length):
        tree[size + k] += steps[k]
    for node in range(size - 1, 0, -1):
        for i in range(count):
            for j in range(count):
                total = 0.0
                for m in range(count):
                    total += tree[2 * node, i, m] * tree[2 * node + 1, m, j]
                tree[node, i, j] = total
    return tree
