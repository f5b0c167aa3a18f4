"""Subgroups: effects pooled within levels, and whether levels differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc, fdtrc

from debulk.core.errors import InputError
from debulk.evidence.pooling.checks import (
    Heterogeneity,
    PooledRow,
    Subgroup,
    SubgroupPool,
)
from debulk.evidence.pooling.pooled import PooledStudy
from debulk.evidence.pooling.prediction import quantile, two_sided_p
from debulk.evidence.pooling.study_set import (
    StudySet,
    few_studies,
    spread_about_mean,
    study_set,
    values_of,
)
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_word

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

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
    check_word(heterogeneity, Heterogeneity, "heterogeneity")
    studies = study_set(
        estimates,
        std_errors,
        names=names,
        method=method,
        interval=interval,
        conf_level=conf_level,
        least=2,
        purpose="comparing subgroups",
    )
    members = _members(values_of(levels, studies.names, by), by)
    if heterogeneity == "common":
        told, statistic, df_residual = _common(studies, members, by)
    else:
        told, statistic, df_residual = _separate(studies, members)
    df = len(members) - 1
    p = chdtrc(df, statistic) if df_residual is None else fdtrc(df, df_residual, statistic / df)
    return SubgroupPool(
        levels=told,
        overall=studies.overall,
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
            heterogeneity=(heterogeneity, "separate"),
        ),
    )


def _members(levels: list[float | str], by: str) -> dict[str, Indices]:
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
    studies: StudySet, members: dict[str, Indices]
) -> tuple[tuple[Subgroup, ...], float, None]:
    told, variances = [], []
    for level, which in members.items():
        row = studies.row(level, which)
        weights = 1.0 / (studies.std_errors[which] ** 2 + (row.tau2 or 0.0))
        told.append(Subgroup(row, _entered(studies, which, weights)))
        variances.append(1.0 / float(weights.sum()))
    effects = np.array([each.row.estimate for each in told])
    return tuple(told), spread_about_mean(effects, 1.0 / np.array(variances)), None


def _common(
    studies: StudySet, members: dict[str, Indices], by: str
) -> tuple[tuple[Subgroup, ...], float, int | None]:
    if len(studies) == len(members):
        found = "one study in each level: nothing tells a common variance between studies"
        raise InputError(by, found, "Join levels, or take heterogeneity='separate'")
    everyone = np.arange(len(studies))
    codes = np.empty(len(studies), dtype=object)
    for place, which in enumerate(members.values()):
        codes[which] = f"{place:06d}"
    fit = studies.pooled(everyone, moderators={"level": codes.tolist()})
    weights = 1.0 / (studies.std_errors**2 + fit.tau2)
    sums = np.array([weights[which].sum() for which in members.values()])
    # How much Hartung and Knapp's adjustment stretches the variances; 1 without it.
    stretch = float(fit.covariance[0, 0] * sums[0])
    told = tuple(
        Subgroup(
            _level_of_common(studies, level, which, fit.tau2, stretch, fit.df),
            _entered(studies, which, weights[which]),
        )
        for level, which in members.items()
    )
    statistic = spread_about_mean(np.array([each.row.estimate for each in told]), sums)
    return told, _over(statistic, stretch), fit.df


def _level_of_common(
    studies: StudySet, level: str, which: Indices, tau2: float, stretch: float, df: int | None
) -> PooledRow:
    y, v = studies.estimates[which], studies.std_errors[which] ** 2
    weights = 1.0 / (v + tau2)
    estimate, se = float(weights @ y / weights.sum()), math.sqrt(stretch / weights.sum())
    reach = quantile(studies.overall.conf_level, df) * se
    q = spread_about_mean(y, 1.0 / v) if len(which) > 1 else None
    return PooledRow(
        name=level,
        k=len(which),
        estimate=estimate,
        se=se,
        lower=estimate - reach,
        upper=estimate + reach,
        p=two_sided_p(_over(abs(estimate), se), df),
        tau2=tau2,
        i2=None,
        q=q,
        q_p=None if q is None else float(chdtrc(len(which) - 1, q)),
    )


def _over(value: float, error: float) -> float:
    """A quotient; studies that agree to the last digit put any difference beyond doubt."""
    if error > 0.0:
        return value / error
    return math.inf if value > 0.0 else 0.0


def _entered(studies: StudySet, which: Indices, weights: Floats) -> tuple[PooledStudy, ...]:
    normal = normal_width(studies.overall.conf_level)
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
