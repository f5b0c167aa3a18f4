"""Expected events and patients by calendar month, and the hazard ratio they average to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from debulk.trials.survival_designs.assumptions import Accrual, Dropout, Pieces, Stratum
from debulk.trials.survival_designs.event_probabilities import (
    Floats,
    TimeOnStudy,
    product,
    time_on_study,
)

_TOLERANCE = 1e-12
"""Relative; an error so small, of months or of events, leaves the next step of Newton exact."""
_MOST_STEPS = 200
_NEARLY_ALL = 0.99


@dataclass(frozen=True)
class Arm:
    """One arm of one stratum.

    Attributes
    ----------
    share : float
        Share of all patients.
    experimental : bool
        Which arm.
    counted : TimeOnStudy
        Events.
    weighted : TimeOnStudy or None
        Events times the logarithm of the hazard ratio at their time; None where it is constant
        over time and strata.
    """

    share: float
    experimental: bool
    counted: TimeOnStudy
    weighted: TimeOnStudy | None


@dataclass(frozen=True)
class Expectation:
    """Patients who enter, have events and are lost as assumed.

    Attributes
    ----------
    arms : tuple of Arm
    log_ratio : float or None
        Logarithm of the hazard ratio where it is constant over time and strata.
    """

    arms: tuple[Arm, ...]
    log_ratio: float | None

    def events(self, accrual: Accrual, months: Floats) -> Floats:
        """Expected events in both arms by calendar months.

        Parameters
        ----------
        accrual : Accrual
            Entry of patients.
        months : array, shape (k,)
            Calendar months.
        """
        total = np.zeros(len(months))
        for arm in self.arms:
            total += arm.share * _entered(arm.counted, accrual, months)
        return total

    def events_by_arm(self, accrual: Accrual, month: float) -> tuple[float, float]:
        """Expected events of the control and the experimental arm by a calendar month.

        Parameters
        ----------
        accrual : Accrual
            Entry of patients.
        month : float
            Calendar month.
        """
        found = [0.0, 0.0]
        for arm in self.arms:
            events = _entered(arm.counted, accrual, np.array([month]))[0]
            found[arm.experimental] += arm.share * float(events)
        return found[0], found[1]

    def mean_log_ratio(self, accrual: Accrual, months: Floats) -> Floats:
        """Logarithm of the hazard ratio averaged over the events expected by calendar months.

        0 before any event is expected.

        Parameters
        ----------
        accrual : Accrual
            Entry of patients.
        months : array, shape (k,)
            Calendar months.
        """
        if self.log_ratio is not None:
            return np.full(len(months), self.log_ratio)
        total, weighted = np.zeros(len(months)), np.zeros(len(months))
        for arm in self.arms:
            assert arm.weighted is not None
            total += arm.share * _entered(arm.counted, accrual, months)
            weighted += arm.share * _entered(arm.weighted, accrual, months)
        mean = np.zeros(len(months))
        np.divide(weighted, total, out=mean, where=total > 0.0)
        return mean

    @cached_property
    def limit(self) -> float:
        """Probability that a patient ever has an observed event, over arms and strata."""
        return math.fsum(arm.share * arm.counted.limit for arm in self.arms)

    def month_of(self, accrual: Accrual, events: Floats) -> Floats:
        """Calendar months by which so many events are expected; NaN where they never are.

        Parameters
        ----------
        accrual : Accrual
            Entry of patients.
        events : array, shape (k,)
            Numbers of events, above 0.
        """
        most = accrual.patients * self.limit
        reached = events < most * (1.0 - 1e-12)
        wanted = np.where(reached, events, 0.5 * most)
        low, high = np.zeros(len(events)), np.full(len(events), max(accrual.end_months, 1.0))
        while bool(np.any(short := self.events(accrual, high) < wanted)):
            low = np.where(short, high, low)
            high = np.where(short, 2.0 * high, high)
        month = 0.5 * (low + high)
        for _ in range(_MOST_STEPS):
            excess = self.events(accrual, month) - wanted
            low, high = np.where(excess < 0.0, month, low), np.where(excess < 0.0, high, month)
            slope = self._events_per_month(accrual, month)
            newton = month - excess / np.where(slope > 0.0, slope, np.inf)
            inside = (slope > 0.0) & (newton >= low) & (newton <= high)
            following = np.where(inside, newton, 0.5 * (low + high))
            moved = np.abs(following - month)
            month = following
            settled = (moved <= _TOLERANCE * month) | (np.abs(excess) <= _TOLERANCE * wanted)
            if bool(np.all(settled)):
                break
        return np.where(reached, month, np.nan)

    def nearly_all(self, accrual: Accrual) -> tuple[float, float, float]:
        """Most events that can be expected, and the month by which 99 % of them are.

        Parameters
        ----------
        accrual : Accrual
            Entry of patients.

        Returns
        -------
        tuple of float
            The most events, 99 % of them, and the month of those.
        """
        most = accrual.patients * self.limit
        share = _NEARLY_ALL * most
        return most, share, float(self.month_of(accrual, np.array([share]))[0])

    def _events_per_month(self, accrual: Accrual, months: Floats) -> Floats:
        total = np.zeros(len(months))
        for arm in self.arms:
            since, until = _since_entry(accrual, months)
            gained = arm.counted.probability(since) - arm.counted.probability(until)
            total += arm.share * (gained @ np.array(accrual.rates))
        return total


def expectation(
    strata: tuple[Stratum, ...], dropout: Dropout, allocation: float, null_ratio: float | None
) -> Expectation:
    """Prepare the expected events of a design.

    Parameters
    ----------
    strata : tuple of Stratum
        With hazards and hazard ratios as pieces; one stratum of share 1 for an unstratified trial.
    dropout : Dropout
        Monthly hazards of being lost.
    allocation : float
        Experimental : control.
    null_ratio : float or None
        Put in place of every hazard ratio, for what the null hypothesis expects; None keeps them.

    Returns
    -------
    Expectation
    """
    ratios = [_ratio(each, null_ratio) for each in strata]
    values = {value for pieces in ratios for _, value in pieces}
    constant = math.log(values.pop()) if len(values) == 1 else None
    arms: list[Arm] = []
    for stratum, ratio in zip(strata, ratios, strict=True):
        control: Pieces = stratum.hazard_control
        logs = tuple((start, math.log(value)) for start, value in ratio)
        for experimental in (False, True):
            hazard = product(control, ratio) if experimental else control
            lost = dropout.experimental if experimental else dropout.control
            share = stratum.share * (allocation if experimental else 1.0) / (1.0 + allocation)
            weighted = time_on_study(hazard, lost, logs) if constant is None else None
            arms.append(Arm(share, experimental, time_on_study(hazard, lost), weighted))
    return Expectation(tuple(arms), constant)


def _ratio(stratum: Stratum, null_ratio: float | None) -> Pieces:
    found: Pieces = stratum.hazard_ratio if null_ratio is None else ((0.0, null_ratio),)
    return found


def _since_entry(accrual: Accrual, months: Floats) -> tuple[Floats, Floats]:
    """Months on study of the first and the last patient of each accrual piece, (months, pieces)."""
    starts = np.array(accrual.starts_months)
    ends = np.minimum(np.append(starts[1:], np.inf), accrual.end_months)
    return months[:, None] - np.minimum(starts, ends), months[:, None] - ends


def _entered(arm: TimeOnStudy, accrual: Accrual, months: Floats) -> Floats:
    since, until = _since_entry(accrual, months)
    found: Floats = (arm.integral(since) - arm.integral(until)) @ np.array(accrual.rates)
    return found
