"""The total of deaths: which intervals give or take some where the clicks alone miss it."""

from __future__ import annotations

import math

import numpy as np

from debulk.core.compiled import kernel
from debulk.evidence.reconstruction.arms import UNKNOWN, Ledger, fill, with_ticks
from debulk.evidence.reconstruction.intervals import Chance, Curve, Floats, Ints, Rows, relabel

_HALVINGS = 8
_FARTHEST = 1.0  # of the logarithm of the power by which censorings lie early or late
_ROUNDS = 8  # an interval made to change shifts the next ones a little


@kernel
def fill_to_total(
    clicks: Curve, tick: Floats, at_risk: Ints, events: int, chance: Chance, rows: Rows
) -> int:
    """Patients of one arm, with the total of deaths met where one is known.

    Parameters
    ----------
    clicks : Curve
        Clicks at rising times after 0, survival that never rises.
    tick, at_risk, events, chance, rows
        As for `fill`.

    Returns
    -------
    int
        How many deaths the clicks and numbers at risk alone missed (below 0: had too many).
    """
    curve = with_ticks(clicks, tick, at_risk)
    moved = np.zeros(tick.size, np.int64)
    ledger = np.zeros((tick.size, 3))
    found = fill(curve, tick, at_risk, events, 1.0, moved, ledger, chance, rows)
    if events == UNKNOWN:
        return 0
    missed = events - found
    earliness = 1.0
    if missed != 0 and tick.size > 1:
        earliness = _earliness(curve, tick, at_risk, events, missed, moved, ledger, chance, rows)
        found = fill(curve, tick, at_risk, events, earliness, moved, ledger, chance, rows)
    for _ in range(_ROUNDS):
        if found == events:
            return missed
        _allot(events - found, moved, ledger)
        found = fill(curve, tick, at_risk, events, earliness, moved, ledger, chance, rows)
    relabel(rows.event, events - found)
    return missed


@kernel
def _earliness(
    curve: Curve,
    tick: Floats,
    at_risk: Ints,
    events: int,
    missed: int,
    moved: Ints,
    ledger: Ledger,
    chance: Chance,
    rows: Rows,
) -> float:
    """How early censorings lie, nearest to evenly, for the clicks to ask for `events` deaths.

    Who is censored early is at risk at fewer deaths, so that the same curve takes fewer of them.
    """
    low, high = (-_FARTHEST, 0.0) if missed > 0 else (0.0, _FARTHEST)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        found = fill(curve, tick, at_risk, events, math.exp(middle), moved, ledger, chance, rows)
        if found > events or (missed > 0 and found == events):
            low = middle
        else:
            high = middle
    return math.exp(low if missed > 0 else high)


@kernel
def _allot(more: int, moved: Ints, ledger: Ledger) -> None:
    """Share deaths out, one by one, where the curve then leaves its clicks the least.

    The squared distance is summed, so that the next death in one interval costs more than the last.
    """
    step = 1 if more > 0 else -1
    source = 1 if more > 0 else 0
    for _ in range(abs(more)):
        best, least = -1, math.inf
        for interval in range(moved.size - 1):
            price = ledger[interval, 2] ** 2 * (2 * step * moved[interval] + 1)
            if ledger[interval, source] >= 1.0 and price < least:
                best, least = interval, price
        if best < 0:
            return
        moved[best] += step
        ledger[best, source] -= 1.0
        ledger[best, 1 - source] += 1.0
