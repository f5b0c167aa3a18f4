"""When a given number of patients is enrolled, and which share by when."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.pieces import Pieces


@dataclass(frozen=True)
class Enrolment:
    """The course of accrual of all patients.

    Attributes
    ----------
    rates : Pieces
        Share of all patients per month.
    months : float
        When the last patient enters.
    """

    rates: Pieces
    months: float

    def share_by(self, months: Floats) -> Floats:
        """Share enrolled by calendar times; 0 before the first."""
        found: Floats = np.minimum(self.rates.cumulative(np.clip(months, 0.0, self.months)), 1.0)
        return found

    def rate_at(self, months: Floats) -> Floats:
        """Share enrolled per month at calendar times; 0 outside accrual."""
        inside = (months >= 0.0) & (months < self.months)
        found: Floats = np.where(inside, self.rates.at(months), 0.0)
        return found

    def first(self) -> float:
        """Calendar month at which the first patient can enter."""
        pairs = zip(self.rates.starts, self.rates.values, strict=True)
        return next(start for start, rate in pairs if rate > 0)

    def breaks(self) -> tuple[float, ...]:
        """Calendar months at which accrual changes its rate."""
        return (*(each for each in self.rates.starts if each < self.months), self.months)


def most_patients(accrual: Pieces | float) -> float:
    """How many patients accrual can give at most; infinite where it goes on."""
    if isinstance(accrual, float) or accrual.values[-1] > 0:
        return math.inf
    return float(accrual.cumulative(np.array([accrual.starts[-1]]))[0])


def enrolment_of(accrual: Pieces | float, patients: float) -> Enrolment:
    """The course of accrual until so many patients are enrolled.

    Parameters
    ----------
    accrual : Pieces or float
        Patients a month, or months of uniform accrual.
    patients : float
        All patients, both arms.

    Raises
    ------
    InputError
        If accrual ends before.
    """
    if isinstance(accrual, float):
        return Enrolment(Pieces((0.0,), (1.0 / accrual,)), accrual)
    months = accrual.inverse(patients)
    if math.isinf(months):
        found = f"ends with {most_patients(accrual):g} patients, not {patients:g}"
        raise InputError("accrual", found, "Let the last rate be above 0, or plan for fewer")
    rates = Pieces(accrual.starts, tuple(rate / patients for rate in accrual.values))
    return Enrolment(rates, months)
