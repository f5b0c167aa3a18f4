"""The true contrast of the two strategies: everybody under both, with the same random numbers."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from debulk.core.results import plain
from debulk.emulation.grace import TIMINGS, Timing
from debulk.emulation.laboratory.knobs import Knobs
from debulk.emulation.laboratory.life_kernels import live_strategies
from debulk.emulation.person_time import Floats
from debulk.survival.leaving_out import log_ratios_without

TRUTH_PATIENTS = 400_000
"""Patients of the cheap simulator who live under both strategies."""

TRUTH_TRIAL = 1_000_000
"""Number of the registry they are drawn as, beyond every simulated one."""

_GROUPS = 10
_BLOCK = 50_000


@dataclass(frozen=True, slots=True)
class TimedTruth:
    """The contrast of strategy 1 in one timing with no local treatment.

    Attributes
    ----------
    log_hazard_ratio, log_hazard_ratio_error : float
        Cox model, nobody lost, all followed to the registry's last cut-off; its Monte Carlo error
        by the jackknife over groups of patients.
    log_hazard_ratio_registry, log_hazard_ratio_registry_error : float
        The same under the registry's own loss and cut-off.
    rmst_difference_months, rmst_difference_error : float
        Difference in mean survival up to the horizon, in months.
    """

    log_hazard_ratio: float
    log_hazard_ratio_error: float
    log_hazard_ratio_registry: float
    log_hazard_ratio_registry_error: float
    rmst_difference_months: float
    rmst_difference_error: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What the strategies do, and how the patients fare.

    Attributes
    ----------
    natural, uniform : TimedTruth
    tau_months : float
    patients : int
        Each counted once.
    median_months : float
        Median survival without local treatment.
    treated_share : float
        Share whom usual care treats inside the grace period.
    """

    natural: TimedTruth
    uniform: TimedTruth
    tau_months: float
    patients: int
    median_months: float
    treated_share: float

    def of(self, timing: Timing) -> TimedTruth:
        """The contrast in one timing."""
        return self.natural if timing == "natural" else self.uniform

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return plain(asdict(self))  # type: ignore[no-any-return]


def true_contrast(
    knobs: Knobs, *, seed: int, tau_months: float, patients: int = TRUTH_PATIENTS
) -> Truth:
    """Follow patients of the cheap simulator under each strategy.

    Parameters
    ----------
    knobs : Knobs
    seed : int
    tau_months : float
        Horizon of the restricted mean.
    patients : int
        How many, each under every strategy.
    """
    found = lives(knobs, seed=seed, patients=patients)
    return truth_of(
        found[:, :3].T.copy(),
        found[:, 3],
        treated=found[:, 4] > 0.0,
        last_months=knobs.cut_off_last,
        tau_months=tau_months,
    )


def lives(knobs: Knobs, *, seed: int, patients: int) -> Floats:
    """Columns of `debulk.emulation.laboratory.life_kernels.live_strategies`, a row a patient."""
    found = np.empty((patients, 5))
    room = np.empty((int(np.ceil(knobs.cut_off_last)), 7))
    for start in range(0, patients, _BLOCK):
        # In blocks, so that an interruption is heard.
        live_strategies(
            knobs.record()[0], seed, TRUTH_TRIAL, start, found[start : start + _BLOCK], room
        )
    return found


def truth_of(
    deaths: Floats,
    follow_up: Floats,
    *,
    treated: np.ndarray[Any, np.dtype[np.bool_]],
    last_months: float,
    tau_months: float,
) -> Truth:
    """Contrast the strategies from the deaths of the same patients under each.

    Parameters
    ----------
    deaths : (3, n) float64
        Months to death without local treatment, under strategy 1 natural and uniform; infinite
        beyond `last_months`.
    follow_up : (n,) float64
        Months to loss or cut-off in the registry.
    treated : (n,) bool
        Whether usual care treats.
    last_months, tau_months : float
        End of the uncensored follow-up; horizon of the restricted mean.
    """
    timed = {
        timing: _contrast(deaths[0], deaths[place], follow_up, last_months, tau_months)
        for place, timing in enumerate(TIMINGS, start=1)
    }
    return Truth(
        natural=timed["natural"],
        uniform=timed["uniform"],
        tau_months=tau_months,
        patients=follow_up.size,
        median_months=float(np.median(deaths[0])),
        treated_share=float(np.mean(treated)),
    )


def _contrast(
    without: Floats, local: Floats, follow_up: Floats, last_months: float, tau_months: float
) -> TimedTruth:
    gained = np.minimum(local, tau_months) - np.minimum(without, tau_months)
    error = float(np.std(gained, ddof=1)) / math.sqrt(gained.size)
    uncensored = _log_ratio(without, local, np.full(follow_up.size, last_months))
    return TimedTruth(
        *uncensored, *_log_ratio(without, local, follow_up), float(np.mean(gained)), error
    )


def _log_ratio(without: Floats, local: Floats, follow_up: Floats) -> tuple[float, float]:
    """Log hazard ratio and its Monte Carlo error; exactly 0 where nobody's death differs."""
    if np.array_equal(without, local):
        return 0.0, 0.0
    both = np.concatenate([without, local])
    ends = np.concatenate([follow_up, follow_up])
    arm = np.repeat(np.array([0, 1], np.uint8), follow_up.size)
    group = np.tile(np.arange(follow_up.size) % _GROUPS, 2)
    event = (both <= ends).view(np.uint8)
    ratios = log_ratios_without(np.minimum(both, ends), event, arm, group, _GROUPS)
    left_out = ratios[:_GROUPS]
    spread = float(np.sum((left_out - left_out.mean()) ** 2))
    return float(ratios[_GROUPS]), math.sqrt((_GROUPS - 1) / _GROUPS * spread)
