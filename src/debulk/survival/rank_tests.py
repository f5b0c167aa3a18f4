"""Rank tests that compare the survival of k groups."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from scipy.special import chdtrc

from debulk.core.errors import InputError
from debulk.core.results import TestResult
from debulk.survival.groups import Groups, read_groups
from debulk.survival.labels import label_of
from debulk.survival.risk_table import RiskTable, risk_table
from debulk.survival.subjects import Floats, Subjects, one_dimensional, read_subjects, same_length

Weighting = Literal["logrank", "peto"]

_NAMES: dict[str, str] = {"logrank": "log-rank", "peto": "Peto and Peto"}


def logrank(
    time: Any,
    event: Any,
    group: Any,
    *,
    reference: Any = None,
    strata: Any = None,
    entry: Any = None,
    weighting: Weighting = "logrank",
) -> TestResult:
    """Test whether k groups have the same hazard.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    group : array-like, shape (n,)
        Labels of two groups or more.
    reference : label, optional
        The reference group; by default the first level of an Enum or Categorical column, else
        the lowest number, else the first in sorted order.
    strata : array-like, shape (n,), optional
        Labels of strata; observed, expected and variance are summed over them.
    entry : array-like, shape (n,), optional
        Start of observation; at risk means entry < t <= time.
    weighting : {"logrank", "peto"}
        "logrank" weighs all times alike (Mantel 1966); "peto" by the pooled survival just before
        each (Peto and Peto 1972; Harrington and Fleming 1982, rho = 1).

    Returns
    -------
    TestResult
        Chi-square with its degrees of freedom (groups that could have had an event, less one);
        for two groups `z`, positive when the other group has more events than expected.
        `observed` and `expected` are weighted as the test is.

    Raises
    ------
    InputError
        On arrays that do not fit, one group only, no events, or groups never at risk together.
    """
    if weighting not in get_args(Weighting):
        known = ", ".join(get_args(Weighting))
        raise InputError("weighting", f"{weighting!r} is not known", f"Give one of {known}")
    subjects = read_subjects(time, event, entry=entry, needs_event=True)
    groups = read_groups(group, subjects.n, reference=reference)
    return rank_test(subjects, groups, _strata(strata, subjects.n), weighting)


def rank_test(
    subjects: Subjects, groups: Groups, strata: list[str], weighting: Weighting = "logrank"
) -> TestResult:
    """Test subjects and groups already checked; `strata` holds a label a subject."""
    observed, expected = np.zeros(groups.count), np.zeros(groups.count)
    variance = np.zeros((groups.count, groups.count))
    for stratum in sorted(set(strata)):
        here = np.array([each == stratum for each in strata])
        table = risk_table(subjects.subset(here), groups.codes[here], groups.count)
        terms = _sums(table.with_events(), weighting)
        observed += terms[0]
        expected += terms[1]
        variance += terms[2]
    statistic, df, z = _statistic(observed - expected, expected, variance)
    return TestResult(
        test=f"{_NAMES[weighting]} test",
        statistic=statistic,
        df=df,
        p=float(chdtrc(df, statistic)),
        z=z,
        reference=groups.reference,
        observed=dict(zip(groups.labels, observed.tolist(), strict=True)),
        expected=dict(zip(groups.labels, expected.tolist(), strict=True)),
        n=subjects.n,
        events=subjects.events,
    )


def _strata(strata: Any, n: int) -> list[str]:
    if strata is None:
        return [""] * n
    values = one_dimensional(strata, "strata")
    same_length(values, n, "strata")
    labels = [label_of(value) for value in values.tolist()]
    for row, label in enumerate(labels):
        if label in ("None", "nan"):
            raise InputError(f"strata, row {row + 1}", "the value is missing", "Drop the row")
    return labels


def _sums(table: RiskTable, weighting: Weighting) -> tuple[Floats, Floats, Floats]:
    """Weighted observed and expected events by group, and the hypergeometric covariance."""
    n, d = table.at_risk.sum(axis=1), table.events.sum(axis=1)
    weight = np.ones(n.size)
    if weighting == "peto":
        # Survival just before each time: the weight may not depend on what happens there.
        weight = np.concatenate(([1.0], np.cumprod(1.0 - d / n)[:-1])) if n.size else weight
    share = table.at_risk / n[:, None]
    observed = weight @ table.events
    expected = (weight * d) @ share
    spread = np.where(n > 1, weight**2 * d * (n - d) / np.maximum(n - 1, 1), 0.0)
    variance = np.diag(spread @ share) - (share * spread[:, None]).T @ share
    return observed, expected, variance


def _statistic(
    excess: Floats, expected: Floats, variance: Floats
) -> tuple[float, int, float | None]:
    """Quadratic form in all groups but one; a group that never had a chance does not count."""
    counted = np.flatnonzero(expected > 0)
    inner = np.ix_(counted[1:], counted[1:])
    scale = np.abs(variance).max(initial=0.0)
    if counted.size < 2 or np.linalg.matrix_rank(variance[inner], tol=1e-12 * scale) < (
        counted.size - 1
    ):
        raise InputError(
            "group",
            "at the events the groups are never at risk together",
            "Compare groups whose follow-up overlaps",
        )
    rest = excess[counted[1:]]
    statistic = float(rest @ np.linalg.solve(variance[inner], rest))
    z = float(rest[0] / np.sqrt(variance[inner][0, 0])) if excess.size == 2 else None
    return statistic, int(counted.size - 1), z
