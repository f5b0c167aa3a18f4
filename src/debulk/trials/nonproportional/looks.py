"""The table of looks that designs of all tests share, with the average hazard ratio at each."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.designs import NonproportionalDesign, NonproportionalLook
from debulk.trials.nonproportional.enrolment import Enrolment
from debulk.trials.nonproportional.follow_up import (
    FollowUp,
    expected_events,
    follow,
    month_of_events,
)
from debulk.trials.nonproportional.requests import Request
from debulk.trials.nonproportional.sequential import Bounds


def check_alternative(alternative: Any, *, effect: bool = False) -> None:
    """Refuse what is no alternative, and one without any effect where one is needed.

    Raises
    ------
    InputError
        If it is so.
    """
    if not isinstance(alternative, Alternative):
        found = f"is a {type(alternative).__name__}"
        raise InputError("alternative", found, "Give Alternative(hazard_ratio=..., ...)")
    if effect and alternative.no_effect:
        remedy = "Give the ratio that is hoped for, as 0.75 or ((0, 1.2), (6, 0.7))"
        raise InputError("hazard_ratio", "is 1 throughout: there is no effect to find", remedy)


def assembled(
    test: str,
    request: Request,
    looks: tuple[NonproportionalLook, ...],
    enrolment: Enrolment,
    details: dict[str, Any],
    source: str,
    alternative: Alternative,
    again: functools.partial[NonproportionalDesign],
) -> NonproportionalDesign:
    """A design from its looks."""
    last = looks[-1]
    return NonproportionalDesign(
        test=test,
        patients=last.patients if last.month >= enrolment.months else _planned(last, enrolment),
        events=last.events,
        power=math.fsum(look.crossing for look in looks),
        alpha=request.alpha,
        sided=request.sided,
        critical_z=last.efficacy_z,
        expected_z=last.expected_z,
        accrual_months=enrolment.months,
        follow_up_months=last.month - enrolment.months,
        duration_months=last.month,
        looks=looks,
        details=details,
        source=source,
        alternative=alternative,
        _again=again,
    )


def _planned(last: NonproportionalLook, enrolment: Enrolment) -> float:
    return last.patients / float(enrolment.share_by(np.array([last.month]))[0])


def look_months(
    alternative: Alternative, enrolment: Enrolment, month: float, fractions: tuple[float, ...]
) -> list[float]:
    """Calendar times of looks at shares of the events that are expected at the last."""
    if len(fractions) == 1:
        return [month]
    total = expected_events(alternative, enrolment, month)
    inner = [month_of_events(alternative, enrolment, 1.0, each * total) for each in fractions[:-1]]
    return [*inner, month]


def expected_looks(
    alternative: Alternative,
    enrolment: Enrolment,
    patients: float,
    months: list[float],
    means: Floats,
    bounds: Bounds,
    crossings: Floats,
) -> tuple[NonproportionalLook, ...]:
    """The table of looks: what any test shares, with this test's means and crossings."""
    rows = [Average(alternative, enrolment, each) for each in months]
    return table_of(rows, enrolment, patients, means, bounds, crossings)


def table_of(
    rows: list[Average],
    enrolment: Enrolment,
    patients: float,
    means: Floats,
    bounds: Bounds,
    crossings: Floats,
) -> tuple[NonproportionalLook, ...]:
    """The same from averages that are known already."""
    entered = enrolment.share_by(np.array([row.month for row in rows]))
    final = float(rows[-1].events.sum())
    return tuple(
        NonproportionalLook(
            fraction=float(row.events.sum()) / final,
            month=row.month,
            patients=patients * float(share),
            events=patients * float(row.events.sum()),
            log_hazard_ratio=row.log_ratio,
            information=patients * row.information,
            information_null=patients * row.information_null,
            expected_z=float(mean),
            efficacy_z=efficacy,
            futility_z=None if math.isinf(futility) else futility,
            crossing=float(crossing),
        )
        for row, share, mean, efficacy, futility, crossing in zip(
            rows, entered, means, bounds.efficacy, bounds.futility, crossings, strict=True
        )
    )


class Average:
    """Average hazard ratio at one calendar time; numbers are a patient."""

    def __init__(self, alternative: Alternative, enrolment: Enrolment, month: float) -> None:
        seen = follow(alternative, enrolment, month)
        control, experimental = alternative.shares_of_arms
        self.month = month
        self.events = seen.events().sum(axis=0)
        total = float(self.events.sum())
        if not total > 0:
            found = f"no event is expected by month {month:g}"
            raise InputError("hazard_control", found, "Look later")
        weighted, information = 0.0, 0.0
        for stratum, pair in enumerate(alternative.hazards):
            by_period = _events_by_period(seen, stratum, pair.ratio.starts)
            weighted += float(np.log(pair.ratio.values) @ by_period.sum(axis=0))
            both = by_period.sum(axis=0)
            some = both > 0
            information += float((by_period.prod(axis=0)[some] / both[some]).sum())
        self.log_ratio = weighted / total
        self.information = information
        self.information_null = total * control * experimental
        self.expected_z = -self.log_ratio * math.sqrt(information)


def _events_by_period(seen: FollowUp, stratum: int, starts: tuple[float, ...]) -> Floats:
    """Share of all patients with an event, by arm and period of the hazard ratio."""
    period = np.searchsorted(starts, seen.grid.times, side="right") - 1
    rows = seen.density[stratum] * seen.grid.weights
    return np.stack([np.bincount(period, row, minlength=len(starts)) for row in rows])
