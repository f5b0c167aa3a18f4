"""Log-rank tests that compare the survival of k groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc

from debulk.core.errors import InputError
from debulk.core.results import TestResult
from debulk.survival.groups import Groups, read_groups
from debulk.survival.labels import ByLabel, distinct, label_of
from debulk.survival.rank.kernels import weighted_sums
from debulk.survival.rank.pooled import ordered, pooled_curve
from debulk.survival.rank.weightings import Weighting, WeightingLike, read_weighting, weights_of
from debulk.survival.subjects import Floats, Ints, Subjects, read_subjects


def logrank(
    time: Any,
    event: Any,
    group: Any,
    *,
    reference: Any = None,
    strata: Any = None,
    entry: Any = None,
    weighting: WeightingLike = "logrank",
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
        Labels of strata; observed, expected and variance are summed over them, and weights come
        from each stratum's own pooled survival. A stratum without an event, or with one group
        only, adds nothing to the difference or the variance.
    entry : array-like, shape (n,), optional
        Start of observation; at risk means entry < t <= time.
    weighting : str, weighting or function
        "logrank" weighs all times alike (Mantel 1966, Cancer Chemotherapy Reports); "peto" by the
        pooled Kaplan-Meier survival S just before each (Peto and Peto 1972, Journal of the Royal
        Statistical Society A, as the family of Harrington and Fleming 1982 with rho = 1);
        "modified-peto" by the product of 1 - d / (n + 1) up to and with each time, times
        n / (n + 1) (Andersen and others 1982, International Statistical Review); "gehan" by the
        number at risk (Gehan 1965, Breslow 1970, Biometrika; also called the Wilcoxon test);
        "tarone-ware" by its square root (Tarone and Ware 1977, Biometrika);
        `FlemingHarrington(rho, gamma)`, `ModestlyWeighted(t_star)` and `EarlyZero(early_period)`;
        or a function that takes the m event times of a stratum, the pooled survival just before
        each and the numbers at risk (three arrays of shape (m,)) and returns m weights of at
        least 0.

    Returns
    -------
    TestResult
        Chi-square with its degrees of freedom (groups that could have had an event, less one);
        for two groups `z`, positive when the other group has more events than expected.
        `observed` and `expected` are weighted as the test is. `details` holds the weighting's
        name, the covariance matrix of observed less expected (groups in the order of `observed`)
        and the number of subjects and events in each stratum ("all" without strata).

    Raises
    ------
    InputError
        On arrays that do not fit, one group only, no events, groups never at risk together, or
        weights that are negative, infinite or 0 at all events.
    """
    weights = read_weighting(weighting)
    subjects = read_subjects(time, event, entry=entry, needs_event=True)
    groups = read_groups(group, subjects.n, reference=reference)
    return rank_test(subjects, groups, strata, weights)


def rank_test(
    subjects: Subjects, groups: Groups, strata: Any = None, weighting: WeightingLike = "logrank"
) -> TestResult:
    """Test subjects and groups already checked; `strata` holds a label a subject, or is None."""
    weights = read_weighting(weighting)
    sums = sums_of(subjects, groups, read_strata(strata, subjects), [weights])
    observed, expected, variance = sums.observed[0], sums.expected[0], sums.covariance[0, 0]
    statistic, df, z = _statistic(observed - expected, expected, variance)
    return TestResult(
        test=f"{weights.name} test",
        statistic=statistic,
        df=df,
        p=float(chdtrc(df, statistic)),
        z=z,
        reference=groups.reference,
        observed=by_label(groups, observed),
        expected=by_label(groups, expected),
        n=subjects.n,
        events=subjects.events,
        details={
            "weighting": weights.name,
            "variance": variance.tolist(),
            "strata": sums.strata.counts,
        },
    )


@dataclass(frozen=True, eq=False)
class Strata:
    """Strata of subjects; `codes` is None where there is one, and `counts` is by label."""

    codes: Ints | None
    counts: dict[str, dict[str, int]]


@dataclass(frozen=True, eq=False)
class WeightedSums:
    """What w weightings make of the event times in k groups.

    Attributes
    ----------
    observed, expected : array, shape (w, k)
        Weighted events.
    covariance : array, shape (w, w, k, k)
        Of observed less expected, between weightings and groups.
    strata : Strata
        What they were summed over.
    """

    observed: Floats
    expected: Floats
    covariance: Floats
    strata: Strata


def read_strata(strata: Any, subjects: Subjects) -> Strata:
    """Codes of strata, and the number of subjects and events in each.

    Raises
    ------
    InputError
        If a label is missing, or there is not one a subject.
    """
    if strata is None:
        return Strata(None, {"all": {"n": subjects.n, "events": subjects.events}})
    values, codes = distinct(strata, subjects.n, "strata")
    sizes = np.bincount(codes, minlength=len(values)).tolist()
    events = np.bincount(codes[subjects.event], minlength=len(values)).tolist()
    counts = {
        label_of(value): {"n": n, "events": d}
        for value, n, d in zip(values, sizes, events, strict=True)
    }
    return Strata(codes if len(values) > 1 else None, counts)


def sums_of(
    subjects: Subjects, groups: Groups, strata: Strata, weightings: list[Weighting]
) -> WeightedSums:
    """Weighted observed and expected events and their covariance, for all weightings at once."""
    rows = ordered(subjects, groups.codes, strata.codes, len(strata.counts))
    curve = pooled_curve(rows)
    weights = np.empty((curve.times.size, len(weightings)))
    for column, weighting in enumerate(weightings):
        weights[:, column] = weights_of(weighting, curve)
        if not weights[:, column].any():
            raise InputError(
                "weighting",
                f"{weighting.name} gives all events the weight 0",
                "Choose another, or look at when the events happen",
            )
    terms = weighted_sums(
        rows.times,
        rows.marks,
        rows.starts,
        rows.entries,
        rows.entry_marks,
        weights,
        groups.count,
    )
    return WeightedSums(*terms, strata)


def by_label(groups: Groups, values: Floats) -> dict[str, float]:
    """Numbers of the groups under their labels."""
    return ByLabel(zip(groups.labels, values.tolist(), strict=True))


def never_together() -> InputError:
    """The error when no event tells the groups apart."""
    return InputError(
        "group",
        "the groups are never at risk together at an event that some of them survive",
        "Compare groups whose follow-up overlaps",
    )


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
        raise never_together()
    rest = excess[counted[1:]]
    statistic = float(rest @ np.linalg.solve(variance[inner], rest))
    z = float(rest[0] / np.sqrt(variance[inner][0, 0])) if excess.size == 2 else None
    return statistic, int(counted.size - 1), z
