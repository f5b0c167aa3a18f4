"""Gray's test of whether groups differ in the cumulative incidence of a cause."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtrc

from debulk.core.errors import InputError
from debulk.core.results import TestResult
from debulk.survival.competing.causes import CENSORED, read_causes
from debulk.survival.competing.gray_parts import count_events, gray_parts
from debulk.survival.groups import read_groups
from debulk.survival.labels import ByLabel, codes_of
from debulk.survival.options import one_number
from debulk.survival.subjects import Floats


def gray_test(
    time: Any,
    cause: Any,
    group: Any,
    *,
    cause_of_interest: Any = 1,
    strata: Any = None,
    rho: float = 0.0,
    reference: Any = None,
    censoring: Any = CENSORED,
) -> TestResult:
    """Test whether k groups have the same cumulative incidence of a cause (Gray 1988).

    Parameters
    ----------
    time, cause : array-like, shape (n,)
        End of follow-up and why it ended, as for `cumulative_incidence`.
    group : array-like, shape (n,)
        Labels of two groups or more.
    cause_of_interest : label
        The cause whose incidence is compared.
    strata : array-like, shape (n,), optional
        Labels of strata; scores and variances are summed over them.
    rho : float
        Times are weighted by (1 - F(t-))^rho, F the incidence common to all groups.
    reference : label, optional
        The reference group; by default the first level of an Enum or Categorical column, else
        the lowest number, else the first in sorted order.
    censoring : label or None
        The value of `cause` that marks censored rows.

    Returns
    -------
    TestResult
        Chi-square with (groups - 1) degrees of freedom; for two groups `z`, positive when the
        other group has more events than expected. `observed` and `expected` count events of the
        cause, expected ones by each group's share in the risk set of the subdistribution,
        weighted where rho is not 0. `details` holds the scores and their covariance.

    Raises
    ------
    InputError
        On arrays that do not fit; on fewer than two groups; if nobody has the cause, or the
        groups cannot be compared because no time has two of them at risk.

    Notes
    -----
    Score of group k: the sum over times of W (d_k - d R_k / R), with
    R_k = Y_k (1 - F_k(t-)) / S_k(t-), F_k its incidence and S_k its Kaplan-Meier curve for all
    causes together. The variance is that under a common incidence (Gray 1988, Ann Stat 16:1141,
    section 2), with hypergeometric increments for ties, as in R's cmprsk.
    """
    subjects = read_causes(time, cause, censoring=censoring)
    groups = read_groups(group, subjects.n, reference=reference)
    code = subjects.code_of(cause_of_interest)
    power = one_number(rho, "rho")
    stratum = np.zeros(subjects.n, dtype=np.int64)
    if strata is not None:
        stratum = codes_of(strata, subjects.n, "strata")
    count = groups.count
    score, variance = np.zeros(count), np.zeros((count, count))
    observed, expected = np.zeros(count), np.zeros(count)
    for layer in range(int(stratum.max()) + 1):
        chosen = stratum == layer
        counts = count_events(subjects.subset(chosen), code, groups.codes[chosen], count)
        part = gray_parts(counts, power)
        score += part.score
        variance += part.variance
        observed += part.observed
        expected += part.expected
    statistic, z = _statistic(score, variance)
    return TestResult(
        test="Gray" if power == 0 else f"Gray (rho = {power:g})",
        statistic=statistic,
        df=count - 1,
        p=float(chdtrc(count - 1, statistic)),
        z=z if count == 2 else None,
        reference=groups.reference,
        observed=ByLabel(zip(groups.labels, observed.tolist(), strict=True)),
        expected=ByLabel(zip(groups.labels, expected.tolist(), strict=True)),
        n=subjects.n,
        events=int(np.count_nonzero(subjects.code == code)),
        details={
            "cause_of_interest": subjects.labels[code - 1],
            "rho": power,
            "groups": list(groups.labels),
            "score": score.tolist(),
            "covariance": variance.tolist(),
        },
    )


def _statistic(score: Floats, variance: Floats) -> tuple[float, float]:
    """Quadratic form of all scores but the reference's; with two groups its signed root."""
    inner = variance[1:, 1:]
    scale = np.sqrt(np.maximum(np.diag(inner), 0.0))
    singular = (scale == 0).any()
    if not singular:
        correlation = inner / np.outer(scale, scale)
        singular = np.linalg.matrix_rank(correlation, tol=1e-7) < scale.size
    if singular:
        raise InputError(
            "group",
            "the groups cannot be compared: their scores have no regular variance",
            "Leave out groups that are never at risk together with another at a time of interest",
        )
    solved = np.linalg.solve(inner, score[1:])
    return float(score[1:] @ solved), float(score[1] / scale[0])
