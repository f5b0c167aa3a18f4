"""Survival curves pooled over studies without a distribution (Combescure, Foucher and Jackson)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

import debulk
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion, Parameter, Provenance
from debulk.evidence.landmarks.curve import landmark_curve
from debulk.evidence.landmarks.interval_effects import (
    Conditional,
    IntervalEffects,
    Scale,
    conditional_survival,
    correlated_effects,
    independent_effects,
)
from debulk.evidence.landmarks.pooled import PooledInterval, PooledSurvival
from debulk.evidence.landmarks.printed import checked_landmarks
from debulk.evidence.landmarks.studies import SurvivalStudy
from debulk.evidence.landmarks.transforms import Transform, log_survival
from debulk.evidence.pooling.pooled import IntervalMethod, Limits, Method
from debulk.evidence.pooling.studies import option
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_level

Floats = npt.NDArray[np.float64]
Between = Literal["independent", "correlated"]

CONTINUITY = 0.25
"""Survivors and deaths added to each study and interval, as in Combescure et al. 2014."""


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
    found = conditional_survival(studies, grid)
    scale = Scale(transform, continuity)
    pooled = (
        correlated_effects(found, scale, conf_level=conf_level)
        if between == "correlated"
        else independent_effects(
            found, scale, method=method, interval=interval, conf_level=conf_level
        )
    )
    logs, slopes = log_survival(pooled.effects, transform)
    survival = np.exp(np.cumsum(logs))
    spread = slopes[:, None] * pooled.covariance * slopes[None, :]
    variance = np.cumsum(np.cumsum(spread, axis=0), axis=1).diagonal()
    width = normal_width(conf_level)
    lower, upper = _limits(survival, np.sqrt(variance), width)
    return PooledSurvival(
        times=grid,
        survival=survival,
        std_error=survival * np.sqrt(variance),
        lower=lower,
        upper=upper,
        intervals=_intervals(grid, pooled, found, transform, width),
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
    if not (isinstance(continuity, int | float) and 0.0 <= continuity <= 1.0):
        raise InputError("continuity", f"{continuity!r}", "Give a number from 0 to 1")
    check_level(conf_level)


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


def _intervals(
    grid: Floats, pooled: IntervalEffects, found: Conditional, transform: Transform, width: float
) -> tuple[PooledInterval, ...]:
    starts = np.concatenate(([0.0], grid[:-1]))
    intervals = []
    for j, (start, end) in enumerate(zip(starts.tolist(), grid.tolist(), strict=True)):
        reach = width * math.sqrt(pooled.covariance[j, j])
        ends = pooled.effects[j] + reach * np.array([0.0, -1.0, 1.0])
        shares = np.exp(log_survival(ends, transform)[0])
        apart = pooled.apart[j]
        intervals.append(
            PooledInterval(
                start=start,
                end=end,
                survival=float(shares[0]),
                lower=float(shares[1:].min()),
                upper=float(shares[1:].max()),
                studies=found.tellers(j),
                tau2=pooled.tau2[j],
                i2=None if apart is None else apart.i2,
                q=None if apart is None else apart.q,
                q_p=None if apart is None else apart.q_p,
            )
        )
    return tuple(intervals)


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
        option("transform", transform, "arcsine"),
        Parameter(
            "continuity",
            continuity,
            "default" if continuity == CONTINUITY else "chosen",
            "Combescure, Foucher and Jackson 2014, Stat Med 33:2521",
        ),
        option("between", between, "correlated"),
    )
    return Provenance(
        version=debulk.__version__,
        parameters=parameters,
        exclusions=tuple(exclusions),
        remarks=tuple(remarks),
    )
