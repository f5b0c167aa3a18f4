"""What every method is asked with, checked once: whom, which strategies, how far, how sure."""

from __future__ import annotations

import numpy as np

from debulk.core.errors import InputError
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import PersonTime
from debulk.survival.options import check_kind, check_level, one_number


def checked_horizon(
    person_time: PersonTime, grace: GracePeriod, tau_months: float, conf_level: float
) -> float:
    """The horizon, after what all methods are given has been looked at.

    Raises
    ------
    InputError
        If an argument is of the wrong kind, the horizon is not above 0, the level is not between 0
        and 1, there is nobody, or nobody had the event.
    """
    check_kind(person_time, PersonTime, "person_time")
    check_kind(grace, GracePeriod, "grace")
    check_level(conf_level)
    tau = one_number(tau_months, "tau_months")
    if tau <= 0.0:
        raise InputError("tau_months", f"{tau:g} is not above 0", "Give a horizon in months")
    if person_time.patients == 0:
        raise InputError("person-time", "there is no patient", "Look at the rules of eligibility")
    if not np.any(person_time.cause == 1):
        found = f"none of the {person_time.patients} patients has the event"
        raise InputError("events", found, "Choose another endpoint or longer follow-up")
    return tau
