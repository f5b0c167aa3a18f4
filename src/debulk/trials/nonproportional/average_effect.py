"""The average hazard ratio over calendar time, and trials planned by it."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import one_number
from debulk.survival.subjects import Floats, numbers
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.designs import NonproportionalDesign, NonproportionalLook
from debulk.trials.nonproportional.enrolment import Enrolment, enrolment_of, most_patients
from debulk.trials.nonproportional.follow_up import month_of_events
from debulk.trials.nonproportional.looks import (
    Average,
    assembled,
    check_alternative,
    look_months,
    table_of,
)
from debulk.trials.nonproportional.requests import (
    Request,
    patients_for,
    read_follow_up,
    read_patients,
    read_request,
)
from debulk.trials.nonproportional.sequential import Bounds, first_crossings, read_bounds

_SOURCE = "Mukhopadhyay and others (2020), average hazard ratio weighted by expected events"


@dataclass(frozen=True, eq=False)
class AverageHazardRatio:
    """Average hazard ratio and events at calendar times, each an array of shape (times,).

    Attributes
    ----------
    months : array
        Calendar times from the first patient.
    events, events_control, events_experimental : array
        Expected by then.
    log_hazard_ratio : array
        Mean of the logarithms of the ratios, weighted by the expected events of their periods.
    information, information_null : array
        Of the log hazard ratio: the sum over strata and periods of 1 / (1 / d_0 + 1 / d_1), with d
        an arm's events; and events times the product of the arms' shares.
    """

    months: Floats
    events: Floats
    events_control: Floats
    events_experimental: Floats
    log_hazard_ratio: Floats
    information: Floats
    information_null: Floats

    @property
    def hazard_ratio(self) -> Floats:
        """The average hazard ratio itself."""
        found: Floats = np.exp(self.log_hazard_ratio)
        return found

    @property
    def expected_z(self) -> Floats:
        """Minus the log hazard ratio times the root of the information; above 0 for benefit."""
        found: Floats = -self.log_hazard_ratio * np.sqrt(self.information)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, ready for JSON."""
        names = self.__dataclass_fields__
        own = {name: getattr(self, name) for name in names}
        return plain({**own, "hazard_ratio": self.hazard_ratio})  # type: ignore[no-any-return]


def average_hazard_ratio(
    alternative: Alternative, months: Any, *, patients: float
) -> AverageHazardRatio:
    """Average hazard ratio, events and information over calendar time.

    Parameters
    ----------
    alternative : Alternative
        Hazards, accrual and drop-out.
    months : float or array-like, shape (times,)
        Calendar times from the first patient, above 0.
    patients : float
        Both arms; scales events and information.

    Returns
    -------
    AverageHazardRatio

    Raises
    ------
    InputError
        On times at which nobody has entered, or values out of range.

    Notes
    -----
    log AHR is the sum over strata and periods of d log(hazard ratio) / sum of d, with d the
    expected events of both arms (Mukhopadhyay and others 2020, Journal of Biopharmaceutical
    Statistics; the idea of an average is that of Kalbfleisch and Prentice 1981, Biometrika).
    """
    check_alternative(alternative)
    n = read_patients(patients)
    single = isinstance(months, bool | int | float | np.generic)
    times = np.array([one_number(months, "months")]) if single else numbers(months, "months")
    if times.size == 0:
        raise InputError("months", "there are none", "Give one time or more")
    if times.min() <= 0:
        found = f"{times.min():g} is not above 0"
        raise InputError("months", found, "Give calendar times from the first patient")
    enrolment = enrolment_of(alternative.accrual_pieces, n)
    rows = [Average(alternative, enrolment, month) for month in times.tolist()]
    events = n * np.array([row.events for row in rows])
    return AverageHazardRatio(
        times.copy(),
        events.sum(axis=1),
        events[:, 0],
        events[:, 1],
        np.array([row.log_ratio for row in rows]),
        n * np.array([row.information for row in rows]),
        n * np.array([row.information_null for row in rows]),
    )


def average_hazard_ratio_design(
    alternative: Alternative,
    *,
    alpha: float = 0.025,
    sided: int = 1,
    power: float | None = None,
    patients: float | None = None,
    follow_up: float | None = None,
    events: float | None = None,
    boundaries: Any = None,
) -> NonproportionalDesign:
    """Plan a log-rank trial by the average hazard ratio, at one or several looks.

    Parameters
    ----------
    alternative : Alternative
        Hazards, accrual and drop-out.
    alpha : float
        Total at `sided`.
    sided : {1, 2}
    power, patients : float
        The power wanted, or the patients there are (both arms).
    follow_up : float, optional
        Months from the last patient's entry to the final analysis.
    events : float, optional
        With `patients`, instead of `follow_up`: events at which the final analysis is done.
    boundaries : Boundaries, optional
        What `group_sequential` returns; each look comes when its share of the final events is
        expected. By default one analysis.

    Returns
    -------
    NonproportionalDesign
        `details`: `average_hazard_ratio` at the final analysis.

    Raises
    ------
    InputError
        On values out of range, an alternative without benefit, events that are never reached
        (with how many are), a power that is not reached.

    Notes
    -----
    Expected Z at a look is -log AHR sqrt(information), with the information under the alternative;
    looks are correlated as their events. Futility stops count as no benefit found. It approximates
    the log-rank test: with crossing hazards and unequal arms its power can be off by 0.03, where
    `weighted_logrank_design` is not.
    """
    check_alternative(alternative, effect=True)
    request = read_request(alpha, sided, power, patients)
    bounds = read_bounds(boundaries, request)
    final = _Final(follow_up, events, request)
    again = functools.partial(
        average_hazard_ratio_design,
        alternative,
        alpha=alpha,
        sided=sided,
        follow_up=follow_up,
        events=events,
        boundaries=boundaries,
    )

    def power_at(n: float) -> float:
        return float(sum(look.crossing for look in _looks(alternative, n, final, bounds)))

    def expected_z(n: float) -> float:
        return _looks(alternative, n, final, bounds)[-1].expected_z

    if isinstance(alternative.accrual_pieces, float) and request.power is not None:
        # The course of accrual is the same for any number: one look at it serves all.
        unit = _looks(alternative, 2.0, final, bounds)
        power_at = functools.partial(_scaled_power, unit, bounds)

        def expected_z(n: float) -> float:
            return unit[-1].expected_z * math.sqrt(n / 2.0)

    n = patients_for(request, power_at, expected_z, most_patients(alternative.accrual_pieces))
    looks = _looks(alternative, n, final, bounds)
    enrolment = enrolment_of(alternative.accrual_pieces, n)
    return assembled(
        "log-rank by the average hazard ratio",
        request,
        looks,
        enrolment,
        {"average_hazard_ratio": looks[-1].average_hazard_ratio},
        _SOURCE,
        alternative,
        again,
    )


class _Final:
    """When the final analysis comes, for a number of patients."""

    def __init__(self, follow_up: Any, events: Any, request: Request) -> None:
        if (follow_up is None) == (events is None):
            found = "are both missing" if follow_up is None else "are both given"
            raise InputError("follow_up and events", found, "Give one of them")
        self.follow_up = None if follow_up is None else read_follow_up(follow_up)
        self.events = None if events is None else one_number(events, "events")
        if self.events is not None and request.patients is None:
            remedy = "Give patients with events, or follow_up with power"
            raise InputError("events", "are given without patients", remedy)
        if self.events is not None and self.events <= 0:
            raise InputError("events", f"{self.events:g} is not above 0", "Give a number above 0")

    def month(self, alternative: Alternative, enrolment: Enrolment, patients: float) -> float:
        if self.events is not None:
            return month_of_events(alternative, enrolment, patients, self.events)
        return enrolment.months + float(self.follow_up or 0.0)


def _looks(
    alternative: Alternative, patients: float, final: _Final, bounds: Bounds
) -> tuple[NonproportionalLook, ...]:
    enrolment = enrolment_of(alternative.accrual_pieces, patients)
    month = final.month(alternative, enrolment, patients)
    months = look_months(alternative, enrolment, month, bounds.fractions)
    rows = [Average(alternative, enrolment, each) for each in months]
    means = math.sqrt(patients) * np.array([row.expected_z for row in rows])
    information = patients * np.array([row.information_null for row in rows])
    crossings = first_crossings(bounds, means, information)
    return table_of(rows, enrolment, patients, means, bounds, crossings)


def _scaled_power(unit: tuple[NonproportionalLook, ...], bounds: Bounds, patients: float) -> float:
    """Power with other patients where all courses are the same as those of two."""
    factor = math.sqrt(patients / 2.0)
    means = factor * np.array([look.expected_z for look in unit])
    information = np.array([look.information_null for look in unit])
    return float(first_crossings(bounds, means, information).sum())
