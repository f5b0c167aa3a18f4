"""Conditional survival of several studies, pooled interval by interval or all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.evidence.landmarks.between_studies import covariance_between, pooled_effects
from debulk.evidence.landmarks.studies import SurvivalStudy
from debulk.evidence.landmarks.transforms import Transform, transformed
from debulk.evidence.pooling.pooled import IntervalMethod, Method, PooledEffect
from debulk.evidence.pooling.random_effects import pool
from debulk.survival.curves.limits import normal_width

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """How conditional survival is brought to the scale of pooling."""

    transform: Transform
    continuity: float

    def effects(self, shares: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
        """One interval of several studies on the scale, with variances.

        The correction is not made where one study stands alone and some, not all, survive.

        Raises
        ------
        InputError
            If there is no correction while none or all of a study survive.
        """
        none_or_all = bool(np.any((shares == 0.0) | (shares == 1.0)))
        if none_or_all and self.continuity == 0.0:
            found = "0, while none or all of a study die in an interval"
            raise InputError("continuity", found, "Give 0.25, or other landmarks as times=")
        moved = self.continuity if len(shares) > 1 or none_or_all else 0.0
        return transformed(shares, at_risk, self.transform, moved)


@dataclass(frozen=True, eq=False)
class Conditional:
    """Survival of each study through each interval.

    Attributes
    ----------
    names : tuple of str
        Studies.
    shares, at_risk : float64 array, shape (studies, intervals)
        Survival given survival to the start, and the number at risk there; NaN where not told.
    """

    names: tuple[str, ...]
    shares: Floats
    at_risk: Floats

    @property
    def told(self) -> npt.NDArray[np.bool_]:
        """Which study tells which interval."""
        return ~np.isnan(self.shares)

    def tellers(self, interval: int) -> tuple[str, ...]:
        """The studies that tell an interval."""
        known = self.told[:, interval]
        return tuple(name for name, tells in zip(self.names, known, strict=True) if tells)


@dataclass(frozen=True, eq=False)
class IntervalEffects:
    """Pooled effects of all intervals.

    Attributes
    ----------
    effects : float64 array, shape (intervals,)
        On the scale of pooling.
    covariance : float64 array, shape (intervals, intervals)
        Of the effects.
    tau2 : tuple of float
        Variance between studies.
    apart : tuple of PooledEffect or None
        What pooling each interval by itself gives; None where one study tells it.
    """

    effects: Floats
    covariance: Floats
    tau2: tuple[float, ...]
    apart: tuple[PooledEffect | None, ...]


def conditional_survival(studies: Sequence[SurvivalStudy], grid: Floats) -> Conditional:
    """Survival of each study through the intervals of a grid.

    Raises
    ------
    InputError
        If no study reaches a landmark.
    """
    pairs = [study.between(grid) for study in studies]
    shares, at_risk = (np.array([pair[part] for pair in pairs]) for part in (0, 1))
    found = Conditional(tuple(study.name for study in studies), shares, at_risk)
    reached = found.told.any(axis=0)
    if not reached.all():
        last = grid[reached].max(initial=0.0)
        remedy = f"Give times up to {last:g}" if last else "Give an earlier landmark first"
        text = f"no study tells survival at {grid[~reached][0]:g}"
        raise InputError("times", text, remedy)
    return found


def independent_effects(
    found: Conditional,
    scale: Scale,
    *,
    method: Method,
    interval: IntervalMethod,
    conf_level: float,
) -> IntervalEffects:
    """Pool each interval by itself."""
    apart = _apart(found, scale, method, interval, conf_level)
    width = 2.0 * normal_width(conf_level)
    effects, variances = [], []
    for j, result in enumerate(apart):
        if result is None:
            told = found.told[:, j]
            values, spread = scale.effects(found.shares[told, j], found.at_risk[told, j])
            effects.append(float(values[0]))
            variances.append(float(spread[0]))
        else:
            effects.append(result.estimate)
            # The reach of the interval counts, so that a t quantile is kept in the product.
            variances.append(((result.upper - result.lower) / width) ** 2)
    tau2 = tuple(0.0 if result is None else result.tau2 for result in apart)
    return IntervalEffects(np.array(effects), np.diag(variances), tau2, apart)


def correlated_effects(found: Conditional, scale: Scale, *, conf_level: float) -> IntervalEffects:
    """Pool all intervals together, with their covariance between studies."""
    values, spread = np.full((2, *found.shares.shape), np.nan)
    for j, told in enumerate(found.told.T):
        pair = scale.effects(found.shares[told, j], found.at_risk[told, j])
        values[told, j], spread[told, j] = pair
    between = covariance_between(values, spread)
    effects, covariance = pooled_effects(values, spread, between)
    tau2 = tuple(float(each) for each in np.diag(between))
    return IntervalEffects(
        effects, covariance, tau2, _apart(found, scale, "dl", "wald", conf_level)
    )


def _apart(
    found: Conditional, scale: Scale, method: Method, interval: IntervalMethod, conf_level: float
) -> tuple[PooledEffect | None, ...]:
    results: list[PooledEffect | None] = []
    for j, told in enumerate(found.told.T):
        if told.sum() < 2:
            results.append(None)
            continue
        values, spread = scale.effects(found.shares[told, j], found.at_risk[told, j])
        results.append(
            pool(
                values,
                np.sqrt(spread),
                method=method,
                interval=interval,
                names=found.tellers(j),
                conf_level=conf_level,
            )
        )
    return tuple(results)
