"""What a Cox model sees when each arm is a mixture of patients: arms whose hazards cross shares.

A mixture of proportional hazards is not proportional: those at high hazard die first. The
functions here follow the arms' marginal survival over the follow-up of a plan and give the
event-weighted average hazard ratio and the value to which the Cox estimate tends, the least
false parameter of Struthers and Kalbfleisch (1986, Biometrika 73).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_simpson

from debulk.core.errors import InputError
from debulk.trials.planning.curves import ControlCurve, Floats, segments, simpson, solve


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Who is still watched: uniform accrual, a minimum follow-up, exponential drop-out.

    Attributes
    ----------
    accrual_months : float
        Length of uniform accrual; 0 when all enter at once.
    follow_up_months : float
        Months after the last patient enters.
    dropout : float
        Probability of being lost per 12 months.
    """

    accrual_months: float
    follow_up_months: float
    dropout: float

    @property
    def longest_months(self) -> float:
        """Follow-up of the first patient."""
        return self.accrual_months + self.follow_up_months

    def watched(self, times: Floats) -> Floats:
        """Share not censored at each time."""
        still = np.exp(times / 12.0 * math.log1p(-self.dropout))
        if self.accrual_months > 0.0:
            still = still * np.clip((self.longest_months - times) / self.accrual_months, 0.0, 1.0)
        return np.asarray(still, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Arms:
    """The patients of which the two arms consist.

    Attributes
    ----------
    experimental : tuple of (share, log hazard ratio)
        Parts of the experimental arm against the undiluted control; shares sum to 1.
    log_hazard_ratio : float
        Effect on controls who cross over.
    crossover : float
        Share of controls treated like the experimental arm from the start.
    drop_in_per_month : float
        Rate at which the other controls, while alive, take the treatment up later.
    """

    experimental: tuple[tuple[float, float], ...]
    log_hazard_ratio: float
    crossover: float = 0.0
    drop_in_per_month: float = 0.0


@dataclass(frozen=True, slots=True)
class Grid:
    """Survival and density of both arms on the segments of the follow-up."""

    times: tuple[Floats, ...]
    watched: tuple[Floats, ...]
    survival: tuple[tuple[Floats, Floats], ...]
    density: tuple[tuple[Floats, Floats], ...]


def follow_arms(curve: ControlCurve, arms: Arms, follow_up: FollowUp) -> Grid:
    """Marginal survival and density of both arms over the follow-up.

    Parameters
    ----------
    curve : ControlCurve
        Survival of an untreated control.
    arms : Arms
        Composition of the arms.
    follow_up : FollowUp
        Entry and censoring, alike in both arms.

    Returns
    -------
    Grid
    """
    breaks = (follow_up.follow_up_months,) if follow_up.accrual_months > 0.0 else ()
    grids = segments(curve, follow_up.longest_months, breaks)
    survival, density = [], []
    taken_up = 0.0
    for times in grids:
        base = curve.survival(times)
        hazard = _hazard(curve, times, base)
        experimental, experimental_density = _experimental(base, hazard, arms)
        control, control_density, taken_up = _control(times, base, hazard, arms, taken_up)
        survival.append((experimental, control))
        density.append((experimental_density, control_density))
    watched = tuple(follow_up.watched(times) for times in grids)
    return Grid(tuple(grids), watched, tuple(survival), tuple(density))


def average_log_ratio(grid: Grid, allocation: float) -> float:
    """Mean of the log ratio of the marginal hazards, weighted by expected events of both arms.

    Parameters
    ----------
    grid : Grid
        The arms over the follow-up.
    allocation : float
        Experimental : control.

    Returns
    -------
    float
    """
    total = weight = 0.0
    for times, watched, alive, dying in _parts(grid):
        events = (allocation * dying[0] + dying[1]) * watched
        # Where nobody dies neither arm has a hazard; such times carry no weight.
        counted = events > 0.0
        ratio = np.zeros(times.size)
        ratio[counted] = np.log(dying[0][counted] / alive[0][counted]) - np.log(
            dying[1][counted] / alive[1][counted]
        )
        total += simpson(events * ratio, times)
        weight += simpson(events, times)
    return total / weight


def cox_limit(grid: Grid, allocation: float) -> float:
    """Log hazard ratio to which the Cox estimate tends as the trial grows.

    Parameters
    ----------
    grid : Grid
        The arms over the follow-up.
    allocation : float
        Experimental : control.

    Returns
    -------
    float
    """

    def score(log_ratio: float) -> float:
        total = 0.0
        for times, watched, alive, dying in _parts(grid):
            risk = allocation * alive[0] * math.exp(log_ratio)
            share = risk / (risk + alive[1])
            pooled = allocation * dying[0] + dying[1]
            total += simpson((allocation * dying[0] - share * pooled) * watched, times)
        return total

    return solve(score, -40.0, 40.0)


def expected_events(grid: Grid, allocation: float) -> float:
    """Expected events a patient over the follow-up.

    Parameters
    ----------
    grid : Grid
        The arms over the follow-up.
    allocation : float
        Experimental : control.

    Returns
    -------
    float
    """
    total = 0.0
    for times, watched, _, dying in _parts(grid):
        total += simpson((allocation * dying[0] + dying[1]) * watched, times)
    return total / (1.0 + allocation)


def treated_event_share(
    curve: ControlCurve, drop_in_per_month: float, follow_up: FollowUp
) -> float:
    """Share of control events that fall after a drop-in, were the treatment without effect.

    Parameters
    ----------
    curve : ControlCurve
        Survival of an untreated control.
    drop_in_per_month : float
        Rate of taking the treatment up.
    follow_up : FollowUp
        Entry and censoring.

    Returns
    -------
    float
    """
    breaks = (follow_up.follow_up_months,) if follow_up.accrual_months > 0.0 else ()
    late = total = 0.0
    for times in segments(curve, follow_up.longest_months, breaks):
        base = curve.survival(times)
        events = base * _hazard(curve, times, base) * follow_up.watched(times)
        late += simpson(events * -np.expm1(-drop_in_per_month * times), times)
        total += simpson(events, times)
    if total <= 0.0:
        raise InputError(
            "control",
            f"no event comes within {follow_up.longest_months:g} months",
            "Follow longer or change the hazards",
        )
    return late / total


def _parts(
    grid: Grid,
) -> list[tuple[Floats, Floats, tuple[Floats, Floats], tuple[Floats, Floats]]]:
    return list(zip(grid.times, grid.watched, grid.survival, grid.density, strict=True))


def _hazard(curve: ControlCurve, times: Floats, survival: Floats) -> Floats:
    # The hazard of a segment is that of its middle, so both edges see the right side.
    middle = 0.5 * (times[0] + times[-1])
    rate = next(rate for start, rate in reversed(curve.hazards) if start <= middle)
    return np.asarray(rate * (survival - curve.cured) / survival)


def _experimental(base: Floats, hazard: Floats, arms: Arms) -> tuple[Floats, Floats]:
    survival = np.zeros(base.size)
    density = np.zeros(base.size)
    for share, log_ratio in arms.experimental:
        ratio = math.exp(log_ratio)
        part = share * base**ratio
        survival += part
        density += ratio * hazard * part
    return survival, density


def _control(
    times: Floats, base: Floats, hazard: Floats, arms: Arms, before: float
) -> tuple[Floats, Floats, float]:
    ratio = math.exp(arms.log_hazard_ratio)
    rate = arms.drop_in_per_month
    untouched = np.exp(-rate * times) * base
    # Patients alive at t who dropped in at u lived base(u) untreated and (base(t) / base(u))^ratio.
    entering = rate * np.exp(-rate * times) * base ** (1.0 - ratio)
    taken_up = before + cumulative_simpson(entering, x=times, initial=0.0)
    treated = base**ratio * taken_up
    later = 1.0 - arms.crossover
    treated = arms.crossover * base**ratio + later * treated
    untouched = later * untouched
    density = hazard * (untouched + ratio * treated)
    return untouched + treated, density, float(taken_up[-1])
