"""Survival curves pooled over studies without a distribution (Combescure, Foucher and Jackson)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

import debulk
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion, Parameter, Provenance
from debulk.evidence.landmarks.between_studies import covariance_between, pooled_effects
from debulk.evidence.landmarks.curve import landmark_curve
from debulk.evidence.landmarks.pooled import PooledInterval, PooledSurvival
from debulk.evidence.landmarks.printed import checked_landmarks
from debulk.evidence.landmarks.studies import SurvivalStudy
from debulk.evidence.landmarks.transforms import Transform, log_survival, transformed
from debulk.evidence.pooling.pooled import IntervalMethod, Limits, Method
from debulk.evidence.pooling.random_effects import pool

Floats = npt.NDArray[np.float64]
Between = Literal["independent", "correlated"]

CONTINUITY = 0.25
"""Survivors and deaths added to each study and interval, as in Combescure et al. 2014."""

_NOT_ESTIMATED = Limits(None, None)


def pooled_survival(
    studies: Sequence[SurvivalStudy],
    *,
    times: Any = None,
    transform: Transform = "arcsine",
    method: Method = "dl",
    interval: IntervalMethod = "wald",
    between: Between = "correlated",
    continuity: float = CONTINUITY,
    conf_level: float = 0.95,
    time_unit: str = "months",
    exclusions: Sequence[Exclusion] = (),
) -> PooledSurvival:
    """Pool the survival curves of several studies.

    Combescure, Foucher and Jackson 2014, Stat Med 33:2521: survival from each landmark to the next,
    given survival to the first, is pooled over studies on a transformed scale with random effects;
    the curve is the product.

    Parameters
    ----------
    studies : sequence of SurvivalStudy
        From `study_from_landmarks` and `study_from_patients`, each name once. A study tells what
        lies before its last landmark. Between its landmarks its hazard is taken as constant.
    times : array_like, optional
        Landmarks of the pooled curve; default the landmarks of at least two studies, or of the
        only one.
    transform : {"arcsine", "log-log"}
        Scale of pooling.
    method, interval
        As for `debulk.evidence.pool`; for an interval that one study tells, that study alone.
    between : {"correlated", "independent"}
        Whether the variation between studies may correlate from interval to interval, as the paper
        has it (Jackson, White and Thompson 2010); that takes method "dl" and interval "wald".
        Where a study is worse all along, "independent" makes the limits of late landmarks far too
        narrow.
    continuity : float
        Survivors and as many deaths added to each study and interval; not where one study stands
        alone.
    conf_level : float
        Level of all limits.
    time_unit : str
        Unit of the times, for display.
    exclusions : sequence of Exclusion
        What was left out before, for the record.

    Returns
    -------
    PooledSurvival

    Raises
    ------
    InputError
        If there is no study, a name comes twice, no study reaches a landmark, or options do not go
        together.
    """
    _check_options(studies, transform, interval, method, between, continuity, conf_level)
    grid = _grid(studies, times)
    pairs = [study.between(grid) for study in studies]
    shares, numbers = (np.array([pair[part] for pair in pairs]) for part in (0, 1))
    told = ~np.isnan(shares)
    if not told.any(axis=0).all():
        missing = grid[~told.any(axis=0)][0]
        found = f"no study tells survival at {missing:g}"
        raise InputError(
            "times", found, f"Give times up to {grid[told.any(axis=0)].max(initial=0):g}"
        )
    pooled, covariance, details = (
        _independent(shares, numbers, studies, transform, method, interval, continuity, conf_level)
        if between == "independent"
        else _correlated(shares, numbers, transform, continuity)
    )
    logs, slopes = log_survival(pooled, transform)
    survival = np.exp(np.cumsum(logs))
    spread = slopes[:, None] * covariance * slopes[None, :]
    variance = np.cumsum(np.cumsum(spread, axis=0), axis=1).diagonal()
    width = float(norm.ppf((1.0 + conf_level) / 2.0))
    lower, upper = _limits(survival, np.sqrt(variance), width)
    starts = np.concatenate(([0.0], grid[:-1]))
    names = [study.name for study in studies]
    intervals = tuple(
        _interval(
            (float(starts[j]), float(grid[j])),
            float(pooled[j]),
            width * math.sqrt(covariance[j, j]),
            transform,
            tuple(name for name, known in zip(names, told[:, j], strict=True) if known),
            details[j],
        )
        for j in range(len(grid))
    )
    return PooledSurvival(
        times=grid,
        survival=survival,
        std_error=survival * np.sqrt(variance),
        lower=lower,
        upper=upper,
        intervals=intervals,
        median=_crossing(grid, survival),
        median_limits=Limits(_crossing(grid, lower), _crossing(grid, upper)),
        studies={study.name: _own(study, grid) for study in studies},
        transform=transform,
        method=method,
        interval=interval,
        between=between,
        conf_level=conf_level,
        time_unit=time_unit,
        provenance=_provenance(studies, grid, transform, continuity, between, exclusions),
    )


def _check_options(
    studies: Sequence[SurvivalStudy],
    transform: str,
    interval: str,
    method: str,
    between: str,
    continuity: float,
    conf_level: float,
) -> None:
    if not studies:
        raise InputError("studies", "there is no study", "Give at least one")
    names = [study.name for study in studies]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        remedy = "Pool a study once, or give its groups different names"
        raise InputError("studies", f"{twice!r} stands there twice", remedy)
    for name, value, known in (
        ("transform", transform, get_args(Transform)),
        ("between", between, get_args(Between)),
        ("method", method, get_args(Method)),
        ("interval", interval, get_args(IntervalMethod)),
    ):
        if value not in known:
            raise InputError(name, f"{value!r}", nearest(str(value), known))
    if between == "correlated" and (method, interval) != ("dl", "wald"):
        remedy = "Take method 'dl' with interval 'wald', or between='independent'"
        raise InputError("between", f"'correlated' with {method!r} and {interval!r}", remedy)
    if not 0.0 <= continuity <= 1.0:
        raise InputError("continuity", f"{continuity!r}", "Give a number from 0 to 1")
    if not 0.0 < conf_level < 1.0:
        raise InputError("conf_level", f"{conf_level!r}", "Give a number between 0 and 1")


def _grid(studies: Sequence[SurvivalStudy], times: Any) -> Floats:
    if times is not None:
        return checked_landmarks(times, np.ones(np.size(times)), "times")[0]
    printed = np.concatenate([study.times for study in studies])
    values, counts = np.unique(printed, return_counts=True)
    common: Floats = values[counts >= min(2, len(studies))]
    if common.size == 0:
        listed = ", ".join(f"{value:g}" for value in values)
        found = f"no landmark is common to two studies; they have {listed}"
        raise InputError("times", found, "Give the landmarks of the pooled curve as times=")
    return common


_Detail = tuple[float, float | None, float | None, float | None]


def _independent(
    shares: Floats,
    numbers: Floats,
    studies: Sequence[SurvivalStudy],
    transform: Transform,
    method: Method,
    interval: IntervalMethod,
    continuity: float,
    conf_level: float,
) -> tuple[Floats, Floats, list[_Detail]]:
    """Each interval pooled by itself: effects, their diagonal covariance, heterogeneity."""
    effects, variances = [], []
    details: list[_Detail] = []
    width = float(norm.ppf((1.0 + conf_level) / 2.0))
    for share, number in zip(shares.T, numbers.T, strict=True):
        told = np.flatnonzero(~np.isnan(share))
        values, spread = _on_scale(share[told], number[told], transform, continuity)
        if told.size == 1:
            effects.append(float(values[0]))
            variances.append(float(spread[0]))
            details.append((0.0, None, None, None))
            continue
        names = [studies[int(position)].name for position in told]
        result = pool(
            values,
            np.sqrt(spread),
            method=method,
            interval=interval,
            names=names,
            conf_level=conf_level,
        )
        effects.append(result.estimate)
        # The reach of the interval counts, so that a t quantile is kept in the product.
        variances.append(((result.upper - result.lower) / (2.0 * width)) ** 2)
        details.append((result.tau2, result.i2, result.q, result.q_p))
    return np.array(effects), np.diag(variances), details


def _correlated(
    shares: Floats, numbers: Floats, transform: Transform, continuity: float
) -> tuple[Floats, Floats, list[_Detail]]:
    """All intervals pooled together, with their covariance between studies."""
    values, spread = np.full(shares.shape, np.nan), np.full(shares.shape, np.nan)
    for j in range(shares.shape[1]):
        told = ~np.isnan(shares[:, j])
        values[told, j], spread[told, j] = _on_scale(
            shares[told, j], numbers[told, j], transform, continuity
        )
    between = covariance_between(values, spread)
    effects, covariance = pooled_effects(values, spread, between)
    details: list[_Detail] = []
    for j, (value, variance) in enumerate(zip(values.T, spread.T, strict=True)):
        told = ~np.isnan(value)
        if told.sum() < 2:
            details.append((float(between[j, j]), None, None, None))
            continue
        alone = pool(value[told], np.sqrt(variance[told]), method="dl", interval="wald")
        details.append((float(between[j, j]), alone.i2, alone.q, alone.q_p))
    return effects, covariance, details


def _on_scale(
    shares: Floats, numbers: Floats, transform: Transform, continuity: float
) -> tuple[Floats, Floats]:
    """One interval of several studies on the scale of pooling, with variances."""
    none_or_all = bool(np.any((shares == 0.0) | (shares == 1.0)))
    if none_or_all and continuity == 0.0:
        found = "0, while none or all of a study die in an interval"
        raise InputError("continuity", found, f"Give {CONTINUITY}, or other landmarks as times=")
    moved = continuity if len(shares) > 1 or none_or_all else 0.0
    return transformed(shares, numbers, transform, moved)


def _interval(
    ends: tuple[float, float],
    effect: float,
    reach: float,
    transform: Transform,
    names: tuple[str, ...],
    detail: _Detail,
) -> PooledInterval:
    limits = np.exp(log_survival(np.array([effect, effect - reach, effect + reach]), transform)[0])
    tau2, i2, q, q_p = detail
    return PooledInterval(
        start=ends[0],
        end=ends[1],
        survival=float(limits[0]),
        lower=float(limits[1:].min()),
        upper=float(limits[1:].max()),
        studies=names,
        tau2=tau2,
        i2=i2,
        q=q,
        q_p=q_p,
    )


def _limits(survival: Floats, log_error: Floats, width: float) -> tuple[Floats, Floats]:
    """Limits on the scale of log(-log S), within 0 and 1 and never rising."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # Beyond this reach the limits are 0 and 1 to every digit.
        reach = np.minimum(width * log_error / np.abs(np.log(survival)), 700.0)
        lower, upper = survival ** np.exp(reach), survival ** np.exp(-reach)
    flat = (survival <= 0.0) | (survival >= 1.0)
    lower, upper = np.where(flat, survival, lower), np.where(flat, survival, upper)
    return np.minimum.accumulate(lower), np.minimum.accumulate(upper)


def _crossing(times: Floats, survival: Floats) -> float | None:
    """Time at which a curve comes to one half, its hazards constant between landmarks."""
    return landmark_curve(times, np.minimum(survival, 1.0)).median


def _own(study: SurvivalStudy, grid: Floats) -> list[float | None]:
    heights = landmark_curve(study.times, study.survival).at(grid)
    return [None if math.isnan(height) else float(height) for height in heights]


def _provenance(
    studies: Sequence[SurvivalStudy],
    grid: Floats,
    transform: str,
    continuity: float,
    between: str,
    exclusions: Sequence[Exclusion],
) -> Provenance:
    between_landmarks = sorted(
        study.name
        for study in studies
        if not set(grid[grid <= study.times[-1]].tolist()) <= set(study.times.tolist())
    )
    unused = sorted(study.name for study in studies if study.times[-1] < grid[0])
    remarks = [f"{study.name}: numbers at risk from {study.basis}." for study in studies]
    remarks += [f"{study.name}: {study.note}" for study in studies if study.note]
    remarks.append("The median is read with a constant hazard between landmarks.")
    if between_landmarks:
        listed = ", ".join(between_landmarks)
        remarks.append(f"Hazard taken as constant between the study's own landmarks: {listed}.")
    if unused:
        remarks.append(f"Tells nothing, since it ends before {grid[0]:g}: {', '.join(unused)}.")
    parameters = (
        Parameter("transform", transform, "default" if transform == "arcsine" else "chosen", "-"),
        Parameter(
            "continuity",
            continuity,
            "default" if continuity == CONTINUITY else "chosen",
            "Combescure, Foucher and Jackson 2014, Stat Med 33:2521",
        ),
        Parameter("between", between, "default" if between == "correlated" else "chosen", "-"),
    )
    return Provenance(
        version=debulk.__version__,
        parameters=parameters,
        exclusions=tuple(exclusions),
        remarks=tuple(remarks),
    )
