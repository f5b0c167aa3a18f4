"""The true effect: every randomised patient under both arms, free of sampling noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from debulk.survival import kaplan_meier
from debulk.trials.conduct.conducting import survival_at
from debulk.trials.conduct.worlds import Endpoint
from debulk.trials.estimands.contrast import contrast, log_ratio_with_error

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.recruitment.randomised import Randomised

_CURVE_POINTS = 121

Curves = dict[str, dict[str, list[float | None]]]


@dataclass(frozen=True)
class Truth:
    """The contrast of the two arms on the same virtual patients.

    Every randomised patient is once in each arm, treated as they would really be (treatment
    policy), followed to their trial's cut-off, with nobody lost.

    Attributes
    ----------
    hazard_ratio : float
        Cox model (Efron) on the pool, for the primary endpoint.
    rmst_difference_months, tau_months : float
        Difference in mean survival time up to tau, experimental minus control.
    patients : int
        Patients in the pool, each counted once.
    hazard_ratio_error, rmst_error_months : float
        Monte Carlo standard errors by the jackknife over 20 groups of patients; NaN below 20.
    curves : dict
        Overall and progression-free survival of both arms on a grid of months.
    """

    hazard_ratio: float
    rmst_difference_months: float
    tau_months: float
    patients: int
    hazard_ratio_error: float
    rmst_error_months: float
    curves: Curves

    def to_dict(self) -> dict[str, object]:
        """Plain values under the names of the JSON contract."""
        return {
            "hazard_ratio": self.hazard_ratio,
            "rmst_difference_months": self.rmst_difference_months,
            "tau_months": self.tau_months,
            "patients": self.patients,
            "monte_carlo_error": {
                "hazard_ratio": self.hazard_ratio_error,
                "rmst_difference_months": self.rmst_error_months,
            },
            "curves": self.curves,
        }


def true_effect(
    randomised: Randomised,
    allocation: Allocation,
    cutoff_months: npt.NDArray[np.float64],
    tau_months: float,
    arms: tuple[str, str],
    endpoint: Endpoint = "os",
) -> Truth:
    """Contrast both arms on all randomised patients.

    Parameters
    ----------
    randomised : Randomised
        The pool.
    allocation : Allocation
        Says who would follow another strategy than the one assigned.
    cutoff_months : float64 array
        Calendar time of the cut-off of each patient's trial.
    tau_months : float
        Horizon of the restricted mean.
    arms : tuple of two str
        Names of the control and of the experimental arm.
    endpoint : {"os", "pfs"}
        Whose contrast it is.

    Returns
    -------
    Truth
    """
    follow_up = np.maximum(cutoff_months - randomised.randomised_months, 0.0)
    dies, fails = _policy(randomised, allocation)
    policy = fails if endpoint == "pfs" else dies
    found = contrast(policy, follow_up, tau_months)
    return Truth(
        hazard_ratio=found.hazard_ratio,
        rmst_difference_months=found.rmst_difference_months,
        tau_months=tau_months,
        patients=randomised.size,
        hazard_ratio_error=found.hazard_ratio_error,
        rmst_error_months=found.rmst_error_months,
        curves={
            "os": _curves(dies, follow_up, tau_months, arms),
            "pfs": _curves(fails, follow_up, tau_months, arms),
        },
    )


def truths_of_trials(
    randomised: Randomised,
    allocation: Allocation,
    cutoff_months: npt.NDArray[np.float64],
    starts: npt.NDArray[np.int64],
    endpoint: Endpoint = "os",
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """True log hazard ratio of the patients of each trial, and its Monte Carlo standard error.

    As in `true_effect`, trial by trial: a trial's patients have one draw of the parameters.

    Parameters
    ----------
    randomised, allocation, cutoff_months, endpoint
        As in `true_effect`.
    starts : int64[trials + 1]
        Where the patients of each trial begin.

    Returns
    -------
    tuple of two float64[trials]
        NaN where an arm has no event, and for the error where a trial has next to no patients.
    """
    follow_up = np.maximum(cutoff_months - randomised.randomised_months, 0.0)
    dies, fails = _policy(randomised, allocation)
    times = fails if endpoint == "pfs" else dies
    ratios, errors = np.empty(starts.size - 1), np.empty(starts.size - 1)
    for trial in range(ratios.size):
        here = slice(starts[trial], starts[trial + 1])
        ratios[trial], errors[trial] = log_ratio_with_error(times[:, here], follow_up[here])
    return ratios, errors


def _policy(
    randomised: Randomised, allocation: Allocation
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Death, and progression or death, in each arm as patients would really be treated there."""
    death = np.stack([randomised.death_control, randomised.death_experimental])
    progression = np.stack([randomised.progression_control, randomised.progression_experimental])
    dies = _policy_outcomes(death, allocation)
    # In the control arm, local treatment after progression is part of the policy.
    dies[0] = np.where(allocation.crosses_over, dies[0], randomised.death_salvage)
    return dies, _policy_outcomes(np.minimum(death, progression), allocation)


def _policy_outcomes(
    times: npt.NDArray[np.float64], allocation: Allocation
) -> npt.NDArray[np.float64]:
    """Times in each arm as patients would really be treated there: two rows."""
    in_control = np.where(allocation.crosses_over, times[1], times[0])
    in_experimental = np.where(allocation.withdraws, times[0], times[1])
    return np.stack([in_control, in_experimental])


def _curves(
    times: npt.NDArray[np.float64],
    follow_up: npt.NDArray[np.float64],
    tau_months: float,
    arms: tuple[str, str],
) -> dict[str, list[float | None]]:
    """Survival of both arms on a grid of months, to twice the horizon at most."""
    months = np.linspace(0.0, 2.0 * tau_months, _CURVE_POINTS)
    curves: dict[str, list[float | None]] = {"months": [float(each) for each in months]}
    for side, name in enumerate(arms):
        survival = np.full(months.size, np.nan)
        if follow_up.size:
            seen = np.minimum(times[side], follow_up)
            survival = survival_at(kaplan_meier(seen, times[side] <= follow_up), months)
        curves[name] = [float(each) if np.isfinite(each) else None for each in survival]
    return curves
