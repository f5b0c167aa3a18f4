"""What every design is asked for, checked; and the search for the patients it needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scipy.optimize import brentq
from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.survival.options import check_share, one_number, shown

_MOST = 1e8
_LEAST_ALPHA = 1e-12
_FEWEST = 1e-3
_FEWEST_WHOLE = 2
_ROUNDING = 1e-9  # a number this little above a whole one is that one
_ALMOST = 1e-4
_LEAST_POWER = 1e-12


@dataclass(frozen=True)
class Request:
    """Level, and either the power wanted or the patients there are.

    Attributes
    ----------
    alpha : float
    sided : int
    power, patients : float or None
        One of them.
    """

    alpha: float
    sided: int
    power: float | None
    patients: float | None

    @property
    def level(self) -> float:
        """Share of alpha on the side of benefit."""
        return self.alpha / self.sided

    @property
    def critical_z(self) -> float:
        """Bound of Z for one analysis."""
        return float(-ndtri(self.level))


def read_request(alpha: Any, sided: Any, power: Any, patients: Any) -> Request:
    """Check level, power and patients.

    Raises
    ------
    InputError
        On values out of range, a power not above alpha, or not exactly one of power and patients.
    """
    check_share(alpha, "alpha", "Give 0.025 one-sided, or 0.05 two-sided")
    if isinstance(sided, bool) or one_number(sided, "sided") not in (1, 2):
        raise InputError("sided", f"{shown(sided)} is neither 1 nor 2", "Give 1 or 2")
    if float(alpha) < _LEAST_ALPHA:
        raise InputError("alpha", f"{alpha:g} is too small to reckon with", "Give e.g. 0.025")
    level = float(alpha) / int(sided)
    if (power is None) == (patients is None):
        found = "are both missing" if power is None else "are both given"
        raise InputError("power and patients", found, "Give one of them")
    if power is not None:
        check_share(power, "power", "Give 0.8 or 0.9")
        if power <= level:
            found = f"{power:g} is not above the level of {level:g} on the side of benefit"
            raise InputError("power", found, "Give 0.8 or 0.9")
        return Request(float(alpha), int(sided), float(power), None)
    return Request(float(alpha), int(sided), None, read_patients(patients))


def read_patients(patients: Any) -> float:
    """A number of patients.

    Raises
    ------
    InputError
        If it is below 2 or not a number.
    """
    number = one_number(patients, "patients")
    if not _FEWEST_WHOLE <= number <= _MOST:
        found = f"{number:g} is not between {_FEWEST_WHOLE} and {_MOST:g}"
        raise InputError("patients", found, "Give the number in both arms")
    return number


def whole_patients(patients: float) -> int:
    """The next whole number that a design takes."""
    return max(_FEWEST_WHOLE, math.ceil(patients * (1.0 - _ROUNDING)))


def read_follow_up(follow_up: Any) -> float:
    """Months from the last patient's entry to the final analysis.

    Raises
    ------
    InputError
        If it is negative or not a number.
    """
    months = one_number(follow_up, "follow_up")
    if not 0 <= months <= 1e6:
        remedy = "Give months after the last patient enters, at least 0"
        raise InputError("follow_up", f"{months:g} months is out of range", remedy)
    return months


def patients_for(
    request: Request,
    power_at: Callable[[float], float],
    expected_z: Callable[[float], float],
    most: float,
    *,
    start: float = 100.0,
    precision: float = 1e-10,
) -> float:
    """The patients asked for, or those that give the power asked for.

    Parameters
    ----------
    request : Request
    power_at, expected_z : function of patients
        May refuse numbers with whom accrual is too short for the test.
    most : float
        Patients that accrual can give; may be infinite.
    start : float
        Patients to begin the search at.
    precision : float
        Of the root of the number of patients.

    Raises
    ------
    InputError
        If the test expects no benefit, or if the power cannot be reached.
    """
    if request.patients is not None:
        return request.patients
    target = float(request.power or 0.0)
    goal = float(ndtri(target))

    def reached(n: float) -> float:
        try:
            return power_at(n)
        except InputError:  # enrolled too soon to be followed for long enough: no power yet
            return 0.0

    low = high = min(max(start, _FEWEST), most, _MOST)
    while reached(high) < target:
        if high >= min(most, _MOST):
            raise _out_of_reach(high, power_at(high), expected_z(high), target)
        low, high = high, min(high * 2.0, most, _MOST)
    while low == high or reached(low) >= target:
        if low <= _FEWEST:
            found = f"{target:g} is reached without any patients by the normal approximation"
            raise InputError("power", found, "Give a higher power")
        low, high = max(low * 0.5, _FEWEST), low

    def missing(root: float) -> float:
        # In normal quantiles power is nearly a line over the root, which a search soon finds.
        power = min(max(reached(min(max(root * root, low), high)), _LEAST_POWER), 1.0 - _ROUNDING)
        return float(ndtri(power)) - goal

    root = float(brentq(missing, math.sqrt(low), math.sqrt(high), xtol=precision))
    # Where power jumps (accrual long enough at last), the root may lie just before the jump.
    steps = (min(root * root * (1.0 + step), high) for step in (0.0, 1e-9, 1e-7, 1e-5))
    return next((n for n in steps if reached(n) > target - _ALMOST), high)


def _out_of_reach(patients: float, power: float, z: float, target: float) -> InputError:
    if z <= 0:
        return InputError(
            "hazard_ratio",
            f"gives this test no benefit to find: its expected Z is {z:.3g}",
            "Follow longer, choose a test that weighs the benefit more, or check the ratio",
        )
    return InputError(
        "power",
        f"{target:g} is not reached: {patients:g} patients give {power:.4f}",
        "Let accrual go on, follow longer, or plan for a larger effect",
    )
