"""One number an arm, measured by trials and known to the simulator, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from debulk.core.results import plain
from debulk.trials.endpoints.areas import areas_without, two_arm_areas
from debulk.trials.endpoints.states import STATES, StateTimes, accrued
from debulk.trials.estimands.contrast import GROUPS, jackknife_error
from debulk.trials.over_trials import mean, quantile

if TYPE_CHECKING:
    from debulk.trials.conduct.worlds import Worlds

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """A number by arm, control first.

    Attributes
    ----------
    trials : float64[trials, 2]
        As each trial measures it; NaN where it cannot.
    truth : float64[2]
        Of the pool of all patients, each in both arms.
    without : float64[groups, 2]
        The truth with each group of the jackknife left out.
    """

    trials: Floats
    truth: Floats
    without: Floats


@dataclass(frozen=True)
class Times:
    """Mean times `STATES` up to the horizon, by trial and arm, and on the pool.

    Attributes
    ----------
    trials : float64[trials, 2, 4]
    truth : float64[2, 4]
    without : float64[groups, 2, 4]
    """

    trials: Floats
    truth: Floats
    without: Floats

    def weighted(self, weights: Floats, scale: float = 1.0) -> Measured:
        """A sum of mean times; what has no weight need not be known.

        Parameters
        ----------
        weights : float64[4]
            Of `STATES`.
        scale : float
            Factor of the sum, for other units.
        """
        used = np.flatnonzero(weights)
        chosen = scale * weights[used]
        return Measured(
            self.trials[..., used] @ chosen,
            self.truth[..., used] @ chosen,
            self.without[..., used] @ chosen,
        )


def mean_times(
    states: StateTimes,
    worlds: Worlds,
    cutoff_months: Floats,
    follow_up: Floats,
    tau_months: float,
    wanted: Sequence[str] = STATES,
) -> Times:
    """Areas under the curves of `STATES`: by trial as observed, and on the pool.

    Parameters
    ----------
    states : StateTimes
        Of every patient in either arm.
    worlds : Worlds
        What trials see of survival and progression.
    cutoff_months : float64[trials]
        Calendar time of each trial's analysis.
    follow_up : float64[n]
        Months for which the simulator follows each patient.
    tau_months : float
        The horizon.
    wanted : sequence of str
        Those of `STATES` that are asked for; the others are NaN.
    """
    os, pfs = (
        [world.seen(trial, float(at)) for trial, at in enumerate(cutoff_months)]
        for world in (worlds.os, worlds.pfs)
    )
    experimental, starts = worlds.os.experimental, worlds.os.starts
    until = np.concatenate([each.until for each in os])
    arm, everybody = experimental.astype(np.int64), np.arange(experimental.size)
    found = []
    for name in STATES:
        if name not in wanted:
            found.append(np.full((starts.size - 1, 2), np.nan))
            continue
        if name in ("os", "pfs"):
            chosen = os if name == "os" else pfs
            time = np.concatenate([each.time for each in chosen])
            event = np.concatenate([each.event for each in chosen])
        else:
            time, event = accrued(
                getattr(states, name)[arm, everybody],
                states.begins[arm, everybody],
                states.pfs[arm, everybody],
                until,
            )
        tail = name not in ("os", "pfs")
        found.append(
            two_arm_areas(time, event, experimental, starts, tau_months, close_tail=tail)[0]
        )
    truth, without = _on_the_pool(states, follow_up, tau_months, wanted)
    return Times(np.stack(found, axis=-1), truth, without)


def _on_the_pool(
    states: StateTimes, follow_up: Floats, tau_months: float, wanted: Sequence[str]
) -> tuple[Floats, Floats]:
    size = follow_up.size
    groups = GROUPS if size >= GROUPS else 0
    group = np.arange(size) % GROUPS
    truth, without = np.full((2, 4), np.nan), np.full((groups, 2, 4), np.nan)
    for place, name in enumerate(STATES):
        for side in range(2):
            spent = getattr(states, name)[side]
            if name not in wanted or np.isnan(spent).any():
                continue
            if name in ("os", "pfs"):
                time, event = np.minimum(spent, follow_up), spent <= follow_up
            else:
                time, event = accrued(spent, states.begins[side], states.pfs[side], follow_up)
            tail = name not in ("os", "pfs")
            found = areas_without(time, event, group, groups, tau_months, tail)
            truth[side, place], without[:, side, place] = found
    return truth, without


@dataclass(frozen=True)
class MeasureResult:
    """A number by arm over trials, beside its truth.

    Attributes
    ----------
    name, title, unit : str
    trials : int
        Trials that measure both arms.
    arms : dict of arm to dict
        ``mean`` over trials, ``se`` (standard deviation over trials, what a trial's standard error
        should be), ``monte_carlo_error`` of the mean, ``truth`` and ``truth_error``.
    difference : dict
        The same of experimental minus control, with ``lower`` and ``upper`` (middle 95 % of
        trials).
    """

    name: str
    title: str
    unit: str
    trials: int
    arms: dict[str, dict[str, float | None]]
    difference: dict[str, float | None]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        content: dict[str, Any] = plain(
            {
                "name": self.name,
                "title": self.title,
                "unit": self.unit,
                "trials": self.trials,
                "arms": self.arms,
                "difference": self.difference,
            }
        )
        return content


def measure(
    name: str, title: str, unit: str, found: Measured, arms: tuple[str, str]
) -> MeasureResult:
    """Sum up one number over trials.

    Parameters
    ----------
    name, title, unit : str
        How results call it.
    found : Measured
        By trial and on the pool.
    arms : tuple of two str
        Names of the control and of the experimental arm.
    """
    both = found.trials[np.isfinite(found.trials).all(axis=1)]
    gain = both[:, 1] - both[:, 0]
    return MeasureResult(
        name,
        title,
        unit,
        len(both),
        {
            arm: _summed(both[:, side], found.truth[side], found.without[:, side])
            for side, arm in enumerate(arms)
        },
        {
            **_summed(
                gain,
                found.truth[1] - found.truth[0],
                found.without[:, 1] - found.without[:, 0],
            ),
            "lower": quantile(gain, 0.025),
            "upper": quantile(gain, 0.975),
        },
    )


def _summed(values: Floats, truth: float, without: Floats) -> dict[str, float | None]:
    spread = float(values.std(ddof=1)) if values.size > 1 else math.nan
    return {
        "mean": mean(values),
        "se": spread,
        "monte_carlo_error": spread / math.sqrt(values.size) if values.size else math.nan,
        "truth": float(truth),
        "truth_error": jackknife_error(without),
    }
