"""Subgroups: effects pooled within levels, and whether levels differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from scipy.stats import chi2, f, norm, t

from debulk.core.errors import InputError, nearest
from debulk.evidence.pooling.checks import (
    Heterogeneity,
    PooledRow,
    Subgroup,
    SubgroupPool,
)
from debulk.evidence.pooling.heterogeneity import variance_between
from debulk.evidence.pooling.inverse_variance import q_statistic
from debulk.evidence.pooling.pooled import PooledStudy
from debulk.evidence.pooling.study_arrays import Studies, checked_studies, column_of, few_studies

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

    from debulk.evidence.pooling.pooled import IntervalMethod, Method


def subgroup_pool(
    estimates: Any,
    std_errors: Any,
    levels: Any,
    *,
    by: str = "level",
    heterogeneity: Heterogeneity = "separate",
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> SubgroupPool:
    """Pool within levels and test whether levels differ.

    Parameters
    ----------
    estimates, std_errors, method, interval, names, conf_level
        As `pool` takes them.
    levels : array_like, shape (studies,)
        Level of each study, such as the organ or the design.
    by : str
        What that column is called.
    heterogeneity : {"separate", "common"}
        A variance between studies for each level, or one for all (a meta-regression on the
        level). With few studies a level, a common one is the steadier.

    Returns
    -------
    SubgroupPool

    Raises
    ------
    InputError
        If there is one level only, a study has none, one cannot be pooled, or a common variance
        is asked for with one study in each level.

    Notes
    -----
    Separate: the levels' effects are compared by Cochran's Q of their estimates with model-based
    variances, chi-square with levels - 1 degrees of freedom, whichever interval is asked for:
    Hartung and Knapp's variance of a level of two or three studies is too unsteady to weight by.
    Common: Wald test of the meta-regression; F where the interval is Hartung and Knapp's.
    """
    if heterogeneity not in get_args(Heterogeneity):
        remedy = nearest(str(heterogeneity), get_args(Heterogeneity))
        raise InputError("heterogeneity", f"{heterogeneity!r} is not known", remedy)
    studies = checked_studies(
        estimates,
        std_errors,
        names=names,
        method=method,
        interval=interval,
        conf_level=conf_level,
        least=2,
        purpose="comparing subgroups",
    )
    members = _members(column_of(levels, studies.names, by), by)
    if heterogeneity == "common":
        told, statistic, df_residual = _common(studies, members, by)
    else:
        told, statistic, df_residual = _separate(studies, members)
    df = len(members) - 1
    p = chi2.sf(statistic, df) if df_residual is None else f.sf(statistic / df, df, df_residual)
    return SubgroupPool(
        levels=told,
        overall=studies.pooled(),
        by=by,
        heterogeneity=heterogeneity,
        statistic=statistic if df_residual is None else statistic / df,
        df=df,
        df_residual=df_residual,
        p=float(p),
        provenance=studies.provenance(
            _single_studies(told, heterogeneity),
            few_studies(len(studies), "a test of differences between subgroups"),
            "Levels differ in more than their name: the comparison is between studies, not between "
            "randomised groups",
            heterogeneity=heterogeneity,
        ),
    )


def _members(levels: list[float | str], by: str) -> dict[str, npt.NDArray[np.int64]]:
    texts = [str(each) for each in levels]
    members = {
        each: np.array([i for i, text in enumerate(texts) if text == each])
        for each in dict.fromkeys(texts)
    }
    if len(members) == 1:
        found = f"all studies are {texts[0]!r}"
        raise InputError(by, found, "Group by a column with at least two levels")
    return members


def _separate(
    studies: Studies, members: dict[str, npt.NDArray[np.int64]]
) -> tuple[tuple[Subgroup, ...], float, None]:
    rows = [studies.row(level, which) for level, which in members.items()]
    told = []
    variances = []
    for row, which in zip(rows, members.values(), strict=True):
        weights = 1.0 / (studies.std_errors[which] ** 2 + (row.tau2 or 0.0))
        told.append(Subgroup(row, _entered(studies, which, weights)))
        variances.append(1.0 / float(weights.sum()))
    effects = np.array([row.estimate for row in rows])
    statistic = q_statistic(effects, np.array(variances), np.ones((len(rows), 1)))
    return tuple(told), statistic, None


def _common(
    studies: Studies, members: dict[str, npt.NDArray[np.int64]], by: str
) -> tuple[tuple[Subgroup, ...], float, int | None]:
    k, df_residual = len(studies), len(studies) - len(members)
    if df_residual < 1:
        found = "one study in each level: nothing tells a common variance between studies"
        raise InputError(by, found, "Join levels, or leave subgroups out")
    design = np.zeros((k, len(members)))
    for column, which in enumerate(members.values()):
        design[which, column] = 1.0
    y, v = studies.estimates, studies.std_errors**2
    tau2 = variance_between(y, v, design, studies.method)
    stretch = 1.0
    if studies.interval != "wald":
        stretch = q_statistic(y, v, design, tau2) / df_residual
        stretch = max(1.0, stretch) if studies.interval == "hksj-adhoc" else stretch
    told = tuple(
        _level_of_common(studies, level, which, tau2, stretch, df_residual)
        for level, which in members.items()
    )
    effects = np.array([each.row.estimate for each in told])
    variances = np.array([1.0 / np.sum(1.0 / (v[which] + tau2)) for which in members.values()])
    statistic = q_statistic(effects, variances, np.ones((len(told), 1)))
    if studies.interval == "wald":
        return told, statistic, None
    return told, statistic / stretch if stretch > 0.0 else math.inf, df_residual


def _level_of_common(
    studies: Studies,
    level: str,
    which: npt.NDArray[np.int64],
    tau2: float,
    stretch: float,
    df_residual: int,
) -> Subgroup:
    y, v = studies.estimates[which], studies.std_errors[which] ** 2
    weights = 1.0 / (v + tau2)
    estimate, se = float(weights @ y / weights.sum()), math.sqrt(stretch / weights.sum())
    tail = (1.0 + studies.conf_level) / 2.0
    spread = norm if studies.interval == "wald" else t(df_residual)
    reach = float(spread.ppf(tail)) * se
    p = 2.0 * float(spread.sf(abs(estimate) / se)) if se > 0.0 else math.nan
    alone = len(which) == 1
    q = None if alone else q_statistic(y, v, np.ones((len(which), 1)))
    row = PooledRow(
        name=level,
        k=len(which),
        estimate=estimate,
        se=se,
        lower=estimate - reach,
        upper=estimate + reach,
        p=p,
        tau2=tau2,
        i2=None,
        q=q,
        q_p=None if q is None else float(chi2.sf(q, len(which) - 1)),
    )
    return Subgroup(row, _entered(studies, which, weights))


def _entered(
    studies: Studies, which: npt.NDArray[np.int64], weights: Floats
) -> tuple[PooledStudy, ...]:
    normal = float(norm.ppf((1.0 + studies.conf_level) / 2.0))
    shares = weights / weights.sum()
    told = []
    for index, share in zip(which, shares, strict=True):
        estimate, se = float(studies.estimates[index]), float(studies.std_errors[index])
        limits = estimate - normal * se, estimate + normal * se
        told.append(PooledStudy(studies.names[index], estimate, se, *limits, float(share)))
    return tuple(told)


def _single_studies(told: tuple[Subgroup, ...], heterogeneity: Heterogeneity) -> str:
    single = [repr(each.row.name) for each in told if each.row.k == 1]
    if not single:
        return ""
    seen = (
        "its interval knows sampling error alone, and the test of differences is too sure of it"
        if heterogeneity == "separate"
        else "its variance between studies is that of the other levels"
    )
    return f"One study alone at {', '.join(single)}: {seen}"
