"""Surgeons learn during a trial: the effect of the first patients is not that of the last."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.checks import number, sequence, whole, word
from debulk.trials.planning.curves import ControlCurve, as_curve
from debulk.trials.planning.dilution import checked_follow_up
from debulk.trials.planning.marginal import Arms, cox_limit, follow_arms

SHAPES = ("exponential", "power")


@dataclass(frozen=True, slots=True)
class LearningInflation:
    """What learning costs.

    Attributes
    ----------
    skill : tuple of float
        Share of the full effect for the 1st, 2nd, ... patient of a surgeon in the trial.
    mean_skill : float
        Mean over all operated patients of the trial.
    plateau_hazard_ratio : float
        Effect of a surgeon who has learnt.
    log_linear : float
        Hazard ratio by the mean skill on the log scale.
    cox_limit : float or None
        Value to which the Cox estimate of the mixture tends; None without a control curve.
    used : str
        Which of the two the inflation uses.
    events_inflation : float
        Events needed over those needed when all had learnt.
    formula : str
        How the numbers were made.
    assumptions : tuple of str
        What they rest on.
    """

    skill: tuple[float, ...]
    mean_skill: float
    plateau_hazard_ratio: float
    log_linear: float
    cox_limit: float | None
    used: str
    events_inflation: float
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def learning_curve(
    hazard_ratio: float,
    *,
    patients_by_surgeon: Any,
    first_skill: float,
    shape: str = "exponential",
    learning_patients: float | None = None,
    exponent: float | None = None,
    experience: int = 0,
    control: float | ControlCurve | None = None,
    follow_up_months: float | None = None,
    accrual_months: float = 0.0,
    dropout: float = 0.0,
    allocation: float = 1.0,
) -> LearningInflation:
    """Average effect and inflation when each surgeon approaches full skill patient by patient.

    Parameters
    ----------
    hazard_ratio : float
        Effect at the plateau, from 0.01 to below 1.
    patients_by_surgeon : sequence of int
        Operated patients of each surgeon in the trial.
    first_skill : float
        Share of the log hazard ratio that a surgeon's very first patient has, 0 to 1.
    shape : str
        ``"exponential"``: 1 - (1 - first) exp(-(n - 1) / learning_patients); ``"power"``:
        1 - (1 - first) n^(-exponent).
    learning_patients : float, optional
        Patients in which the gap to the plateau falls to 37 % (exponential shape).
    exponent : float, optional
        How fast the gap closes (power shape).
    experience : int
        Patients each surgeon has operated before the trial.
    control : float or ControlCurve, optional
        Median of the control arm in months, or its curve; with `follow_up_months` it gives the Cox
        limit.
    follow_up_months : float, optional
        Months of follow-up after the last patient enters.
    accrual_months : float
        Months of uniform accrual.
    dropout : float
        Probability of being lost per 12 months.
    allocation : float
        Experimental : control.

    Returns
    -------
    LearningInflation

    Raises
    ------
    InputError
        If the shape's parameter is missing or another shape's is given, or no effect is left.
    """
    ratio = number(hazard_ratio, "hazard_ratio", at_least=0.01, below=1.0 - 1e-9)
    listed = sequence(patients_by_surgeon, "patients_by_surgeon")
    sizes = [
        whole(each, f"patients_by_surgeon[{place}]", at_least=1, at_most=10_000)
        for place, each in enumerate(listed)
    ]
    before = whole(experience, "experience", at_most=100_000)
    gap = 1.0 - number(first_skill, "first_skill", at_least=0.0, at_most=1.0)
    skill = _skills(shape, gap, learning_patients, exponent, before, max(sizes))
    counts = Counter(place for size in sizes for place in range(size))
    total = sum(sizes)
    mean = math.fsum(count * skill[place] for place, count in counts.items()) / total
    if mean <= 0.0:
        raise InputError("first_skill", "no patient has any effect", "Give more skill or patients")
    full = math.log(ratio)
    limit = None
    if control is not None or follow_up_months is not None:
        parts = tuple((count / total, full * skill[place]) for place, count in counts.items())
        limit = _limit(parts, full, control, follow_up_months, accrual_months, dropout, allocation)
    seen = mean * full if limit is None else limit
    return LearningInflation(
        skill=tuple(skill),
        mean_skill=mean,
        plateau_hazard_ratio=ratio,
        log_linear=math.exp(mean * full),
        cox_limit=None if limit is None else math.exp(limit),
        used="log_linear" if limit is None else "cox_limit",
        events_inflation=(full / seen) ** 2,
        formula=(
            "1 - (1 - first) exp(-(n - 1) / learning patients)"
            if shape == "exponential"
            else "1 - (1 - first) n^(-exponent)"
        ),
        assumptions=(
            "skill is the share of the log hazard ratio that a patient gets",
            "every surgeon learns alike and starts with the same experience",
            "order of operation does not depend on prognosis",
        ),
    )


def _skills(
    shape: str, gap: float, learning: Any, exponent: Any, before: int, most: int
) -> list[float]:
    word(shape, SHAPES, "shape")
    given = {"learning_patients": learning, "exponent": exponent}
    name = "learning_patients" if shape == "exponential" else "exponent"
    if given.pop(name) is None:
        raise InputError(name, f"missing for shape {shape!r}", "Give it")
    if any(value is not None for value in given.values()):
        raise InputError(
            next(iter(given)), f"does not belong to shape {shape!r}", f"Give only {name}"
        )
    if shape == "exponential":
        pace = number(learning, name, above=0.0, at_most=1e6)
        return [1.0 - gap * math.exp(-(before + place) / pace) for place in range(most)]
    power = number(exponent, name, above=0.0, at_most=10.0)
    return [1.0 - gap * (before + place + 1.0) ** -power for place in range(most)]


def _limit(
    parts: tuple[tuple[float, float], ...],
    full: float,
    control: Any,
    follow_up_months: Any,
    accrual_months: Any,
    dropout: Any,
    allocation: Any,
) -> float:
    if control is None or follow_up_months is None:
        raise InputError(
            "control, follow_up_months", "only one of them was given", "Give both or none"
        )
    curve = as_curve(control)
    follow_up = checked_follow_up(curve, follow_up_months, accrual_months, dropout)
    ratio = number(allocation, "allocation", at_least=1e-3, at_most=1e3)
    return cox_limit(follow_arms(curve, Arms(parts, full), follow_up), ratio)
