"""When a look takes place: at a number of events, a calendar month, a least follow-up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import check_word, one_number
from debulk.trials.survival_designs.assumptions import Accrual
from debulk.trials.survival_designs.expectation import Expectation

Rule = Literal["all", "any"]
"""Whether a look waits for all of its conditions, or for the first of them."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Conditions under which one look takes place.

    Attributes
    ----------
    events : float or None
        Events in both arms.
    calendar_month : float or None
        Months from the first patient.
    minimum_follow_up : float or None
        Months after the last patient enters.
    rule : {"all", "any"}
        Wait for all conditions, or for the first that is met.
    latest_month : float or None
        The look takes place by this calendar month whatever the conditions say.

    Raises
    ------
    InputError
        If no condition is given, a number is out of range, or `latest_month` comes before
        `calendar_month`.
    """

    events: float | None = None
    calendar_month: float | None = None
    minimum_follow_up: float | None = None
    rule: Rule = "all"
    latest_month: float | None = None

    def __post_init__(self) -> None:
        names = ("events", "calendar_month", "minimum_follow_up", "latest_month")
        for name in names:
            value = getattr(self, name)
            if value is None:
                continue
            number = one_number(value, f"timing, {name}")
            if number < 0.0 or (number == 0.0 and name != "minimum_follow_up"):
                raise InputError(f"timing, {name}", f"{number:g}", "Give a number above 0")
            object.__setattr__(self, name, number)
        check_word(self.rule, Rule, "timing, rule")
        if all(getattr(self, name) is None for name in names[:3]):
            remedy = "Give events, calendar_month or minimum_follow_up"
            raise InputError("timing", "holds no condition", remedy)
        fixed, latest = self.calendar_month, self.latest_month
        if fixed is not None and latest is not None and self.rule == "all" and latest < fixed:
            found = f"latest_month {latest:g} comes before calendar_month {fixed:g}"
            raise InputError("timing", found, "Give a later month, or rule='any'")

    def month(self, accrual: Accrual, expected: Expectation) -> float:
        """Calendar month at which the look is expected.

        Parameters
        ----------
        accrual : Accrual
            With absolute rates.
        expected : Expectation
            Expected events.

        Raises
        ------
        InputError
            If it waits for events that are never expected, without a latest month.
        """
        months: list[float] = []
        if self.events is not None:
            months.append(float(expected.month_of(accrual, np.array([self.events]))[0]))
        if self.calendar_month is not None:
            months.append(self.calendar_month)
        if self.minimum_follow_up is not None:
            months.append(accrual.end_months + self.minimum_follow_up)
        reached = [each for each in months if not math.isnan(each)]
        waits = len(reached) < len(months) if self.rule == "all" else not reached
        if waits and self.latest_month is None:
            assert self.events is not None
            raise unreachable("timing, events", self.events, accrual, expected)
        latest = math.inf if self.latest_month is None else self.latest_month
        if waits:
            return latest
        return min(max(reached) if self.rule == "all" else min(reached), latest)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = self.__dataclass_fields__
        return plain({name: getattr(self, name) for name in names})  # type: ignore[no-any-return]


def unreachable(where: str, events: float, accrual: Accrual, expected: Expectation) -> InputError:
    """The error for events that are never expected: how many are, and when.

    Parameters
    ----------
    where : str
        What asks for them.
    events : float
        How many.
    accrual : Accrual
        With absolute rates.
    expected : Expectation
        Expected events.
    """
    most, nearly, month = expected.nearly_all(accrual)
    found = (
        f"{events:.1f} events cannot be reached: of {accrual.patients:.1f} patients at most "
        f"{most:.1f} are expected to have one, {nearly:.1f} of them by month {month:.1f}"
    )
    return InputError(where, found, "Plan more patients, less drop-out, or fewer events")
