"""How much each subject moves the estimated state occupation: the infinitesimal jackknife."""

from __future__ import annotations

import numpy as np

from debulk.core.compiled import kernel
from debulk.survival.subjects import Floats, Ints

FIRST, LAST, ORIGIN, TARGET, CLUSTER = range(5)
"""Columns of the table of rows that the kernels take."""


@kernel
def occupation_variance(
    occupied: Floats,
    at_risk: Floats,
    steps: Floats,
    tree: Floats,
    influence: Floats,
    rows: Ints,
    weights: Floats,
    leaving: Ints,
    entering: Ints,
) -> Floats:
    """Infinitesimal-jackknife variance of the state occupation after each step.

    The influence U of a cluster on the occupation p follows
    ``U_k = U_{k-1} (I + dA_k) + sum over its rows of w p_{k-1, j} / Y_{k, j} (move - dA_kj)``,
    where j is the state a row is at risk in and move is e_to - e_j, or 0 without a move. Only sums
    over clusters are carried from step to step: the second moments of U, the sums of U by state,
    and the second moments of the weights by state. A cluster's own U is needed only when one of
    its rows starts or ends, and comes from the products in `tree`, so that the cost is
    n log K and not n K.

    Parameters
    ----------
    occupied : array, shape (K + 1, S)
    at_risk : array, shape (K, S)
    steps : array, shape (K, S, S)
    tree : array, shape (2 size, S, S)
        From `product_tree`.
    influence : array, shape (clusters, S)
        Influence on the initial occupation; used as working space.
    rows : array of int, shape (n, 5)
        First and last step at risk (as in MoveTable), origin, target (-1: none), cluster; only
        rows that are at risk at some step.
    weights : array, shape (n,)
    leaving, entering : array of int, shape (n,)
        Rows in rising order of their last and of their first step.

    Returns
    -------
    array, shape (K + 1, S)
    """
    length, count = steps.shape[0], steps.shape[1]
    n = rows.shape[0]
    held = np.zeros(influence.shape)  # weight of each cluster at risk in each state
    since = np.zeros(influence.shape[0], np.int64)  # step up to which `influence` is carried
    # Sums over clusters: of U' U; of U by state; of the weights' products by pair of states;
    # and the influence of one who has stayed in a state from the start on.
    sums = np.zeros((4, count, count))
    for c in range(influence.shape[0]):
        for i in range(count):
            sums[0, i] += influence[c, i] * influence[c]
    result = np.zeros((length + 1, count))
    done, begun = 0, 0
    for k in range(length + 1):
        if k > 0:
            _advance(sums, tree[tree.shape[0] // 2 + k - 1], occupied[k - 1], at_risk[k - 1])
        end = done
        while end < n and rows[leaving[end], LAST] == k:
            row = rows[leaving[end]]
            if row[TARGET] >= 0:
                j = row[ORIGIN]
                load = weights[leaving[end]] * occupied[k - 1, j] / at_risk[k - 1, j]
                _bring(influence, since, row[CLUSTER], tree, k)
                _move(sums, influence[row[CLUSTER]], held[row[CLUSTER]], row, load)
            end += 1
        for place in range(done, end):
            row = rows[leaving[place]]
            _bring(influence, since, row[CLUSTER], tree, k)
            _hold(
                sums,
                influence[row[CLUSTER]],
                held[row[CLUSTER]],
                row[ORIGIN],
                -weights[leaving[place]],
            )
        done = end
        while begun < n and rows[entering[begun], FIRST] == k:
            row = rows[entering[begun]]
            _bring(influence, since, row[CLUSTER], tree, k)
            _hold(
                sums,
                influence[row[CLUSTER]],
                held[row[CLUSTER]],
                row[ORIGIN],
                weights[entering[begun]],
            )
            begun += 1
        for i in range(count):
            result[k, i] = max(sums[0, i, i], 0.0)
    return result


@kernel
def _advance(sums: Floats, matrix: Floats, occupied: Floats, at_risk: Floats) -> None:
    """Take all sums over one step, before anybody's own move."""
    count = occupied.size
    push = np.zeros((count, count))  # influence at this step of one at risk in each state
    for j in range(count):
        if at_risk[j] > 0:
            push[j] -= occupied[j] / at_risk[j] * matrix[j]
            push[j, j] += occupied[j] / at_risk[j]
    moved = np.zeros((4, count, count))
    for part in (0, 1, 3):
        for i in range(count):
            for j in range(count):
                moved[part, i] += sums[part, i, j] * matrix[j]
    pushed = np.zeros((count, count))
    for i in range(count):
        for j in range(count):
            pushed[i] += sums[2, i, j] * push[j]
    sums[0] = 0.0
    for i in range(count):
        for j in range(count):
            sums[0, i] += matrix[j, i] * moved[0, j]
            sums[0, i] += moved[1, j, i] * push[j] + push[j, i] * moved[1, j]
            sums[0, i] += push[j, i] * pushed[j]
    sums[1] = moved[1] + pushed
    sums[3] = moved[3] + push


@kernel
def _bring(influence: Floats, since: Ints, cluster: int, tree: Floats, step: int) -> None:
    """Carry a cluster's influence from the step it was last known at to `step`."""
    size = tree.shape[0] // 2
    left, right = since[cluster] + size, step + size
    since[cluster] = step
    vector = influence[cluster]
    waiting = np.empty(64, np.int64)
    count = 0
    while left < right:
        if left & 1:
            _through(vector, tree[left])
            left += 1
        if right & 1:
            right -= 1
            waiting[count] = right
            count += 1
        left //= 2
        right //= 2
    for turn in range(count - 1, -1, -1):
        _through(vector, tree[waiting[turn]])


@kernel
def _through(vector: Floats, matrix: Floats) -> None:
    """Replace `vector` by `vector matrix`."""
    old = vector.copy()
    vector[:] = 0.0
    for i in range(old.size):
        if old[i] != 0.0:
            for j in range(old.size):
                vector[j] += old[i] * matrix[i, j]


@kernel
def _own(sums: Floats, influence: Floats, held: Floats) -> Floats:
    """A cluster's influence: what was carried, and what it adds by staying where it is."""
    result = influence.copy()
    for j in range(held.size):
        if held[j] != 0.0:
            result += held[j] * sums[3, j]
    return result


@kernel
def _move(sums: Floats, influence: Floats, held: Floats, row: Ints, load: float) -> None:
    """Add the move of one row to its cluster's influence and to the sums."""
    own = _own(sums, influence, held)
    jump = np.zeros(held.size)
    jump[row[TARGET]] += load
    jump[row[ORIGIN]] -= load
    for i in range(held.size):
        sums[0, i] += own[i] * jump + jump[i] * own + jump[i] * jump
        sums[1, i] += held[i] * jump
    influence += jump


@kernel
def _hold(sums: Floats, influence: Floats, held: Floats, state: int, load: float) -> None:
    """Let a cluster have more (or less) weight at risk in a state from now on."""
    sums[1, state] += load * _own(sums, influence, held)
    for i in range(held.size):
        sums[2, state, i] += load * held[i]
        sums[2, i, state] += load * held[i]
    sums[2, state, state] += load * load
    held[state] += load
    influence -= load * sums[3, state]
