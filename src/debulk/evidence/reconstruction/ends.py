"""What follows the last number at risk, where no later one tells how many were censored."""

from __future__ import annotations

import math

from debulk.core.compiled import kernel
from debulk.core.streams import claim, uniform
from debulk.evidence.reconstruction.intervals import Chance, Curve, Interval, Rows, die

_RATE = claim(4103, "reconstruction: rate of censoring after the last number at risk")
_PLACE = claim(4105, "reconstruction: when patients are censored after the last number at risk")
_HALVINGS = 40
_HIGHEST = 50.0  # censorings a patient over the length of the interval: nobody stays
_MOST_COUNTED = 100_000


@kernel
def fill_end(
    curve: Curve,
    interval: Interval,
    survival: float,
    rate: float,
    most: int,
    chance: Chance,
    rows: Rows,
    place: int,
) -> int:
    """Follow the clicks with a constant rate of censoring, and write all who were left.

    The last at risk stays until the curve ends, since it is drawn to there. Returns how many die,
    at the most `most`.
    """
    left, deaths = interval.at_risk, 0
    owed = uniform(chance.key, _PLACE, 0, 0) - 0.5 if chance.drawn else 0.0
    for click in range(interval.first, interval.last):
        since = curve.time[click - 1] if click > interval.first else interval.start
        gap = curve.time[click] - since
        owed += left * (1.0 - math.exp(-rate * gap))
        gone = max(0, min(math.floor(owed + 0.5), left - 1))
        owed -= gone
        for each in range(gone):
            part = (each + 0.5) / gone
            if chance.drawn:
                part = uniform(chance.key, _PLACE, click + 1, each)
            rows.time[place], rows.event[place] = since + gap * part, False
            place += 1
        left -= gone
        if left > 0 and survival > curve.survival[click]:
            drop = die(curve, interval, click, left, survival, most - deaths, chance, rows, place)
            survival *= 1.0 - drop / left
            place += drop
            deaths += drop
            left -= drop
    rows.time[place:], rows.event[place:] = interval.end, False
    return deaths


@kernel
def rate_of_total(
    curve: Curve,
    interval: Interval,
    survival: float,
    rate: float,
    wanted: int,
    chance: Chance,
    rows: Rows,
    place: int,
) -> float:
    """The rate of censoring nearest to `rate` at which the clicks ask for `wanted` deaths."""
    most = interval.at_risk
    found = fill_end(curve, interval, survival, rate, most, chance, rows, place)
    if found == wanted:
        return rate
    more = found < wanted
    low, high = (0.0, rate) if more else (rate, _HIGHEST / (interval.end - interval.start))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        found = fill_end(curve, interval, survival, middle, most, chance, rows, place)
        if found > wanted or (more and found == wanted):
            low = middle
        else:
            high = middle
    return low if more else high


@kernel
def censoring_rate(censored: int, person_time: float, curve_end: float, chance: Chance) -> float:
    """Rate of censoring after the last number at risk, where no total of deaths tells it.

    That before it; drawn, the number behind that rate is Poisson. Without any table: 0, or when
    drawn anything up to once a patient over the length of the curve.
    """
    chosen = uniform(chance.key, _RATE, 0, 0)
    if person_time <= 0.0:
        return chosen / curve_end if chance.drawn else 0.0
    if chance.drawn:
        return _poisson(float(censored), chosen) / person_time
    return censored / person_time


@kernel
def _poisson(mean: float, probability: float) -> int:
    """Quantile of the Poisson distribution, by adding up its probabilities."""
    count, term = 0, math.exp(-mean)
    total = term
    while total < probability and count < _MOST_COUNTED:
        count += 1
        term *= mean / count
        total += term
    return count
