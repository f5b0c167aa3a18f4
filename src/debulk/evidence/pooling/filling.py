"""Trim and fill: how many studies a symmetric funnel would hold besides.

Duval and Tweedie (2000, Biometrics 56:455; 2000, J Am Stat Assoc 95:89).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.evidence.pooling.checks import FillEstimator, Side, TrimAndFill
from debulk.evidence.pooling.random_effects import pool
from debulk.evidence.pooling.study_set import StudySet, few_studies, study_set
from debulk.survival.options import check_word

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.evidence.pooling.pooled import IntervalMethod, Method, PooledEffect

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

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
    check_word(estimator, FillEstimator, "estimator")
    if side is not None:
        check_word(side, Side, "side")
    studies = study_set(
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
    whole = studies.overall
    adjusted = _filled(studies, mirrored, missing.centre) if missing.number else whole
    return TrimAndFill(
        missing=missing.number,
        missing_se=missing.std_error,
        # R0 is one less than the run of studies at the far end of one side, each a coin's throw.
        missing_p=0.5 ** (missing.number + 1) if estimator == "R0" else None,
        side=chosen,
        estimator=estimator,
        filled=adjusted.studies[len(studies) :],
        unadjusted=whole,
        adjusted=adjusted,
        centre=missing.centre,
        provenance=studies.provenance(
            few_studies(len(studies), "trim and fill"),
            "Studies filled in are no data: the adjusted effect shows how sensitive the pooled one "
            "is to a lopsided funnel, whatever made it so",
            estimator=(estimator, "L0"),
            side=(side, None),
        ),
    )


def _emptier_side(studies: StudySet) -> Side:
    errors = studies.std_errors
    if float(np.ptp(errors)) == 0.0:
        raise InputError(
            "std_errors", "all are the same, so none is a small study", "Give side left or right"
        )
    size = (errors / errors.max()).tolist()
    fit = studies.pooled(np.arange(len(studies)), interval="wald", moderators={"size": size})
    slope = fit.coefficients[1].estimate
    return "right" if slope < 0.0 else "left"


def _missing(
    studies: StudySet, sign: float, sequence: Indices, estimator: FillEstimator
) -> _Missing:
    """Trim the far studies, find the centre, count again, until the number stays."""
    y, k, number = studies.estimates[sequence], len(sequence), 0
    for _ in range(MOST_STEPS):
        before = number
        centre = _centre(studies, sequence[: k - number])
        number, std_error = _count(_signed_ranks(sign * (y - centre)), k, estimator)
        if number == before:
            return _Missing(number, std_error, centre)
    raise InputError(
        "estimator", f"{estimator} did not settle in {MOST_STEPS} steps", "Use another estimator"
    )


def _centre(studies: StudySet, which: Indices) -> float:
    if float(np.ptp(studies.estimates[which])) == 0.0:
        # Exactly, so that no study lies a rounding error to one side.
        return float(studies.estimates[which[0]])
    return studies.pooled(which, interval="wald").estimate


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


def _filled(studies: StudySet, mirrored: Indices, centre: float) -> PooledEffect:
    whole = studies.overall
    names = [f"mirror of {studies.names[index]}" for index in mirrored]
    return pool(
        np.concatenate([studies.estimates, 2.0 * centre - studies.estimates[mirrored]]),
        np.concatenate([studies.std_errors, studies.std_errors[mirrored]]),
        method=whole.method,
        interval=whole.interval,
        names=[*studies.names, *names],
        conf_level=whole.conf_level,
    )
