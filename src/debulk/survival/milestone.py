"""Difference in survival between two groups at one time."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.survival.contrasts import curves_by_group, normal_estimate, read_two
from debulk.survival.curves import SurvivalCurve
from debulk.survival.options import check_level, check_word, one_number

Scale = Literal["plain", "log-log"]


def milestone_difference(
    time: Any,
    event: Any,
    group: Any,
    at: float,
    *,
    reference: Any = None,
    scale: Scale = "plain",
    conf_level: float = 0.95,
) -> Estimate:
    """Difference in survival at a time fixed beforehand, the other group minus the reference.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    group : array-like, shape (n,)
        Labels of exactly two groups.
    at : float
        The milestone, above 0 and up to the smaller of the two groups' last times.
    reference : label, optional
        The group that is subtracted; by default the first level of an Enum or Categorical
        column, else the lowest number, else the first in sorted order.
    scale : {"plain", "log-log"}
        "plain" subtracts survivals; "log-log" subtracts log(-log S), which is the logarithm of
        the ratio of cumulative hazards up to `at` (above 0: the other group survives less), and
        keeps its level better in small groups (Klein, Logan, Harhoff and Andersen 2007, Stat Med
        26:4505).
    conf_level : float
        Level of the interval, strictly between 0 and 1.

    Returns
    -------
    Estimate
        Greenwood's variances of the two groups add; normal interval and its test. On the log-log
        scale NaN where a group's survival is 0 or 1. On the plain scale a group that has lost
        everyone has survival 0 with no variance of its own.

    Raises
    ------
    InputError
        On arrays that do not fit, other than two groups, or `at` beyond a group's last time.
    """
    check_level(conf_level)
    check_word(scale, Scale, "scale")
    subjects, groups = read_two(time, event, group, reference)
    curves = curves_by_group(subjects, groups, conf_level)
    moment = one_number(at, "at")
    last = min(float(curve.time[-1]) for curve in curves)
    if not 0.0 < moment <= last:
        raise InputError(
            "at",
            f"{moment:g} is not above 0 and up to {last:g}, the smallest last time of a group",
            f"Give a time up to {last:g}",
        )
    (base, base_se), (other, other_se) = [_value(curve, moment, scale) for curve in curves]
    what = "survival" if scale == "plain" else "log(-log survival)"
    note = f"Difference of Kaplan-Meier {what}; Greenwood's variances, normal interval."
    if np.isnan(other - base):
        note = "Not defined on the log-log scale: a group's survival there is 0 or 1."
    return normal_estimate(
        f"{what} at {moment:g}, {groups.labels[1]} minus {groups.reference}",
        other - base,
        float(np.hypot(base_se, other_se)),
        (subjects.n, subjects.events),
        conf_level,
        note,
    )


def _value(curve: SurvivalCurve, moment: float, scale: Scale) -> tuple[float, float]:
    """Survival at a time, or its log(-log), with the standard error."""
    found = curve.estimate_at(moment)
    survival = found.estimate
    if scale == "plain":
        return survival, 0.0 if survival == 0.0 else found.se
    if not 0.0 < survival < 1.0:
        return float("nan"), float("nan")
    log_survival = float(np.log(survival))
    return float(np.log(-log_survival)), found.se / (survival * -log_survival)
