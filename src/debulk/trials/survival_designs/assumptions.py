"""What a survival design assumes: hazards, accrual, drop-out and strata, in one checked form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from debulk.core.results import plain

Pieces = tuple[tuple[float, float], ...]
"""A step function of the time since randomisation: (start month, value), the first start 0."""


@dataclass(frozen=True, slots=True)
class Accrual:
    """When patients enter.

    Attributes
    ----------
    starts_months : tuple of float
        Calendar months, from the first patient, at which each rate begins; rising, the first 0.
    rates : tuple of float
        Patients per month from each start on, both arms and all strata together.
    end_months : float
        Calendar month at which the last patient enters.
    """

    starts_months: tuple[float, ...]
    rates: tuple[float, ...]
    end_months: float

    @property
    def patients(self) -> float:
        """Patients entered by the end."""
        return self.entered_by(self.end_months)

    def entered_by(self, month: float) -> float:
        """Patients entered by a calendar month.

        Parameters
        ----------
        month : float
            Calendar month, from the first patient.
        """
        ends = (*self.starts_months[1:], math.inf)
        last = min(month, self.end_months)
        return math.fsum(
            rate * max(0.0, min(end, last) - start)
            for start, end, rate in zip(self.starts_months, ends, self.rates, strict=True)
        )

    def scaled(self, factor: float) -> Accrual:
        """The same course of accrual with every rate multiplied.

        Parameters
        ----------
        factor : float
            What the rates are multiplied by, above 0.
        """
        rates = tuple(rate * factor for rate in self.rates)
        return Accrual(self.starts_months, rates, self.end_months)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        return {
            "starts_months": list(self.starts_months),
            "rates": list(self.rates),
            "end_months": self.end_months,
            "patients": self.patients,
        }


@dataclass(frozen=True, slots=True)
class Dropout:
    """Monthly hazards of being lost to follow-up, constant in time.

    Attributes
    ----------
    experimental, control : float
        Hazard per month in each arm; a probability p of being lost within 12 months is the
        hazard ``-log(1 - p) / 12``.
    """

    experimental: float
    control: float


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum of patients with its own hazard.

    Attributes
    ----------
    share : float
        Share of the patients, strictly between 0 and 1; the shares of all strata sum to 1.
    hazard_control : float or pieces
        Hazard per month in the control arm, constant or ((start month, hazard), ...).
    hazard_ratio : float, pieces or None
        Experimental against control; None takes that of the design.
    name : str
        How the stratum is called in tables.
    """

    share: float
    hazard_control: Any
    hazard_ratio: Any = None
    name: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        found = {
            "name": self.name,
            "share": self.share,
            "hazard_control": self.hazard_control,
            "hazard_ratio": self.hazard_ratio,
        }
        return plain(found)  # type: ignore[no-any-return]
