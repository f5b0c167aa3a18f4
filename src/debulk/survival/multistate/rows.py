"""Intervals that subjects spend in states, as numbers that the estimator takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Floats, Ints

STAYS = -1
"""Code of `target` for an interval that ends without a move."""


@dataclass(frozen=True, eq=False)
class StateRows:
    """Checked intervals (start, stop] in a state, in any order.

    Attributes
    ----------
    start, stop : array of float, shape (n,)
        Bounds of each interval; -inf where a subject is there from the beginning.
    origin, target : array of int, shape (n,)
        State during the interval, and the state it ends in (`STAYS` where it ends without one).
    cluster : array of int, shape (n,)
        The subject, or whatever larger unit varies independently, numbered from 0.
    weights : array of float, shape (n,)
    states : tuple
        Labels of the states; codes are positions among them.
    """

    start: Floats
    stop: Floats
    origin: Ints
    target: Ints
    cluster: Ints
    weights: Floats
    states: tuple[object, ...]

    @property
    def n(self) -> int:
        """Number of intervals."""
        return int(self.stop.size)

    @property
    def moves(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether each interval ends with a move to another state."""
        result: np.ndarray[tuple[int], np.dtype[np.bool_]] = self.target != STAYS
        return result


@dataclass(frozen=True, eq=False)
class MoveTable:
    """Counts at the K distinct times of a move, among S states.

    Attributes
    ----------
    times : array, shape (K,)
        Distinct times at which somebody moves, rising.
    at_risk : array, shape (K, S)
        Weighted numbers in each state just before each time (start < t <= stop).
    moves : array, shape (K, S, S)
        Weighted moves from the second index to the third.
    first, last : array of int, shape (n,)
        A row is at risk at ``times[first:last]``; one that moves does so at ``times[last - 1]``.
    """

    times: Floats
    at_risk: Floats
    moves: Floats
    first: Ints
    last: Ints

    @property
    def steps(self) -> Floats:
        """Increments dA of the cumulative transition hazards; each row sums to 0."""
        rates = np.divide(
            self.moves,
            self.at_risk[:, :, None],
            out=np.zeros_like(self.moves),
            where=self.moves > 0,
        )
        diagonal = np.arange(rates.shape[1])
        rates[:, diagonal, diagonal] = -rates.sum(axis=2)
        return rates


def move_table(rows: StateRows) -> MoveTable:
    """Count those in each state and those who move at each time of a move."""
    count = len(rows.states)
    moving = rows.moves
    times = distinct_rising(rows.stop[moving])
    first = np.searchsorted(times, rows.start, side="right").astype(np.int64)
    last = np.searchsorted(times, rows.stop, side="right").astype(np.int64)
    size = times.size
    at_risk = _present(rows, first, last, rows.weights, size)
    places = ((last[moving] - 1) * count + rows.origin[moving]) * count + rows.target[moving]
    moves = _sums(places, rows.weights[moving], size * count * count).reshape(size, count, count)
    # Where all in a state leave it, rounding of weighted sums must not keep a trace of them.
    heads = _present(rows, first, last, np.ones(rows.n), size)
    leaving = np.bincount(places // count, minlength=size * count).reshape(size, count)
    at_risk = np.where(leaving == heads, moves.sum(axis=2), at_risk)
    return MoveTable(times, at_risk, moves, first, last)


def _present(rows: StateRows, first: Ints, last: Ints, load: Floats, size: int) -> Floats:
    count = len(rows.states)
    long = (size + 1) * count
    change = _sums(first * count + rows.origin, load, long)
    change -= _sums(last * count + rows.origin, load, long)
    result: Floats = np.cumsum(change.reshape(size + 1, count), axis=0)[:size]
    return result


def _sums(places: Ints, load: Floats, size: int) -> Floats:
    return np.bincount(places, load, minlength=size).astype(np.float64)


def distinct_rising(values: Floats) -> Floats:
    """Distinct numbers in rising order."""
    ordered = values[rising_order(np.ascontiguousarray(values))]
    keep = np.ones(ordered.size, dtype=np.bool_)
    keep[1:] = ordered[1:] != ordered[:-1]
    result: Floats = ordered[keep]
    return result
