"""The largest of several weighted log-rank statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import TestResult
from debulk.survival.groups import read_groups
from debulk.survival.options import check_word, shown
from debulk.survival.rank.largest import largest_beyond
from debulk.survival.rank.logrank import (
    WeightedSums,
    by_label,
    never_together,
    read_strata,
    sums_of,
)
from debulk.survival.rank.weightings import (
    FlemingHarrington,
    Weighting,
    WeightingLike,
    read_weighting,
)
from debulk.survival.subjects import Floats, read_subjects

Alternative = Literal["two-sided", "greater", "less"]

DEFAULT_WEIGHTINGS = (
    FlemingHarrington(0, 0),
    FlemingHarrington(0, 1),
    FlemingHarrington(1, 0),
    FlemingHarrington(1, 1),
)
"""All times alike, late, early, and middle ones."""


def max_combo(
    time: Any,
    event: Any,
    group: Any,
    *,
    reference: Any = None,
    strata: Any = None,
    entry: Any = None,
    weightings: Sequence[WeightingLike] = DEFAULT_WEIGHTINGS,
    alternative: Alternative = "two-sided",
) -> TestResult:
    """Test two groups by the largest of several weighted log-rank statistics (MaxCombo).

    Parameters
    ----------
    time, event, group, reference, strata, entry
        As in `logrank`; two groups.
    weightings : sequence of weightings
        Two or more are usual; each as in `logrank`. Default: Fleming-Harrington with (rho, gamma)
        of (0, 0), (0, 1), (1, 0) and (1, 1).
    alternative : {"two-sided", "greater", "less"}
        What speaks against equal hazards: "greater", a higher hazard in the other group (large z);
        "less", a lower hazard in the other group than in the reference (the experimental arm
        better, with control as reference); "two-sided", either.

    Returns
    -------
    TestResult
        `statistic` is the largest of |z| ("two-sided"), z ("greater") or -z ("less"), and `z`,
        `observed` and `expected` are those of the weighting that gave it. `p` is the probability
        that the largest of such normal numbers, correlated as estimated, is that large; `df` is
        the number of linearly independent weightings. `details`: `alternative`, `weighting` (the
        one that gave the largest), `z` by weighting, `correlation` (in the order of `z`),
        `p_error` (how far the integration that gave `p` may be off: mostly below 3e-6, never above
        some 1e-5; with four or more linearly independent weightings a standard error) and
        `strata` as in `logrank`.

    Raises
    ------
    InputError
        As `logrank`; also on other than two groups, an empty or repeated weighting, or a weighting
        that gives no weight to any event at which both groups are at risk.

    Notes
    -----
    Lee (2007), Computational Statistics and Data Analysis; Karrison (2016), Stata Journal; Lin and
    others (2020), Statistics in Biopharmaceutical Research. The covariance of two weighted
    statistics is the sum over event times of w1 w2 v, with v the hypergeometric variance.
    Weightings may depend on each other, as (0, 0) does on (0, 1) and (1, 0).
    """
    check_word(alternative, Alternative, "alternative")
    kinds = _read_weightings(weightings)
    subjects = read_subjects(time, event, entry=entry, needs_event=True)
    groups = read_groups(group, subjects.n, reference=reference)
    if groups.count != 2:
        raise InputError("group", f"holds {groups.count} groups, not 2", "Compare two at a time")
    sums = sums_of(subjects, groups, read_strata(strata, subjects), kinds)
    z, correlation = _statistics(sums, kinds)
    ranked = {"two-sided": np.abs(z), "greater": z, "less": -z}[alternative]
    winner = int(np.argmax(ranked))
    statistic = float(ranked[winner])
    tail = largest_beyond(correlation, statistic, two_sided=alternative == "two-sided")
    return TestResult(
        test="MaxCombo test",
        statistic=statistic,
        df=int(np.linalg.matrix_rank(correlation, tol=1e-9, hermitian=True)),
        p=tail.probability,
        z=float(z[winner]),
        reference=groups.reference,
        observed=by_label(groups, sums.observed[winner]),
        expected=by_label(groups, sums.expected[winner]),
        n=subjects.n,
        events=subjects.events,
        details={
            "alternative": alternative,
            "weighting": kinds[winner].name,
            "z": {kind.name: float(value) for kind, value in zip(kinds, z, strict=True)},
            "correlation": correlation.tolist(),
            "p_error": tail.error,
            "strata": sums.strata.counts,
        },
    )


def _read_weightings(weightings: Any) -> list[Weighting]:
    if isinstance(weightings, str) or not isinstance(weightings, Sequence):
        found = f"{shown(weightings)} is no list"
        raise InputError("weightings", found, "Give a list of weightings")
    kinds = [read_weighting(each) for each in weightings]
    if not kinds:
        raise InputError("weightings", "the list is empty", "Give one weighting or more")
    names = [kind.name for kind in kinds]
    for name in names:
        if names.count(name) > 1:
            raise InputError("weightings", f"{name} is given twice", "Give each once")
    return kinds


def _statistics(sums: WeightedSums, kinds: list[Weighting]) -> tuple[Floats, Floats]:
    """Signed statistics of the other group, and their correlation."""
    excess = sums.observed[:, 1] - sums.expected[:, 1]
    covariance = sums.covariance[:, :, 1, 1]
    variance = np.diag(covariance)
    if not variance.any():
        raise never_together()
    for kind, own in zip(kinds, variance.tolist(), strict=True):
        if not own > 0:
            raise InputError(
                "weightings",
                f"{kind.name} gives no weight to any event at which both groups are at risk",
                "Leave it out",
            )
    deviation = np.sqrt(variance)
    correlation = covariance / np.outer(deviation, deviation)
    np.fill_diagonal(correlation, 1.0)
    return excess / deviation, np.clip(correlation, -1.0, 1.0)
