"""A systematic part of prepared rows, on which a fit starts."""

from __future__ import annotations

import dataclasses

import numpy as np

from debulk.core.compiled import kernel
from debulk.survival.cox_model.prepared import PreparedCox, Slots, by_first_slot, rows_in_order
from debulk.survival.subjects import Bools, Floats, Ints


def thinned(prepared: PreparedCox, weights: Floats, every: int) -> tuple[PreparedCox, Floats]:
    """Every so many rows in sorted order, as a sample of its own, with their weights."""
    chosen, first, rows_from, deaths, opens = _thinned(
        prepared.rows_from, prepared.deaths, prepared.opens, prepared.first, weights, every
    )
    entering_from, entering = by_first_slot(first, deaths.size)
    part = dataclasses.replace(
        prepared,
        x=rows_in_order(prepared.x, chosen),
        order=prepared.order[chosen],
        weights=prepared.weights[chosen],
        offset=prepared.offset[chosen] if prepared.offset.size else prepared.offset,
        rows_from=rows_from,
        deaths=deaths,
        opens=opens,
        first=first,
        entering_from=entering_from,
        entering=entering,
    )
    return part, weights[chosen]


@kernel
def _thinned(
    rows_from: Ints, deaths: Ints, opens: Bools, first: Slots, weights: Floats, every: int
) -> tuple[Ints, Slots, Ints, Ints, Bools]:
    """Chosen rows, and their slots: those that open a stratum or hold a chosen event."""
    slots = deaths.size
    chosen = np.empty(weights.size // every + 1, np.int64)
    begins = np.empty(chosen.size if first.size else 0, np.int32)
    new_from, new_deaths = np.empty(slots + 1, np.int64), np.empty(slots, np.int64)
    new_opens, moved = np.empty(slots, np.bool_), np.empty(slots, np.int32)
    used, kept = 0, 0
    for slot in range(slots):
        start, stop = rows_from[slot], rows_from[slot + 1]
        dead = 0
        for i in range((start + every - 1) // every * every, start + deaths[slot], every):
            if weights[i] > 0:
                dead += 1
        if opens[slot] or dead:
            new_from[used], new_deaths[used], new_opens[used] = kept, dead, opens[slot]
            used += 1
        moved[slot] = used - 1
        if new_opens[used - 1]:
            continue
        for i in range((start + every - 1) // every * every, stop, every):
            if weights[i] == 0 or (first.size and moved[first[i]] == used - 1):
                continue
            chosen[kept] = i
            if first.size:
                begins[kept] = moved[first[i]]
            kept += 1
    new_from[used] = kept
    return (
        chosen[:kept].copy(),
        begins[:kept].copy() if first.size else begins,
        new_from[: used + 1].copy(),
        new_deaths[:used].copy(),
        new_opens[:used].copy(),
    )
