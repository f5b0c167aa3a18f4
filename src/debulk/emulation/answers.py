"""What a method answers: contrasts with intervals, curves, and what must be said beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from debulk.core.results import Estimate, plain
from debulk.survival.options import one_number

Floats = npt.NDArray[np.float64]

Contrast = Literal["strategies", "treated or not"]
"""What a hazard ratio compares: strategies from time zero on, or treated with untreated person-time
or patients, which is another question."""


@dataclass(frozen=True, slots=True)
class StrategyCurve:
    """Survival under one strategy (or in one group of a method that knows no strategies).

    Attributes
    ----------
    strategy : str
    time_months, survival, std_error, lower, upper : arrays
        A step at each event time; the standard error is of survival.
    at_risk : array
        Sum of weights at risk.
    competing : mapping of int to array
        Cumulative incidence of each cause at the same times, where there are competing events.
    """

    strategy: str
    time_months: Floats
    survival: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    at_risk: Floats
    competing: Mapping[int, Floats] = field(default_factory=dict)

    def at(self, months: float) -> float:
        """Survival at a time."""
        months = one_number(months, "months")
        place = int(np.searchsorted(self.time_months, months, side="right")) - 1
        return float(self.survival[place]) if place >= 0 else 1.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        columns = ("time_months", "survival", "std_error", "lower", "upper", "at_risk")
        found: dict[str, Any] = {name: plain(getattr(self, name)) for name in columns}
        found["competing"] = plain(self.competing)
        return {"strategy": self.strategy, **found}


@dataclass(frozen=True)
class Answer:
    """One method's answer to the trial's question.

    Attributes
    ----------
    method : str
        Short name, such as ``"clone-censor-weight"``.
    title : str
        The method in words.
    contrast : {"strategies", "treated or not"}
        What is compared.
    estimand : str
        What the numbers estimate, in a sentence.
    hazard_ratio : Estimate or None
        Local treatment against none; its standard error is of the log hazard ratio.
    rmst_difference, risk_difference : Estimate or None
        In months up to `tau_months`, and of the probability of the event by then.
    tau_months : float
        The horizon of both; NaN where there is none.
    patients, events : mapping of str to int
        Patients and events in each strategy or group (clones count in both).
    curves : tuple of StrategyCurve
    caveats : tuple of str
        What must be read beside the numbers; the first is the warning of a biased method.
    interval : str
        How the intervals were made.
    details : mapping of str to anything plain
        What only this method has.
    """

    method: str
    title: str
    contrast: Contrast
    estimand: str
    hazard_ratio: Estimate | None
    rmst_difference: Estimate | None
    risk_difference: Estimate | None
    tau_months: float
    patients: Mapping[str, int]
    events: Mapping[str, int]
    curves: tuple[StrategyCurve, ...] = ()
    caveats: tuple[str, ...] = ()
    interval: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "method": self.method,
            "title": self.title,
            "contrast": self.contrast,
            "estimand": self.estimand,
            "effect": {
                "hazard_ratio": plain(self.hazard_ratio),
                "risk_difference": plain(self.risk_difference),
                "rmst_difference": plain(self.rmst_difference),
            },
            "tau_months": plain(self.tau_months),
            "patients": dict(self.patients),
            "events": dict(self.events),
            "curves": [each.to_dict() for each in self.curves],
            "caveats": list(self.caveats),
            "interval": self.interval,
            "details": plain(self.details),
        }
