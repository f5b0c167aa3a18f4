"""Pool effects over studies: common or random effects, moderators, intervals, prediction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import chi2, norm, t

import debulk
from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.evidence.pooling.heterogeneity import variance_between
from debulk.evidence.pooling.inverse_variance import q_statistic, weighted_fit
from debulk.evidence.pooling.pooled import (
    Coefficient,
    IntervalMethod,
    Limits,
    Method,
    PooledEffect,
    PooledStudy,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def pool(
    estimates: Any,
    std_errors: Any,
    *,
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    moderators: Mapping[str, Any] | None = None,
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> PooledEffect:
    """Pool effects over studies.

    Parameters
    ----------
    estimates : array_like, shape (studies,)
        Effects on an additive scale, such as log hazard ratios.
    std_errors : array_like, shape (studies,)
        Their standard errors; above 0.
    method : {"ee", "dl", "pm", "reml", "ml", "he", "hs", "sj", "eb"}
        Equal effects, or the estimator of the variance between studies.
    interval : {"wald", "hksj", "hksj-adhoc"}
        How the interval is made.
    moderators : mapping of str to array_like, optional
        Columns of a meta-regression: numbers, or words, whose first level in sorted order is the
        reference.
    names : sequence of str, optional
        What the studies are called; default 1, 2, ...
    conf_level : float
        Between 0 and 1.

    Returns
    -------
    PooledEffect

    Raises
    ------
    InputError
        If lengths differ, a number is missing or impossible, a study stands there twice, or there
        are too few studies.
    """
    y = np.asarray(estimates, dtype=float)
    variances = np.asarray(std_errors, dtype=float) ** 2
    k = len(y)
    columns, design = _design(k, moderators)
    tau2 = variance_between(y, variances, design, method)
    fit = weighted_fit(y, variances, design, tau2)
    freedom = k - design.shape[1]
    inflation, df = 1.0, None
    if interval != "wald":
        inflation = q_statistic(y, variances, design, tau2) / freedom
        inflation = max(1.0, inflation) if interval == "hksj-adhoc" else inflation
        df = freedom
    covariance = fit.covariance * inflation
    tail = (1.0 + conf_level) / 2.0
    critical = float(norm.ppf(tail) if df is None else t.ppf(tail, df))
    told = [
        _coefficient(name, float(b), math.sqrt(v), critical, df)
        for name, b, v in zip(columns, fit.coefficients, np.diag(covariance), strict=True)
    ]
    q = q_statistic(y, variances, design)
    plain_fit = weighted_fit(y, variances, design, 0.0)
    typical = freedom / float(np.trace(plain_fit.projection)) if freedom else math.nan
    i2 = max(0.0, (q - freedom) / q) if method == "ee" and q else tau2 / (tau2 + typical)
    reach = critical * math.sqrt(covariance[0, 0] + tau2)
    predicted = method != "ee" and moderators is None
    normal = float(norm.ppf(tail))
    labels = [str(each) for each in names] if names is not None else [str(i + 1) for i in range(k)]
    return PooledEffect(
        estimate=told[0].estimate,
        se=told[0].se,
        lower=told[0].lower,
        upper=told[0].upper,
        statistic=told[0].statistic,
        p=told[0].p,
        df=df,
        k=k,
        method=method,
        interval=interval,
        conf_level=conf_level,
        tau2=tau2,
        tau2_se=None,
        tau2_limits=Limits(None, None),
        i2=i2,
        h2=tau2 / typical + 1.0,
        i2_limits=Limits(None, None),
        q=q,
        q_df=freedom,
        q_p=float(chi2.sf(q, freedom)) if freedom else 1.0,
        prediction=(
            Limits(told[0].estimate - reach, told[0].estimate + reach)
            if predicted
            else Limits(None, None)
        ),
        coefficients=tuple(told),
        covariance=covariance,
        qm=None,
        qm_df=None,
        qm_p=None,
        r2=None,
        log_likelihood={},
        studies=tuple(
            PooledStudy(name, float(e), math.sqrt(v), e - normal * v**0.5, e + normal * v**0.5, w)
            for name, e, v, w in zip(
                labels, y, variances, fit.weights / fit.weights.sum(), strict=True
            )
        ),
        provenance=Provenance(version=debulk.__version__),
    )


def _design(k: int, moderators: Mapping[str, Any] | None) -> tuple[list[str], Floats]:
    columns, parts = ["intercept"], [np.ones(k)]
    for name, values in (moderators or {}).items():
        found = np.asarray(values)
        if found.dtype.kind in "fiub":
            columns.append(name)
            parts.append(found.astype(float))
            continue
        levels = sorted({str(each) for each in found})
        for level in levels[1:]:
            columns.append(f"{name}[{level}]")
            parts.append(np.array([str(each) == level for each in found], dtype=float))
    if k <= len(columns) and len(columns) > 1:
        found_text = f"{k} studies cannot tell {len(columns)} coefficients"
        raise InputError("moderators", found_text, "Give fewer moderators, or more studies")
    return columns, np.column_stack(parts)


def _coefficient(
    name: str, estimate: float, se: float, critical: float, df: int | None
) -> Coefficient:
    statistic = estimate / se
    p = 2.0 * float(norm.sf(abs(statistic)) if df is None else t.sf(abs(statistic), df))
    reach = critical * se
    return Coefficient(name, estimate, se, statistic, p, estimate - reach, estimate + reach)
