"""Validation of predicted risks in patients of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.prognosis.validation.assembling import Options, Predictions, assembled
from debulk.prognosis.validation.follow_up import read_follow_up, read_risk, refuse_constant
from debulk.prognosis.validation.net_benefit import THRESHOLDS
from debulk.prognosis.validation.result import Validation
from debulk.survival.subjects import numbers, same_length


def validate_risk(
    time_months: Any,
    event: Any,
    risk: Any,
    *,
    horizon_months: float,
    linear_predictor: Any = None,
    centre: Any = None,
    entry_months: Any = None,
    weights: Any = None,
    name: str = "predicted risk",
    knots: int = 3,
    groups: int = 10,
    thresholds: Any = THRESHOLDS,
    conf_level: float = 0.95,
    bootstrap: int = 200,
    seed: int = 0,
) -> Validation:
    """Hold predicted risks against what happened.

    Parameters
    ----------
    time_months : array-like, shape (n,)
        End of follow-up from the moment of prediction, in months, above 0.
    event : array-like, shape (n,)
        0 without an event, 1 (or True) the event, 2 and more a competing event.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon.
    horizon_months : float
        Somebody must be followed beyond it, and have the event before it.
    linear_predictor : array-like, shape (n,), optional
        Predicted log hazard ratio, for the calibration slope of the Cox model; by default the
        log cumulative hazard that the risk stands for.
    centre : array-like, shape (n,), optional
        Labels; concordance, observed over expected, and slope are then pooled over centres.
    entry_months : array-like, shape (n,), optional
        Start of observation (left truncation).
    weights : array-like, shape (n,), optional
        Weights of patients, above 0, taken as known.
    name : str
        What reports call the risk.
    knots, groups : int
        Of the smooth calibration curve (3 to 5), and of the grouped one (2 to 100).
    thresholds : array-like
        Of the decision curve.
    conf_level : float
    bootstrap, seed : int
        Resamples of patients for the intervals of ICI, E50 and E90 (0 for none), and their seed.

    Returns
    -------
    Validation

    Raises
    ------
    InputError
        On risks that are missing, not within 0 to 1, or all the same; on follow-up that does not
        fit; without an event by the horizon; on a horizon that follow-up does not reach.
    """
    options = Options(conf_level, bootstrap, seed, knots, groups, thresholds)
    follow_up = read_follow_up(time_months, event, entry=entry_months, weights=weights)
    risks = read_risk(risk, follow_up.patients)
    predictor = None
    if linear_predictor is not None:
        predictor = np.asarray(numbers(linear_predictor, "linear_predictor"))
        same_length(predictor, follow_up.patients, "linear_predictor")
        refuse_constant(predictor, "linear_predictor")
    predictions = Predictions(name, "risk", risks, risks, predictor, centre)
    return assembled(follow_up, predictions, horizon_months, options)
