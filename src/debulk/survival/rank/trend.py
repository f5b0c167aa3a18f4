"""Log-rank test against a hazard that rises or falls from group to group."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import chdtrc

from debulk.core.errors import InputError, nearest
from debulk.core.results import TestResult
from debulk.survival.groups import Groups, read_groups
from debulk.survival.labels import label_of
from debulk.survival.options import shown
from debulk.survival.rank.logrank import by_label, never_together, read_strata, sums_of
from debulk.survival.rank.weightings import WeightingLike, read_weighting
from debulk.survival.subjects import Floats, numbers, read_subjects


def logrank_trend(
    time: Any,
    event: Any,
    group: Any,
    *,
    order: Sequence[Any] | None = None,
    scores: Mapping[Any, float] | Sequence[float] | None = None,
    strata: Any = None,
    entry: Any = None,
    weighting: WeightingLike = "logrank",
) -> TestResult:
    """Test whether the hazard rises or falls with the order of k groups.

    Parameters
    ----------
    time, event, group, strata, entry, weighting
        As in `logrank`.
    order : sequence of labels, optional
        All groups in their order. Default: levels of an Enum or Categorical column, else numeric
        order, else sorted order.
    scores : mapping of label to number, or sequence of numbers in that order, optional
        Scores of the groups; 1, 2, ..., k when left out. Only their relative distances count.

    Returns
    -------
    TestResult
        Chi-square with one degree of freedom, and `z`, positive when the hazard rises with the
        score. `reference` is the first group in order. `details` holds the scores and what
        `logrank` gives.

    Raises
    ------
    InputError
        As `logrank`; also when `order` or `scores` do not name each group once, or all scores are
        equal.

    Notes
    -----
    Tarone (1975), Biometrika; Klein and Moeschberger (2003), Survival Analysis, section 7.4: with
    scores a, z = a'(O - E) / sqrt(a'Va).
    """
    kind = read_weighting(weighting)
    subjects = read_subjects(time, event, entry=entry, needs_event=True)
    groups = _reordered(read_groups(group, subjects.n), order)
    values = _scores(scores, groups)
    sums = sums_of(subjects, groups, read_strata(strata, subjects), [kind])
    observed, expected, variance = sums.observed[0], sums.expected[0], sums.covariance[0, 0]
    # Centred, so that scores far from 0 lose no digits; excesses sum to 0 and rows of V too.
    centred = values - values.mean()
    spread = float(centred @ variance @ centred)
    if not spread > 1e-12 * float(centred @ centred) * np.abs(variance).max(initial=0.0):
        raise never_together()
    z = float(centred @ (observed - expected)) / math.sqrt(spread)
    return TestResult(
        test=f"{kind.name} test for trend",
        statistic=z * z,
        df=1,
        p=float(chdtrc(1, z * z)),
        z=z,
        reference=groups.reference,
        observed=by_label(groups, observed),
        expected=by_label(groups, expected),
        n=subjects.n,
        events=subjects.events,
        details={
            "scores": by_label(groups, values),
            "weighting": kind.name,
            "variance": variance.tolist(),
            "strata": sums.strata.counts,
        },
    )


def _reordered(groups: Groups, order: Sequence[Any] | None) -> Groups:
    if order is None:
        return groups
    if (
        isinstance(order, str | bytes | Mapping)
        or not isinstance(order, Iterable)
        or (isinstance(order, np.ndarray) and order.ndim != 1)
    ):
        raise InputError("order", f"{shown(order)} is not a list", "Give the groups in a list")
    labels = [label_of(each) for each in order]
    _same_groups(labels, groups, "order")
    place = np.array([labels.index(label) for label in groups.labels], dtype=np.int64)
    return Groups(tuple(labels), place[groups.codes], "given")


def _scores(scores: Any, groups: Groups) -> Floats:
    if scores is None:
        return np.arange(1.0, groups.count + 1.0)
    if isinstance(scores, Mapping):
        given = {label_of(label): score for label, score in scores.items()}
        _same_groups(list(given), groups, "scores")
        values = numbers([given[label] for label in groups.labels], "scores")
    else:
        values = numbers(scores, "scores")
        if values.size != groups.count:
            found = f"has {values.size} values for {groups.count} groups"
            raise InputError("scores", found, "Give one score a group")
    if np.ptp(values) == 0:
        raise InputError("scores", "are all equal", "Give scores that order the groups")
    return values


def _same_groups(labels: list[str], groups: Groups, name: str) -> None:
    for label in labels:
        if label not in groups.labels:
            raise InputError(name, f"no group is called {label!r}", nearest(label, groups.labels))
        if labels.count(label) > 1:
            raise InputError(name, f"names {label!r} twice", "Name each group once")
    for label in groups.labels:
        if label not in labels:
            raise InputError(name, f"does not name the group {label!r}", "Name each group once")
