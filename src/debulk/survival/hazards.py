"""Hazard ratios between groups, by Cox's partial likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.special import ndtr, ndtri

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.survival.curves import check_level
from debulk.survival.groups import Groups, read_groups
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
    if ties not in get_args(Ties):
        known = ", ".join(get_args(Ties))
        raise InputError("ties", f"{ties!r} is not known", f"Give one of {known}")
    table = risk_table(subjects, groups.codes, groups.count).with_events()
    sets = _RiskSets.of(table.at_risk, table.events, ties)
    with_events = sets.observed > 0
    log_ratio = np.full(groups.count, np.nan)
    se = np.full(groups.count, np.nan)
    kept = np.flatnonzero(with_events)
    if with_events[0] and kept.size > 1:
        # A group without events has ratio 0 and leaves the others' likelihood untouched.
        inner = _RiskSets.of(table.at_risk[:, kept], table.events[:, kept], ties)
        if _has_maximum(table.at_risk[:, kept], table.events[:, kept]):
            log_ratio[kept[1:]], se[kept[1:]] = inner.maximise()
    return {
        label: _estimate(subjects, groups, code, log_ratio[code], se[code], conf_level, ties)
        for code, label in enumerate(groups.labels)
        if code > 0
    }


@dataclass(frozen=True, eq=False)
class _RiskSets:
    """One row for each event: the numbers at risk in each group as its denominator counts them."""

    rows: Floats
    observed: Floats

    @classmethod
    def of(cls, at_risk: Floats, events: Floats, ties: Ties) -> _RiskSets:
        deaths = events.sum(axis=1).astype(np.int64)
        at_risk, events = at_risk[deaths > 0], events[deaths > 0]
        deaths = deaths[deaths > 0]
        which = np.repeat(np.arange(deaths.size), deaths)
        rows = at_risk[which]
        if ties == "efron":
            place = np.arange(which.size) - np.repeat(np.cumsum(deaths) - deaths, deaths)
            rows = rows - (place / deaths[which])[:, None] * events[which]
        return cls(rows, events.sum(axis=0))

    def log_likelihood(self, beta: Floats) -> float:
        """Partial log likelihood; `beta` is the log hazard ratio of every group but the first."""
        full = np.concatenate(([0.0], beta))
        top = full.max()
        total = self.rows @ np.exp(full - top)
        return float(self.observed @ full - np.sum(np.log(total) + top))

    def score_and_information(self, beta: Floats) -> tuple[Floats, Floats]:
        """First and negative second derivatives of the log likelihood."""
        full = np.concatenate(([0.0], beta))
        risk = self.rows * np.exp(full - full.max())
        share = (risk / risk.sum(axis=1, keepdims=True))[:, 1:]
        score = self.observed[1:] - share.sum(axis=0)
        return score, np.diag(share.sum(axis=0)) - share.T @ share

    def maximise(self) -> tuple[Floats, Floats]:
        """Newton's method with step halving: log hazard ratios and their standard errors."""
        beta = np.zeros(self.observed.size - 1)
        value = self.log_likelihood(beta)
        for _ in range(_MOST_STEPS):
            score, information = self.score_and_information(beta)
            step = np.linalg.solve(information, score)
            step *= min(1.0, _LARGEST_STEP / max(np.abs(step).max(), _SMALLEST_STEP))
            slack = 1e-12 * abs(value)
            while self.log_likelihood(beta + step) < value - slack:
                step = step / 2.0
            beta = beta + step
            value = self.log_likelihood(beta)
            if np.abs(step).max() < _SMALLEST_STEP:
                break
        covariance = np.linalg.inv(self.score_and_information(beta)[1])
        return beta, np.sqrt(np.diag(covariance))


def _has_maximum(at_risk: Floats, events: Floats) -> bool:
    """Whether the partial likelihood of the groups has one finite maximum.

    Draw an arrow from group g to group h when g has an event while h is at risk. The maximum
    exists exactly when every group can be reached from every other (Ford 1957, Am Math Mon 64:28,
    for paired comparisons): otherwise some groups can be moved apart for ever.
    """
    reach: Bools = ((events > 0).T.astype(float) @ (at_risk > 0).astype(float)) > 0
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
    z = float(ndtri(0.5 + conf_level / 2))
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
