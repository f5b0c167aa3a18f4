"""Recalibration: predictions corrected by what was seen, as a function for new patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.prognosis.validation.estimates import complementary_log_log
from debulk.prognosis.validation.follow_up import (
    FollowUp,
    read_follow_up,
    read_horizon,
    read_risk,
)
from debulk.prognosis.validation.horizon_model import horizon_model
from debulk.prognosis.validation.status import horizon_status
from debulk.survival.options import check_word
from debulk.survival.subjects import Floats, numbers

if TYPE_CHECKING:
    from debulk.survival.cox_model.results import CoxModel

Update = Literal["baseline", "slope", "refit"]
"""What is updated: the level of the risks; their level and spread; every coefficient anew."""


@dataclass(frozen=True, eq=False)
class Recalibration:
    """Predictions as they should have been, for the patients that corrected them.

    Attributes
    ----------
    method : {"baseline", "slope", "refit"}
        What was updated.
    horizon : float
    intercept, slope : float
        ``log(-log(1 - new)) = intercept + slope log(-log(1 - old))``; NaN after "refit".
    coefficients : mapping of str to float
        Log hazard ratios after "refit"; empty otherwise.
    n, events : int
        Patients and events it rests on. Its performance in them is optimistic.
    """

    method: Update
    horizon: float
    intercept: float
    slope: float
    coefficients: dict[str, float]
    n: int
    events: int
    _model: CoxModel | None = None

    def risk(self, predictors: Any) -> Floats:
        """Recalibrated risk by the horizon.

        Parameters
        ----------
        predictors : array-like, shape (k,), or frame
            The old risks; after "refit", a table with the covariates.

        Returns
        -------
        array, shape (k,)

        Raises
        ------
        InputError
            On risks that are not within 0 to 1, or a missing covariate.
        """
        if self._model is not None:
            found = self._model.predict_survival(predictors, [self.horizon])
            result: Floats = 1.0 - found.survival[0]
            return result
        old = numbers(predictors, "risk")
        if ((old < 0.0) | (old > 1.0)).any():
            raise InputError("risk", "is not within 0 to 1", "Give probabilities")
        log_hazard = self.intercept + self.slope * complementary_log_log(old)
        result = -np.expm1(-np.exp(log_hazard))
        return result

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = ("method", "horizon", "intercept", "slope", "coefficients", "n", "events")
        return {name: plain(getattr(self, name)) for name in names}


def recalibrate(
    time: Any,
    event: Any,
    risk: Any,
    *,
    horizon: float,
    method: Update = "baseline",
    covariates: Any = None,
    entry: Any = None,
    weights: Any = None,
) -> Recalibration:
    """Correct predictions by the patients at hand (van Houwelingen 2000, Stat Med 19:3401).

    Parameters
    ----------
    time, event, horizon, entry, weights
        As in `time_dependent_auc`.
    risk : array-like, shape (n,), or None
        Predicted probability of the event by the horizon; None with "refit".
    method : {"baseline", "slope", "refit"}
        "baseline" moves all risks, "slope" also spreads or draws them in, both on the scale of
        ``log(-log(1 - risk))``; "refit" estimates every coefficient anew by a Cox model.
    covariates : mapping of str to array-like, or frame, optional
        The covariates of "refit".

    Returns
    -------
    Recalibration

    Raises
    ------
    InputError
        As `brier_score`; on "refit" without covariates, with risks, or with competing events.
    """
    check_word(method, Update, "method")
    follow_up = read_follow_up(time, event, entry=entry, weights=weights)
    moment = read_horizon(horizon, follow_up)
    if method == "refit":
        return _refitted(follow_up, moment, risk, covariates)
    if covariates is not None:
        raise InputError("covariates", f"are given with method {method!r}", "Leave them out")
    predicted = complementary_log_log(read_risk(risk, follow_up.patients))
    status, one = horizon_status(follow_up, moment), np.ones((predicted.size, 1))
    if method == "baseline":
        intercept, slope = float(horizon_model(status, one, offset=predicted).coef[0]), 1.0
    else:
        found = horizon_model(status, np.column_stack((one, predicted))).coef
        intercept, slope = float(found[0]), float(found[1])
    return Recalibration(method, moment, intercept, slope, {}, follow_up.patients, follow_up.events)


def _refitted(follow_up: FollowUp, horizon: float, risk: Any, covariates: Any) -> Recalibration:
    from debulk.survival.cox_model.model import cox

    if covariates is None or risk is not None:
        found = "is 'refit' without covariates" if covariates is None else "is 'refit' with a risk"
        raise InputError("method", found, "Give the covariates, and None for the risk")
    if follow_up.competing:
        found = "is 'refit' with competing events"
        raise InputError("method", found, "Refit by debulk.survival.fine_gray, or update the slope")
    names = list(covariates.columns if hasattr(covariates, "columns") else covariates)
    frame: dict[str, Any] = {name: covariates[name] for name in names}
    frame |= {"_stop": follow_up.stop, "_event": follow_up.event}
    options: dict[str, Any] = {}
    if not follow_up.plain:
        frame |= {"_start": follow_up.start, "_weight": follow_up.weight}
        options = {"entry": "_start", "weights": "_weight", "robust": True}
    model = cox(frame, time="_stop", event="_event", covariates=names, **options)
    coefficients = dict(zip(model.names, model.coef.tolist(), strict=True))
    return Recalibration(
        "refit",
        horizon,
        float("nan"),
        float("nan"),
        coefficients,
        model.n,
        model.events,
        _model=model,
    )
