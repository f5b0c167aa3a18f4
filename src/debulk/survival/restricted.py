"""Difference in restricted mean survival time between groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.survival.curves import curve_of
from debulk.survival.groups import Groups, read_groups
from debulk.survival.subjects import Subjects, numbers, read_subjects


def rmst_difference(
    time: Any, event: Any, group: Any, tau: float | None = None, *, reference: Any = None
) -> Estimate:
    """Difference in restricted mean survival time, the other group minus the reference.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    group : array-like, shape (n,)
        Labels of exactly two groups.
    tau : float, optional
        Horizon, up to the smaller of the two groups' last times, which is the default.
    reference : label, optional
        The group that is subtracted; by default the first level of an Enum or Categorical
        column, else the lowest number, else the first in sorted order.

    Returns
    -------
    Estimate
        The two areas' variances add; 95 % normal interval and its test. The note states `tau`.

    Raises
    ------
    InputError
        On arrays that do not fit, other than two groups, or `tau` beyond a group's last time.
    """
    subjects = read_subjects(time, event, needs_event=True)
    groups = read_groups(group, subjects.n, reference=reference)
    if groups.count != 2:
        raise InputError("group", f"holds {groups.count} groups, not 2", "Compare two at a time")
    return differences_of(subjects, groups, tau)[1][groups.labels[1]]


def differences_of(
    subjects: Subjects, groups: Groups, tau: float | None = None, conf_level: float = 0.95
) -> tuple[float, dict[str, Estimate]]:
    """The horizon, common to all groups, and each group's difference from the reference."""
    last = min(subjects.time[groups.codes == code].max() for code in range(groups.count))
    if last <= 0:
        raise InputError("time", "a whole group leaves at time 0", "Leave that group out")
    horizon = float(last) if tau is None else float(numbers([tau], "tau")[0])
    if not 0.0 < horizon <= last:
        raise InputError(
            "tau",
            f"{horizon:g} is not above 0 and up to {last:g}, the smallest last time of a group",
            f"Give a horizon up to {last:g}",
        )
    how = "chosen" if tau is not None else "the smallest of the groups' last times"
    means = [
        curve_of(subjects.subset(groups.codes == code), conf_level).rmst(horizon)
        for code in range(groups.count)
    ]
    result = {}
    for code in range(1, groups.count):
        result[groups.labels[code]] = _difference(
            means[code], means[0], groups.labels[code], groups.reference, horizon, how
        )
    return horizon, result


def _difference(
    other: Estimate, base: Estimate, label: str, reference: str, horizon: float, how: str
) -> Estimate:
    difference = other.estimate - base.estimate
    se = float(np.hypot(other.se, base.se))
    z = float(ndtri(0.5 + base.conf_level / 2))
    return Estimate(
        estimand=f"restricted mean survival time to {horizon:g}, {label} minus {reference}",
        estimate=difference,
        se=se,
        lower=difference - z * se,
        upper=difference + z * se,
        conf_level=base.conf_level,
        n=other.n + base.n,
        events=other.events + base.events,
        p=float(2.0 * ndtr(-abs(difference) / se)) if se > 0 else None,
        note=f"tau = {horizon:g} ({how}); areas under Kaplan-Meier curves, normal interval.",
    )
