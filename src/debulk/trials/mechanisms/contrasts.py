"""Contrasts of both arms on the same patients: hazard ratio, mean survival, survival at five years.

The hazard ratio is that of the pool of all draws (Cox model, Efron), as the truth of `run_trial`.
Its Monte Carlo error is a jackknife over groups of patients; two worlds are compared with the same
groups left out of both, so that what they share cancels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.results import plain
from debulk.core.shrinkage import without_noise
from debulk.survival.leaving_out import log_ratios_without
from debulk.trials.estimands.contrast import GROUPS, jackknife_error
from debulk.trials.mechanisms.counterfactual import LANDMARK_MONTHS
from debulk.trials.uncertainty import parts_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.trials.mechanisms.counterfactual import BothArms

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

_LEAST_EVENTS = 10
"""Deaths in either arm below which a hazard ratio is not given."""


@dataclass(frozen=True)
class WorldEffect:
    """The effect of the experimental strategy in one world.

    Attributes
    ----------
    patients : int
    log_ratio : float64[1 + groups]
        Log hazard ratio of all patients, then with each group of patients left out.
    by_draw : float64[draws, 1 + groups]
        The same for each draw of the parameters; no rows with one draw.
    rmst_difference_months, rmst_error_months : float
        Difference in mean survival up to the protocol's horizon.
    survival : tuple of two float
        Alive at `LANDMARK_MONTHS`, in the control and in the experimental arm.
    survival_error : float
        Monte Carlo error of their difference.
    """

    patients: int
    log_ratio: Floats
    by_draw: Floats
    rmst_difference_months: float
    rmst_error_months: float
    survival: tuple[float, float]
    survival_error: float

    @property
    def hazard_ratio(self) -> float:
        """Hazard ratio of all patients; NaN where too few die."""
        return math.exp(self.log_ratio[0])

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the log hazard ratio."""
        return jackknife_error(self.log_ratio[1:])

    def to_dict(self, structures: Sequence[str]) -> dict[str, Any]:
        """Plain values; the error of the hazard ratio is on its own scale.

        Parameters
        ----------
        structures : sequence of str
            Structure of each draw.
        """
        content: dict[str, Any] = plain(
            {
                "patients": self.patients,
                "hazard_ratio": self.hazard_ratio,
                "monte_carlo_error": self.hazard_ratio * self.error,
                "parameters": spread_of(self.by_draw, structures),
                "rmst_difference_months": self.rmst_difference_months,
                "rmst_error_months": self.rmst_error_months,
                "survival_60_months": {
                    "control": self.survival[0],
                    "experimental": self.survival[1],
                    "difference": self.survival[1] - self.survival[0],
                    "monte_carlo_error": self.survival_error,
                },
            }
        )
        return content


def effect_in(arms: BothArms) -> WorldEffect:
    """Contrast both arms in one world.

    Parameters
    ----------
    arms : BothArms
    """
    mean, mean_error = mean_gain(
        np.minimum(arms.experimental, arms.tau_months) - np.minimum(arms.control, arms.tau_months)
    )
    alive = arms.control > LANDMARK_MONTHS, arms.experimental > LANDMARK_MONTHS
    _, survival_error = mean_gain(alive[1].astype(np.float64) - alive[0])
    return WorldEffect(
        patients=len(arms),
        log_ratio=log_ratios(arms),
        by_draw=ratios_by_draw(arms),
        rmst_difference_months=mean,
        rmst_error_months=mean_error,
        survival=(_mean(alive[0]), _mean(alive[1])),
        survival_error=survival_error,
    )


def log_ratios(arms: BothArms, chosen: Bools | None = None) -> Floats:
    """Log hazard ratio of some patients, then with each group of them left out.

    Parameters
    ----------
    arms : BothArms
    chosen : bool[n], optional
        Which patients; default: all.

    Returns
    -------
    float64[1 + GROUPS]
        NaN where an arm has fewer than ten deaths. Groups go by the patient's row in the pool, the
        same in every world.
    """
    rows = np.arange(len(arms)) if chosen is None else np.flatnonzero(chosen)
    times = np.stack([arms.control[rows], arms.experimental[rows]])
    follow_up = arms.follow_up_months[rows]
    event = times <= follow_up
    if rows.size == 0 or int(event.sum(axis=1).min()) < _LEAST_EVENTS:
        return np.full(1 + GROUPS, np.nan)
    seen = np.minimum(times, follow_up)
    arm = np.repeat(np.array([0, 1], np.uint8), rows.size)
    group = np.tile(arms.row[rows] % GROUPS, 2)
    found = log_ratios_without(
        seen.reshape(-1), event.reshape(-1).view(np.uint8), arm, group, GROUPS
    )
    ratios: Floats = np.roll(found, 1)
    return ratios


def pooled_log_ratio(arms: BothArms) -> float:
    """Log hazard ratio of all patients, without its error; NaN as in `log_ratios`."""
    times = np.stack([arms.control, arms.experimental])
    event = times <= arms.follow_up_months
    if len(arms) == 0 or int(event.sum(axis=1).min()) < _LEAST_EVENTS:
        return math.nan
    seen = np.minimum(times, arms.follow_up_months)
    arm = np.repeat(np.array([0, 1], np.uint8), len(arms))
    nobody = np.zeros(2 * len(arms), np.int64)
    found = log_ratios_without(seen.reshape(-1), event.reshape(-1).view(np.uint8), arm, nobody, 0)
    return float(found[0])


def ratios_by_draw(arms: BothArms) -> Floats:
    """`log_ratios` of each draw of the parameters, a row a draw; no rows with one draw."""
    draws = int(arms.draw.max()) + 1 if len(arms) else 0
    if draws < 2:
        return np.empty((0, 1 + GROUPS))
    return np.array([log_ratios(arms, arms.draw == draw) for draw in range(draws)])


def spread_of(by_draw: Floats, structures: Sequence[str]) -> dict[str, Any] | None:
    """Range of a ratio over draws of the parameters, free of Monte Carlo error.

    Parameters
    ----------
    by_draw : float64[draws, 1 + groups]
        Its logarithm for each draw, then with each group of patients left out.
    structures : sequence of str
        Structure of each draw.

    Returns
    -------
    dict or None
        The central 90 % (``lower``, ``upper``), the share of the draws below 1, and the standard
        deviations of the logarithm between draws and between structures; None with fewer than two
        draws.
    """
    values = by_draw[:, 0]
    errors = np.array([jackknife_error(each[1:]) for each in by_draw])
    known = np.isfinite(values) & np.isfinite(errors)
    if known.sum() < 2:
        return None
    clean = without_noise(values[known], float((errors[known] ** 2).mean()))
    low, high = np.quantile(clean, [0.05, 0.95])
    names = list(dict.fromkeys(structures))
    structure = np.array([names.index(each) for each in structures])
    told = parts_of(values, errors, np.arange(values.size), structure).to_dict()
    return {
        "lower": math.exp(low),
        "upper": math.exp(high),
        "share": 0.9,
        "draws": clean.size,
        "draws_below_1": float((clean < 0.0).mean()),
        "parameter_sd": told["parameter_sd"],
        "structure_sd": told["structure_sd"],
    }


def mean_gain(gain: Floats) -> tuple[float, float]:
    """Mean of what each patient gains, and its standard error.

    Parameters
    ----------
    gain : float64[n]
        Of the same patients, experimental less control.
    """
    if gain.size < 2:
        return _mean(gain), math.nan
    return float(gain.mean()), float(gain.std(ddof=1)) / math.sqrt(gain.size)


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else math.nan
