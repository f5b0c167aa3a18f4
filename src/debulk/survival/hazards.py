"""Hazard ratios between groups, by Cox's partial likelihood."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.survival.curves.limits import normal_width
from debulk.survival.groups import Groups, read_groups
from debulk.survival.labels import ByLabel
from debulk.survival.options import check_level, check_word
from debulk.survival.risk_table import risk_table
from debulk.survival.subjects import Bools, Floats, Subjects, read_subjects

Ties = Literal["efron", "breslow"]

_MOST_STEPS = 100
_LARGEST_STEP = 5.0
"""On the log scale; a longer step could leave the range in which exponentials are finite."""
_SMALLEST_STEP = 1e-10
"""Newton's error is the square of its last step, so estimates and information are then exact to
rounding."""


def hazard_ratio(
    time: Any,
    event: Any,
    group: Any,
    *,
    reference: Any = None,
    conf_level: float = 0.95,
    ties: Ties = "efron",
) -> Estimate:
    """Hazard ratio of one group against another (Cox 1972).

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    group : array-like, shape (n,)
        Labels of exactly two groups.
    reference : label, optional
        The group in the denominator; by default the first level of an Enum or Categorical
        column, else the lowest number, else the first in sorted order.
    conf_level : float
        Level of the interval, strictly between 0 and 1.
    ties : {"efron", "breslow"}
        How events at the same time share their risk set (Efron 1977; Breslow 1974).

    Returns
    -------
    Estimate
        Other / reference; `se` is that of the logarithm, the interval is Wald's on that scale
        and `p` its test. NaN, with the reason in `note`, where the likelihood has no maximum
        (one group has no event while the other is at risk).

    Raises
    ------
    InputError
        On arrays that do not fit, no events, or other than two groups.
    """
    subjects = read_subjects(time, event, needs_event=True)
    groups = read_groups(group, subjects.n, reference=reference)
    if groups.count != 2:
        raise InputError("group", f"holds {groups.count} groups, not 2", "Use hazard_ratios")
    return ratios_of(subjects, groups, conf_level, ties)[groups.labels[1]]


def hazard_ratios(
    time: Any,
    event: Any,
    group: Any,
    *,
    reference: Any = None,
    conf_level: float = 0.95,
    ties: Ties = "efron",
) -> dict[str, Estimate]:
    """Hazard ratio of each group against the reference, from one Cox model of all groups.

    Parameters
    ----------
    time, event, group : array_like, shape (n,)
        As for `hazard_ratio`; `group` may hold two groups or more.
    reference : scalar, optional
        The group the others are held against.
    conf_level : float
        Level of the intervals.
    ties : {"efron", "breslow"}
        How tied event times are handled.

    Returns
    -------
    dict of str to Estimate
        By group, the reference left out.

    Raises
    ------
    InputError
        On arrays that do not fit, no events, or one group only.
    """
    subjects = read_subjects(time, event, needs_event=True)
    groups = read_groups(group, subjects.n, reference=reference)
    return ratios_of(subjects, groups, conf_level, ties)


def ratios_of(
    subjects: Subjects, groups: Groups, conf_level: float = 0.95, ties: Ties = "efron"
) -> dict[str, Estimate]:
    """Hazard ratios of subjects and groups already checked."""
    check_level(conf_level)
    check_word(ties, Ties, "ties")
    table = risk_table(subjects, groups.codes, groups.count, events_only=True)
    log_ratio = np.full(groups.count, np.nan)
    se = np.full(groups.count, np.nan)
    # A group without events has ratio 0 and leaves the others' likelihood untouched.
    kept = np.flatnonzero(table.events.any(axis=0))
    if kept.size > 1 and kept[0] == 0:
        at_risk, events = table.at_risk, table.events
        if kept.size < groups.count:
            at_risk, events = at_risk[:, kept].copy(), events[:, kept].copy()
            some = events.any(axis=1)
            at_risk, events = at_risk[some], events[some]
        if _has_maximum(at_risk, events):
            log_ratio[kept[1:]], se[kept[1:]] = _maximise(at_risk, events, ties == "efron")
    return ByLabel(
        (label, _estimate(subjects, groups, code, log_ratio[code], se[code], conf_level, ties))
        for code, label in enumerate(groups.labels)
        if code > 0
    )


def _maximise(at_risk: Floats, events: Floats, efron: bool) -> tuple[Floats, Floats]:
    """Newton's method with step halving: log hazard ratios and their standard errors.

    `at_risk` and `events`, shape (m, k), are counts at the times of events; the first group is
    the reference.
    """
    beta = np.zeros(at_risk.shape[1])
    value, score, information = _partial_likelihood(at_risk, events, beta, efron)
    for _ in range(_MOST_STEPS):
        step = np.zeros(beta.size)
        step[1:] = np.linalg.solve(information[1:, 1:], score[1:])
        step *= min(1.0, _LARGEST_STEP / max(np.abs(step).max(), _SMALLEST_STEP))
        slack = 1e-12 * abs(value)
        found = _partial_likelihood(at_risk, events, beta + step, efron)
        while found[0] < value - slack:
            step = step / 2.0
            found = _partial_likelihood(at_risk, events, beta + step, efron)
        beta = beta + step
        value, score, information = found
        if np.abs(step).max() < _SMALLEST_STEP:
            break
    covariance = np.linalg.inv(information[1:, 1:])
    return beta[1:], np.sqrt(np.diag(covariance))


@kernel
def _partial_likelihood(
    at_risk: Floats, events: Floats, beta: Floats, efron: bool
) -> tuple[float, Floats, Floats]:
    """Partial log likelihood of k groups, its score and its information, all of shape k.

    With Efron's ties the events at one time leave its risk set one by one on average; with
    Breslow's they all face the same one.
    """
    count = beta.size
    top = beta.max()
    ratio = np.exp(beta - top)
    value = 0.0
    score, information = np.zeros(count), np.zeros((count, count))
    share = np.empty(count)
    for j in range(at_risk.shape[0]):
        deaths = 0.0
        for g in range(count):
            deaths += events[j, g]
            score[g] += events[j, g]
            value += events[j, g] * beta[g]
        ties = int(deaths)
        turns = ties if efron else 1
        times = 1.0 if efron else deaths
        for turn in range(turns):
            total = 0.0
            for g in range(count):
                share[g] = (at_risk[j, g] - turn / ties * events[j, g]) * ratio[g]
                total += share[g]
            value -= times * (math.log(total) + top)
            for g in range(count):
                share[g] /= total
                score[g] -= times * share[g]
                information[g, g] += times * share[g]
                for h in range(g + 1):
                    information[g, h] -= times * share[g] * share[h]
    for g in range(count):
        for h in range(g):
            information[h, g] = information[g, h]
    return value, score, information


def _has_maximum(at_risk: Floats, events: Floats) -> bool:
    """Whether the partial likelihood of the groups has one finite maximum.

    Draw an arrow from group g to group h when g has an event while h is at risk. The maximum
    exists exactly when every group can be reached from every other (Ford 1957, Am Math Mon 64:28,
    for paired comparisons): otherwise some groups can be moved apart for ever.
    """
    groups = range(events.shape[1])
    had, there = events > 0, at_risk > 0
    reach: Bools = np.array([[(had[:, g] & there[:, h]).any() for h in groups] for g in groups])
    for middle in range(reach.shape[0]):
        reach |= reach[:, [middle]] & reach[[middle], :]
    return bool(reach.all())


def _estimate(
    subjects: Subjects,
    groups: Groups,
    code: int,
    log_ratio: float,
    se: float,
    conf_level: float,
    ties: Ties,
) -> Estimate:
    two = groups.count == 2
    z = normal_width(conf_level)
    label, reference = groups.labels[code], groups.reference
    model = "" if two else f" From one model of {groups.count} groups."
    note = f"Cox, ties by {ties.capitalize()}; se of the log; Wald interval and test.{model}"
    if np.isnan(log_ratio):
        note = (
            f"No finite hazard ratio of {label} against {reference}: a group has no event while "
            "another is at risk, so the likelihood keeps rising. Use the log-rank test."
        )
    return Estimate(
        estimand=f"hazard ratio of {label} against {reference}",
        estimate=float(np.exp(log_ratio)),
        se=float(se),
        lower=float(np.exp(log_ratio - z * se)),
        upper=float(np.exp(log_ratio + z * se)),
        conf_level=conf_level,
        n=subjects.n,
        events=subjects.events,
        p=None if np.isnan(log_ratio) else float(2.0 * ndtr(-abs(log_ratio / se))),
        note=note,
    )
