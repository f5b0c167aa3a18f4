"""Counting of concordant pairs in order of time, over a tree of the risks' ranks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ranks = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

_BLOCK_BITS = 4
_BLOCK = 1 << _BLOCK_BITS  # ranks summed one by one; a cache line or two


@kernel
def ranks_by_stratum(order: Ints, risk: Floats, starts: Ints) -> Ranks:
    """Rank of each subject's risk in its stratum, from 0; equal risks share one."""
    ranks = np.empty(order.size, np.int32)
    for stratum in range(starts.size - 1):
        rank = -1
        for i in range(starts[stratum], starts[stratum + 1]):
            if rank < 0 or risk[order[i]] != risk[order[i - 1]]:
                rank += 1
            ranks[order[i]] = rank
    return ranks


@kernel
def censoring_survival(times: Floats, event: Bools, weights: Floats, starts: Ints) -> Floats:
    """Kaplan-Meier probability of not being censored before each time; times rise by stratum.

    Of those with the same time, deaths leave the risk set before censorings.
    """
    result = np.empty(times.size)
    for stratum in range(starts.size - 1):
        begin, stop = starts[stratum], starts[stratum + 1]
        # Numbers at risk from the end, where sums of weights lose nothing.
        at_risk = 0.0
        for i in range(stop - 1, begin - 1, -1):
            at_risk += weights[i]
            result[i] = at_risk
        survival, i = 1.0, begin
        while i < stop:
            first, censored = i, 0.0
            while i < stop and times[i] == times[first]:
                if not event[i]:
                    censored += weights[i]
                i += 1
            result[first:i] = survival
            if censored > 0.0 and i < stop:
                survival *= result[i] / (result[i] + censored)
    return result


@kernel
def _insert(values: Floats, blocks: Floats, rank: int, weight: float) -> None:
    values[rank] += weight
    block = (rank >> _BLOCK_BITS) + 1
    while block < blocks.size:
        blocks[block] += weight
        block += block & -block


@kernel
def _below(values: Floats, blocks: Floats, rank: int) -> float:
    """Sum of the weights of lower ranks."""
    total = 0.0
    block = rank >> _BLOCK_BITS
    for place in range(block << _BLOCK_BITS, rank):
        total += values[place]
    while block > 0:
        total += blocks[block]
        block -= block & -block
    return total


@kernel
def earlier_members(
    times: Floats,
    event: Bools,
    ranks: Ranks,
    weights: Floats,
    pair_weights: Floats,
    entry_rows: Ints,
    entry_times: Floats,
    starts: Ints,
    net: Floats,
    pairs: Floats,
) -> Floats:
    """Pairs in which a subject's event comes first; from the last time to the first.

    Parameters
    ----------
    times, event, ranks, weights : array, shape (n,)
        Subjects by stratum in rising order of time.
    pair_weights : array, shape (n,)
        Weight of the pairs of each event; 0 for an event that does not count.
    entry_rows, entry_times : array, shape (n,) or (0,)
        Rows of the subjects by stratum in rising order of entry, and their entries; empty when
        all begin at the start.
    starts : array of int, shape (s + 1,)
        Where the rows of each of the s strata begin.
    net, pairs : array, shape (n,)
        Gain each subject's weighted concordant less discordant pairs, and all comparable pairs.

    Returns
    -------
    array of 3
        Concordant, discordant, and tied in risk.
    """
    counts = np.zeros(3)
    for stratum in range(starts.size - 1):
        begin, stop = starts[stratum], starts[stratum + 1]
        size = stop - begin + 1
        values, blocks = np.zeros(size + _BLOCK), np.zeros((size >> _BLOCK_BITS) + 2)
        total = 0.0
        i, leaving = stop - 1, stop - 1
        while i >= begin:
            now, last = times[i], i
            # Who enters at this time or later is not at risk yet.
            while entry_rows.size > 0 and leaving >= begin and entry_times[leaving] >= now:
                row = entry_rows[leaving]
                _insert(values, blocks, ranks[row], -weights[row])
                total -= weights[row]
                leaving -= 1
            while i >= begin and times[i] == now:
                if not event[i]:
                    _insert(values, blocks, ranks[i], weights[i])
                    total += weights[i]
                i -= 1
            for j in range(last, i, -1):
                if event[j] and pair_weights[j] > 0.0:
                    lower = _below(values, blocks, ranks[j])
                    equal = values[ranks[j]]
                    higher = total - lower - equal
                    net[j] += pair_weights[j] * (lower - higher)
                    pairs[j] += pair_weights[j] * total
                    load = weights[j] * pair_weights[j]
                    counts[0] += load * lower
                    counts[1] += load * higher
                    counts[2] += load * equal
            for j in range(last, i, -1):
                if event[j]:
                    _insert(values, blocks, ranks[j], weights[j])
                    total += weights[j]
    return counts


@kernel
def later_members(
    times: Floats,
    event: Bools,
    ranks: Ranks,
    weights: Floats,
    pair_weights: Floats,
    entry_rows: Ints,
    entry_times: Floats,
    starts: Ints,
    net: Floats,
    pairs: Floats,
) -> Floats:
    """Pairs in which another's event comes first; from the first time to the last.

    Parameters as in `earlier_members`.

    Returns
    -------
    array of 2
        Pairs of two events at one time, with unequal and with equal risks.
    """
    counts = np.zeros(2)
    for stratum in range(starts.size - 1):
        begin, stop = starts[stratum], starts[stratum + 1]
        size = stop - begin + 1
        values, blocks = np.zeros(size + _BLOCK), np.zeros((size >> _BLOCK_BITS) + 2)
        here = np.zeros(0)
        total = 0.0
        i, entering = begin, begin
        while i < stop:
            now, first = times[i], i
            # Events up to a subject's entry were not seen by it: take them off.
            while entry_rows.size > 0 and entering < stop and entry_times[entering] < now:
                row = entry_rows[entering]
                net[row] -= _higher_less_lower(values, blocks, ranks[row], total)
                pairs[row] -= total
                entering += 1
            while i < stop and times[i] == now:
                if event[i]:
                    net[i] += _higher_less_lower(values, blocks, ranks[i], total)
                    pairs[i] += total
                i += 1
            if i - first > 1:
                if here.size == 0:
                    here = np.zeros(size)
                _count_ties(first, i, event, ranks, weights, pair_weights, here, counts)
            for j in range(first, i):
                if event[j] and pair_weights[j] > 0.0:
                    load = weights[j] * pair_weights[j]
                    _insert(values, blocks, ranks[j], load)
                    total += load
            for j in range(first, i):
                if not event[j]:
                    net[j] += _higher_less_lower(values, blocks, ranks[j], total)
                    pairs[j] += total
    return counts


@kernel
def _higher_less_lower(values: Floats, blocks: Floats, rank: int, total: float) -> float:
    return float(total - values[rank] - 2.0 * _below(values, blocks, rank))


@kernel
def _count_ties(
    first: int,
    stop: int,
    event: Bools,
    ranks: Ranks,
    weights: Floats,
    pair_weights: Floats,
    here: Floats,
    counts: Floats,
) -> None:
    """Add the pairs of events among the rows of one time; `here` is zeros before and after."""
    deaths = 0.0
    for j in range(first, stop):
        if event[j]:
            load = pair_weights[j] * weights[j]
            counts[0] += load * (deaths - here[ranks[j]])
            counts[1] += load * here[ranks[j]]
            here[ranks[j]] += weights[j]
            deaths += weights[j]
    for j in range(first, stop):
        here[ranks[j]] = 0.0
