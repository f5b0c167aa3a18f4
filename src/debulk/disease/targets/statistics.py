"""What is measured of simulated times: medians, survival, incidence, hazard ratios."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.survival.batch import two_arm_trials

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_GOLDEN = 0.6180339887498949


def median_time(months: Floats) -> float:
    """Median of times of which each is known or beyond the horizon (infinite); NaN of none."""
    if months.size == 0:
        return math.nan
    middle = (months.size - 1) // 2
    # The time by which half are gone, as the product limit without censoring gives it.
    return float(np.partition(months, middle)[middle])


def survival_at(months: Floats, at: float) -> float:
    """Share whose time is beyond `at`, which lies within the horizon of all."""
    return math.nan if months.size == 0 else float(np.mean(months > at))


def incidence_at(months: Floats, rival_months: Floats, at: float) -> float:
    """Cumulative incidence at `at`, where a rival event that comes first rules the event out."""
    if months.size == 0:
        return math.nan
    return float(np.mean((months <= at) & (months <= rival_months)))


def median_with_losses(months: Floats, lost_months: Floats) -> float:
    """Product-limit median where some are lost before the event; infinite if not reached.

    Parameters
    ----------
    months, lost_months : float64[n]
        Of the event, and of the loss; infinite where never. An event at the time of the loss
        counts.
    """
    seen = months <= lost_months
    ends = np.where(seen, months, lost_months)
    order = np.argsort(ends, kind="stable")
    event = (seen & np.isfinite(months))[order]
    at_risk = np.arange(ends.size, 0, -1)
    survival = np.cumprod(1.0 - event / at_risk)
    below = np.flatnonzero(survival <= 0.5 + 1e-12)
    return float(ends[order][below[0]]) if below.size else math.inf


def log_hazard_ratio(
    control: tuple[Floats, Floats],
    experimental: tuple[Floats, Floats],
    follow_up: tuple[float, float],
) -> float:
    """Cox log hazard ratio of two arms under the follow-up of a trial.

    Parameters
    ----------
    control, experimental : pair of float64 arrays
        Months of the event and of its loss (death of a patient whose progression is asked for);
        infinite where never.
    follow_up : tuple of float
        Shortest and longest follow-up; patients are spread evenly between them, each the same in
        both arms where the arms are the same patients.
    """
    times, events = [], []
    for months, lost in (control, experimental):
        end = np.minimum(lost, spread(months.size, follow_up))
        times.append(np.minimum(months, end))
        events.append(months <= end)
    if not (times[0].size and times[1].size):
        return math.nan
    arm = np.repeat((False, True), (times[0].size, times[1].size))
    found = two_arm_trials(
        np.concatenate(times)[np.newaxis], np.concatenate(events)[np.newaxis], arm[np.newaxis]
    )
    return float(found.log_hazard_ratio[0])


def spread(count: int, between: tuple[float, float]) -> Floats:
    """Numbers spread evenly between two limits, neighbours far apart."""
    low, high = between
    # Multiples of the golden mean, taken modulo 1.
    part = np.mod(_GOLDEN * np.arange(1, count + 1), 1.0)
    return np.asarray(low + (high - low) * part)


def weighted_mean(values: Floats, weights: Floats) -> float:
    """Weighted mean; NaN of no weight."""
    total = float(weights.sum())
    return float(values @ weights) / total if total > 0.0 else math.nan
