"""Difference in median survival, or in another quantile, between two groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import chdtrc, ndtr

from debulk.core.results import Estimate
from debulk.survival.contrasts import curves_by_group, read_two
from debulk.survival.curves import SurvivalCurve
from debulk.survival.curves.limits import limits_apart, normal_width
from debulk.survival.curves.survival_curve import crossing
from debulk.survival.options import check_level, check_share, check_word
from debulk.survival.subjects import Floats

Method = Literal["square-and-add", "minimum dispersion"]

_FARTHEST = 8.0
"""Standard errors; a p-value below 2e-15 is given as that."""
_HALVINGS = 40


def median_difference(
    time: Any,
    event: Any,
    group: Any,
    *,
    p: float = 0.5,
    reference: Any = None,
    method: Method = "square-and-add",
    conf_level: float = 0.95,
) -> Estimate:
    """Difference in median survival time, the other group minus the reference.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    group : array-like, shape (n,)
        Labels of exactly two groups.
    p : float
        The share that has had the event, strictly between 0 and 1; 0.5 for the median.
    reference : label, optional
        The group that is subtracted; by default the first level of an Enum or Categorical
        column, else the lowest number, else the first in sorted order.
    conf_level : float
        Level of the interval, strictly between 0 and 1.
    method : {"square-and-add", "minimum dispersion"}
        How the interval is made; neither needs the density at the median.

        "square-and-add": the distances from each group's quantile to its Brookmeyer-Crowley
        limits (log-log scale) are squared, added and rooted, on the side that counts (Zou and
        Donner 2008, Stat Med 27:1693).

        "minimum dispersion": the interval holds every difference d for which some t makes
        (g(S0(t)) - c)**2 / V0(t) + (g(S1(t + d)) - c)**2 / V1(t + d) at most the chi-square
        quantile with 1 degree of freedom, g(S) = log(-log S), c = g(1 - p), V by Greenwood and
        the delta method (Su and Wei 1993, Biometrics 49:603, there with g(S) = S). Wider than it
        need be in small groups, but it also bounds a difference whose quantile is not reached.

    Returns
    -------
    Estimate
        The difference of the Kaplan-Meier quantiles, NaN where one is not reached; `se` is NaN,
        for none is estimated; a limit is NaN where follow-up does not bound it. `p` is that of
        the smallest interval of the same method that holds 0 (square-and-add), or of the
        dispersion at d = 0; None where it is not defined.

    Raises
    ------
    InputError
        On arrays that do not fit, other than two groups, or `p` not between 0 and 1.
    """
    check_level(conf_level)
    check_share(p, "p", "Give 0.5 for the median")
    check_word(method, Method, "method")
    subjects, groups = read_two(time, event, group, reference)
    base, other = curves_by_group(subjects, groups, conf_level)
    contrast = _squared if method == "square-and-add" else _dispersed
    difference = other.quantile(p).estimate - base.quantile(p).estimate
    lower, upper, p_value = contrast(base, other, p, conf_level)
    name = "median" if p == 0.5 else f"time by which {100 * p:g} % have had the event"
    note = f"Interval and test: {method}, log-log scale; no standard error is estimated."
    if np.isnan(difference):
        note += " A group has not reached it."
    return Estimate(
        estimand=f"{name}, {groups.labels[1]} minus {groups.reference}",
        estimate=difference,
        se=float("nan"),
        lower=lower,
        upper=upper,
        conf_level=conf_level,
        n=subjects.n,
        events=subjects.events,
        p=p_value,
        note=note,
    )


Contrast = tuple[float, float, float | None]


def _squared(base: SurvivalCurve, other: SurvivalCurve, p: float, conf_level: float) -> Contrast:
    quantiles = _Quantile.of(base, p), _Quantile.of(other, p)
    lower, upper = _square_and_add(*quantiles, normal_width(conf_level))
    difference = quantiles[1].estimate - quantiles[0].estimate
    if np.isnan(difference):
        return lower, upper, None
    if difference == 0.0:
        return lower, upper, 1.0
    near, far = 0.0, _FARTHEST
    for _ in range(_HALVINGS):
        middle = (near + far) / 2.0
        low, high = _square_and_add(*quantiles, middle)
        if low > 0.0 or high < 0.0:
            near = middle
        else:
            far = middle
    return lower, upper, float(2.0 * ndtr(-far))


def _square_and_add(base: _Quantile, other: _Quantile, width: float) -> tuple[float, float]:
    base_lower, base_upper = base.limits(width)
    other_lower, other_upper = other.limits(width)
    difference = other.estimate - base.estimate
    down = np.hypot(other.estimate - other_lower, base_upper - base.estimate)
    up = np.hypot(other_upper - other.estimate, base.estimate - base_lower)
    return float(difference - down), float(difference + up)


@dataclass(frozen=True, eq=False)
class _Quantile:
    """A quantile of a curve, and the part of the curve that holds its limits."""

    estimate: float
    level: float
    time: Floats
    survival: Floats
    log_se: Floats

    @classmethod
    def of(cls, curve: SurvivalCurve, p: float) -> _Quantile:
        """Cut from a curve the times that lie up to `_FARTHEST` standard errors off."""
        survival = curve.survival
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            log_se = curve.std_error / survival
            offset = np.log(np.log(survival) / np.log1p(-p)) * np.log(survival) / log_se
        near = np.flatnonzero(np.abs(offset) <= _FARTHEST)
        part = slice(0, 0)
        if near.size:
            part = slice(max(int(near[0]) - 1, 0), int(near[-1]) + 2)
        estimate = curve.quantile(p).estimate
        return cls(estimate, 1.0 - p, curve.time[part], survival[part], log_se[part])

    def limits(self, width: float) -> tuple[float, float]:
        """Brookmeyer and Crowley's limits, `width` standard errors away."""
        if not self.time.size:
            return float("nan"), float("nan")
        lower, upper = limits_apart(self.survival, self.log_se, width, "log-log")
        return crossing(self.time, lower, self.level), crossing(self.time, upper, self.level)


def _dispersed(base: SurvivalCurve, other: SurvivalCurve, p: float, conf_level: float) -> Contrast:
    stretches = _Stretches.of(base, p), _Stretches.of(other, p)
    most = normal_width(conf_level) ** 2
    least = _least_together(*stretches)
    return (
        -_farthest(stretches[1], stretches[0], most),
        _farthest(stretches[0], stretches[1], most),
        float(chdtrc(1, least)) if np.isfinite(least) else None,
    )


@dataclass(frozen=True, eq=False)
class _Stretches:
    """Times between which a curve is flat, and its squared distance from the wanted level."""

    start: Floats
    end: Floats
    distance: Floats

    @classmethod
    def of(cls, curve: SurvivalCurve, p: float) -> _Stretches:
        """Stretches where survival lies strictly between 0 and 1 (elsewhere V is not defined)."""
        inside = (curve.survival > 0.0) & (curve.survival < 1.0)
        end = np.append(curve.time[1:], np.inf)
        survival = curve.survival[inside]
        log_survival = np.log(survival)
        se = curve.std_error[inside] / (survival * -log_survival)
        offset = np.log(-log_survival) - np.log(-np.log1p(-p))
        return cls(curve.time[inside], end[inside], (offset / se) ** 2)

    def within(self, most: float) -> _Stretches:
        """Those at most so far from the level."""
        near = self.distance <= most
        return _Stretches(self.start[near], self.end[near], self.distance[near])


def _farthest(early: _Stretches, late: _Stretches, most: float) -> float:
    """Largest difference of a time in `late` and one in `early` whose distances add up to `most`.

    NaN where a stretch that counts has no end, or none counts.
    """
    early, late = early.within(most), late.within(most)
    if not early.start.size or not late.start.size:
        return float("nan")
    order = np.argsort(early.distance, kind="stable")
    distance = early.distance[order]
    earliest = np.minimum.accumulate(early.start[order])
    partners = np.searchsorted(distance, most - late.distance, side="right")
    some = partners > 0
    if not some.any():
        return float("nan")
    farthest = float((late.end[some] - earliest[partners[some] - 1]).max())
    return farthest if np.isfinite(farthest) else float("nan")


def _least_together(base: _Stretches, other: _Stretches) -> float:
    """Least sum of both distances at one time; infinite where the curves never overlap."""
    if not base.start.size or not other.start.size:
        return float("inf")
    times = np.union1d(base.start, other.start)
    return float((_at(base, times) + _at(other, times)).min())


def _at(stretches: _Stretches, times: Floats) -> Floats:
    place = np.searchsorted(stretches.start, times, side="right") - 1
    known = (place >= 0) & (times < stretches.end[np.maximum(place, 0)])
    result: Floats = np.where(known, stretches.distance[np.maximum(place, 0)], np.inf)
    return result
