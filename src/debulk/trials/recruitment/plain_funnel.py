"""A funnel for patients without characteristics: chance acts, criteria are assumed met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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

    from debulk.trials.running.settings import TrialSettings


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
) -> Passed:
    """Take patients of whom nothing is known through a protocol's funnel.

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
    """
    protocol = settings.protocol
    trial = np.repeat(np.arange(first_trial, first_trial + trials, dtype=np.int32), registered)
    patient = np.tile(np.arange(registered, dtype=np.int64), trials)
    accrual = protocol.conduct.accrual_months
    arrival, _ = arrival_and_panel(settings.seed, trial, patient, accrual)
    alive, consents = np.arange(trial.size), np.ones(trial.size, np.bool_)
    reached = np.zeros(trial.size, np.int64)
    assumed: dict[str, npt.NDArray[np.int64]] = {}
    for number, step in enumerate(protocol.funnel[1:-1], start=1):
        if step.kind == "chance":
            draws = chance_draws(settings.seed, trial[alive], patient[alive], number)
            passed = draws < chances_of(step, None, protocol.source_name)
            if keep_refusers and step.consent:
                consents[alive] &= passed
            else:
                alive = alive[passed]
        assumed.update(dict.fromkeys(step.criteria, alive))
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
        counts=tally.counts(reached, last_step, {}, assumed),
    )
    if protocol.conduct.centres is None:
        return found
    centre = at_centres(settings, found.trial, found.patient, found).centre
    return Passed(**{**found.__dict__, "centre": centre})
