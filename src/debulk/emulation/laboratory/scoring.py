"""How far a method's answers lie from the truth, and how often its intervals hold it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from debulk.emulation.laboratory.analyses import NUMBERS
from debulk.emulation.laboratory.truth import TimedTruth
from debulk.emulation.person_time import Floats


@dataclass(frozen=True, slots=True)
class Score:
    """Answers of many registries held against one truth. NaN where nothing answers.

    Attributes
    ----------
    truth : float
        On the scale of the answers: log hazard ratio, or months.
    bias, monte_carlo_error : float
        Mean answer minus truth; its standard error, that of the truth included.
    sd, mean_se : float
        Standard deviation of the answers; mean of their own standard errors.
    coverage, coverage_error : float
        Share of intervals that hold the truth, with its Monte Carlo error.
    rejected, rejected_error : float
        Share of intervals without 0: false positives where the truth is 0, power elsewhere.
    answered : int
        Registries with an answer.
    """

    truth: float
    bias: float
    monte_carlo_error: float
    sd: float
    mean_se: float
    coverage: float
    coverage_error: float
    rejected: float
    rejected_error: float
    answered: int


@dataclass(frozen=True, slots=True)
class IntervalScore:
    """One interval of one method.

    Attributes
    ----------
    log_hazard_ratio, rmst_months : Score
        Against the truth with nobody lost.
    coverage_registry : float
        Share of intervals of the log hazard ratio that hold the truth under the registry's own
        follow-up, which is another number where hazards are not proportional.
    """

    log_hazard_ratio: Score
    rmst_months: Score
    coverage_registry: float


_Eight = tuple[float, float, float, float, float, float, float, float]
_NOTHING: _Eight = (math.nan,) * 8


def score_interval(numbers: Floats, truth: TimedTruth) -> IntervalScore:
    """Score the answers of one method with one interval.

    Parameters
    ----------
    numbers : (registries, 8) float64
        Columns `debulk.emulation.laboratory.analyses.NUMBERS`; NaN where there is no answer.
    truth : TimedTruth
    """
    half = len(NUMBERS) // 2
    ratios = numbers[:, :half]
    return IntervalScore(
        log_hazard_ratio=_score(ratios, truth.log_hazard_ratio, truth.log_hazard_ratio_error),
        rmst_months=_score(
            numbers[:, half:], truth.rmst_difference_months, truth.rmst_difference_error
        ),
        coverage_registry=_share(_holds(_answered(ratios), truth.log_hazard_ratio_registry))[0],
    )


def _score(answers: Floats, truth: float, truth_error: float) -> Score:
    answers = _answered(answers)
    count = len(answers)
    if count == 0:
        return Score(truth, *_NOTHING, 0)
    sd = float(np.std(answers[:, 0], ddof=1)) if count > 1 else math.nan
    held, rejected = _holds(answers, truth), ~_holds(answers, 0.0)
    return Score(
        truth,
        float(np.mean(answers[:, 0])) - truth,
        math.hypot(sd / math.sqrt(count), truth_error),
        sd,
        float(np.mean(answers[:, 1])),
        *_share(held),
        *_share(rejected),
        count,
    )


def _answered(answers: Floats) -> Floats:
    return answers[~np.isnan(answers).any(axis=1)]


def _holds(answers: Floats, value: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]]
    inside = (answers[:, 2] <= value) & (value <= answers[:, 3])
    return inside


def _share(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[float, float]:
    """A share, and its Monte Carlo error."""
    if flags.size == 0:
        return math.nan, math.nan
    share = float(np.mean(flags))
    return share, math.sqrt(share * (1.0 - share) / flags.size)
