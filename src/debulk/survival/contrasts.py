"""What contrasts of two groups' curves share: checked groups, their curves, normal intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtr

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.survival.curves.fit import curve_of
from debulk.survival.curves.limits import ConfType, normal_width
from debulk.survival.curves.survival_curve import SurvivalCurve
from debulk.survival.groups import Groups, read_groups
from debulk.survival.options import check_level
from debulk.survival.subjects import Subjects, read_subjects


def read_two(time: Any, event: Any, group: Any, reference: Any) -> tuple[Subjects, Groups]:
    """Check follow-up and exactly two groups.

    Raises
    ------
    InputError
        On arrays that do not fit, no events, or other than two groups.
    """
    subjects = read_subjects(time, event, needs_event=True, adds_times=True)
    groups = read_groups(group, subjects.n, reference=reference)
    if groups.count != 2:
        raise InputError("group", f"holds {groups.count} groups, not 2", "Compare two at a time")
    return subjects, groups


def curves_by_group(
    subjects: Subjects, groups: Groups, conf_level: float = 0.95, conf_type: ConfType = "log-log"
) -> list[SurvivalCurve]:
    """A Kaplan-Meier curve of each group, the reference first."""
    check_level(conf_level)
    return [
        curve_of(subjects.subset(groups.codes == code), conf_level, conf_type)
        for code in range(groups.count)
    ]


def normal_estimate(
    estimand: str,
    estimate: float,
    se: float,
    sizes: tuple[int, int],
    conf_level: float,
    note: str,
    *,
    exponential: bool = False,
) -> Estimate:
    """An estimate with its normal interval and test against 0.

    With `exponential`, `estimate` and `se` are those of a logarithm: the interval is made and
    tested there, the estimate and limits are given as ratios. `sizes` holds subjects and events.
    """
    width = normal_width(conf_level) * se
    values = np.array([estimate, estimate - width, estimate + width])
    if exponential:
        values = np.exp(values)
    return Estimate(
        estimand=estimand,
        estimate=float(values[0]),
        se=se,
        lower=float(values[1]),
        upper=float(values[2]),
        conf_level=conf_level,
        n=sizes[0],
        events=sizes[1],
        p=float(2.0 * ndtr(-abs(estimate) / se)) if se > 0 else None,
        note=note,
    )
