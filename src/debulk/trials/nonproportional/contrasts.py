"""Differences of survival curves between the arms, with what their estimates vary by.

An estimate is in the limit a sum over patients: h(X) for an event at X, less C(X) for being
followed to X, as in `rank_terms`. Rows are the difference and its estimated variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.follow_up import FollowUp

_NOBODY = 1e-25
_SIGNS = (-1.0, 1.0)  # control, experimental


@dataclass(frozen=True)
class Contrast:
    """A difference between the arms; variances are those of one patient of the trial.

    Attributes
    ----------
    control, experimental : float
        The arms' values.
    difference : float
        On the scale of the test, above 0 for benefit.
    variance : float
        As the test estimates it.
    true : float
        Variance of the difference, numbers by stratum and arm being fixed.
    with_variance, of_variance : float
        Covariance of the difference with the estimated variance, and that one's own variance.
    """

    control: float
    experimental: float
    difference: float
    variance: float
    true: float
    with_variance: float
    of_variance: float

    def power(self, patients: float, bound: float) -> float:
        """Probability of Z at or above a bound: of D - z sqrt(V) at or above 0, both vary."""
        pull = 0.5 * bound / math.sqrt(self.variance * patients)
        spread = self.true - 2.0 * pull * self.with_variance + pull * pull * self.of_variance
        above = math.sqrt(patients) * self.difference - bound * math.sqrt(self.variance)
        return float(ndtr(above / math.sqrt(spread)))


def area_contrast(seen: FollowUp) -> Contrast:
    """Difference in area under the curves up to the end of the grid."""
    arms = _Arms(seen)
    areas = seen.grid.cumulative(arms.survival)
    whole = arms.survival @ seen.grid.weights
    ahead = whole[:, None] - areas
    inverse = arms.inverse
    rate = arms.hazard * inverse
    variance = (ahead**2 * rate) @ seen.grid.weights
    # A later curve is lower after an event: the areas that the variance is made of shrink too.
    before = seen.grid.cumulative(ahead * rate)
    after = variance[:, None] - seen.grid.cumulative(ahead**2 * rate)
    shrunk = 2.0 * (ahead * before + after)
    signs = np.array(_SIGNS)[:, None]
    spread = _covariance(
        seen,
        arms,
        jumps=(-signs * ahead * inverse, (ahead * inverse) ** 2 - shrunk * inverse),
        extra=(ahead * inverse) ** 2,
    )
    control, experimental = whole.tolist()
    total = float(variance.sum())
    return Contrast(control, experimental, experimental - control, total, *spread)


def milestone_contrast(seen: FollowUp, *, lived: Floats, log_log: bool) -> Contrast:
    """Difference in survival at the end of the grid.

    Parameters
    ----------
    seen : FollowUp
        Up to the milestone.
    lived : array, shape (2,)
        Survival there.
    log_log : bool
        Whether log(-log S) is compared, or S itself.
    """
    arms = _Arms(seen)
    inverse = arms.inverse
    relative = (arms.hazard * inverse) @ seen.grid.weights
    if log_log:
        hazards = -np.log(lived)
        factor, change = 1.0 / hazards, 2.0 / hazards**3
        difference = float(np.log(hazards[0] / hazards[1]))
    else:
        factor, change = lived, 2.0 * lived**2
        difference = float(lived[1] - lived[0])
    signs = np.array(_SIGNS)
    counted = (factor[:, None] * inverse) ** 2
    spread = _covariance(
        seen,
        arms,
        jumps=(
            -(signs * factor)[:, None] * inverse,
            counted - (relative * change)[:, None] * inverse,
        ),
        extra=counted,
    )
    control, experimental = lived.tolist()
    variance = float((factor**2 * relative).sum())
    return Contrast(control, experimental, difference, variance, *spread)


class _Arms:
    """All strata together, by arm; arrays of shape (2, m)."""

    def __init__(self, seen: FollowUp) -> None:
        shares = seen.sizes / seen.sizes.sum(axis=0)
        self.survival: Floats = np.einsum("sa,sam->am", shares, seen.survival)
        at_risk = seen.at_risk.sum(axis=0)
        # Where nobody is left nothing is estimated any more, and nothing varies.
        some = self.survival > _NOBODY
        self.inverse: Floats = np.where(some, 1.0 / np.where(some, at_risk, 1.0), 0.0)
        self.hazard: Floats = seen.density.sum(axis=0) * self.inverse


def _covariance(
    seen: FollowUp, arms: _Arms, *, jumps: tuple[Floats, Floats], extra: Floats
) -> tuple[float, float, float]:
    """Variance of the difference, its covariance with the variance, and the latter's variance.

    `jumps` are the two rows by arm; being followed pays a row's jump times the hazard, and the
    second row `extra` times the hazard besides, for the number at risk that it divides by.
    """
    total = np.zeros((2, 2))
    weights = seen.grid.weights
    for arm in (0, 1):
        jump = np.stack([each[arm] for each in jumps])
        slope = jump * arms.hazard[arm]
        slope[1] += extra[arm] * arms.hazard[arm]
        paid = seen.grid.cumulative(slope)
        for stratum in range(seen.sizes.shape[0]):
            events = seen.density[stratum, arm] * weights
            at_risk = seen.at_risk[stratum, arm] * weights
            crossed = (jump * events) @ paid.T
            waited = (slope * at_risk) @ paid.T
            means = jump @ events - slope @ at_risk
            total += (jump * events) @ jump.T - crossed - crossed.T + waited + waited.T
            total -= np.outer(means, means) / seen.sizes[stratum, arm]
    return float(total[0, 0]), float(total[0, 1]), float(total[1, 1])
