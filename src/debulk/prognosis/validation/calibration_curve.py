"""Smooth calibration at a horizon, and the mean distance from it: ICI, E50, E90."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from debulk.core.cubic_splines import KNOT_QUANTILES, knots_of, spline_terms
from debulk.core.errors import InputError
from debulk.core.results import Estimate, plain
from debulk.prognosis.validation.calibration_slopes import cox_of
from debulk.prognosis.validation.estimates import complementary_log_log
from debulk.prognosis.validation.follow_up import (
    FollowUp,
    read_follow_up,
    read_horizon,
    read_risk,
)
from debulk.prognosis.validation.horizon_model import HorizonModel, horizon_model
from debulk.prognosis.validation.resampling import check_resamples, patient_counts
from debulk.prognosis.validation.status import horizon_status
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_level, shown
from debulk.survival.subjects import Floats

if TYPE_CHECKING:
    from debulk.survival.cox_model.results import CoxModel

_POINTS = 100
MOST_FAILED = 0.05
"""Share of resamples without a curve above which there is no interval."""
_INNER = (0.01, 0.99)
"""Quantiles of the risks between which the curve is drawn: beyond them there is next to nobody."""


@dataclass(frozen=True, eq=False)
class SmoothCalibration:
    """Observed risk as a smooth function of the predicted one.

    Attributes
    ----------
    horizon : float
    risk, observed, lower, upper : array, shape (100,)
        The curve, from the 1st to the 99th percentile of the predictions, with pointwise limits.
    smoothed : array, shape (n,)
        The curve at each patient's prediction.
    ici, e50, e90 : Estimate
        Mean, median and 90th percentile of the distance between prediction and curve (Austin,
        Harrell and van Klaveren 2020, Stat Med 39:2714); without bootstrap they have no interval.
        They are above 0 even for perfect predictions, as the curve follows chance too.
    knots : array
        On the scale of ``log(-log(1 - risk))``; empty where a straight line had to do.
    model : str
        What smoothed: a hazard model, or with competing events a model of the horizon's status.
    conf_level : float
    """

    horizon: float
    risk: Floats
    observed: Floats
    lower: Floats
    upper: Floats
    smoothed: Floats
    ici: Estimate
    e50: Estimate
    e90: Estimate
    knots: Floats
    model: str
    conf_level: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; without the patients' own values."""
        names = ("horizon", "risk", "observed", "lower", "upper", "ici", "e50", "e90")
        return {name: plain(getattr(self, name)) for name in (*names, "knots", "model")}


def smooth_calibration(
    time: Any,
    event: Any,
    risk: Any,
    *,
    horizon: float,
    knots: int = 3,
    entry: Any = None,
    weights: Any = None,
    bootstrap: int = 200,
    seed: int = 0,
    conf_level: float = 0.95,
) -> SmoothCalibration:
    """Smooth calibration curve of risks at a horizon.

    Parameters
    ----------
    time, event, horizon, entry, weights, conf_level
        As in `time_dependent_auc`.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon.
    knots : {3, 4, 5}
        Of the restricted cubic spline of ``log(-log(1 - risk))``, at Harrell's quantiles.
    bootstrap : int
        Resamples of patients for the intervals of ICI, E50 and E90; 0 for none.
    seed : int
        Of the resamples.

    Returns
    -------
    SmoothCalibration
        By a Cox model on the spline; with competing events by a regression of the status at the
        horizon, weighted by inverse probability of censoring.

    Raises
    ------
    InputError
        As `brier_score`.
    """
    check_level(conf_level)
    check_knots(knots)
    check_resamples(bootstrap, seed)
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    risks = read_risk(risk, follow_up.patients)
    moment = read_horizon(horizon, follow_up)
    return smooth_calibration_of(
        follow_up, risks, moment, knots=knots, bootstrap=bootstrap, seed=seed, conf_level=conf_level
    )


def check_knots(knots: Any) -> None:
    """Refuse a number of knots that has no places.

    Raises
    ------
    InputError
        If it is not 3, 4 or 5.
    """
    if not isinstance(knots, int) or knots not in KNOT_QUANTILES:
        raise InputError("knots", f"found {shown(knots)}", "Give 3, 4 or 5")


def smooth_calibration_of(
    follow_up: FollowUp,
    risk: Floats,
    horizon: float,
    *,
    knots: int,
    bootstrap: int,
    seed: int,
    conf_level: float,
) -> SmoothCalibration:
    """The curve for risks already checked."""
    places = knots_of(complementary_log_log(risk), knots)
    low, high = np.quantile(risk, _INNER).tolist()
    grid = np.linspace(low, high, _POINTS)
    fitted = _fitted(follow_up, risk, horizon, places, conf_level)
    resampled = _resampled(follow_up, risk, horizon, places, bootstrap, seed)
    smoothed = fitted.at(risk)
    found = _distances(smoothed, risk, follow_up)
    words = ("mean (ICI)", "median (E50)", "90th percentile (E90)")
    ici, e50, e90 = (
        _distance(each, name, horizon, follow_up, resampled[:, k], conf_level)
        for k, (each, name) in enumerate(zip(found, words, strict=True))
    )
    lower, upper = fitted.limits(grid, conf_level)
    return SmoothCalibration(
        horizon=horizon,
        risk=grid,
        observed=fitted.at(grid),
        lower=lower,
        upper=upper,
        smoothed=smoothed,
        ici=ici,
        e50=e50,
        e90=e90,
        knots=np.zeros(0) if places is None else places,
        model=_MODELS[follow_up.competing],
        conf_level=conf_level,
    )


_MODELS = {
    False: "Cox model on a restricted cubic spline",
    True: "status at the horizon on a restricted cubic spline, weighted for censoring",
}


@dataclass(frozen=True, eq=False)
class _HazardCurve:
    """A Cox model on the spline of the log cumulative hazard."""

    model: CoxModel
    horizon: float
    places: Floats | None

    def at(self, risk: Floats) -> Floats:
        baseline = self.model.baseline_hazard().filter(pl.col("time") <= self.horizon)["hazard"]
        ratio = np.exp(_terms(risk, self.places) @ self.model.coef)
        result: Floats = -np.expm1(-float(baseline[-1]) * ratio)
        return result

    def limits(self, risk: Floats, _conf_level: float) -> tuple[Floats, Floats]:
        terms = _terms(risk, self.places)
        columns = dict(zip(self.model.names, terms.T, strict=True))
        found = self.model.predict_survival(columns, [self.horizon])
        return 1.0 - found.upper[0], 1.0 - found.lower[0]


@dataclass(frozen=True, eq=False)
class _StatusCurve:
    """A model of the status at the horizon on the same spline."""

    model: HorizonModel
    places: Floats | None

    def at(self, risk: Floats) -> Floats:
        result: Floats = -np.expm1(-np.exp(self.model.log_hazard(self._design(risk))))
        return result

    def limits(self, risk: Floats, conf_level: float) -> tuple[Floats, Floats]:
        design = self._design(risk)
        centre, width = self.model.log_hazard(design), self.model.error(design)
        width *= normal_width(conf_level)
        return -np.expm1(-np.exp(centre - width)), -np.expm1(-np.exp(centre + width))

    def _design(self, risk: Floats) -> Floats:
        return np.column_stack((np.ones(risk.size), _terms(risk, self.places)))


def _fitted(
    follow_up: FollowUp,
    risk: Floats,
    horizon: float,
    places: Floats | None,
    conf_level: float | None = None,
) -> _HazardCurve | _StatusCurve:
    """Fit the curve to patients with a prediction each; without a level only its middle counts."""
    if follow_up.competing:
        design = np.column_stack((np.ones(risk.size), _terms(risk, places)))
        return _StatusCurve(horizon_model(horizon_status(follow_up, horizon), design), places)
    columns = {f"term_{k + 1}": each for k, each in enumerate(_terms(risk, places).T)}
    level, errors = conf_level or 0.95, conf_level is not None
    return _HazardCurve(cox_of(follow_up, columns, level, errors=errors), horizon, places)


def _terms(risk: Floats, places: Floats | None) -> Floats:
    values = complementary_log_log(risk)
    return values[:, None] if places is None else spline_terms(values, places)


def _resampled(
    follow_up: FollowUp,
    risk: Floats,
    horizon: float,
    places: Floats | None,
    bootstrap: int,
    seed: int,
) -> Floats:
    """The three distances in each resample of patients; NaN in one that lets no curve be drawn."""
    found = np.full((bootstrap, 3), np.nan)
    for replicate in range(bootstrap):
        part = follow_up.counted(patient_counts(follow_up.patients, seed, replicate))
        try:
            read_horizon(horizon, part)
            smoothed = _fitted(part, risk, horizon, places).at(risk)
        except InputError:
            continue
        found[replicate] = _distances(smoothed, risk, part)
    return found


def _distances(smoothed: Floats, risk: Floats, follow_up: FollowUp) -> tuple[float, float, float]:
    distance = np.abs(smoothed - risk)
    if (follow_up.load == follow_up.load[0]).all():
        half, most = np.quantile(distance, (0.5, 0.9)).tolist()
    else:
        order = np.argsort(distance, kind="stable")
        share = np.cumsum(follow_up.load[order])
        places = np.searchsorted(share, np.array([0.5, 0.9]) * share[-1])
        half, most = distance[order][places].tolist()
    return follow_up.mean(distance), half, most


def _distance(
    value: float,
    name: str,
    horizon: float,
    follow_up: FollowUp,
    resampled: Floats,
    conf_level: float,
) -> Estimate:
    """A distance with the percentiles of its resamples."""
    lower = upper = se = float("nan")
    note = "no interval: no resamples were drawn"
    drawn = resampled[np.isfinite(resampled)]
    failed = resampled.size - drawn.size
    if failed > MOST_FAILED * resampled.size:
        note = f"no interval: in {failed} of {resampled.size} resamples no curve could be drawn"
    elif drawn.size > 1:
        se = float(drawn.std(ddof=1))
        tails = (0.5 - conf_level / 2, 0.5 + conf_level / 2)
        lower, upper = map(float, np.quantile(drawn, tails))
        note = f"percentiles of {drawn.size} resamples of patients, {failed} others unusable"
    return Estimate(
        estimand=f"{name} distance of predicted from observed risk at {horizon:g}",
        estimate=value,
        se=se,
        lower=lower,
        upper=upper,
        conf_level=conf_level,
        n=follow_up.patients,
        events=follow_up.events,
        note=note,
    )
