"""What every way through a funnel shares: arrival, chance, the closing of a full trial, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.streams import normal, patient_key, uniform
from debulk.trials.decisions import ARRIVAL, CHANCE, PANEL
from debulk.trials.recruitment.generator import FunnelCounts

if TYPE_CHECKING:
    import polars as pl

    from debulk.protocols import FunnelStep

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Closing:
    """Who is in when each trial has closed.

    Attributes
    ----------
    accepted : int64 array
        Rows of those randomised, in order of trial and randomisation.
    order : int64 array
        Their places in their trial's order of randomisation.
    closed_months : float64[trials]
        Calendar time at which each trial was full; infinite where it never was.
    """

    accepted: Ints
    order: Ints
    closed_months: Floats


def close_trials(
    trial: npt.NDArray[np.int32],
    patient: Ints,
    arrival_months: Floats,
    *,
    first_trial: int,
    trials: int,
    planned: int,
) -> Closing:
    """Close each trial when it is full; those who come later were never part of it.

    Parameters
    ----------
    trial, patient, arrival_months : arrays
        Of those who came to the end of the funnel.
    first_trial, trials : int
        Which trials.
    planned : int
        Patients at which a trial is full.
    """
    in_order = np.lexsort((patient, arrival_months, trial))
    edges = np.arange(first_trial, first_trial + trials)
    starts = np.searchsorted(trial[in_order], edges)
    order = np.arange(in_order.size) - starts[trial[in_order] - first_trial]
    closed = np.full(trials, np.inf)
    full = order == planned - 1
    closed[trial[in_order][full] - first_trial] = arrival_months[in_order][full]
    inside = order < planned
    return Closing(in_order[inside], order[inside], closed)


@dataclass(frozen=True)
class Tally:
    """Counts patients by trial, those alone who came before their trial had closed.

    Attributes
    ----------
    trial : int array
        Trial of every patient at the front of the funnel, from 0.
    seen : bool array
        Whether the patient came before the trial had closed.
    trials : int
        How many trials.
    """

    trial: npt.NDArray[np.int32]
    seen: npt.NDArray[np.bool_]
    trials: int

    def of(self, rows: Ints) -> Ints:
        """How many of some patients each trial saw."""
        counted = self.trial[rows[self.seen[rows]]]
        return np.bincount(counted, minlength=self.trials).astype(np.int64)

    def counts(
        self,
        reached: Ints,
        last_step: int,
        not_met: Mapping[str, Ints],
        assumed_met: Mapping[str, Ints],
    ) -> FunnelCounts:
        """The funnel's counts.

        Parameters
        ----------
        reached : int64 array
            Last step that each patient reached.
        last_step : int
            Number of the step of randomisation.
        not_met, assumed_met : mapping of criterion to rows
            Who failed, and of whom it was assumed.
        """
        steps = [self.of(np.flatnonzero(reached >= step)) for step in range(last_step + 1)]
        return FunnelCounts(
            reached=np.stack(steps),
            not_met={name: self.of(rows) for name, rows in not_met.items()},
            assumed_met={name: self.of(rows) for name, rows in assumed_met.items()},
        )


def chances_of(step: FunnelStep, features: pl.DataFrame | None, file: str) -> float | Floats:
    """Probability of going on at a step: one for all, or each patient's own.

    Parameters
    ----------
    step : FunnelStep
        Of kind "chance".
    features : polars.DataFrame or None
        Feature table with a row for each patient who comes to the step; None without leanings.
    file : str
        The protocol's file, for complaints.

    Returns
    -------
    float or float64 array
        The step's chance p; with leanings expit(logit(p) + sum of log_odds (feature - reference)).

    Raises
    ------
    InputError
        If a feature is unknown of a patient.
    """
    assert step.chance is not None
    if not step.leanings or features is None:
        return step.chance
    log_odds = np.full(features.height, logit(step.chance))
    for leaning in step.leanings:
        column = features[leaning.feature]
        if missing := column.null_count() + int(
            column.is_nan().sum() or 0 if column.dtype.is_float() else 0
        ):
            raise InputError(
                f"{file}, funnel.{step.step}.leanings.{leaning.feature}",
                f"is unknown of {missing} of {column.len()} patients who come to the step",
                "Name a feature that the model knows",
            )
        values = column.to_numpy().astype(np.float64)
        log_odds += leaning.log_odds * (values - leaning.reference)
    chance: Floats = expit(log_odds)
    return chance


@kernel
def arrival_and_panel(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    accrual_months: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Calendar time at which each patient comes, and how bold their panel is."""
    arrival = np.empty(trial.size)
    boldness = np.empty(trial.size)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], patient[row])
        arrival[row] = accrual_months * uniform(key, ARRIVAL, 0, 0)
        boldness[row] = normal(key, PANEL, 0, 0)
    return arrival, boldness


@kernel
def chance_draws(
    seed: int, trial: npt.NDArray[np.int32], patient: npt.NDArray[np.int64], step: int
) -> npt.NDArray[np.float64]:
    """Uniform numbers that decide who goes on at a step of kind chance."""
    draws = np.empty(trial.size)
    for row in range(trial.size):
        draws[row] = uniform(patient_key(seed, trial[row], patient[row]), CHANCE, 0, step)
    return draws
