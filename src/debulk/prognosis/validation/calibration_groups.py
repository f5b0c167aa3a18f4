"""Grouped calibration: observed against mean predicted risk in groups of similar prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.results import plain
from debulk.prognosis.validation.follow_up import (
    FollowUp,
    read_follow_up,
    read_horizon,
    read_risk,
)
from debulk.survival.labels import distinct, label_of
from debulk.survival.options import check_level, whole_number
from debulk.survival.subjects import Floats, Ints, as_array


@dataclass(frozen=True, slots=True)
class CalibrationGroup:
    """Patients of similar prediction.

    Attributes
    ----------
    group : str
        Number of the group by rising risk, or its label.
    predicted : float
        Mean predicted risk.
    observed, se, lower, upper : float
        Observed risk at the horizon (Kaplan-Meier, or Aalen-Johansen with competing events), its
        standard error and limits (log-log); NaN where nobody of the group is followed so long.
    n, events : int
        Patients, and events over all follow-up.
    """

    group: str
    predicted: float
    observed: float
    se: float
    lower: float
    upper: float
    n: int
    events: int

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


def grouped_calibration(
    time: Any,
    event: Any,
    risk: Any,
    *,
    horizon: float,
    groups: Any = 10,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> tuple[CalibrationGroup, ...]:
    """Observed and mean predicted risk by group of prediction.

    Parameters
    ----------
    time, event, horizon, entry, weights, conf_level
        As in `time_dependent_auc`.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon.
    groups : int or array-like, shape (n,)
        How many groups of about equal size (2 to 100; equal predictions stay together, so there
        may be fewer), or each patient's group.

    Returns
    -------
    tuple of CalibrationGroup

    Raises
    ------
    InputError
        As `brier_score`, and on a number of groups that is not possible.
    """
    check_level(conf_level)
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    risks = read_risk(risk, follow_up.patients)
    moment = read_horizon(horizon, follow_up)
    if as_array(groups, "groups").ndim == 0:
        labels, codes = groups_of(risks, groups)
    else:
        found, codes = distinct(groups, risks.size, "groups")
        labels = [label_of(each) for each in found]
    return grouped_calibration_of(follow_up, risks, moment, labels, codes, conf_level)


def groups_of(risk: Floats, groups: Any) -> tuple[list[str], Ints]:
    """Labels and each patient's place among groups of about equal size, by rising risk."""
    groups = whole_number(groups, "groups", 2, 100)
    _, value, counts = np.unique(risk, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2.0  # of those with the same prediction
    place = np.minimum((middle * groups / risk.size).astype(np.int64), groups - 1)
    used, codes = np.unique(place[value], return_inverse=True)
    return [str(k + 1) for k in range(used.size)], codes


def grouped_calibration_of(
    follow_up: FollowUp,
    risk: Floats,
    horizon: float,
    labels: list[str],
    codes: Ints,
    conf_level: float,
) -> tuple[CalibrationGroup, ...]:
    """The groups for risks already checked."""
    result = []
    for k, label in enumerate(labels):
        chosen = codes == k
        part = follow_up.of(chosen)
        observed, se, lower, upper = _observed(part, horizon, conf_level)
        result.append(
            CalibrationGroup(
                label,
                part.mean(risk[chosen]),
                observed,
                se,
                lower,
                upper,
                part.patients,
                part.events,
            )
        )
    return tuple(result)


def _observed(
    part: FollowUp, horizon: float, conf_level: float
) -> tuple[float, float, float, float]:
    """Observed risk with its standard error and limits; NaN beyond the group's follow-up."""
    nothing = float("nan")
    if part.stop.size == 0:
        return nothing, nothing, nothing, nothing
    if horizon > part.stop.max():  # known only where nobody is left
        gone = bool((part.cause[part.stop == part.stop.max()] > 0).all())
        if not gone:
            return nothing, nothing, nothing, nothing
        horizon = float(part.stop.max())
    options: dict[str, Any] = {"conf_level": conf_level, "conf_type": "log-log"}
    if not part.plain:
        options |= {"entry": part.start, "weights": part.weight, "cluster": part.patient}
    if part.competing:
        from debulk.survival.competing.cumulative_incidence import cumulative_incidence

        if not (part.cause == 1).any():
            return 0.0, 0.0, nothing, nothing
        curve = cumulative_incidence(part.stop, part.cause, **options)["all"][1]
        low, high = curve.limits_at([horizon])
        value, se = curve.at([horizon]), curve.std_error_at([horizon])
        return float(value[0]), float(se[0]), float(low[0]), float(high[0])
    from debulk.survival.curves.fit import kaplan_meier

    found = kaplan_meier(part.stop, part.event, **options).estimate_at(horizon)
    return 1.0 - found.estimate, found.se, 1.0 - found.upper, 1.0 - found.lower
