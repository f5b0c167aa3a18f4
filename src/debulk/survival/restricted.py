"""Differences and ratios of restricted mean survival time between groups."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.survival.contrasts import curves_by_group, normal_estimate, read_two
from debulk.survival.groups import Groups
from debulk.survival.options import check_flag, check_level, one_number
from debulk.survival.subjects import Subjects


def rmst_difference(
    time: Any,
    event: Any,
    group: Any,
    tau: float | None = None,
    *,
    reference: Any = None,
    conf_level: float = 0.95,
    small_sample: bool = False,
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
    conf_level : float
        Level of the interval, strictly between 0 and 1.
    small_sample : bool
        Whether each group's variance is multiplied by D / (D - 1), with D of its events up to
        `tau`, as Kaplan and Meier (1958) advise.

    Returns
    -------
    Estimate
        The two areas' variances add (Royston and Parmar 2013, BMC Med Res Methodol 13:152);
        normal interval and its test. The note states `tau`.

    Raises
    ------
    InputError
        On arrays that do not fit, other than two groups, or `tau` beyond a group's last time.
    """
    check_flag(small_sample, "small_sample")
    subjects, groups = read_two(time, event, group, reference)
    differences = differences_of(subjects, groups, tau, conf_level, small_sample=small_sample)
    return differences[1][groups.labels[1]]


def rmst_ratio(
    time: Any,
    event: Any,
    group: Any,
    tau: float | None = None,
    *,
    reference: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Ratio of restricted mean survival times, the other group over the reference.

    Parameters
    ----------
    time, event, group, tau, reference, conf_level
        As for `rmst_difference`.

    Returns
    -------
    Estimate
        `se` is that of the logarithm (delta method), on whose scale the normal interval and its
        test are made (Uno et al. 2014, J Clin Oncol 32:2380).

    Raises
    ------
    InputError
        As `rmst_difference`.
    """
    return _ratio(*read_two(time, event, group, reference), tau, conf_level, lost=False)


def rmtl_ratio(
    time: Any,
    event: Any,
    group: Any,
    tau: float | None = None,
    *,
    reference: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Ratio of restricted mean times lost (`tau` less the restricted mean), other / reference.

    Parameters
    ----------
    time, event, group, tau, reference, conf_level
        As for `rmst_difference`.

    Returns
    -------
    Estimate
        As for `rmst_ratio`; NaN where a group loses no time, having no event before `tau`.

    Raises
    ------
    InputError
        As `rmst_difference`.
    """
    return _ratio(*read_two(time, event, group, reference), tau, conf_level, lost=True)


def differences_of(
    subjects: Subjects,
    groups: Groups,
    tau: float | None = None,
    conf_level: float = 0.95,
    *,
    small_sample: bool = False,
) -> tuple[float, dict[str, Estimate]]:
    """The horizon, common to all groups, and each group's difference from the reference."""
    check_level(conf_level)
    horizon, how = common_horizon(subjects, groups, tau)
    curves = curves_by_group(subjects, groups, conf_level)
    means = [curve.rmst(horizon, small_sample=small_sample) for curve in curves]
    result = {}
    base = means[0]
    for label, mean in zip(groups.labels[1:], means[1:], strict=True):
        one = np.isnan(mean.se + base.se)
        lack = " No standard error: a group has one event up to then." if one else ""
        result[label] = normal_estimate(
            f"restricted mean survival time to {horizon:g}, {label} minus {groups.reference}",
            mean.estimate - base.estimate,
            float(np.hypot(mean.se, base.se)),
            (mean.n + base.n, mean.events + base.events),
            conf_level,
            f"tau = {horizon:g} ({how}); areas under Kaplan-Meier curves, normal interval." + lack,
        )
    return horizon, result


def common_horizon(subjects: Subjects, groups: Groups, tau: float | None) -> tuple[float, str]:
    """The horizon up to which every group is followed, and how it was found.

    Raises
    ------
    InputError
        If it is not above 0, or lies beyond a group's last time.
    """
    last = min(subjects.time[groups.codes == code].max() for code in range(groups.count))
    if last <= 0:
        raise InputError("time", "a whole group leaves at time 0", "Leave that group out")
    horizon = float(last) if tau is None else one_number(tau, "tau")
    if not 0.0 < horizon <= last:
        raise InputError(
            "tau",
            f"{horizon:g} is not above 0 and up to {last:g}, the smallest last time of a group",
            f"Give a horizon up to {last:g}",
        )
    return horizon, "chosen" if tau is not None else "the smallest of the groups' last times"


def _ratio(
    subjects: Subjects, groups: Groups, tau: float | None, conf_level: float, *, lost: bool
) -> Estimate:
    check_level(conf_level)
    horizon, how = common_horizon(subjects, groups, tau)
    curves = curves_by_group(subjects, groups, conf_level)
    base, other = [(each.rmtl if lost else each.rmst)(horizon) for each in curves]
    what = "time lost" if lost else "survival time"
    label, reference = groups.labels[1], groups.reference
    log_ratio = se = float("nan")
    note = f"tau = {horizon:g} ({how}); se of the log ratio, interval on its scale."
    if min(base.estimate, other.estimate) > 0.0:
        log_ratio = float(np.log(other.estimate / base.estimate))
        se = float(np.hypot(other.se / other.estimate, base.se / base.estimate))
    else:
        note = f"No ratio: a group has a restricted mean {what} of 0 to {horizon:g}."
    return normal_estimate(
        f"ratio of restricted mean {what} to {horizon:g}, {label} against {reference}",
        log_ratio,
        se,
        (other.n + base.n, other.events + base.events),
        conf_level,
        note,
        exponential=True,
    )
