"""The hazard ratio a trial will see when arms are not treated as assigned."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.checks import number
from debulk.trials.planning.curves import ControlCurve, as_curve, solve
from debulk.trials.planning.marginal import (
    Arms,
    FollowUp,
    average_log_ratio,
    cox_limit,
    expected_events,
    follow_arms,
    treated_event_share,
)

LARGEST_CUMULATIVE_HAZARD = 150.0
SHORTEST_ACCRUAL_MONTHS = 0.015
SMALLEST_RATIO, LARGEST_RATIO = 0.01, 5.0

FORMULA = (
    "log-linear: log HR x (treated + partial effect x partly treated - share of control events "
    "after crossing over); average: log ratio of the marginal hazards weighted by expected events; "
    "Cox limit: root of the expected partial score (Struthers and Kalbfleisch 1986)"
)
ASSUMPTIONS = (
    "being treated, partly treated or crossing over does not depend on prognosis",
    "a partly treated patient keeps the stated share of the log hazard ratio",
    "a control who crosses over has the full effect from that moment on",
    "censoring is alike in both arms: uniform accrual, exponential drop-out",
)


@dataclass(frozen=True, slots=True)
class DilutedHazardRatio:
    """A planned hazard ratio before and after dilution.

    Attributes
    ----------
    hazard_ratio : float
        Effect on a fully treated patient against an untreated control.
    log_linear : float
        First-order approximation: exact as the effect tends to none.
    average : float
        Event-weighted average of the ratio of the arms' marginal hazards.
    cox_limit : float
        Value to which the Cox estimate and the log-rank drift tend; use this one.
    used : str
        Which of the three the inflation uses.
    events_inflation : float
        Events needed with the diluted ratio over events needed without dilution.
    events_a_patient : float
        Expected events a patient in the diluted trial.
    patients_inflation : float
        Patients needed over those needed without dilution, at the same accrual and follow-up.
    formula : str
        How the numbers were made.
    assumptions : tuple of str
        What they rest on.
    """

    hazard_ratio: float
    log_linear: float
    average: float
    cox_limit: float
    used: str
    events_inflation: float
    events_a_patient: float
    patients_inflation: float
    formula: str = FORMULA
    assumptions: tuple[str, ...] = ASSUMPTIONS

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Plan:
    not_treated: float
    partly_treated: float
    partial_effect: float
    crossover: float
    drop_in_per_month: float
    curve: ControlCurve
    follow_up: FollowUp
    allocation: float

    def arms(self, log_ratio: float) -> Arms:
        treated = 1.0 - self.not_treated - self.partly_treated
        parts = (
            (treated, log_ratio),
            (self.partly_treated, self.partial_effect * log_ratio),
            (self.not_treated, 0.0),
        )
        return Arms(parts, log_ratio, self.crossover, self.drop_in_per_month)


def diluted_hazard_ratio(
    hazard_ratio: float,
    *,
    control: float | ControlCurve,
    follow_up_months: float,
    accrual_months: float = 0.0,
    dropout: float = 0.0,
    not_treated: float = 0.0,
    partly_treated: float = 0.0,
    partial_effect: float = 0.5,
    crossover: float = 0.0,
    drop_in_per_month: float = 0.0,
    allocation: float = 1.0,
) -> DilutedHazardRatio:
    """Hazard ratio the trial will see, by a simple approximation and by the arms' mixture.

    Parameters
    ----------
    hazard_ratio : float
        Effect on a fully treated patient, from 0.01 to 5 and not 1.
    control : float or ControlCurve
        Median of untreated controls in months (one constant hazard), or their curve.
    follow_up_months : float
        Months of follow-up after the last patient enters.
    accrual_months : float
        Months of uniform accrual; 0 when all enter at once.
    dropout : float
        Probability of being lost per 12 months, below 1.
    not_treated : float
        Share of the experimental arm that never gets the local treatment.
    partly_treated : float
        Share of the experimental arm whose treatment stays incomplete.
    partial_effect : float
        Share of the log hazard ratio that an incomplete treatment keeps, 0 to 1.
    crossover : float
        Share of controls who get the treatment at once.
    drop_in_per_month : float
        Rate at which the other controls, while alive, take it up later.
    allocation : float
        Experimental : control.

    Returns
    -------
    DilutedHazardRatio

    Raises
    ------
    InputError
        If a share is outside 0 to 1, shares exceed the arm, or dilution leaves no effect.

    Notes
    -----
    Two answers stand side by side because a mixture of proportional hazards is not proportional.
    The log-linear one weights log HR by who is treated; the Cox limit is what the analysis will
    estimate (Struthers and Kalbfleisch 1986) and what the inflation uses.
    """
    log_ratio = _log_ratio(hazard_ratio, "hazard_ratio")
    plan = _checked_plan(
        control=control,
        follow_up_months=follow_up_months,
        accrual_months=accrual_months,
        dropout=dropout,
        not_treated=not_treated,
        partly_treated=partly_treated,
        partial_effect=partial_effect,
        crossover=crossover,
        drop_in_per_month=drop_in_per_month,
        allocation=allocation,
    )
    return _diluted(log_ratio, plan)


def undiluted_hazard_ratio(
    diluted: float,
    *,
    control: float | ControlCurve,
    follow_up_months: float,
    accrual_months: float = 0.0,
    dropout: float = 0.0,
    not_treated: float = 0.0,
    partly_treated: float = 0.0,
    partial_effect: float = 0.5,
    crossover: float = 0.0,
    drop_in_per_month: float = 0.0,
    allocation: float = 1.0,
) -> DilutedHazardRatio:
    """Effect on a fully treated patient that the trial needs to see a diluted hazard ratio.

    Parameters
    ----------
    diluted : float
        Ratio that the Cox estimate shall tend to, from 0.01 to 5 and not 1.
    control : float or ControlCurve
        Median of untreated controls in months, or their curve.
    follow_up_months : float
        Months of follow-up after the last patient enters.
    accrual_months : float
        Months of uniform accrual.
    dropout : float
        Probability of being lost per 12 months, below 1.
    not_treated : float
        Share of the experimental arm that never gets the local treatment.
    partly_treated : float
        Share of the experimental arm whose treatment stays incomplete.
    partial_effect : float
        Share of the log hazard ratio that an incomplete treatment keeps.
    crossover : float
        Share of controls who get the treatment at once.
    drop_in_per_month : float
        Rate at which the other controls take it up later.
    allocation : float
        Experimental : control.

    Returns
    -------
    DilutedHazardRatio
        Its `hazard_ratio` is the answer; `cox_limit` repeats `diluted`.

    Raises
    ------
    InputError
        If no effect between hazard ratios 0.01 and 5 dilutes to that ratio; the text says what can
        be reached.
    """
    target = _log_ratio(diluted, "diluted")
    plan = _checked_plan(
        control=control,
        follow_up_months=follow_up_months,
        accrual_months=accrual_months,
        dropout=dropout,
        not_treated=not_treated,
        partly_treated=partly_treated,
        partial_effect=partial_effect,
        crossover=crossover,
        drop_in_per_month=drop_in_per_month,
        allocation=allocation,
    )
    far = math.log(SMALLEST_RATIO if target < 0.0 else LARGEST_RATIO)

    def limit(log_ratio: float) -> float:
        return cox_limit(follow_arms(plan.curve, plan.arms(log_ratio), plan.follow_up), allocation)

    # The far end is not always the strongest dilute: crossing controls are cured as well.
    tried = [far * share / 40.0 for share in range(1, 41)]
    reached = [limit(each) for each in tried]
    enough = next(
        (n for n, each in enumerate(reached) if abs(each) >= abs(target) and each * target > 0.0),
        None,
    )
    if enough is None:
        best = max(reached, key=lambda each: each * math.copysign(1.0, target))
        raise InputError(
            "diluted",
            f"{math.exp(target):g} cannot be reached; the most that gets through this dilution "
            f"is {math.exp(best):.4g}",
            "Plan for less, or for less dilution",
        )
    near = tried[enough - 1] if enough else 0.0
    return _diluted(solve(lambda each: limit(each) - target, near, tried[enough]), plan)


def _diluted(log_ratio: float, plan: _Plan) -> DilutedHazardRatio:
    late = treated_event_share(plan.curve, plan.drop_in_per_month, plan.follow_up)
    kept = 1.0 - plan.not_treated - plan.partly_treated
    kept += plan.partial_effect * plan.partly_treated
    kept -= plan.crossover + (1.0 - plan.crossover) * late
    grid = follow_arms(plan.curve, plan.arms(log_ratio), plan.follow_up)
    limit = cox_limit(grid, plan.allocation)
    if limit * log_ratio <= 0.0 or abs(limit) < 1e-6:
        raise InputError(
            "dilution",
            f"nothing of the effect is left (log-linear share {kept:.3g}, Cox limit "
            f"{math.exp(limit):.6g})",
            "Treat more of the experimental arm or fewer controls",
        )
    pure = follow_arms(plan.curve, Arms(((1.0, log_ratio),), log_ratio), plan.follow_up)
    events = expected_events(grid, plan.allocation)
    inflation = (log_ratio / limit) ** 2
    return DilutedHazardRatio(
        hazard_ratio=math.exp(log_ratio),
        log_linear=math.exp(kept * log_ratio),
        average=math.exp(average_log_ratio(grid, plan.allocation)),
        cox_limit=math.exp(limit),
        used="cox_limit",
        events_inflation=inflation,
        events_a_patient=events,
        patients_inflation=inflation * expected_events(pure, plan.allocation) / events,
    )


def _log_ratio(value: Any, where: str) -> float:
    ratio = number(value, where, at_least=SMALLEST_RATIO, at_most=LARGEST_RATIO)
    if abs(ratio - 1.0) < 1e-6:
        raise InputError(where, "1 is no effect, and nothing can be diluted", "Give another ratio")
    return math.log(ratio)


def checked_follow_up(
    curve: ControlCurve, follow_up_months: Any, accrual_months: Any, dropout: Any
) -> FollowUp:
    """Entry and censoring of a plan, refused where nobody would be left to watch.

    Parameters
    ----------
    curve : ControlCurve
        Survival of the controls.
    follow_up_months : float
        Months after the last patient enters.
    accrual_months : float
        Months of uniform accrual.
    dropout : float
        Probability of being lost per 12 months.

    Returns
    -------
    FollowUp
    """
    follow_up = FollowUp(
        number(accrual_months, "accrual_months", at_least=0.0, at_most=1e5),
        number(follow_up_months, "follow_up_months", at_least=0.0, at_most=1e5),
        number(dropout, "dropout", at_least=0.0, below=1.0),
    )
    if 0.0 < follow_up.accrual_months < SHORTEST_ACCRUAL_MONTHS:
        raise InputError(
            "accrual_months", f"{follow_up.accrual_months:g} is less than half a day", "Give 0"
        )
    longest = follow_up.longest_months
    if longest <= 0.0:
        raise InputError("follow_up_months", "nobody is followed", "Give follow-up or accrual")
    if float(curve.cumulative_uncured(longest)) > LARGEST_CUMULATIVE_HAZARD:
        raise InputError(
            "follow_up_months",
            f"nobody who can die is left long before month {longest:g}",
            "Give a shorter follow-up or smaller hazards",
        )
    if float(curve.cumulative_uncured(longest)) <= 0.0:
        raise InputError("control", f"no event comes within {longest:g} months", "Follow longer")
    return follow_up


def _checked_plan(**given: Any) -> _Plan:
    curve = as_curve(given["control"])
    shares = {
        name: number(given[name], name, at_least=0.0, at_most=1.0)
        for name in ("not_treated", "partly_treated", "partial_effect", "crossover")
    }
    if shares["not_treated"] + shares["partly_treated"] > 1.0 + 1e-12:
        raise InputError(
            "not_treated + partly_treated",
            f"{shares['not_treated']:g} + {shares['partly_treated']:g} is more than the arm",
            "Give shares of the experimental arm that sum to at most 1",
        )
    return _Plan(
        **shares,
        drop_in_per_month=number(
            given["drop_in_per_month"], "drop_in_per_month", at_least=0.0, at_most=10.0
        ),
        curve=curve,
        follow_up=checked_follow_up(
            curve, given["follow_up_months"], given["accrual_months"], given["dropout"]
        ),
        allocation=number(given["allocation"], "allocation", at_least=1e-3, at_most=1e3),
    )
