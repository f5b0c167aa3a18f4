"""Which two quantities are given, and the accrual and final month that follow from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from debulk.core.errors import InputError
from debulk.trials.survival_designs.assumptions import Accrual
from debulk.trials.survival_designs.model import Model
from debulk.trials.survival_designs.reading import Course
from debulk.trials.survival_designs.timing import Timing, unreachable

_CLOSE = 1e-13
_NEAR = 0.002
"""Between two rounds of one search the final month moves no more, in general."""
_LONGEST_MONTHS = 1e5
_NEVER = 700.0
_SHARES = np.append(np.linspace(0.01, 0.99, 50), 0.9999)
"""Shares of all events that can be expected, at whose months a power is tried: it may rise and
fall with time where the hazard ratio changes."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is given: exactly two of power or events, patients, and follow-up.

    Attributes
    ----------
    course : Course
        Accrual.
    power, events, patients, follow_up : float or None
    final : Timing or None
        When the final analysis takes place, in place of `follow_up`.
    """

    course: Course
    power: float | None
    events: float | None
    patients: float | None
    follow_up: float | None
    final: Timing | None = None

    def check(self) -> None:
        """Refuse combinations that say too little or contradict each other.

        Raises
        ------
        InputError
            With the names of what is given.
        """
        named = {
            "power": self.power,
            "events": self.events,
            "patients": self.patients,
            "follow_up": self.follow_up,
            "timing of the final look": self.final,
        }
        given = [name for name, value in named.items() if value is not None]
        closed = self.course.absolute and self.course.end_months is not None
        if closed and given in (["power"], ["events"], ["timing of the final look"]):
            return
        sizes = (
            ("power", "patients"),
            ("power", "follow_up"),
            ("events", "patients"),
            ("events", "follow_up"),
            ("patients", "follow_up"),
            ("patients", "timing of the final look"),
        )
        if tuple(given) not in sizes:
            found = f"given: {', '.join(given)}" if given else "none is given"
            remedy = "Give exactly two: " + "; ".join(" and ".join(each) for each in sizes)
            raise InputError("power, events, patients, follow_up", found, remedy)

    @property
    def keeps_rates(self) -> bool:
        """Whether accrual goes at the rates given, not scaled to the patients."""
        if not self.course.absolute:
            return False
        return self.course.end_months is None or self.known_accrual() is not None

    def known_accrual(self) -> Accrual | None:
        """Accrual with absolute rates, where the number of patients is given or follows.

        Raises
        ------
        InputError
            If accrual never reaches the patients.
        """
        course, patients = self.course, self.patients
        if patients is None:
            alone = self.follow_up is None and course.absolute and course.end_months is not None
            return course.until(course.end_months) if alone and course.end_months else None
        if not course.absolute:
            assert course.end_months is not None
            once = course.until(course.end_months)
            return once.scaled(patients / once.patients)
        if patients > course.most * (1.0 + 1e-12):
            found = (
                f"reaches {course.most:.1f} patients by month {course.end_months:g}, "
                f"not {patients:g}"
            )
            raise InputError("accrual", found, "Give higher rates, more months or fewer patients")
        return course.until(course.month_of(patients))


@dataclass(frozen=True, slots=True)
class Size:
    """The answer.

    Attributes
    ----------
    accrual : Accrual
        With absolute rates.
    month : float
        Calendar month of the final analysis.
    """

    accrual: Accrual
    month: float


def sized(question: Question, model: Model, near: float | None = None) -> Size:
    """Accrual and final month that answer the question.

    Parameters
    ----------
    question : Question
        Checked.
    model : Model
    near : float, optional
        Final month of nearly the same design, where to look first.

    Raises
    ------
    InputError
        If accrual, events or power cannot be reached.
    """
    accrual = question.known_accrual()
    if accrual is not None:
        return Size(accrual, _final_month(question, model, accrual, near))
    assert question.follow_up is not None
    course, follow_up = question.course, question.follow_up
    if course.end_months is not None:
        once = course.until(course.end_months)
        month = course.end_months + follow_up
        found = model.events_at(once, month)
        if not found > 0.0:
            raise _eventless(month)
        if question.events is not None:
            factor = question.events / found
        else:
            assert question.power is not None
            factor = model.factor_for(once, month, question.power)
        if not math.isfinite(factor):
            raise _powerless(model, once, month)
        return Size(once.scaled(factor), month)
    return _open_accrual(question, model)


def _final_month(question: Question, model: Model, accrual: Accrual, near: float | None) -> float:
    if question.final is not None or question.follow_up is not None:
        month = accrual.end_months + (question.follow_up or 0.0)
        if question.final is not None:
            month = question.final.month(accrual, model.alternative)
        if not model.events_at(accrual, month) > 0.0:
            raise _eventless(month)
        return month
    events = question.events
    if events is None:
        assert question.power is not None
        if model.uses_variances or not model.is_proportional:
            return _month_of_power(question.power, model, accrual, near)
        events = model.events_for(question.power)
    month = float(model.alternative.month_of(accrual, np.array([events]))[0])
    if math.isnan(month):
        where = "events" if question.events is not None else "power"
        raise unreachable(where, events, accrual, model.alternative)
    return month


def _month_of_power(power: float, model: Model, accrual: Accrual, near: float | None) -> float:
    """First month at which the power is reached, where events alone do not say it."""
    if near is not None and not model.uses_variances:
        low, high = near * (1.0 - _NEAR), near * (1.0 + _NEAR)
        if model.power(accrual, low) < power <= model.power(accrual, high):
            return _crossed(power, model, accrual, low, high)
    most = accrual.patients * model.alternative.limit
    months = model.alternative.month_of(accrual, most * _SHARES)
    if model.uses_variances:
        # Both variances fall with time, so that the power rises.

        def short(month: float) -> float:
            return _log_factor(model, accrual, month, power)

        powers = np.array([power - short(float(month)) for month in months[[0, -1]]])
        low, high = float(months[0]), float(months[-1])
    else:

        def short(month: float) -> float:
            return power - model.power(accrual, month)

        powers = model.powers(accrual, months)
        first = int(np.argmax(powers >= power))
        low, high = float(months[max(first - 1, 0)]), float(months[first])
    if not np.any(powers >= power):
        reached = model.powers(accrual, months)
        best = int(np.argmax(reached))
        text = (
            f"{power:g} cannot be reached with {accrual.patients:.1f} patients: the most is "
            f"{reached[best]:.4f}, at month {months[best]:.1f}"
        )
        raise InputError("power", text, "Plan more patients")
    while short(low) < 0.0:
        low *= 0.5
    return float(brentq(short, low, high, rtol=_CLOSE))


def _crossed(power: float, model: Model, accrual: Accrual, low: float, high: float) -> float:
    return float(brentq(lambda month: power - model.power(accrual, month), low, high, rtol=_CLOSE))


def _log_factor(model: Model, accrual: Accrual, month: float, power: float) -> float:
    """Logarithm of what accrual must be multiplied by; large where no event is expected."""
    if not min(model.alternative.events_by_arm(accrual, month)) > 0.0:
        return _NEVER
    return math.log(model.factor_for(accrual, month, power))


def _open_accrual(question: Question, model: Model) -> Size:
    """Accrual that goes on at the rates given until power or events are reached."""
    course, follow_up = question.course, question.follow_up
    assert follow_up is not None

    power, wanted = question.power, question.events
    if wanted is None and model.is_proportional and not model.uses_variances:
        assert power is not None
        wanted = model.events_for(power)

    def reached(end: float) -> float:
        accrual = course.until(end)
        if wanted is not None:
            return model.events_at(accrual, end + follow_up) / wanted - 1.0
        assert power is not None
        if model.uses_variances:
            return -_log_factor(model, accrual, end + follow_up, power)
        return model.power(accrual, end + follow_up) - power

    first = min(
        start for start, rate in zip(course.starts_months, course.rates, strict=True) if rate > 0
    )
    low = first + 1e-9 * max(1.0, first)
    high = first + 1.0
    while reached(high) < 0.0:
        low, high = high, first + 2.0 * (high - first)
        if high > _LONGEST_MONTHS:
            found = f"is not enough in {_LONGEST_MONTHS:g} months"
            raise InputError("accrual", found, "Give higher rates or a larger effect")
    if reached(low) >= 0.0:
        raise InputError("accrual", "the first patient is already enough", "Give lower rates")
    end = float(brentq(reached, low, high, xtol=_CLOSE * high, rtol=_CLOSE))
    return Size(course.until(end), end + follow_up)


def _eventless(month: float) -> InputError:
    found = f"no event is expected by the final analysis at month {month:g}"
    return InputError("hazard_control", found, "Follow the patients for longer")


def _powerless(model: Model, accrual: Accrual, month: float) -> InputError:
    ratio = math.exp(float(model.alternative.mean_log_ratio(accrual, np.array([month]))[0]))
    found = (
        f"averages to {ratio:.4f} over the events expected by month {month:.1f}, "
        f"against a null ratio of {model.null_ratio:g}: no number of patients gives that power"
    )
    return InputError("hazard_ratio", found, "Give a smaller hazard ratio or a longer follow-up")
