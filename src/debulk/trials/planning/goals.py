"""An absolute goal in months or points, as a hazard ratio in the population that is randomised."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.checks import number, tail_alpha, word
from debulk.trials.planning.curves import ControlCurve, as_curve, restricted_mean, solve
from debulk.trials.planning.information import schoenfeld_events

MEASURES = ("median", "rmst", "milestone")

_FORMULAS = {
    "median": "log(1/2) / log S(median + gain); with a constant hazard median / (median + gain)",
    "rmst": "hazard ratio whose mean survival within tau exceeds that of the control by the gain",
    "milestone": "log(S(t) + gain) / log S(t)",
}


@dataclass(frozen=True, slots=True)
class GoalHazardRatio:
    """One absolute goal as a hazard ratio, with the events to show it.

    Attributes
    ----------
    measure : str
        ``"median"``, ``"rmst"`` or ``"milestone"``.
    gain : float
        Months, or a share of patients for a milestone.
    tau_months : float or None
        Horizon of the RMST or month of the milestone.
    control : float
        The measure in the control arm.
    experimental : float
        The measure in the experimental arm.
    hazard_ratio : float
        Proportional hazard ratio that gives the gain.
    events : float
        Events by Schoenfeld's formula, as solved.
    formula : str
        How the ratio was made.
    assumptions : tuple of str
        What it rests on.
    """

    measure: str
    gain: float
    tau_months: float | None
    control: float
    experimental: float
    hazard_ratio: float
    events: float
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class GoalTable:
    """One absolute goal in several populations, such as the front of the funnel and its end.

    Attributes
    ----------
    rows : tuple of (population, GoalHazardRatio)
        One a population, in the order given.
    """

    rows: tuple[tuple[str, GoalHazardRatio], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {"rows": [{"population": name} | row.to_dict() for name, row in self.rows]}


def goal_hazard_ratio(
    control: float | ControlCurve,
    *,
    gain: float,
    measure: str = "median",
    tau_months: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    sided: int = 2,
    allocation: float = 1.0,
) -> GoalHazardRatio:
    """Hazard ratio that gives an absolute gain on a control curve, and the events to show it.

    Parameters
    ----------
    control : float or ControlCurve
        Median of the randomised controls in months (one constant hazard), or their curve.
    gain : float
        Months gained in the median or RMST, or the share gained at a milestone; above 0.
    measure : str
        ``"median"``, ``"rmst"`` (mean survival within `tau_months`) or ``"milestone"`` (survival at
        `tau_months`).
    tau_months : float, optional
        Needed for ``"rmst"`` and ``"milestone"``.
    power : float
        Power of the log-rank test.
    alpha : float
        Total error at `sided`.
    sided : int
        1 or 2.
    allocation : float
        Experimental : control.

    Returns
    -------
    GoalHazardRatio

    Raises
    ------
    InputError
        If the goal cannot be reached by any hazard ratio; the text says how much can.

    Notes
    -----
    The ratio multiplies the marginal hazard, of a curve with cured patients too. Six months are a
    ratio of 0.75 on a median of 18 months and of 0.82 on one of 27.5.
    """
    curve = as_curve(control)
    wanted = number(gain, "gain", above=0.0, at_most=1e6)
    word(measure, MEASURES, "measure")
    tail = tail_alpha(alpha, sided)
    chance = number(power, "power", above=tail, below=1.0)
    ratio = number(allocation, "allocation", at_least=1e-3, at_most=1e3)
    tau = _horizon(measure, tau_months)
    before, log_ratio = _solved(curve, wanted, measure, tau)
    if log_ratio > -1e-9:
        raise InputError("gain", f"{wanted:g} is too small to tell from none", "Give more")
    return GoalHazardRatio(
        measure=measure,
        gain=wanted,
        tau_months=tau,
        control=before,
        experimental=before + wanted,
        hazard_ratio=math.exp(log_ratio),
        events=schoenfeld_events(log_ratio, tail, chance, ratio),
        formula=f"{_FORMULAS[measure]}; events ((z_a + z_b) / log HR)^2 (1 + r)^2 / r "
        "(Schoenfeld 1981)",
        assumptions=(
            "the control curve is that of the patients who are randomised",
            "marginal hazards are proportional from randomisation on",
        ),
    )


def absolute_gain(
    control: float | ControlCurve,
    *,
    hazard_ratio: float,
    measure: str = "median",
    tau_months: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    sided: int = 2,
    allocation: float = 1.0,
) -> GoalHazardRatio:
    """The other way round: what a hazard ratio gains on a control curve.

    Parameters
    ----------
    control : float or ControlCurve
        Median of the randomised controls in months (one constant hazard), or their curve.
    hazard_ratio : float
        Proportional, from 0.01 to below 1.
    measure : str
        ``"median"``, ``"rmst"`` or ``"milestone"``.
    tau_months : float, optional
        Needed for ``"rmst"`` and ``"milestone"``.
    power : float
        Power of the log-rank test.
    alpha : float
        Total error at `sided`.
    sided : int
        1 or 2.
    allocation : float
        Experimental : control.

    Returns
    -------
    GoalHazardRatio

    Raises
    ------
    InputError
        If the median of either arm is never reached.
    """
    curve = as_curve(control)
    ratio = number(hazard_ratio, "hazard_ratio", at_least=0.01, below=1.0 - 1e-6)
    word(measure, MEASURES, "measure")
    tau = _horizon(measure, tau_months)
    if measure == "median":
        # S^ratio is one half where S is one half to the power 1 / ratio.
        gain = curve.quantile_months(0.5 ** (1.0 / ratio)) - curve.quantile_months(0.5)
        if not math.isfinite(gain):
            raise InputError(
                "control",
                f"at hazard ratio {ratio:g} a median is never reached",
                "Choose measure 'rmst' or 'milestone'",
            )
    elif measure == "milestone":
        base = float(curve.survival(tau or 0.0))
        gain = base**ratio - base
    else:
        horizon = tau or 0.0
        gain = restricted_mean(curve, ratio, horizon) - restricted_mean(curve, 1.0, horizon)
    if gain <= 0.0:
        raise InputError("tau_months", f"nobody has died by month {tau:g}", "Give a later month")
    return goal_hazard_ratio(
        curve,
        gain=gain,
        measure=measure,
        tau_months=tau,
        power=power,
        alpha=alpha,
        sided=sided,
        allocation=allocation,
    )


def goal_table(
    populations: Mapping[str, float | ControlCurve],
    *,
    gain: float,
    measure: str = "median",
    tau_months: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    sided: int = 2,
    allocation: float = 1.0,
) -> GoalTable:
    """One absolute goal on several control curves: what selection does to the hazard ratio.

    Parameters
    ----------
    populations : mapping of str to float or ControlCurve
        Name and median (or curve) of each, such as the front of the funnel and its end.
    gain : float
        As `goal_hazard_ratio` takes it.
    measure : str
        As `goal_hazard_ratio` takes it.
    tau_months : float, optional
        As `goal_hazard_ratio` takes it.
    power : float
        Power of the log-rank test.
    alpha : float
        Total error at `sided`.
    sided : int
        1 or 2.
    allocation : float
        Experimental : control.

    Returns
    -------
    GoalTable
    """
    if not isinstance(populations, Mapping) or not populations:
        raise InputError("populations", "no mapping with an entry", "Give {name: median months}")
    rows = []
    for name, control in populations.items():
        row = goal_hazard_ratio(
            as_curve(control, f"populations[{name!r}]"),
            gain=gain,
            measure=measure,
            tau_months=tau_months,
            power=power,
            alpha=alpha,
            sided=sided,
            allocation=allocation,
        )
        rows.append((str(name), row))
    return GoalTable(tuple(rows))


def _horizon(measure: str, tau_months: Any) -> float | None:
    if measure == "median":
        if tau_months is not None:
            raise InputError("tau_months", "a median has no horizon", "Leave it out")
        return None
    if tau_months is None:
        raise InputError("tau_months", f"missing for measure {measure!r}", "Give the month")
    return number(tau_months, "tau_months", above=0.0, at_most=1e6)


def _solved(
    curve: ControlCurve, gain: float, measure: str, tau: float | None
) -> tuple[float, float]:
    if measure == "median":
        return _median_goal(curve, gain)
    assert tau is not None
    base = float(curve.survival(tau))
    if base >= 1.0:
        raise InputError("tau_months", f"nobody has died by month {tau:g}", "Give a later month")
    if measure == "milestone":
        if base + gain >= 1.0:
            raise InputError(
                "gain",
                f"{base:.4g} + {gain:g} is no survival below 1",
                f"Give below {1 - base:.4g}",
            )
        return base, math.log(math.log(base + gain) / math.log(base))
    mean = restricted_mean(curve, 1.0, tau)
    if mean + gain >= tau * (1.0 - 1e-12):
        raise InputError(
            "gain",
            f"control lives {mean:.4g} of {tau:g} months, so that {gain:g} more are too many",
            f"Give below {tau - mean:.4g} or a later tau_months",
        )
    found = solve(
        lambda each: restricted_mean(curve, math.exp(each), tau) - mean - gain, -60.0, 0.0
    )
    return mean, found


def _median_goal(curve: ControlCurve, gain: float) -> tuple[float, float]:
    median = curve.quantile_months(0.5)
    if not math.isfinite(median):
        raise InputError(
            "control", "its median is never reached", "Choose measure 'rmst' or 'milestone'"
        )
    later = float(curve.survival(median + gain))
    if later <= 0.0:
        raise InputError("gain", f"nobody is alive at {median + gain:g} months", "Give less")
    return median, math.log(math.log(0.5) / math.log(later))
