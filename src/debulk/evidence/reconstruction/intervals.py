"""Deaths and censorings between two numbers at risk, chosen so that the curve meets the clicks.

After Guyot, Ades, Ouwens and Welton, BMC Med Res Methodol 2012; 12: 9. As there, censorings spread
over the interval, and each click takes the deaths that bring the curve nearest to it, so that
rounding never adds up. Unlike there, the number censored is found by bisection, which always ends
and always meets the number at risk, and several deaths between two clicks spread over the gap.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import claim, exponential, uniform

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_CENSORING = claim(4101, "reconstruction: when patients are censored between two numbers at risk")
_DEATH = claim(4102, "reconstruction: when patients die between two clicks")
_HALVINGS = 30
_FARTHEST_POWER = 3.0  # of the exponent by which an interval's hazard is scaled: e^-3 to e^3


class Curve(NamedTuple):
    """Rising times and falling survival, one value a click."""

    time: Floats
    survival: Floats


class Interval(NamedTuple):
    """Time between two numbers at risk.

    Attributes
    ----------
    number : int
        Which one, from 0.
    start, end : float
        When it begins and ends.
    first, last : int
        Its first click, and the one after its last.
    at_risk : int
        At the start.
    counted : bool
        Whether a number at risk counts who is still there at `end`.
    earliness : float
        Power of the evenly spread places of censorings: 1 leaves them, above 1 they lie earlier.
    """

    number: int
    start: float
    end: float
    first: int
    last: int
    at_risk: int
    counted: bool
    earliness: float


class Chance(NamedTuple):
    """Streams from which comes what the figure leaves open, and whether they are used at all."""

    key: np.uint64
    drawn: bool


class Rows(NamedTuple):
    """Patients to be written: end of follow-up and whether it is a death."""

    time: Floats
    event: Flags


@kernel
def spacings_of(most: int, interval: int, chance: Chance) -> Floats:
    """Running sums of `most` + 1 gaps between censorings.

    Gaps of one size spread censorings evenly; exponential gaps make them the order statistics of
    uniform times, whatever their number.
    """
    sums = np.empty(most + 1)
    total = 0.0
    for place in range(most + 1):
        total += exponential(chance.key, _CENSORING, interval, place) if chance.drawn else 1.0
        sums[place] = total
    return sums


@kernel
def walk(
    curve: Curve,
    interval: Interval,
    survival: float,
    censored: int,
    most: int,
    spacings: Floats,
    chance: Chance,
    rows: Rows,
    place: int,
) -> tuple[int, float]:
    """Follow the clicks through one interval with a given number of censorings.

    Returns how many die, at the most `most`, and survival at the end. Those who leave are written
    to `rows` from `place` on.
    """
    deaths, gone = 0, 0
    whole, length = spacings[censored], interval.end - interval.start
    for click in range(interval.first, interval.last + 1):
        until = math.inf
        if click < interval.last:
            until = (curve.time[click] - interval.start) / length
            until = until ** (1.0 / interval.earliness) * whole
        while gone < censored and spacings[gone] < until:
            part = (spacings[gone] / whole) ** interval.earliness
            rows.time[place] = interval.start + length * part
            rows.event[place] = False
            gone += 1
            place += 1
        left = interval.at_risk - gone - deaths
        if click == interval.last or left <= 0 or survival <= curve.survival[click]:
            continue
        drop = die(curve, interval, click, left, survival, most - deaths, chance, rows, place)
        place += drop
        survival *= 1.0 - drop / left
        deaths += drop
    return deaths, survival


@kernel
def die(
    curve: Curve,
    interval: Interval,
    click: int,
    left: int,
    survival: float,
    most: int,
    chance: Chance,
    rows: Rows,
    place: int,
) -> int:
    """Deaths among `left` at risk that bring survival nearest to a click, written to `rows`."""
    nearest: int = math.floor(left * (1.0 - curve.survival[click] / survival) + 0.5)
    drop = min(nearest, left, most)
    since = curve.time[click - 1] if click > interval.first else interval.start
    gap = curve.time[click] - since
    # Whoever dies on the tick itself would still count as at risk there.
    early = 0.5 if interval.counted and curve.time[click] >= interval.end else 0.0
    for death in range(drop):
        part = (death + 1.0 - early) / drop
        if chance.drawn:
            part = uniform(chance.key, _DEATH, click, death)
        # Counted back from the click, so that a part of 1 is the click to the bit.
        rows.time[place] = max(since, curve.time[click] - gap * (1.0 - part))
        rows.event[place] = True
        place += 1
    return drop


@kernel
def censored_between(
    curve: Curve,
    interval: Interval,
    survival: float,
    leaving: int,
    spacings: Floats,
    chance: Chance,
    rows: Rows,
    place: int,
) -> int:
    """How many of those who leave are censored: the fewest that leave the clicks enough deaths."""
    low, high = 0, leaving
    while low < high:
        middle = (low + high) // 2
        most = interval.at_risk - middle
        deaths = walk(curve, interval, survival, middle, most, spacings, chance, rows, place)[0]
        if middle + deaths >= leaving:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def bent(
    curve: Curve,
    interval: Interval,
    survival: float,
    censored: int,
    wanted: int,
    spacings: Floats,
    chance: Chance,
    rows: Rows,
    place: int,
) -> Curve:
    """The clicks of an interval with its hazard scaled, so that `wanted` patients die in it."""
    scaled = Curve(curve.time, curve.survival.copy())
    low, high = -_FARTHEST_POWER, _FARTHEST_POWER
    most = interval.at_risk - censored
    for turn in range(_HALVINGS + 1):
        exponent = 0.5 * (low + high) if turn < _HALVINGS else high
        for click in range(interval.first, interval.last):
            share = min(curve.survival[click] / survival, 1.0) if survival > 0.0 else 0.0
            scaled.survival[click] = survival * share ** math.exp(exponent)
        if turn == _HALVINGS:
            break
        deaths = walk(scaled, interval, survival, censored, most, spacings, chance, rows, place)[0]
        if deaths >= wanted:
            high = exponent
        else:
            low = exponent
    return scaled


@kernel
def relabel(event: Flags, more: int) -> None:
    """Turn censorings into deaths (below 0: back), evenly along the rows as they stand."""
    from_event = more < 0
    candidates = np.flatnonzero(event == from_event)
    number = min(abs(more), candidates.size)
    for each in range(number):
        event[candidates[int((each + 0.5) * candidates.size / number)]] = not from_event
