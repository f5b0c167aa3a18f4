"""Log hazard ratios from what papers print, one function a route.

Sources: Parmar, Torri and Stewart 1998 (Stat Med 17:2815); Tierney, Stewart, Ghersi, Burdett and
Sydes 2007 (Trials 8:16). Arm 1 is the experimental arm, arm 2 the control: a ratio below 1 means
fewer events in arm 1. V is the log-rank variance, so log HR = (O - E) / V with variance 1 / V.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.evidence.effects.effect import (
    Effect,
    NotEnough,
    require_count,
    require_events,
    require_number,
    require_positive,
    require_share,
)
from debulk.evidence.effects.limits import LOOSE_ROUNDING, half_unit_of

Arm = Literal["experimental", "control"]

EQUAL_ARMS = "Equal allocation to both arms is assumed"
TOO_FEW_EVENTS = "Give at least one event in each arm"
MOST_ROUNDING = 0.02
"""Share of the events, beyond one event, by which observed and expected sums may differ."""
LEAST_P = 1e-300
"""Stands for a p value that rounding may have taken to 0."""


def from_o_minus_e(o_minus_e: float, v: float) -> Effect:
    """Observed minus expected events of the experimental arm, and the log-rank variance."""
    difference, variance = require_number("o_minus_e", o_minus_e), require_positive("v", v)
    return Effect(difference / variance, 1.0 / math.sqrt(variance), "O - E and V")


def from_observed_expected(
    observed_1: float, expected_1: float, observed_2: float, expected_2: float
) -> Effect:
    """Observed and expected events of both arms: HR = (O1 / E1) / (O2 / E2)."""
    observed = [
        require_count(name, each, least=1)
        for name, each in (("observed_1", observed_1), ("observed_2", observed_2))
    ]
    expected = [
        require_positive(name, each)
        for name, each in (("expected_1", expected_1), ("expected_2", expected_2))
    ]
    total, rest = sum(observed), sum(observed) - sum(expected)
    if abs(rest) > MOST_ROUNDING * total + 1.0:
        found = f"{sum(expected):g} events expected in all, {total:g} observed"
        raise InputError("expected_1", found, "Both sums are the same in a log-rank test; check")
    ratio = math.log(observed[0] / expected[0]) - math.log(observed[1] / expected[1])
    variance = 1.0 / expected[0] + 1.0 / expected[1]
    return Effect(ratio, math.sqrt(variance), "observed and expected events of both arms")


def from_p_value(hazard_ratio: float, p: float, one_sided: bool = False) -> Effect:
    """Hazard ratio and p value: the standard error is log HR over the normal deviate of p.

    Raises
    ------
    InputError
        If the hazard ratio is 1 or the p value says nothing, so that any standard error fits.
    """
    ratio = require_positive("hazard_ratio", hazard_ratio)
    towards, deviate = _towards(ratio, one_sided), z_of(p, one_sided)
    if towards * deviate <= 0.0:
        found = f"p {p:g} with a hazard ratio of {ratio:g} leaves the standard error open"
        remedy = "Give an interval or the number of events; check the side of the p value"
        raise NotEnough("p", found, remedy)
    effect = Effect(
        math.log(ratio), towards / deviate, f"hazard ratio and {_sided(one_sided)} p value"
    )
    loose = p_value_looseness(ratio, p, one_sided)
    if loose <= LOOSE_ROUNDING:
        return effect
    told = f"by up to {100.0 * loose:.0f} %" if math.isfinite(loose) else "without bound"
    return effect.remarked(
        f"Rounding of hazard ratio {ratio:g} and p {p:g} leaves the standard error uncertain {told}"
    )


def p_value_looseness(hazard_ratio: float, p: float, one_sided: bool = False) -> float:
    """How far rounding of print leaves the standard error of `from_p_value` open.

    Returns
    -------
    float
        The largest change relative to the standard error; infinite where the numbers printed may
        stand for a hazard ratio of 1 or a deviate of 0. At least two decimals of both are taken
        as printed.
    """
    half_ratio, half_p = (half_unit_of(each, least_decimals=2) for each in (hazard_ratio, p))
    ratios = [hazard_ratio + sign * half_ratio for sign in (-1.0, 1.0)]
    if ratios[0] <= 0.0:
        return math.inf
    ends = [min(max(p + sign * half_p, LEAST_P), 1.0) for sign in (-1.0, 1.0)]
    widest = [_towards(each, one_sided) for each in ratios]
    if (ratios[0] - 1.0) * (ratios[1] - 1.0) <= 0.0:
        return math.inf
    deviates = [z_of(each, one_sided) for each in ends]
    found = [top / low if low else math.inf for top in widest for low in deviates]
    middle = _towards(hazard_ratio, one_sided) / (z_of(p, one_sided) or math.inf)
    if middle <= 0.0 or min(found) <= 0.0:
        return math.inf
    return max(max(found) - middle, middle - min(found)) / middle


def _towards(ratio: float, one_sided: bool) -> float:
    # A one-sided p tests that the experimental arm has fewer events.
    return -math.log(ratio) if one_sided else abs(math.log(ratio))


def _sided(one_sided: bool) -> str:
    return "one-sided" if one_sided else "two-sided"


@dataclass(frozen=True, slots=True)
class TrialEvents:
    """Events of a trial, as far as printed: in all or by arm, with the patients of each arm."""

    events: float | None = None
    events_1: float | None = None
    events_2: float | None = None
    n_1: float | None = None
    n_2: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether a variance can be made of them."""
        return self.events is not None or None not in (self.events_1, self.events_2)

    def variance(self) -> tuple[float, str, str]:
        """V, what it was made from, and what was assumed.

        V = O n1 n2 / (n1 + n2)^2 where the patients of both arms are known, O1 O2 / O from events
        by arm, O / 4 from their sum; the last two assume equal allocation.

        Raises
        ------
        InputError
            If counts are impossible or too few.
        """
        total = self._total()
        if self.n_1 is not None and self.n_2 is not None:
            n_1, n_2 = (require_count(f"n_{arm}", n, least=1) for arm, n in self._patients())
            share = n_1 / (n_1 + n_2)
            if total > n_1 + n_2:
                found = f"{total:g} events are more than the {n_1 + n_2:g} patients"
                raise InputError("events", found, "Check events and patients")
            return total * share * (1.0 - share), "events and patients of both arms", ""
        if self.events_1 is not None and self.events_2 is not None:
            if 0.0 in (self.events_1, self.events_2):
                raise NotEnough("events_1", "an arm has no event", TOO_FEW_EVENTS)
            return self.events_1 * self.events_2 / total, "events of both arms", EQUAL_ARMS
        return total / 4.0, "events in all", EQUAL_ARMS

    def _patients(self) -> list[tuple[int, float | None]]:
        return [(1, self.n_1), (2, self.n_2)]

    def _total(self) -> float:
        if self.events_1 is None or self.events_2 is None:
            return require_count("events", self.events, least=1)
        for arm, events, n in ((1, self.events_1, self.n_1), (2, self.events_2, self.n_2)):
            require_count(f"events_{arm}", events)
            if n is not None:
                require_events(f"events_{arm}", events, f"n_{arm}", n)
        total = float(self.events_1 + self.events_2)
        if self.events is not None and require_count("events", self.events) != total:
            found = f"{self.events:g} events in all, but {total:g} in both arms"
            raise InputError("events", found, "Check the three numbers")
        if total < 1:
            raise NotEnough("events_1", "neither arm has an event", TOO_FEW_EVENTS)
        return total


def from_events(hazard_ratio: float, events: TrialEvents) -> Effect:
    """Hazard ratio and numbers of events: variance 1 / V by `TrialEvents.variance`."""
    ratio = require_positive("hazard_ratio", hazard_ratio)
    variance, route, assumed = events.variance()
    effect = Effect(math.log(ratio), 1.0 / math.sqrt(variance), f"hazard ratio, {route}")
    return effect.remarked(assumed)


def from_p_and_events(
    p: float, events: TrialEvents, favours: Arm, one_sided: bool = False
) -> Effect:
    """Log-rank p value, numbers of events and direction: log HR = -/+ z / sqrt(V).

    A one-sided p tests that the experimental arm has fewer events and tells the direction itself.
    """
    if favours not in ("experimental", "control"):
        found = f"{favours!r} is no arm"
        raise InputError("favours", found, "Give 'experimental' or 'control'")
    sign = -1.0 if one_sided or favours == "experimental" else 1.0
    variance, route, assumed = events.variance()
    se = 1.0 / math.sqrt(variance)
    effect = Effect(sign * z_of(p, one_sided) * se, se, f"{_sided(one_sided)} p value, {route}")
    return effect.remarked(assumed)


def from_landmark(survival_1: float, n_1: float, survival_2: float, n_2: float) -> Effect:
    """Survival of both arms at one time, on the log(-log) scale, if hazards are proportional."""
    logs, variance = [], 0.0
    for arm, (share, n) in enumerate(((survival_1, n_1), (survival_2, n_2)), start=1):
        alive = require_share(f"survival_{arm}", share)
        if alive in (0.0, 1.0):
            found = f"a survival of {alive:g} leaves no hazard ratio"
            raise NotEnough(f"survival_{arm}", found, "Give another time")
        patients = require_count(f"n_{arm}", n, least=1)
        logs.append(math.log(-math.log(alive)))
        variance += (1.0 - alive) / (patients * alive * math.log(alive) ** 2)
    remark = (
        "One time of the curves stands for all of them (proportional hazards), with the variance "
        "of a proportion: censoring is ignored"
    )
    effect = Effect(logs[0] - logs[1], math.sqrt(variance), "survival of both arms at one time")
    return effect.remarked(remark)


def from_crude_events(events_1: float, n_1: float, events_2: float, n_2: float) -> Effect:
    """Events and patients of both arms alone: as survival at one common time of follow-up."""
    alive = []
    for arm, (events, n) in enumerate(((events_1, n_1), (events_2, n_2)), start=1):
        found, among = require_events(f"events_{arm}", events, f"n_{arm}", n)
        if found in (0.0, among):
            told = f"{found:g} events in {among:g} patients leave no hazard ratio"
            raise NotEnough(f"events_{arm}", told, "Give a p value, an interval, or leave it out")
        alive.append(1.0 - found / among)
    effect = from_landmark(alive[0], n_1, alive[1], n_2)
    remark = "Events are counted without their times: both arms are taken as followed equally long"
    return Effect(effect.estimate, effect.se, "crude events of both arms", (remark,))


def z_of(p: float, one_sided: bool = False) -> float:
    """Normal deviate of a p value above 0 and at most 1.

    Raises
    ------
    InputError
        If it is not in that range.
    """
    number = require_number("p", p)
    if not 0.0 < number <= 1.0:
        remedy = "Give a p value above 0 and at most 1; for 'p < 0.001' write 0.001"
        raise InputError("p", f"{number:g} is no p value", remedy)
    return -float(ndtri(number if one_sided else number / 2.0))
