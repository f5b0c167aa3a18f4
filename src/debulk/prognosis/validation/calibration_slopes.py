"""Weak calibration: the intercept and the slope of a regression on what was predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.results import Estimate, plain
from debulk.prognosis.validation.estimates import (
    Statistic,
    complementary_log_log,
    estimate_from,
    estimate_of,
)
from debulk.prognosis.validation.follow_up import (
    FollowUp,
    read_follow_up,
    read_horizon,
    read_risk,
    refuse_constant,
)
from debulk.prognosis.validation.horizon_model import horizon_model
from debulk.prognosis.validation.status import HorizonStatus, horizon_status
from debulk.survival.options import check_level
from debulk.survival.subjects import Floats, numbers, same_length

if TYPE_CHECKING:
    from debulk.survival.cox_model.results import CoxModel


@dataclass(frozen=True, slots=True)
class WeakCalibration:
    """Two numbers that are 0 and 1 where predictions are right on average.

    Attributes
    ----------
    intercept : Estimate
        Log of observed over predicted cumulative hazard at the horizon, with the slope held at 1;
        above 0, risks were too low.
    slope : Estimate
        Slope of the log cumulative hazard on its prediction; below 1, predictions are too extreme.
    """

    intercept: Estimate
    slope: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {"intercept": plain(self.intercept), "slope": plain(self.slope)}


def weak_calibration(
    time: Any,
    event: Any,
    risk: Any,
    *,
    horizon: float,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> WeakCalibration:
    """Calibration intercept and slope at a horizon, on the complementary log-log scale.

    Parameters
    ----------
    time, event, horizon, entry, weights, conf_level
        As in `time_dependent_auc`.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon.

    Returns
    -------
    WeakCalibration
        From regressions of the status at the horizon on ``log(-log(1 - risk))``, weighted by
        inverse probability of censoring; the weights' own error is counted.

    Raises
    ------
    InputError
        As `brier_score`, and where the risks part cases from all others.
    """
    check_level(conf_level)
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    risks = read_risk(risk, follow_up.patients)
    status = horizon_status(follow_up, read_horizon(horizon, follow_up))
    return weak_calibration_of(status, follow_up, risks, conf_level)


def weak_calibration_of(
    status: HorizonStatus, follow_up: FollowUp, risk: Floats, conf_level: float
) -> WeakCalibration:
    """Intercept and slope for risks already checked."""
    predicted = complementary_log_log(risk)
    one = np.ones((predicted.size, 1))
    large = horizon_model(status, one, offset=predicted)
    both = horizon_model(status, np.column_stack((one, predicted)))
    note = "regression of the status at the horizon, complementary log-log; normal interval"
    found = (
        (Statistic(float(large.coef[0]), large.influence[:, 0]), "calibration intercept"),
        (Statistic(float(both.coef[1]), both.influence[:, 1]), "calibration slope"),
    )
    intercept, slope = (
        estimate_of(each, f"{words} at {status.horizon:g}", follow_up, conf_level, note=note)
        for each, words in found
    )
    return WeakCalibration(intercept, slope)


def calibration_slope(
    time: Any,
    event: Any,
    linear_predictor: Any,
    *,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
) -> Estimate:
    """Slope of a Cox model on the linear predictor; 1 where it is right, below 1 too extreme.

    Parameters
    ----------
    time, event, entry, weights, conf_level
        As in `time_dependent_auc`; competing events count as censored, so that the slope is of
        the cause-specific hazard.
    linear_predictor : array-like, shape (n,)
        Predicted log hazard ratio.

    Returns
    -------
    Estimate
        Over all follow-up (van Houwelingen 2000, Stat Med 19:3401).

    Raises
    ------
    InputError
        On arrays that do not fit, and where the model has no finite estimate.
    """
    check_level(conf_level)
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    predictor = numbers(linear_predictor, "linear_predictor")
    same_length(predictor, follow_up.patients, "linear_predictor")
    refuse_constant(predictor, "linear_predictor")
    return slope_of(follow_up, predictor, conf_level)


def slope_of(follow_up: FollowUp, linear_predictor: Floats, conf_level: float) -> Estimate:
    """The slope for a linear predictor already checked."""
    model = cox_of(follow_up, {"linear_predictor": linear_predictor})
    return estimate_from(
        float(model.coef[0]),
        float(np.sqrt(model.covariance[0, 0])),
        "calibration slope (Cox model, all follow-up)",
        follow_up,
        conf_level,
        note=f"Cox model; {'robust ' if model.robust else ''}standard error; normal interval",
    )


def cox_of(
    follow_up: FollowUp,
    columns: dict[str, Floats],
    conf_level: float = 0.95,
    *,
    errors: bool = True,
) -> CoxModel:
    """A Cox model of the event on covariates of the patients, with rows and weights as they are.

    Without `errors` only the coefficients count, and the sandwich is not made.
    """
    from debulk.survival.cox_model.model import cox

    rows = follow_up
    frame: dict[str, Any] = {name: each[rows.patient] for name, each in columns.items()}
    frame |= {"_stop": rows.stop, "_event": rows.event}
    options: dict[str, Any] = {"conf_level": conf_level}
    if not rows.plain:
        if rows.start.any():
            frame["_start"] = rows.start
            options["entry"] = "_start"
        frame["_weight"] = rows.weight
        options["weights"] = "_weight"
        if errors:
            frame["_patient"] = rows.patient
            options["cluster"] = "_patient"
        else:
            options["robust"] = False
    return cox(frame, time="_stop", event="_event", covariates=list(columns), **options)
