"""Rank-preserving structural failure times: the effect had nobody changed treatment.

Robins and Tsiatis (1991, Commun Stat Theory Methods 20:2609): a patient off treatment for
`T_off` months and on it for `T_on` would have lived ``U(psi) = T_off + exp(psi) T_on`` without it.
Randomisation makes U alike in both arms, so psi is where the log-rank test between the arms as
randomised sees no difference in U (g-estimation). Because a benefit moves censoring too, U is
censored again at the least it can be, ``min(C, C exp(psi))`` (White et al. 1999, Stat Med 18:2617).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.survival.batch import analyse_trials

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_GRID = np.linspace(-2.0, 2.0, 9)
_HALVINGS = 12  # to 0.0001; of the limits, whose z is coarse, fewer
_HALVINGS_OF_LIMITS = 8
_Z_95 = 1.959963984540054


@dataclass(frozen=True)
class StructuralTimes:
    """The g-estimate of each trial, and the two arms as if nobody had changed treatment.

    Attributes
    ----------
    psi : float64[trials]
        Log of the factor by which a month on treatment shrinks to a month without it: below 0 is
        benefit. NaN where the log-rank test changes sign nowhere from -2 to 2.
    lower, upper : float64[trials]
        Where that test is 1.96 standard errors off: a 95 % interval for psi. NaN where the test
        never gets there.
    time, event : float64 and bool arrays
        Follow-up under the assigned strategy, never treated or treated throughout, censored again.
    """

    psi: Floats
    lower: Floats
    upper: Floats
    time: Floats
    event: Bools


def structural_times(
    time: Floats,
    event: Bools,
    experimental: Bools,
    treated_from: Floats,
    censoring_months: Floats,
    starts: Ints,
) -> StructuralTimes:
    """Estimate the structural model of many trials.

    Parameters
    ----------
    time, event, experimental : arrays
        Follow-up in months, whether it ended with the event, and the arm as randomised.
    treated_from : float64 array
        Month from which a patient is on the experimental treatment; 0 from the start, infinite
        never.
    censoring_months : float64 array
        When each patient's follow-up would end at the latest, known of everybody.
    starts : int64[trials + 1]
        Where each trial's patients begin.

    Returns
    -------
    StructuralTimes
    """
    off = np.minimum(time, treated_from)
    on = time - off
    sizes = np.diff(starts)
    arms = np.ascontiguousarray(experimental).view(np.uint8)

    def untreated(psi: Floats) -> tuple[Floats, Bools]:
        factor = np.repeat(np.exp(psi), sizes)
        moment = off + factor * on
        limit = np.minimum(censoring_months, censoring_months * factor)
        return np.minimum(moment, limit), event & (moment <= limit)

    def z_at(psi: Floats) -> Floats:
        moment, dead = untreated(psi)
        z: Floats = analyse_trials(moment, dead.view(np.uint8), arms, starts, False)[0]
        return z

    on_grid = np.stack([z_at(np.full(sizes.size, each)) for each in _GRID])
    psi = _crossing(z_at, on_grid, 0.0, np.zeros(sizes.size), _HALVINGS)
    known = np.where(np.isnan(psi), 0.0, psi)
    lower, upper = (
        _crossing(z_at, on_grid, level, known, _HALVINGS_OF_LIMITS) for level in (_Z_95, -_Z_95)
    )
    moment, dead = untreated(known)
    # In the experimental arm: as if treated throughout.
    scale = np.where(experimental, np.repeat(np.exp(-known), sizes), 1.0)
    return StructuralTimes(psi, lower, upper, moment * scale, dead)


def _crossing(
    z_at: Callable[[Floats], Floats],
    on_grid: Floats,
    level: float,
    near: Floats,
    halvings: int,
) -> Floats:
    """Where z falls through a level, nearest to a value, by halving what the grid encloses."""
    down = (on_grid[:-1] > level) & (on_grid[1:] <= level)
    middles = (_GRID[:-1] + _GRID[1:]) / 2.0
    distance = np.where(down, np.abs(middles[:, None] - near), np.inf)
    place = distance.argmin(axis=0)
    low, high = _GRID[place].copy(), _GRID[place + 1].copy()
    for _ in range(halvings):
        middle = (low + high) / 2.0
        above = z_at(middle) > level
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(down.any(axis=0), (low + high) / 2.0, np.nan)
