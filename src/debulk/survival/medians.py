"""Difference in median survival, or in another quantile, between two groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc

from debulk.core.results import Estimate
from debulk.survival.contrasts import curves_by_group, read_two
from debulk.survival.curves import SurvivalCurve, check_level
from debulk.survival.curves.limits import normal_width
from debulk.survival.curves.survival_curve import check_share
from debulk.survival.subjects import Floats


def median_difference(
    time: Any,
    event: Any,
    group: Any,
    *,
    p: float = 0.5,
    reference: Any = None,
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

    Returns
    -------
    Estimate
        The difference of the Kaplan-Meier quantiles; NaN where one is not reached. The interval
        holds every difference d for which some t makes W = (log(-log S0(t)) - c)**2 / V0(t) +
        (log(-log S1(t + d)) - c)**2 / V1(t + d) at most the chi-square quantile with 1 degree
        of freedom, with c = log(-log(1 - p)): the minimum dispersion statistic of Su and Wei
        (1993, Biometrics 49:603), here on the scale of log(-log S), V by Greenwood and the delta
        method. It needs no density, so there is no standard error (`se` is NaN); `p` is the same
        statistic's test of no difference. A limit is NaN where follow-up does not bound it.

    Raises
    ------
    InputError
        On arrays that do not fit, other than two groups, or `p` not between 0 and 1.
    """
    check_level(conf_level)
    check_share(p)
    subjects, groups = read_two(time, event, group, reference)
    base, other = curves_by_group(subjects, groups, conf_level)
    stretches = _Stretches.of(base, p), _Stretches.of(other, p)
    most = normal_width(conf_level) ** 2
    dispersion = _least_together(*stretches)
    name = "median" if p == 0.5 else f"time by which {100 * p:g} % have had the event"
    return Estimate(
        estimand=f"{name}, {groups.labels[1]} minus {groups.reference}",
        estimate=other.quantile(p).estimate - base.quantile(p).estimate,
        se=float("nan"),
        lower=-_farthest(stretches[1], stretches[0], most),
        upper=_farthest(stretches[0], stretches[1], most),
        conf_level=conf_level,
        n=subjects.n,
        events=subjects.events,
        p=float(chdtrc(1, dispersion)) if np.isfinite(dispersion) else None,
        note="Interval and test by the minimum dispersion statistic (Su and Wei), log-log scale.",
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
