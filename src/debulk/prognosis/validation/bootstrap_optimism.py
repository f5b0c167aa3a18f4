"""Optimism of a model in the patients it was made from, by bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.core.results import plain
from debulk.prognosis.validation.accuracy import accuracy_of, brier_of, null_brier_of
from debulk.prognosis.validation.discrimination import auc_of
from debulk.prognosis.validation.estimates import complementary_log_log
from debulk.prognosis.validation.follow_up import (
    FollowUp,
    read_follow_up,
    read_horizon,
    read_risk,
)
from debulk.prognosis.validation.horizon_model import horizon_model
from debulk.prognosis.validation.resampling import check_resamples, drawn_patients
from debulk.prognosis.validation.status import horizon_status
from debulk.survival.concordant_pairs import concordance_of
from debulk.survival.options import check_kind, shown
from debulk.survival.subjects import Floats

if TYPE_CHECKING:
    import polars as pl

Predict = Callable[["pl.DataFrame"], Any]
"""Predicted risks by the horizon of the patients of a table."""
Fit = Callable[["pl.DataFrame"], Predict]
"""Makes a model from a table, every step of its making included; returns how it predicts."""

STATISTICS = ("concordance", "auc", "brier", "ipa", "calibration_slope")
MOST_FAILED = 0.05
"""Share of resamples in which a model may fail to be made before the answer is refused."""


@dataclass(frozen=True, slots=True)
class Optimism:
    """One statistic as it looks in the patients that made the model, and corrected.

    Attributes
    ----------
    statistic : str
    apparent : float
        Model made from and tested in all patients.
    optimism : float
        Mean over resamples of (tested in the resample that made it less tested in all patients).
    corrected : float
        Apparent less optimism.
    monte_carlo_error : float
        Of the optimism, from the number of resamples.
    resamples, failed : int
        Resamples used, and those in which no model could be made or tested.
    """

    statistic: str
    apparent: float
    optimism: float
    corrected: float
    monte_carlo_error: float
    resamples: int
    failed: int

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


def optimism(
    frame: pl.DataFrame,
    fit: Fit,
    *,
    time: str,
    event: str,
    horizon: float,
    bootstrap: int = 200,
    seed: int = 0,
) -> dict[str, Optimism]:
    """Correct a model's performance for having been made from the same patients.

    Parameters
    ----------
    frame : polars.DataFrame
        One row a patient.
    fit : callable
        Takes a table and returns a function that takes a table and returns risks by the horizon.
        Whatever looked at the outcome (choice of covariates, cut-points) must happen inside.
    time, event : str
        Columns as in `time_dependent_auc`.
    horizon : float
        In the unit of `time`.
    bootstrap : int
        Resamples, at least 2.
    seed : int

    Returns
    -------
    dict of str to Optimism
        Harrell's concordance, area under the ROC curve, Brier score, index of prediction accuracy
        and calibration slope at the horizon (Harrell, Lee and Mark 1996, Stat Med 15:361).

    Raises
    ------
    InputError
        As `brier_score`; if more than 5 % of the resamples make no model.
    """
    import polars as pl

    check_resamples(bootstrap, seed, least=2)
    check_kind(frame, pl.DataFrame, "frame")
    for name in (time, event):
        check_kind(name, str, "column", "Give the name of a column")
        if name not in frame.columns:
            raise InputError("frame", f"has no column {name!r}", nearest(name, frame.columns))
    if not callable(fit):
        remedy = "Give a function that makes a model from a table"
        raise InputError("fit", f"{shown(fit)} cannot be called", remedy)
    follow_up = read_follow_up(frame[time], frame[event])
    moment = read_horizon(horizon, follow_up)
    apparent = _performance(follow_up, _risks(fit(frame), frame), moment)
    gaps, failed = [], 0
    for replicate in range(bootstrap):
        drawn = frame[drawn_patients(frame.height, seed, replicate)]
        try:
            predict = fit(drawn)
            again = read_follow_up(drawn[time], drawn[event])
            read_horizon(moment, again)
            own = _performance(again, _risks(predict, drawn), moment)
            gaps.append(own - _performance(follow_up, _risks(predict, frame), moment))
        except InputError as error:
            failed += 1
            if failed > MOST_FAILED * bootstrap:
                found = f"no model could be made in {failed} resamples; the last: {error}"
                remedy = "Simplify the model, or give more patients"
                raise InputError("fit", found, remedy) from None
    return _summed_up(apparent, np.array(gaps), failed)


def _summed_up(apparent: Floats, gaps: Floats, failed: int) -> dict[str, Optimism]:
    mean, spread = gaps.mean(axis=0), gaps.std(axis=0, ddof=1) / np.sqrt(gaps.shape[0])
    return {
        name: Optimism(
            name,
            float(apparent[k]),
            float(mean[k]),
            float(apparent[k] - mean[k]),
            float(spread[k]),
            gaps.shape[0],
            failed,
        )
        for k, name in enumerate(STATISTICS)
    }


def _risks(predict: Predict, frame: pl.DataFrame) -> Floats:
    if not callable(predict):
        remedy = "It must return a function that takes a table and returns risks"
        raise InputError("fit", f"it returned {shown(predict)}", remedy)
    return read_risk(predict(frame), frame.height, "risk that the model predicts")


def _performance(follow_up: FollowUp, risk: Floats, horizon: float) -> Floats:
    """The statistics in their order."""
    status = horizon_status(follow_up, horizon)
    brier = brier_of(status, risk)
    predicted = complementary_log_log(risk)
    slope = horizon_model(status, np.column_stack((np.ones(risk.size), predicted))).coef[1]
    time = np.where(follow_up.cause > 1, follow_up.stop.max() + 1.0, follow_up.stop)
    return np.array(
        [
            concordance_of(time, follow_up.event, risk).estimate,
            auc_of(status, risk).value,
            brier.value,
            accuracy_of(brier, null_brier_of(status)).value,
            float(slope),
        ]
    )
