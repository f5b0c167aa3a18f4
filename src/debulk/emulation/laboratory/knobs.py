"""What a simulated registry is made of: situations by name, and every number behind them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter
from debulk.survival.options import one_number, shown

Scenario = Literal["null", "harm-then-benefit", "benefit-in-few"]
"""What local treatment does to the hazard of death."""

Selection = Literal["mild", "hard"]
"""How strongly the tumour board chooses by what the registry records."""

Unmeasured = Literal["none", "weak", "strong"]
"""How strongly it chooses by a frailty that shortens life and that the registry does not record."""

SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)
SELECTIONS: tuple[Selection, ...] = get_args(Selection)
STRENGTHS: tuple[Unmeasured, ...] = get_args(Unmeasured)

_EFFECTS: dict[Scenario, dict[str, float]] = {
    "null": {},
    "harm-then-benefit": {"early_harm": 0.025, "late_ratio": 0.7},
    "benefit-in-few": {"few_ratio": 0.4},
}
_CHOICES: dict[Selection, dict[str, float]] = {
    "mild": {"choice_intercept": -1.7, "choice_strength": 0.5},
    "hard": {"choice_intercept": -2.35, "choice_strength": 1.0},
}
_FRAILTIES: dict[Unmeasured, dict[str, float]] = {
    "none": {},
    "weak": {"choice_frailty": 0.35, "death_frailty": 0.25},
    "strong": {"choice_frailty": 0.9, "death_frailty": 0.6},
}


_ANY = (-1000.0, 1000.0)
_CHANCE = (0.0, 1.0)
_MONTHS = (0.0, 1200.0)
_LIMITS = {
    "death_base": (1e-9, 1000.0),
    "progression": _CHANCE,
    "burden_start_sd": (0.0, 1000.0),
    "burden_step_sd": (0.0, 1000.0),
    "status_1": _CHANCE,
    "status_2": _CHANCE,
    "status_worse": _CHANCE,
    "status_better": _CHANCE,
    "right_sided": _CHANCE,
    "early_harm": (0.0, 1000.0),
    "early_months": _MONTHS,
    "late_ratio": (0.0, 1000.0),
    "few_ratio": (0.0, 1000.0),
    "loss_a_year": (0.0, 0.999),
    "cut_off_first": (1e-3, 1200.0),
    "cut_off_last": (1e-3, 1200.0),
    "visits": (1.0, 120.0),
}
"""Knobs that only take some numbers."""


def _knob(default: float, note: str, unit: str = "") -> Any:
    """A number of the simulator, which is an assumption: nobody's registry is simulated."""
    return field(default=default, metadata={"note": note, "unit": unit})


@dataclass(frozen=True)
class Knobs:
    """Every number of the cheap simulator.

    Patients enter at their first response assessment without progression. Month by month their
    burden takes a random step, their performance status may change, they may progress; while they
    have not progressed the tumour board may choose local treatment at visits 0 ... G - 1. Nothing
    that is recorded depends on treatment: only the hazard of death does.

    Attributes
    ----------
    choice_... : float
        Of the log odds of local treatment at a visit: ``intercept + strength (burden, status,
        response, right side, each times its weight) - frailty U``.
    death_... : float
        Of the log hazard of death a month: burden, status, response, right side, progression, and
        frailty U; the base is the hazard where all are 0.
    early_harm, early_months : float
        Added to the hazard for so long after local treatment.
    late_ratio : float
        Hazard ratio after that.
    few_ratio, few_burden : float
        Hazard ratio from local treatment on of those whose burden was below `few_burden` then.
    """

    choice_intercept: float = _knob(-2.35, "log odds of local treatment at a visit")
    choice_strength: float = _knob(1.0, "factor on what the board can see and the registry has")
    choice_burden: float = _knob(-0.7, "log odds for each unit of burden")
    choice_status: float = _knob(-0.6, "log odds for each grade of performance status")
    choice_response: float = _knob(0.5, "log odds for each unit of depth of response")
    choice_side: float = _knob(-0.3, "log odds for a right-sided primary")
    choice_frailty: float = _knob(0.0, "log odds lost for each unit of frailty")
    death_base: float = _knob(
        0.0196, "set so that half the patients without local treatment die by 15 months", "/month"
    )
    death_burden: float = _knob(0.5, "log hazard for each unit of burden")
    death_status: float = _knob(0.35, "log hazard for each grade of performance status")
    death_response: float = _knob(-0.25, "log hazard for each unit of depth of response")
    death_side: float = _knob(0.3, "log hazard for a right-sided primary")
    death_progressed: float = _knob(1.1, "log hazard after progression")
    death_frailty: float = _knob(0.0, "log hazard for each unit of frailty")
    progression: float = _knob(0.05, "probability of progression", "/month")
    burden_start_sd: float = _knob(
        1.2, "spread of log burden at time zero; set by the 1st percentile of the chance"
    )
    burden_step_sd: float = _knob(0.35, "its random step; chosen", "/month")
    status_1: float = _knob(0.38, "share with performance status 1 at time zero; chosen")
    status_2: float = _knob(0.12, "share with performance status 2 at time zero; chosen")
    status_worse: float = _knob(0.03, "probability of one grade worse; chosen", "/month")
    status_better: float = _knob(0.01, "probability of one grade better; chosen", "/month")
    right_sided: float = _knob(0.35, "share of right-sided primaries; chosen")
    early_harm: float = _knob(0.0, "hazard added after local treatment", "/month")
    early_months: float = _knob(2.0, "for how long", "months")
    late_ratio: float = _knob(1.0, "hazard ratio after the early months")
    few_ratio: float = _knob(1.0, "hazard ratio in those of low burden")
    few_burden: float = _knob(-0.7, "burden below which local treatment helps in benefit-in-few")
    loss_a_year: float = _knob(0.05, "probability of being lost within 12 months")
    cut_off_first: float = _knob(36.0, "shortest follow-up at the cut-off", "months")
    cut_off_last: float = _knob(84.0, "longest follow-up at the cut-off", "months")
    visits: float = _knob(6.0, "visits of the grace period")

    def __post_init__(self) -> None:
        for each in fields(self):
            value = one_number(getattr(self, each.name), each.name)
            least, most = _LIMITS.get(each.name, _ANY)
            if not least <= value <= most:
                remedy = f"Give a number from {least:g} to {most:g}"
                raise InputError(each.name, f"found {value!r}", remedy)
        if self.visits % 1.0 != 0.0:
            raise InputError("visits", f"found {self.visits!r}", "Give a whole number of visits")
        if self.cut_off_first > self.cut_off_last:
            found = f"{self.cut_off_first:g} is above cut_off_last, {self.cut_off_last:g}"
            raise InputError("cut_off_first", found, "Give the shorter follow-up first")

    def record(self) -> npt.NDArray[Any]:
        """One row with a float64 for each knob, as kernels take it."""
        names = [each.name for each in fields(self)]
        row = np.zeros(1, dtype=[(name, np.float64) for name in names])
        for name in names:
            row[name] = getattr(self, name)
        return row

    def parameter_records(self) -> tuple[Parameter, ...]:
        """Every knob as a parameter of the result."""
        return tuple(
            Parameter(
                name=f"laboratory.{each.name}",
                value=getattr(self, each.name),
                status="default",
                source="assumption",
                note=each.metadata["note"],
                unit=each.metadata["unit"],
            )
            for each in fields(self)
        )


def knobs_of(scenario: Scenario, selection: Selection, unmeasured: Unmeasured) -> Knobs:
    """The numbers of one situation.

    Parameters
    ----------
    scenario : {"null", "harm-then-benefit", "benefit-in-few"}
        What local treatment does.
    selection : {"mild", "hard"}
        How strongly the board chooses by what is recorded.
    unmeasured : {"none", "weak", "strong"}
        How strongly it chooses by a frailty that is not.

    Returns
    -------
    Knobs

    Raises
    ------
    InputError
        If one of the words is not known.
    """
    check_situation(scenario, selection, unmeasured)
    changes = {**_EFFECTS[scenario], **_CHOICES[selection], **_FRAILTIES[unmeasured]}
    return replace(Knobs(), **changes)


def check_situation(scenario: str, selection: str, unmeasured: str) -> None:
    """Refuse words that name no situation, offering the nearest that do."""
    for where, word, known in (
        ("scenario", scenario, SCENARIOS),
        ("selection", selection, SELECTIONS),
        ("unmeasured", unmeasured, STRENGTHS),
    ):
        if not isinstance(word, str) or word not in known:
            found = f"there is no {where} {shown(word)}"
            raise InputError(where, found, nearest(f"{word!s:.60}", known))
