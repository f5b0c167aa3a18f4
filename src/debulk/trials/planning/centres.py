"""Centres that open one after the other and recruit at rates of their own: counts, exactly.

The Poisson-gamma model of Anisimov and Fedorov (2007, Statistics in Medicine 26): a centre recruits
as a Poisson process whose rate is gamma distributed over centres, so that its count within a given
time is negative binomial, and that of the trial a sum of independent ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.signal import fftconvolve
from scipy.stats import nbinom, poisson

from debulk.core.errors import InputError
from debulk.trials.planning.checks import number, sequence, whole
from debulk.trials.planning.curves import Floats

DELAY_NODES = 16
LONG = 700
MOST_ENTRIES = 500
SMALLEST_CV = 0.01  # below it, centres do not differ
MOST_MONTHS = 12_000.0  # a thousand years: a target not met by then is called out of reach


@dataclass(frozen=True, slots=True)
class PlannedCentres:
    """Centres that open at one time with one expected rate.

    Attributes
    ----------
    opens_months : float
        Month of opening, from the start of the trial (or of the forecast).
    rate_per_month : float
        Expected patients a month and centre.
    count : int
        How many such centres.
    delay_months : float
        Each opens late by its own uniform delay between 0 and this.
    """

    opens_months: float
    rate_per_month: float
    count: int = 1
    delay_months: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no plan."""
        month = number(self.opens_months, "opens_months", at_least=0.0, at_most=1200.0)
        rate = number(self.rate_per_month, "rate_per_month", above=0.0, at_most=1e4)
        delay = number(self.delay_months, "delay_months", at_least=0.0, at_most=240.0)
        object.__setattr__(self, "opens_months", month)
        object.__setattr__(self, "delay_months", delay)
        object.__setattr__(self, "rate_per_month", rate)
        object.__setattr__(self, "count", whole(self.count, "count", at_least=1, at_most=5000))


@dataclass(frozen=True, slots=True)
class Stream:
    """Recruitment of one or more centres from one month on.

    Attributes
    ----------
    opens_months : float
        Month from which it recruits.
    shape : float
        Shape of the gamma distribution of the rate; infinity where the rate is known.
    scale : float
        Mean rate divided by the shape; the rate itself where it is known.
    delay_months : float
        Longest delay of the opening, uniform from 0.
    """

    opens_months: float
    shape: float
    scale: float
    delay_months: float = 0.0

    @property
    def mean_rate(self) -> float:
        """Expected patients a month."""
        return self.scale if math.isinf(self.shape) else self.shape * self.scale

    def mean_open_months(self, months: float) -> float:
        """Expected months it has been open by a month."""
        longest = max(0.0, months - self.opens_months)
        if self.delay_months == 0.0:
            return longest
        shortest = max(0.0, longest - self.delay_months)
        return 0.5 * (longest**2 - shortest**2) / self.delay_months


def checked_heterogeneity(value: Any) -> float:
    """Coefficient of variation between centres: 0, or 0.01 to 10.

    Parameters
    ----------
    value : float
        What the user gave.

    Returns
    -------
    float
    """
    spread = number(value, "heterogeneity_cv", at_least=0.0, at_most=10.0)
    if 0.0 < spread < SMALLEST_CV:
        raise InputError("heterogeneity_cv", f"{spread:g} is nearly 0", "Give 0, or 0.01 to 10")
    return spread


def listed_centres(value: Any, where: str) -> list[Any]:
    """Entries of a list of centres, refused where there are too many for exact counts.

    Parameters
    ----------
    value : sequence
        What the user gave.
    where : str
        Name of the argument.

    Returns
    -------
    list
    """
    listed = sequence(value, where)
    if len(listed) > MOST_ENTRIES:
        raise InputError(
            where, f"{len(listed)} entries", f"Give at most {MOST_ENTRIES}; put alike ones together"
        )
    return listed


def planned_streams(centres: Any, heterogeneity_cv: float) -> list[Stream]:
    """Streams of planned centres, a centre each.

    Parameters
    ----------
    centres : sequence of PlannedCentres
        The plan.
    heterogeneity_cv : float
        Coefficient of variation of the rate between centres; 0 for rates that are known.

    Returns
    -------
    list of Stream
    """
    streams = []
    for place, each in enumerate(listed_centres(centres, "centres")):
        if not isinstance(each, PlannedCentres):
            raise InputError(
                f"centres[{place}]", f"{type(each).__name__}", "Give PlannedCentres entries"
            )
        if heterogeneity_cv == 0.0:
            one = Stream(each.opens_months, math.inf, each.rate_per_month, each.delay_months)
        else:
            squared = heterogeneity_cv**2
            scale = each.rate_per_month * squared
            one = Stream(each.opens_months, 1.0 / squared, scale, each.delay_months)
        streams += [one] * each.count
    return streams


def mean_count(streams: list[Stream], months: float) -> float:
    """Expected patients by a month."""
    return math.fsum(each.mean_rate * each.mean_open_months(months) for each in streams)


def count_probabilities(streams: list[Stream], months: float, most: int) -> Floats:
    """Exact probabilities of 0, 1, ... `most` patients by a month.

    Parameters
    ----------
    streams : list of Stream
        Independent streams.
    months : float
        Month of the count.
    most : int
        Largest count asked for.

    Returns
    -------
    numpy.ndarray, shape (most + 1,)
        What is missing to 1 is the probability of more.
    """
    # Negative binomials of one success probability add up to one of the summed shape.
    shapes: dict[float, float] = defaultdict(float)
    late: dict[Stream, int] = defaultdict(int)
    known = 0.0
    for each in streams:
        exposure = months - each.opens_months
        if exposure <= 0.0:
            continue
        if each.delay_months > 0.0:
            late[each] += 1
        elif math.isinf(each.shape):
            known += each.scale * exposure
        else:
            shapes[each.scale * exposure] += each.shape
    counts = np.arange(most + 1, dtype=np.float64)
    total = np.zeros(most + 1)
    total[0] = 1.0
    if known > 0.0:
        total = np.asarray(poisson.pmf(counts, known))
    for odds, shape in shapes.items():
        part = nbinom.pmf(counts, shape, 1.0 / (1.0 + odds))
        total = _added(total, part)
    for each, centres in late.items():
        part = _late_probabilities(each, months, counts)
        while centres:  # the power of a distribution by squaring
            if centres % 2:
                total = _added(total, part)
            centres //= 2
            part = _added(part, part) if centres else part
    return total


def _added(first: Floats, second: Floats) -> Floats:
    # Counts of two independent streams together; long ones by Fourier transform, whose rounding
    # (1e-16 of a probability) may fall below 0.
    if first.size < LONG:
        return np.asarray(np.convolve(first, second)[: first.size])
    both: Floats = np.clip(fftconvolve(first, second)[: first.size], 0.0, None)
    return both


def _late_probabilities(stream: Stream, months: float, counts: Floats) -> Floats:
    # The count given the delay, averaged over the delays; whoever is not open yet has none.
    longest = months - stream.opens_months
    shortest = max(0.0, longest - stream.delay_months)
    opened = min(1.0, (longest - shortest) / stream.delay_months)
    total = np.zeros(counts.size)
    total[0] = 1.0 - opened
    for point, weight in zip(*np.polynomial.legendre.leggauss(DELAY_NODES), strict=True):
        exposure = shortest + 0.5 * (longest - shortest) * (1.0 + float(point))
        mean = stream.scale * exposure
        if math.isinf(stream.shape):
            part = poisson.pmf(counts, mean)
        else:
            part = nbinom.pmf(counts, stream.shape, 1.0 / (1.0 + mean))
        total += 0.5 * opened * weight * part
    return total


def probability_reached(streams: list[Stream], months: float, target: int) -> float:
    """Probability of at least `target` patients by a month."""
    if target <= 0:
        return 1.0
    missed = float(count_probabilities(streams, months, target - 1).sum())
    return min(1.0, max(0.0, 1.0 - missed))


def months_to_reach(streams: list[Stream], target: int, probability: float) -> float:
    """Month by which `target` is reached with a probability; infinity beyond a thousand years.

    Parameters
    ----------
    streams : list of Stream
        Independent streams.
    target : int
        Patients.
    probability : float
        Between 0 and 1.

    Returns
    -------
    float
    """
    if target <= 0:
        return 0.0
    low, high = 0.0, max(1.0, max(each.opens_months for each in streams))
    while probability_reached(streams, high, target) < probability:
        low, high = high, 2.0 * high
        if high > MOST_MONTHS:
            return math.inf

    def excess(months: float) -> float:
        return probability_reached(streams, months, target) - probability

    return float(brentq(excess, low, high, xtol=1e-7, rtol=1e-9))


def count_quantiles(
    streams: list[Stream], months: float, probabilities: tuple[float, ...]
) -> tuple[int, ...]:
    """Exact quantiles of the count by a month.

    Parameters
    ----------
    streams : list of Stream
        Independent streams.
    months : float
        Month of the count.
    probabilities : tuple of float
        Between 0 and 1.

    Returns
    -------
    tuple of int
    """
    most = 16 + math.ceil(2.0 * mean_count(streams, months))
    while True:
        reached = np.cumsum(count_probabilities(streams, months, most))
        if reached[-1] >= max(probabilities) or most > 2_000_000:
            return tuple(int(np.searchsorted(reached, each - 1e-12)) for each in probabilities)
        most *= 2
