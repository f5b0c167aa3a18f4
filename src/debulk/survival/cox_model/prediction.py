"""Survival that a Cox model predicts: for new rows, and for a whole population by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.cox_model.baseline import StratumHazard, stratum_hazards
from debulk.survival.cox_model.risk_sets import (
    RiskSets,
    checked_coefficients,
    checked_covariance,
    linear_part,
    risk_sets,
)
from debulk.survival.cox_model.rows import CoxRows, Ties
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_level, check_word
from debulk.survival.subjects import Floats, Ints, as_array, numbers

ConfType = Literal["log-log", "log", "plain"]

_HIGHEST_LOG = 300.0  # exponentials above it, times a hazard, might leave floating point
_LARGEST_TABLE = 1 << 22  # numbers of one block of predicted curves: 32 MiB


@dataclass(frozen=True, eq=False)
class PredictedSurvival:
    """Predicted survival of k rows or groups at m times.

    Attributes
    ----------
    times : array, shape (m,)
    survival, cumulative_hazard : array, shape (m, k)
        NaN beyond the last follow-up of the row's stratum.
    std_error : array, shape (m, k)
        Of the cumulative hazard for rows (as R gives it), of the survival for groups; the
        coefficients' error and the baseline's are both in it.
    lower, upper : array, shape (m, k)
        Confidence limits of the survival; NaN where it is 0 or its error is not defined.
    conf_level : float
    conf_type : {"log-log", "log", "plain"}
    labels : tuple of str
        Names of the k columns, where they have names.
    """

    times: Floats
    survival: Floats
    cumulative_hazard: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    conf_level: float
    conf_type: ConfType
    labels: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True, eq=False)
class _NewRows:
    """Checked rows to predict, counted from the risk sets' centre and shift."""

    x: Floats
    risk: Floats
    stratum: Ints

    @classmethod
    def of(
        cls, sets: RiskSets, beta: Floats, x_new: Any, stratum_new: Any, offset_new: Any
    ) -> _NewRows:
        x = _matrix(x_new, sets.rows)
        predictor = linear_part(x, sets.centre, beta) - sets.shift
        if offset_new is not None:
            predictor += _column(offset_new, x.shape[0], "offset")
        high = float(predictor.max(initial=0.0))
        if high > _HIGHEST_LOG:
            row = int(np.argmax(predictor))
            raise InputError(
                f"new row {row + 1}",
                f"its linear predictor lies {high:.3g} above the data's, beyond exponentials",
                "Give covariates on the scale of the data",
            )
        return cls(x - sets.centre, np.exp(predictor), _strata(stratum_new, x.shape[0], sets.rows))


def linear_predictor(beta: Floats, x_new: Any, offset_new: Any = None) -> Floats:
    """Coefficients times covariates plus offset, not centred, shape (k,).

    Parameters
    ----------
    beta : array, shape (p,)
    x_new : array, shape (k, p)
    offset_new : array, shape (k,), optional
    """
    result: Floats = np.asarray(x_new, dtype=np.float64) @ np.asarray(beta, dtype=np.float64)
    return result if offset_new is None else result + np.asarray(offset_new, dtype=np.float64)


def predict_survival(
    rows: CoxRows,
    beta: Floats,
    ties: Ties,
    naive_covariance: Floats,
    x_new: Any,
    stratum_new: Any = None,
    offset_new: Any = None,
    times: Any = None,
    conf_level: float = 0.95,
    conf_type: ConfType = "log-log",
) -> PredictedSurvival:
    """Predicted survival of new rows, with limits (Tsiatis 1981; Link 1984, Biometrics 40:601).

    Parameters
    ----------
    rows, beta, ties
        The data and coefficients of the fit, and its way with ties.
    naive_covariance : array, shape (p, p)
        Covariance of the coefficients; `CoxModel.predict_survival` gives the robust one where
        the fit has one, as R does.
    x_new : array, shape (k, p)
        Covariates of the new rows.
    stratum_new : array of int, shape (k,), optional
        Position of each row's stratum in `rows.stratum_labels`; required if there are strata.
    offset_new : array, shape (k,), optional
        Known part of the linear predictor; 0 if left out.
    times : array, shape (m,), optional
        Times from 0 on; by default every event time of the strata asked for.
    conf_level : float
        Level of the limits, strictly between 0 and 1.
    conf_type : {"log-log", "log", "plain"}
        Scale on which the limits are symmetric.

    Returns
    -------
    PredictedSurvival
        Survival is exp(-cumulative hazard). Covariates are taken to stay as given for all time.

    Raises
    ------
    InputError
        On new rows that do not fit the model, strata it does not know, times that are negative or
        not numbers, a level outside (0, 1), and as `risk_sets`.
    """
    check_limits(conf_level, conf_type)
    sets = risk_sets(rows, beta, ties)
    coefficients = checked_coefficients(rows, beta)
    covariance = checked_covariance(rows, naive_covariance)
    new = _NewRows.of(sets, coefficients, x_new, stratum_new, offset_new)
    hazards = stratum_hazards(sets)
    at = _times(times, [hazards[code] for code in np.unique(new.stratum)])
    cumulative = np.full((at.size, new.risk.size), np.nan)
    error = np.full_like(cumulative, np.nan)
    for code in np.unique(new.stratum):
        mine = np.flatnonzero(new.stratum == code)
        known = np.flatnonzero(at <= hazards[code].last)
        level, variance, drift = _at(hazards[code], at[known])
        cumulative[np.ix_(known, mine)] = np.outer(level, new.risk[mine])
        for row in mine:
            pull = np.outer(level, new.x[row]) - drift
            spread = variance + np.einsum("mp,mp->m", pull @ covariance, pull)
            error[known, row] = np.sqrt(np.maximum(spread, 0.0)) * new.risk[row]
    survival = np.exp(-cumulative)
    lower, upper = limits(survival, cumulative, error, conf_level, conf_type)
    return PredictedSurvival(at, survival, cumulative, error, lower, upper, conf_level, conf_type)


def adjusted_survival(
    rows: CoxRows,
    beta: Floats,
    ties: Ties,
    naive_covariance: Floats,
    populations: Mapping[str, Floats],
    stratum: Any = None,
    offset: Any = None,
    times: Any = None,
    conf_level: float = 0.95,
    conf_type: ConfType = "log-log",
) -> PredictedSurvival:
    """Survival of one population, were all of it in one group: direct adjustment by the model.

    The mean of the predicted curves of all rows of a population, for each group (Makuch 1982, J
    Chronic Dis 35:437), with the variance of its linear part in coefficients and baseline (Zhang
    et al. 2007, Comput Methods Programs Biomed 88:95); the population itself is taken as fixed.

    Parameters
    ----------
    rows, beta, ties, naive_covariance, times, conf_level, conf_type
        As for `predict_survival`.
    populations : mapping of str to array, shape (k, p)
        By group, the design matrix of the population with every row set to that group.
    stratum, offset : array, shape (k,), optional
        Strata (positions) and offsets of the population, the same for all groups.

    Returns
    -------
    PredictedSurvival
        One column a group; `std_error` is that of the survival, `cumulative_hazard` minus the
        logarithm of the mean survival. NaN beyond the shortest follow-up of the strata in use.

    Raises
    ------
    InputError
        On no or an empty population, and as `predict_survival`.
    """
    check_limits(conf_level, conf_type)
    if not populations:
        raise InputError("populations", "there is none", "Give one for each group")
    sets = risk_sets(rows, beta, ties)
    coefficients = checked_coefficients(rows, beta)
    covariance = checked_covariance(rows, naive_covariance)
    hazards = stratum_hazards(sets)
    groups = [_NewRows.of(sets, coefficients, x, stratum, offset) for x in populations.values()]
    if min(group.risk.size for group in groups) == 0:
        raise InputError("populations", "one has no rows", "Give at least one row a group")
    used = [hazards[code] for code in np.unique(groups[0].stratum)]
    at = _times(times, used)
    known = at <= min(each.last for each in used)
    survival = np.full((at.size, len(groups)), np.nan)
    error = np.full_like(survival, np.nan)
    for column, group in enumerate(groups):
        mean, variance = _mean_curve(hazards, group, at[known], covariance)
        survival[known, column] = mean
        error[known, column] = np.sqrt(np.maximum(variance, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cumulative = -np.log(survival)
        hazard_error = error / survival
    lower, upper = limits(survival, cumulative, hazard_error, conf_level, conf_type)
    return PredictedSurvival(
        *(at, survival, cumulative, error, lower, upper, conf_level, conf_type),
        labels=tuple(populations),
    )


def _mean_curve(
    hazards: list[StratumHazard], group: _NewRows, at: Floats, covariance: Floats
) -> tuple[Floats, Floats]:
    """Mean of a group's predicted curves and its variance."""
    n, p = group.x.shape
    mean, variance = np.zeros(at.size), np.zeros(at.size)
    slope = np.zeros((at.size, p))
    for code in np.unique(group.stratum):
        mine = np.flatnonzero(group.stratum == code)
        level, baseline_variance, drift = _at(hazards[code], at)
        load = np.zeros(at.size)
        moment = np.zeros((at.size, p))
        block = max(1, _LARGEST_TABLE // max(at.size, 1))
        for start in range(0, mine.size, block):
            part = mine[start : start + block]
            curves = np.exp(-np.outer(level, group.risk[part]))
            mean += curves.sum(axis=1)
            curves *= group.risk[part]
            load += curves.sum(axis=1)
            moment += curves @ group.x[part]
        slope += level[:, None] * moment - load[:, None] * drift
        variance += load**2 * baseline_variance
    variance += np.einsum("mp,mp->m", slope @ covariance, slope)
    return mean / n, variance / n**2


def limits(
    survival: Floats,
    cumulative: Floats,
    error: Floats,
    conf_level: float,
    conf_type: ConfType,
) -> tuple[Floats, Floats]:
    """Confidence limits of survival from the standard error of the cumulative hazard.

    Where the survival is 1 and its error 0 both limits are 1.
    """
    z = normal_width(conf_level)
    if conf_type == "plain":
        half = z * error * survival
        return np.maximum(survival - half, 0.0), np.minimum(survival + half, 1.0)
    if conf_type == "log":
        with np.errstate(over="ignore"):
            lower = np.exp(-cumulative - z * error)
            return lower, np.minimum(np.exp(-cumulative + z * error), 1.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        half = z * error / cumulative
        lower, upper = np.exp(-cumulative * np.exp(half)), np.exp(-cumulative * np.exp(-half))
    start = (cumulative == 0) & (error == 0)
    return np.where(start, 1.0, lower), np.where(start, 1.0, upper)


def check_limits(conf_level: float, conf_type: str) -> None:
    """Refuse a level outside (0, 1) and an unknown scale.

    Raises
    ------
    InputError
    """
    check_level(conf_level)
    check_word(conf_type, ConfType, "conf_type")


def _at(hazard: StratumHazard, times: Floats) -> tuple[Floats, Floats, Floats]:
    """Cumulative hazard, variance and drift just after each time; 0 before the first event."""
    place = np.searchsorted(hazard.time, times, side="right")
    cumulative, variance = np.append(0.0, hazard.cumulative), np.append(0.0, hazard.variance)
    drift = np.vstack((np.zeros((1, hazard.drift.shape[1])), hazard.drift))
    return cumulative[place], variance[place], drift[place]


def _times(times: Any, hazards: list[StratumHazard]) -> Floats:
    if times is None:
        return np.unique(np.concatenate([np.empty(0), *(each.time for each in hazards)]))
    result = numbers(np.atleast_1d(as_array(times, "times")), "times")
    if (result < 0).any():
        found = f"{result[result < 0][0]:g} is negative"
        raise InputError("times", found, "Times run from 0 on")
    return result


def _matrix(x_new: Any, rows: CoxRows) -> Floats:
    x = np.asarray(x_new, dtype=np.float64)
    p = rows.x.shape[1]
    if x.ndim != 2 or x.shape[1] != p:
        found = f"the new rows have shape {x.shape}, the model {p} columns"
        raise InputError("covariates", found, "Give one row a line with every column of the model")
    bad = ~np.isfinite(x)
    if bad.any():
        row, column = (int(each) for each in np.argwhere(bad)[0])
        where = f"new row {row + 1}, {rows.names[column]}"
        raise InputError(where, f"{x[row, column]} is not a finite number", "Complete the row")
    return x


def _column(values: Any, k: int, name: str) -> Floats:
    result = numbers(np.atleast_1d(as_array(values, name)), name)
    if result.size != k:
        found = f"has {result.size} values for {k} new rows"
        raise InputError(name, found, "Give one for each new row")
    return result


def _strata(stratum_new: Any, k: int, rows: CoxRows) -> Ints:
    if rows.stratum is None:
        if stratum_new is not None:
            raise InputError("stratum", "the model has no strata", "Leave it out")
        return np.zeros(k, dtype=np.int64)
    if stratum_new is None:
        raise InputError("stratum", "the model has strata", "Give the stratum of each new row")
    result = np.asarray(stratum_new)
    known = len(rows.stratum_labels)
    fits = result.shape == (k,) and result.dtype.kind in "iu"
    if not fits or not ((result >= 0) & (result < known)).all():
        found = f"not {k} positions among {known} strata"
        raise InputError("stratum", found, f"Strata are {', '.join(rows.stratum_labels[:20])}")
    return result.astype(np.int64)
