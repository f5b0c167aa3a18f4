"""One arm's patients from its curve: interval after interval, then what follows the last tick."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.evidence.reconstruction.ends import censoring_rate, fill_end, rate_of_total
from debulk.evidence.reconstruction.intervals import (
    Chance,
    Curve,
    Floats,
    Interval,
    Ints,
    Rows,
    bent,
    censored_between,
    relabel,
    spacings_of,
    walk,
)

Ledger = npt.NDArray[np.float64]

UNKNOWN = -1
"""Deaths in all, where no total was published."""

_SEVERAL = 1.5  # deaths from which a drop between two clicks is more than one step of the curve


@kernel
def with_ticks(curve: Curve, tick: Floats, at_risk: Ints) -> Curve:
    """Clicks with one more at each tick that lies between two of them.

    A drop across a tick is split in proportion to time if it is of several deaths even among those
    at risk at its end; else it is a step that the click after it shows.
    """
    size = curve.time.size
    time, survival = np.empty(size + tick.size), np.empty(size + tick.size)
    placed, ahead = 0, 1
    for click in range(size):
        now, after = curve.time[click], curve.survival[click]
        final = ahead
        while final + 1 < tick.size and tick[final + 1] < now:
            final += 1
        while ahead < tick.size and tick[ahead] <= now:
            if tick[ahead] < now:
                since = time[placed - 1] if placed else 0.0
                before = survival[placed - 1] if placed else 1.0
                time[placed], survival[placed] = tick[ahead], before
                if at_risk[final] * (before - after) > _SEVERAL * before:
                    part = (tick[ahead] - since) / (now - since)
                    survival[placed] = before + part * (after - before)
                placed += 1
            ahead += 1
        time[placed], survival[placed] = now, after
        placed += 1
    return Curve(time[:placed], survival[:placed])


@kernel
def fill(
    curve: Curve,
    tick: Floats,
    at_risk: Ints,
    events: int,
    earliness: float,
    moved: Ints,
    ledger: Ledger,
    chance: Chance,
    rows: Rows,
) -> int:
    """Deaths and censorings of one arm, written to `rows` in no order; returns how many died.

    Parameters
    ----------
    curve : Curve
        Of `with_ticks`.
    tick, at_risk : array, shape (ticks,)
        When numbers at risk are known, and these; the first is the number of patients.
    events : int
        Deaths in all, or `UNKNOWN`. Only the time after the last tick is made to meet it.
    earliness : float
        How early censorings lie in every interval; 1 spreads them evenly.
    moved : int64 array, shape (ticks,)
        Censorings of each interval to turn into deaths, below 0 the other way.
    ledger : float64 array, shape (ticks, 3)
        Receives the deaths and censorings of each interval, and what moving one costs.
    """
    survival, click, place, deaths = 1.0, 0, 0, 0
    curve_end = curve.time[curve.time.size - 1]
    for number in range(tick.size - 1):
        first, end = click, tick[number + 1]
        while click < curve.time.size and curve.time[click] <= end:
            click += 1
        # Nobody is followed beyond a curve that ends before the number at risk is 0.
        if at_risk[number + 1] == 0 and tick[number] < curve_end < end:
            end = curve_end
        leaving = at_risk[number] - at_risk[number + 1]
        counted = end == tick[number + 1]
        interval = Interval(
            number, tick[number], end, first, click, at_risk[number], counted, earliness
        )
        before = survival
        found, survival = _fill_interval(
            curve, interval, survival, leaving, moved[number], chance, rows, place
        )
        ledger[number, 0], ledger[number, 1] = found, leaving - found
        between = 0.5 * (at_risk[number] + at_risk[number + 1])
        ledger[number, 2] = cost_of_moving(before, survival, between)
        place += leaving
        deaths += found
    left, start = at_risk[at_risk.size - 1], tick[tick.size - 1]
    if left == 0 or curve_end <= start:
        rows.time[place:], rows.event[place:] = start, False
        return deaths
    interval = Interval(tick.size - 1, start, curve_end, click, curve.time.size, left, False, 1.0)
    person_time = np.sum(0.5 * (at_risk[1:] + at_risk[:-1]) * (tick[1:] - tick[:-1]))
    rate = censoring_rate(rows.time.size - left - deaths, person_time, curve_end, chance)
    most = left
    if events != UNKNOWN:
        wanted = max(events - deaths, 0)
        rate = rate_of_total(curve, interval, survival, rate, wanted, chance, rows, place)
        if tick.size == 1:  # else what is too many is made good before the last tick
            most = wanted
    return deaths + fill_end(curve, interval, survival, rate, most, chance, rows, place)


@kernel
def _fill_interval(
    curve: Curve,
    interval: Interval,
    survival: float,
    leaving: int,
    moved: int,
    chance: Chance,
    rows: Rows,
    place: int,
) -> tuple[int, float]:
    """Deaths of an interval whose end is a number at risk, and survival at its end."""
    spacings = spacings_of(leaving, interval.number, chance)
    fewest = censored_between(curve, interval, survival, leaving, spacings, chance, rows, place)
    censored = min(max(fewest - moved, 0), leaving)
    wanted = leaving - censored
    if censored != fewest:
        curve = bent(curve, interval, survival, censored, wanted, spacings, chance, rows, place)
    found, after = walk(curve, interval, survival, censored, wanted, spacings, chance, rows, place)
    missing = wanted - found
    if missing > 0:  # of a flat stretch, where no scaling makes a death
        rows.time[place : place + leaving] = 0.5 * (interval.start + interval.end)
        rows.event[place : place + leaving] = False
        found, after = walk(
            curve, interval, survival, leaving - found, found, spacings, chance, rows, place
        )
        relabel(rows.event[place : place + leaving], wanted - found)
        after *= 1.0 - (wanted - found) / max(interval.at_risk - found, 1)
    return wanted, after


@kernel
def cost_of_moving(before: float, after: float, at_risk: float) -> float:
    """How far the curve leaves its clicks if one who leaves an interval changes his label.

    One death more among n at risk multiplies survival by 1 - 1/n at the interval's end; spread in
    proportion to the hazard H it takes S H' / (H n) at hazard H', most where H' is 1 or, before,
    at the end.
    """
    if before <= 0.0:
        return 0.0
    hazard = -math.log(max(after / before, 1e-9))
    peak = math.exp(-hazard) if hazard < 1.0 else math.exp(-1.0) / hazard
    return before * peak / at_risk
