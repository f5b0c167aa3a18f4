"""Trim and fill: how many studies a symmetric funnel would hold besides.

Duval and Tweedie (2000, Biometrics 56:455; 2000, J Am Stat Assoc 95:89).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.evidence.pooling.checks import FillEstimator, Side, TrimAndFill
from debulk.evidence.pooling.heterogeneity import variance_between
from debulk.evidence.pooling.inverse_variance import weighted_fit
from debulk.evidence.pooling.random_effects import pool
from debulk.evidence.pooling.study_arrays import Studies, checked_studies, few_studies

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.evidence.pooling.pooled import IntervalMethod, Method, PooledEffect

    Floats = npt.NDArray[np.float64]

MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class _Missing:
    number: int
    std_error: float
    centre: float


def trim_and_fill(
    estimates: Any,
    std_errors: Any,
    *,
    estimator: FillEstimator = "L0",
    side: Side | None = None,
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> TrimAndFill:
    """Estimate the studies missing from one side of the funnel, fill them in and pool again.

    Parameters
    ----------
    estimates, std_errors, method, interval, names, conf_level
        As `pool` takes them.
    estimator : {"L0", "R0", "Q0"}
        Of the number missing.
    side : {"left", "right"}, optional
        Where they are missing; by default opposite to where small studies lie, as a meta-regression
        on the standard error by the same method says.

    Returns
    -------
    TrimAndFill

    Raises
    ------
    InputError
        If there are fewer than three studies, one cannot be pooled, all have the same standard
        error and no side is given, or the number does not settle.
    """
    for where, value, words in (
        ("estimator", estimator, get_args(FillEstimator)),
        ("side", side, (*get_args(Side), None)),
    ):
        if value not in words:
            known = [each for each in words if each]
            raise InputError(where, f"{value!r} is not known", nearest(str(value), known))
    studies = checked_studies(
        estimates,
        std_errors,
        names=names,
        method=method,
        interval=interval,
        conf_level=conf_level,
        least=3,
        purpose="trim and fill",
    )
    chosen = side or _emptier_side(studies)
    sign = -1.0 if chosen == "right" else 1.0
    sequence = np.argsort(sign * studies.estimates, kind="stable")
    missing = _missing(studies, sign, sequence, estimator)
    mirrored = sequence[len(studies) - missing.number :]
    unadjusted = studies.pooled()
    adjusted = _filled(studies, mirrored, missing.centre) if missing.number else unadjusted
    return TrimAndFill(
        missing=missing.number,
        missing_se=missing.std_error,
        # R0 is one less than the run of studies at the far end of one side, each a coin's throw.
        missing_p=0.5 ** (missing.number + 1) if estimator == "R0" else None,
        side=chosen,
        estimator=estimator,
        filled=adjusted.studies[len(studies) :],
        unadjusted=unadjusted,
        adjusted=adjusted,
        centre=missing.centre,
        provenance=studies.provenance(
            few_studies(len(studies), "trim and fill"),
            "Studies filled in are no data: the adjusted effect shows how sensitive the pooled one "
            "is to a lopsided funnel, whatever made it so",
            estimator=estimator,
            side=chosen,
        ),
    )


def _emptier_side(studies: Studies) -> Side:
    errors = studies.std_errors
    if float(np.ptp(errors)) == 0.0:
        raise InputError(
            "std_errors", "all are the same, so none is a small study", "Give side left or right"
        )
    design = np.column_stack([np.ones(len(studies)), errors / errors.max()])
    tau2 = variance_between(studies.estimates, errors**2, design, studies.method)
    slope = weighted_fit(studies.estimates, errors**2, design, tau2).coefficients[1]
    return "right" if slope < 0.0 else "left"


def _missing(
    studies: Studies, sign: float, sequence: npt.NDArray[np.int64], estimator: FillEstimator
) -> _Missing:
    """Trim the far studies, find the centre, count again, until the number stays."""
    y, v = sign * studies.estimates[sequence], studies.std_errors[sequence] ** 2
    k, number = len(y), 0
    for _ in range(MOST_STEPS):
        kept = k - number
        centre = _centre(y[:kept], v[:kept], studies.method)
        before = number
        number, std_error = _count(_signed_ranks(y - centre), k, estimator)
        if number == before:
            return _Missing(number, std_error, sign * centre)
    raise InputError(
        "estimator", f"{estimator} did not settle in {MOST_STEPS} steps", "Use another estimator"
    )


def _centre(y: Floats, v: Floats, method: Method) -> float:
    if len(y) == 1 or float(np.ptp(y)) == 0.0:
        return float(y[0])
    design = np.ones((len(y), 1))
    return float(weighted_fit(y, v, design, variance_between(y, v, design, method)).coefficients[0])


def _signed_ranks(deviations: Floats) -> Floats:
    ranks = np.empty_like(deviations)
    ranks[np.argsort(np.abs(deviations), kind="stable")] = np.arange(1.0, len(deviations) + 1.0)
    return np.sign(deviations) * ranks


def _count(signed_ranks: Floats, k: int, estimator: FillEstimator) -> tuple[int, float]:
    """Number missing and its standard error."""
    if estimator == "R0":
        below = -signed_ranks[signed_ranks < 0.0]
        run = k - float(below.max()) - 1.0 if len(below) else 0.0
        return max(0, round(run)), math.sqrt(2.0 * max(0.0, run) + 2.0)
    rank_sum = float(signed_ranks[signed_ranks > 0.0].sum())
    if estimator == "L0":
        raw = (4.0 * rank_sum - k * (k + 1)) / (2 * k - 1)
        return max(0, round(raw)), 4.0 * _rank_sum_error(k, raw) / (2 * k - 1)
    square = 2.0 * k**2 - 4.0 * rank_sum + 0.25
    if square < 0.0:
        found = "Q0 has no value: nearly all studies lie on one side"
        raise InputError("estimator", found, "Use L0")
    raw = k - 0.5 - math.sqrt(square)
    return max(0, round(raw)), 2.0 * _rank_sum_error(k, raw) / math.sqrt(square)


def _rank_sum_error(k: int, missing: float) -> float:
    """Standard error of Wilcoxon's rank sum where some are missing; NaN where it has none."""
    m = missing
    variance = (
        k * (k + 1) * (2 * k + 1)
        + 10.0 * m**3
        + 27.0 * m**2
        + 17.0 * m
        - 18.0 * k * m**2
        - 18.0 * k * m
        + 6.0 * k**2 * m
    ) / 24.0
    return math.sqrt(variance) if variance >= 0.0 else math.nan


def _filled(studies: Studies, mirrored: npt.NDArray[np.int64], centre: float) -> PooledEffect:
    names = [f"mirror of {studies.names[index]}" for index in mirrored]
    return pool(
        np.concatenate([studies.estimates, 2.0 * centre - studies.estimates[mirrored]]),
        np.concatenate([studies.std_errors, studies.std_errors[mirrored]]),
        method=studies.method,
        interval=studies.interval,
        names=[*studies.names, *names],
        conf_level=studies.conf_level,
    )
