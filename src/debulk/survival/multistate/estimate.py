"""State occupation by Aalen and Johansen with the jackknife's standard errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.survival.multistate.influence import occupation_variance
from debulk.survival.multistate.kernels import occupation, product_tree, time_to_come
from debulk.survival.multistate.rows import MoveTable, StateRows, move_table
from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Bools, Floats


@dataclass(frozen=True, eq=False)
class Occupation:
    """Estimated state occupation at the times of a move.

    Attributes
    ----------
    rows : StateRows
        What it was estimated from.
    table : MoveTable
        Counts at the K times of a move.
    occupied, variance : array, shape (K + 1, S)
        Occupation before the first and after each move, and its variance.
    initial_influence : array, shape (clusters, S)
        Each cluster's influence on the initial occupation; zeros where that is fixed.
    """

    rows: StateRows
    table: MoveTable
    occupied: Floats
    variance: Floats
    initial_influence: Floats


def estimate_occupation(rows: StateRows, initial: Floats, influence: Floats) -> Occupation:
    """Estimate state occupation from checked rows.

    Parameters
    ----------
    rows : StateRows
    initial : array, shape (S,)
        Occupation at the start.
    influence : array, shape (clusters, S)
        Each cluster's influence on `initial`.
    """
    table = move_table(rows)
    steps = table.steps
    occupied = occupation(initial, steps)
    present = np.flatnonzero(table.last > table.first)
    packed = np.column_stack(
        (
            table.first[present],
            table.last[present],
            rows.origin[present],
            rows.target[present],
            rows.cluster[present],
        )
    )
    variance = occupation_variance(
        occupied,
        table.at_risk,
        steps,
        product_tree(steps),
        influence.copy(),
        packed,
        rows.weights[present],
        rising_order(packed[:, 1].astype(np.float64)),
        rising_order(packed[:, 0].astype(np.float64)),
    )
    return Occupation(rows, table, occupied, variance, influence)


def initial_occupation(rows: StateRows, clusters: int) -> tuple[Floats, Floats]:
    """Share of those under observation just before the first move in each state.

    Returns
    -------
    initial : array, shape (S,)
    influence : array, shape (clusters, S)
        Influence of each cluster on it; zeros where all start in one state.
    """
    there = _at_first_move(rows)
    count = len(rows.states)
    load = rows.weights[there]
    total = float(load.sum())
    initial = np.bincount(rows.origin[there], load, minlength=count) / total
    influence = np.zeros((clusters, count))
    if np.count_nonzero(initial) > 1:
        np.add.at(influence, (rows.cluster[there], rows.origin[there]), load / total)
        shares = np.bincount(rows.cluster[there], load, minlength=clusters) / total
        influence -= shares[:, None] * initial
    return initial, influence


def _at_first_move(rows: StateRows) -> Bools:
    moving = rows.moves
    first = rows.stop[moving].min() if moving.any() else rows.stop.max()
    result: Bools = (rows.start < first) & (rows.stop >= first)
    return result


def restricted_times(found: Occupation, start: float, horizon: float) -> tuple[Floats, Floats]:
    """Expected time spent in each state from `start` to `horizon`, and its standard error.

    The influence of a subject is its push at each time it is at risk, times what a unit of
    occupation is then worth in time to come; the pushes add up by differences of running sums.
    """
    table, rows = found.table, found.rows
    size = int(np.searchsorted(table.times, horizon, side="left"))
    steps = table.steps[:size]
    edges = np.concatenate(([start], table.times[:size], [horizon]))
    ahead = time_to_come(np.diff(edges), steps)
    means: Floats = found.occupied[0] @ ahead[0]
    share = np.divide(
        found.occupied[:size],
        table.at_risk[:size],
        out=np.zeros((size, len(rows.states))),
        where=table.at_risk[:size] > 0,
    )
    drift = np.zeros((size + 1, *steps.shape[1:]))
    np.cumsum(share[:, :, None] * np.matmul(steps, ahead[1:]), axis=0, out=drift[1:])
    first, last = np.minimum(table.first, size), np.minimum(table.last, size)
    own = drift[first, rows.origin] - drift[last, rows.origin]
    moving = rows.moves & (table.last <= size)
    step, origin = table.last[moving], rows.origin[moving]
    worth = ahead[step, rows.target[moving]] - ahead[step, origin]
    own[moving] += share[step - 1, origin][:, None] * worth
    total = found.initial_influence @ ahead[0]
    np.add.at(total, rows.cluster, own * rows.weights[:, None])
    return means, np.sqrt((total**2).sum(axis=0))


def clusters_of(rows: StateRows) -> int:
    """Number of clusters."""
    return int(rows.cluster.max()) + 1
