"""A funnel for patients of whom little or nothing is known: what is not known is assumed met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from debulk.trials.recruitment.centres import at_centres
from debulk.trials.recruitment.generator import FunnelCounts
from debulk.trials.recruitment.passing import (
    Tally,
    arrival_and_panel,
    chance_draws,
    chances_of,
    close_trials,
)

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from debulk.patients import Criterion
    from debulk.protocols import FunnelStep
    from debulk.trials.running.settings import TrialSettings

    Ints = npt.NDArray[np.int64]
    Truths = npt.NDArray[np.bool_]


class Known(Protocol):
    """What a generator knows of its registered patients; rows are those of `registered_patients`.

    `features` gives the feature table of those who come to a step with leanings; `judge` says who
    meets a criterion, and of whom that is only assumed.
    """

    def features(self, step: FunnelStep, rows: Ints) -> pl.DataFrame: ...  # noqa: D102

    def judge(self, criterion: Criterion, rows: Ints) -> tuple[Truths, Truths]: ...  # noqa: D102


def registered_patients(
    first_trial: int, trials: int, registered: int
) -> tuple[npt.NDArray[np.int32], Ints]:
    """Trial and number of every patient at the front of the funnel, trial by trial.

    Parameters
    ----------
    first_trial, trials : int
        Which trials.
    registered : int
        Patients in each.
    """
    trial = np.repeat(np.arange(first_trial, first_trial + trials, dtype=np.int32), registered)
    return trial, np.tile(np.arange(registered, dtype=np.int64), trials)


@dataclass(frozen=True)
class Passed:
    """Who is randomised, in order of trial and randomisation; one entry a patient.

    Attributes
    ----------
    trial, patient, order : int arrays
        As in `Randomised`.
    arrival_months : float64 array
        Calendar time of randomisation.
    centre : int64 array
    consents : bool array
    counts : FunnelCounts
    """

    trial: npt.NDArray[np.int32]
    patient: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]
    arrival_months: npt.NDArray[np.float64]
    centre: npt.NDArray[np.int64]
    consents: npt.NDArray[np.bool_]
    counts: FunnelCounts


def pass_funnel(
    settings: TrialSettings,
    first_trial: int,
    trials: int,
    *,
    registered: int,
    keep_refusers: bool = False,
    known: Known | None = None,
) -> Passed:
    """Take patients of whom little or nothing is known through a protocol's funnel.

    Parameters
    ----------
    settings : TrialSettings
        Protocol and seed.
    first_trial, trials : int
        Which trials.
    registered : int
        Patients at the front of the funnel, in each trial, uniformly over the accrual.
    keep_refusers : bool
        As in `PatientGenerator.recruit`.
    known : Known, optional
        What is known of them; without it every criterion is assumed met.
    """
    protocol = settings.protocol
    trial, patient = registered_patients(first_trial, trials, registered)
    accrual = protocol.conduct.accrual_months
    arrival, _ = arrival_and_panel(settings.seed, trial, patient, accrual)
    alive, consents = np.arange(trial.size), np.ones(trial.size, np.bool_)
    reached = np.zeros(trial.size, np.int64)
    failed: dict[str, Ints] = {}
    assumed: dict[str, Ints] = {}
    for number, step in enumerate(protocol.funnel[1:-1], start=1):
        if step.kind == "chance":
            draws = chance_draws(settings.seed, trial[alive], patient[alive], number)
            table = known.features(step, alive) if known and step.leanings else None
            passed = draws < chances_of(step, table, protocol.source_name)
            if keep_refusers and step.consent:
                consents[alive] &= passed
            else:
                alive = alive[passed]
        if known is None:
            assumed.update(dict.fromkeys(step.criteria, alive))
        else:
            criteria = [protocol.criterion(name) for name in step.criteria]
            alive = _judged(known, criteria, alive, failed, assumed)
        reached[alive] = number
    last_step = len(protocol.funnel) - 1
    closing = close_trials(
        trial[alive],
        patient[alive],
        arrival[alive],
        first_trial=first_trial,
        trials=trials,
        planned=protocol.design.planned_patients,
    )
    rows = alive[closing.accepted]
    reached[rows] = last_step
    which = trial - first_trial
    tally = Tally(which, arrival <= closing.closed_months[which], trials)
    found = Passed(
        trial=trial[rows],
        patient=patient[rows],
        order=closing.order,
        arrival_months=arrival[rows],
        centre=np.zeros(rows.size, np.int64),
        consents=consents[rows],
        counts=tally.counts(reached, last_step, failed, assumed),
    )
    if protocol.conduct.centres is None:
        return found
    centre = at_centres(settings, found.trial, found.patient, found).centre
    return Passed(**{**found.__dict__, "centre": centre})


def _judged(
    known: Known,
    criteria: list[Criterion],
    alive: Ints,
    failed: dict[str, Ints],
    assumed: dict[str, Ints],
) -> Ints:
    """Those who meet all criteria of a step; who fails, and of whom it is assumed, is noted."""
    passed = np.ones(alive.size, np.bool_)
    for criterion in criteria:
        met, unknown = known.judge(criterion, alive)
        if not unknown.all():
            failed[criterion.id] = alive[~met]
        if unknown.any():
            assumed[criterion.id] = alive[unknown]
        passed &= met
    return alive[passed]
