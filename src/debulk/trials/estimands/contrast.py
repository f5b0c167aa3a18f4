"""The contrast of two courses of the same patients, with its Monte Carlo error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.results import plain
from debulk.survival.leaving_out import log_ratios_without
from debulk.trials.endpoints.areas import areas_without

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

GROUPS = 20
"""Groups of patients in the jackknife of Monte Carlo errors."""


@dataclass(frozen=True)
class Contrast:
    """Experimental against control on a pool of patients who are once in each arm.

    Attributes
    ----------
    hazard_ratio : float
        Cox model (Efron) on the pool; NaN where one row has no event.
    rmst_difference_months : float
        Difference in mean time up to the horizon, experimental minus control.
    hazard_ratio_error, rmst_error_months : float
        Monte Carlo standard errors by the jackknife over `GROUPS` groups of patients.
    patients : int
        Patients in the pool, each counted once.
    """

    hazard_ratio: float
    rmst_difference_months: float
    hazard_ratio_error: float
    rmst_error_months: float
    patients: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        content: dict[str, Any] = plain(
            {
                "hazard_ratio": self.hazard_ratio,
                "rmst_difference_months": self.rmst_difference_months,
                "patients": self.patients,
                "monte_carlo_error": {
                    "hazard_ratio": self.hazard_ratio_error,
                    "rmst_difference_months": self.rmst_error_months,
                },
            }
        )
        return content


def contrast(times: Floats, follow_up: Floats, tau_months: float) -> Contrast:
    """Contrast the two rows of `times`, everybody followed for `follow_up`.

    Parameters
    ----------
    times : float64[2, n]
        Event of each patient in the control arm and in the experimental one, from randomisation;
        infinite is never.
    follow_up : float64[n]
        Months for which each patient is followed.
    tau_months : float
        Horizon of the mean.
    """
    size = follow_up.size
    if size == 0:
        return Contrast(math.nan, math.nan, math.nan, math.nan, size)
    seen, event = np.minimum(times, follow_up), times <= follow_up
    group = np.arange(size) % GROUPS
    groups = GROUPS if size >= GROUPS else 0
    ratios = _log_ratios(seen, event, group, groups)
    means, without = zip(
        *(areas_without(seen[arm], event[arm], group, groups, tau_months, False) for arm in (0, 1)),
        strict=True,
    )
    ratio = math.exp(ratios[0])
    return Contrast(
        hazard_ratio=ratio,
        rmst_difference_months=float(means[1] - means[0]),
        hazard_ratio_error=ratio * jackknife_error(ratios[1:]),
        rmst_error_months=jackknife_error(without[1] - without[0]),
        patients=size,
    )


def log_ratio_with_error(times: Floats, follow_up: Floats) -> tuple[float, float]:
    """Log hazard ratio of the two rows of `times`, and its Monte Carlo standard error.

    Parameters
    ----------
    times, follow_up
        As in `contrast`.
    """
    size = follow_up.size
    if size == 0:
        return math.nan, math.nan
    groups = GROUPS if size >= GROUPS else 0
    seen, event = np.minimum(times, follow_up), times <= follow_up
    ratios = _log_ratios(seen, event, np.arange(size) % GROUPS, groups)
    return float(ratios[0]), jackknife_error(ratios[1:])


def jackknife_error(without: Floats) -> float:
    """Standard error from estimates that each leave one group of patients out.

    Parameters
    ----------
    without : float64[groups]
        The estimates; NaN comes of fewer than two.
    """
    groups = without.size
    if groups < 2:
        return math.nan
    spread = ((without - without.mean()) ** 2).sum()
    return math.sqrt((groups - 1) / groups * spread)


def _log_ratios(seen: Floats, event: Bools, group: npt.NDArray[np.int64], groups: int) -> Floats:
    """Log hazard ratio of everybody, then with each group left out."""
    arms = np.repeat(np.array([0, 1], np.uint8), group.size)
    both = np.concatenate([group, group])
    found = log_ratios_without(
        seen.reshape(-1), event.reshape(-1).view(np.uint8), arms, both, groups
    )
    ratios: Floats = np.roll(found, 1)
    return ratios
