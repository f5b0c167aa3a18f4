"""The pass over the risk sets from the last to the first, and sums of outer products."""

from __future__ import annotations

import math

import numpy as np

from debulk.core.compiled import kernel
from debulk.survival.cox_model.prepared import Slots
from debulk.survival.subjects import Bools, Floats, Ints

_PENDING = 64  # risk-set means whose outer products are summed in one go
_BLOCK = 2048  # rows summed before they are added to the total, which keeps rounding small
_LOADED = 256  # rows read from memory at a time
_LANES = 4  # numbers that a processor adds at once; a sum's length is a multiple, so none is left


@kernel
def sums_over_risk_sets(
    x: Floats,
    risk: Floats,
    counts: Ints,
    loads: Floats,
    rows_from: Ints,
    deaths: Ints,
    opens: Bools,
    entering_from: Ints,
    entering: Slots,
    efron: bool,
    hazard: Floats,
    own: Floats,
    gradient: Floats,
    means: Floats,
    sums: Floats,
) -> float:
    """Pass from the last slot to the first: what the risk sets add to log-likelihood and gradient.

    Fills `hazard` (step of the baseline hazard in each slot) and `own` (the part of that step which
    a row with an event there does not see), takes from `gradient`, adds to the lower triangle of
    `means` (the outer products of the risk sets' means) and, where it has rows, writes the risk
    sets' sums of risk times covariates and of risk, shape (slots, p + 1), to `sums`. Memory is read
    strictly backwards: to turn round within each slot takes four times as long. Taken apart into
    functions of a slot each, the pass takes half as long again.
    """
    p = x.shape[1]
    width = (p + _LANES) // _LANES * _LANES  # risk times covariates, risk, zeros
    total, lost, s, d = np.zeros(width), np.zeros(width), np.zeros(width), np.zeros(width)
    mean, there, gone = np.zeros(p), np.zeros((_LOADED, width)), np.zeros((_LOADED, width))
    pending, factor = np.empty((_PENDING, p)), np.empty(_PENDING)
    filled, loaded, fetched = 0, risk.size, entering.size
    loglik, plain_risk = 0.0, 0.0
    for slot in range(deaths.size - 1, -1, -1):
        hazard[slot] = 0.0
        own[slot] = 0.0
        if opens[slot]:
            total[:] = 0.0
            lost[:] = 0.0
            plain_risk = 0.0
            continue
        start, stop = rows_from[slot], rows_from[slot + 1]
        if entering.size:
            for i in range(stop - 1, start - 1, -1):
                if i < loaded:
                    loaded = _load_rows(there, x, risk, i)
                _add_exactly(total, lost, there, i - loaded)
            for place in range(entering_from[slot + 1] - 1, entering_from[slot] - 1, -1):
                if place < fetched:
                    fetched = _load_entering(gone, x, risk, entering, place)
                _add_exactly(total, lost, gone, place - fetched)
        else:
            for i in range(stop - 1, start - 1, -1):
                _add_plainly(total, x, i, risk[i], p)
                plain_risk += risk[i]
        count = counts[slot]
        if count == 0:
            continue
        if entering.size:
            for j in range(width):
                s[j] = total[j] + lost[j]
        else:
            for j in range(p):
                s[j] = total[j]
            s[p] = plain_risk
        if sums.shape[0]:
            for j in range(p + 1):
                sums[slot, j] = s[j]
        if count == 1 or not efron:
            step = loads[slot] / s[p]
            loglik -= loads[slot] * math.log(s[p])
            hazard[slot] = step
            for j in range(p):
                mean[j] += step * s[j]
                pending[filled, j] = s[j]
            factor[filled] = step / s[p]
            filled += 1
        else:
            d[:] = 0.0
            for i in range(start, start + deaths[slot]):
                _add_plainly(d, x, i, risk[i], p)
                d[p] += risk[i]
            step, seen, a, b, c, logs = efron_steps(float(s[p]), float(d[p]), loads[slot], count)
            loglik -= logs
            hazard[slot] = step
            own[slot] = seen
            # The sum over the tied events of (s - part * d)(s - part * d)' is that of two outer
            # products, whatever their number.
            for j in range(p):
                mean[j] += step * s[j] - seen * d[j]
                pending[filled, j] = s[j] - b / a * d[j]
                pending[filled + 1, j] = d[j]
            factor[filled] = a
            factor[filled + 1] = max(c - b * b / a, 0.0)
            filled += 2
        if filled >= _PENDING - 1:
            if p > 0:
                add_outer(means, pending, factor, filled)
            filled = 0
    if p > 0:
        add_outer(means, pending, factor, filled)
    for j in range(p):
        gradient[j] -= mean[j]
    return loglik


@kernel
def efron_steps(
    whole: float, tied: float, load: float, count: int
) -> tuple[float, float, float, float, float, float]:
    """Sums over tied events, of which the k-th sees ``rest = whole - part * tied``, part = k/count.

    With h for the event's hazard step: the sums of h, h part, h/rest, h part/rest, h part^2/rest,
    and of the logarithm of `rest` times the event's weight.
    """
    each = load / count
    step, seen, a, b, c, logs = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for turn in range(count):
        part = turn / count
        rest = whole - part * tied
        logs += each * math.log(rest)
        h = each / rest
        step += h
        seen += h * part
        a += h / rest
        b += h / rest * part
        c += h / rest * part * part
    return step, seen, a, b, c, logs


@kernel
def _load_rows(loads: Floats, x: Floats, risk: Floats, last: int) -> int:
    """Risk times covariates, and risk, of the rows up to `last`; returns the first one's place.

    Done ahead of the sums, since a processor waits where it reads what it has just written in
    pieces of another length.
    """
    p = x.shape[1]
    first = max(last + 1 - _LOADED, 0)
    for i in range(first, last + 1):
        for j in range(p):
            loads[i - first, j] = risk[i] * x[i, j]
        loads[i - first, p] = risk[i]
    return first


@kernel
def _load_entering(loads: Floats, x: Floats, risk: Floats, entering: Slots, last: int) -> int:
    """The same with the sign turned for the rows up to place `last` of `entering`.

    These rows lie anywhere in memory. Both ends of each are read first, one row after another, so
    that many are on their way at once.
    """
    p = x.shape[1]
    first = max(last + 1 - _LOADED, 0)
    for place in range(first, last + 1):
        i = np.int64(entering[place])
        loads[place - first, p] = -risk[i]
        if p > 0:
            loads[place - first, 0] = x[i, 0]
            loads[place - first, p - 1] = x[i, p - 1]
    for place in range(first, last + 1):
        i = np.int64(entering[place])
        r = loads[place - first, p]
        for j in range(p):
            loads[place - first, j] = r * x[i, j]
    return first


@kernel
def _add_plainly(total: Floats, x: Floats, i: int, r: float, p: int) -> None:
    for j in range(p):
        total[j] += r * x[i, j]


@kernel
def _add_exactly(total: Floats, lost: Floats, loads: Floats, i: int) -> None:
    """Add a row's risk times covariates and its risk, keeping what each addition rounds away.

    Sums from which rows are taken again would else be spoilt by the rounding of rows long gone
    (Knuth's exact sum of two numbers).
    """
    for j in range(loads.shape[1]):
        now, load = total[j], loads[i, j]
        new = now + load
        back = new - now
        lost[j] += (now - (new - back)) + (load - back)
        total[j] = new


@kernel
def add_outer(total: Floats, x: Floats, factor: Floats, rows: int) -> None:
    """Add ``factor[i] * outer(x[i], x[i])`` over the first `rows` rows to the lower triangle."""
    p = x.shape[1]
    block = np.empty((p, p))
    start = 0
    while start < rows:
        stop = min(start + _BLOCK, rows)
        whole = start + (stop - start) // 4 * 4
        block[:] = 0.0
        for i in range(start, whole, 4):
            for a in range(p):
                u = factor[i] * x[i, a]
                v = factor[i + 1] * x[i + 1, a]
                y = factor[i + 2] * x[i + 2, a]
                z = factor[i + 3] * x[i + 3, a]
                for b in range(a + 1):
                    block[a, b] += (u * x[i, b] + v * x[i + 1, b]) + (
                        y * x[i + 2, b] + z * x[i + 3, b]
                    )
        for i in range(whole, stop):
            for a in range(p):
                u = factor[i] * x[i, a]
                for b in range(a + 1):
                    block[a, b] += u * x[i, b]
        for a in range(p):
            for b in range(a + 1):
                total[a, b] += block[a, b]
        start = stop
