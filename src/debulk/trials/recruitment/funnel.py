"""The funnel: from everybody who comes with metastatic disease to those randomised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.streams import normal, patient_key, uniform
from debulk.disease import draw_presenters
from debulk.patients import states
from debulk.trials.decisions import ARRIVAL, CHANCE, PANEL
from debulk.trials.recruitment.run_in import (
    NOT_ASSESSED,
    RunIn,
    cohort_after_run_in,
    cohort_at_entry,
    start_run_in,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.disease import Presenters
    from debulk.patients import Cohort, Criterion
    from debulk.protocols import FunnelStep
    from debulk.trials.running.settings import TrialSettings


DIED = "died"
"""Name under which deaths during the run-in are counted beside the criteria not met."""


@dataclass(frozen=True)
class FunnelCounts:
    """How many patients of each trial reached each step, and what held the others back.

    Attributes
    ----------
    reached : int64[steps, trials]
        Patients who reached each step.
    not_met : dict of criterion to int64[trials]
        Patients who came to the criterion's step and did not meet it; one patient can fail
        several. `DIED` counts deaths during the run-in.
    assumed_met : dict of criterion to int64[trials]
        Patients of whom a criterion was assumed to be met.
    """

    reached: npt.NDArray[np.int64]
    not_met: dict[str, npt.NDArray[np.int64]]
    assumed_met: dict[str, npt.NDArray[np.int64]]


@dataclass
class _Passage:
    """Where each patient of a chunk has got to; rows are those of the presenters drawn."""

    presenters: Presenters
    arrival_months: npt.NDArray[np.float64]
    boldness: npt.NDArray[np.float64]
    first_trial: int
    trials: int
    reached: npt.NDArray[np.int64]
    alive: npt.NDArray[np.int64]
    failed: list[tuple[str, npt.NDArray[np.int64]]] = field(default_factory=list)
    assumed: list[tuple[str, npt.NDArray[np.int64]]] = field(default_factory=list)
    run_in: RunIn | None = None

    def keep(self, passed: npt.NDArray[np.bool_], step: int) -> None:
        """Let those who passed go on to a step."""
        self.alive = self.alive[passed]
        self.reached[self.alive] = step
        if self.run_in is not None:
            self.run_in = self.run_in.take(np.flatnonzero(passed))


@dataclass(frozen=True)
class Recruited:
    """Who is randomised, in order of trial and randomisation, with their state at that moment."""

    run_in: RunIn
    arrival_months: npt.NDArray[np.float64]
    order: npt.NDArray[np.int64]
    counts: FunnelCounts


def recruit(settings: TrialSettings, first_trial: int, trials: int) -> Recruited:
    """Draw patients for some trials and take them through the protocol's funnel.

    Parameters
    ----------
    settings : TrialSettings
        Protocol, model, cards, seed.
    first_trial, trials : int
        Which trials.

    Returns
    -------
    Recruited

    Raises
    ------
    InputError
        If a criterion is unknown of a virtual patient and the protocol does not assume it met.
    """
    protocol = settings.protocol
    passage = _draw(settings, first_trial, trials)
    for number, step in enumerate(protocol.funnel[1:-1], start=1):
        if step.kind == "chance":
            _pass_by_chance(passage, settings.seed, number, step)
        else:
            _pass_by_criteria(passage, settings, number, step)
    if passage.run_in is None:
        passage.run_in = start_run_in(settings, passage.presenters, passage.alive, passage.boldness)
    return _randomise(passage, protocol.design.planned_patients, len(protocol.funnel) - 1)


def _draw(settings: TrialSettings, first_trial: int, trials: int) -> _Passage:
    conduct = settings.protocol.conduct
    presenters = draw_presenters(
        settings.model,
        seed=settings.seed,
        first_trial=first_trial,
        trials=trials,
        births=conduct.people_with_bowel_cancer,
    )
    arrival, boldness = _arrival_and_panel(
        settings.seed, presenters.trial, presenters.patient, conduct.accrual_months
    )
    size = presenters.trial.size
    return _Passage(
        presenters=presenters,
        arrival_months=arrival,
        boldness=boldness,
        first_trial=first_trial,
        trials=trials,
        reached=np.zeros(size, np.int64),
        alive=np.arange(size, dtype=np.int64),
    )


def _pass_by_chance(passage: _Passage, seed: int, number: int, step: FunnelStep) -> None:
    assert step.chance is not None
    rows = passage.alive
    draws = _chances(seed, passage.presenters.trial[rows], passage.presenters.patient[rows], number)
    passage.keep(draws < step.chance, number)


def _pass_by_criteria(
    passage: _Passage, settings: TrialSettings, number: int, step: FunnelStep
) -> None:
    criteria = [settings.protocol.criterion(name) for name in step.criteria]
    late = [each for each in criteria if each.judged == "before randomisation"]
    early = [each for each in criteria if each.judged != "before randomisation"]
    if late and passage.run_in is None:
        _start_run_in(passage, settings, number)
    passed = np.ones(passage.alive.size, np.bool_)
    if early:
        cohort = cohort_at_entry(*_still_in(passage))
        passed &= _judge(passage, early, cohort, settings)
    if late:
        assert passage.run_in is not None
        cohort = cohort_after_run_in(passage.run_in, settings.run_in_months)
        passed &= _judge(passage, late, cohort, settings)
    passage.keep(passed, number)


def _still_in(passage: _Passage) -> tuple[Presenters, npt.NDArray[np.float64]]:
    """The patients still in the funnel, and how bold their panels are."""
    rows = passage.alive
    if rows.size == passage.boldness.size:
        # Nobody has left: a copy of a million lesions would be the same again.
        return passage.presenters, passage.boldness
    return passage.presenters.take(rows), passage.boldness[rows]


def _start_run_in(passage: _Passage, settings: TrialSettings, number: int) -> None:
    """Take those still in the funnel through the run-in; who dies in it goes no further."""
    passage.run_in = start_run_in(settings, passage.presenters, passage.alive, passage.boldness)
    living = passage.run_in.response != NOT_ASSESSED
    passage.failed.append((DIED, passage.alive[~living]))
    passage.keep(living, number - 1)


def _judge(
    passage: _Passage, criteria: list[Criterion], cohort: Cohort, settings: TrialSettings
) -> npt.NDArray[np.bool_]:
    """Judge criteria on those still in the funnel; note who fails and who is assumed to pass."""
    ruled = [each for each in criteria if each.rule is not None]
    judged = states(ruled, cohort, modalities=settings.modalities) if ruled else pl.DataFrame()
    passed = np.ones(passage.alive.size, np.bool_)
    for criterion in criteria:
        if criterion.rule is None:
            passage.assumed.append((criterion.id, passage.alive))
            continue
        met = judged[criterion.id]
        if met.null_count():
            if criterion.assume is None:
                raise InputError(
                    f"protocol {settings.protocol.name}, criterion {criterion.id}",
                    f"is unknown of {met.null_count()} of {met.len()} virtual patients "
                    f"({criterion.rule})",
                    "Write a rule on what the model knows, or assume: met",
                )
            passage.assumed.append((criterion.id, passage.alive[met.is_null().to_numpy()]))
            met = met.fill_null(True)
        values = met.to_numpy()
        passage.failed.append((criterion.id, passage.alive[~values]))
        passed &= values
    return passed


def _randomise(passage: _Passage, planned: int, last_step: int) -> Recruited:
    """Close each trial when it is full; those who come later were never part of it."""
    presenters = passage.presenters
    trial = presenters.trial[passage.alive]
    arrival = passage.arrival_months[passage.alive]
    in_order = np.lexsort((presenters.patient[passage.alive], arrival, trial))
    starts = np.searchsorted(trial[in_order], _trial_edges(passage))
    order = np.arange(in_order.size) - starts[trial[in_order] - passage.first_trial]
    accepted = in_order[order < planned]
    closed = np.full(passage.trials, np.inf)
    full = order == planned - 1
    closed[trial[in_order][full] - passage.first_trial] = arrival[in_order][full]
    passage.reached[passage.alive[accepted]] = last_step
    assert passage.run_in is not None
    return Recruited(
        run_in=passage.run_in.take(accepted),
        arrival_months=arrival[accepted],
        order=order[order < planned],
        counts=_count(passage, closed, last_step),
    )


def _trial_edges(passage: _Passage) -> npt.NDArray[np.int64]:
    return np.arange(passage.first_trial, passage.first_trial + passage.trials)


def _count(passage: _Passage, closed: npt.NDArray[np.float64], last_step: int) -> FunnelCounts:
    which = passage.presenters.trial - passage.first_trial
    seen = passage.arrival_months <= closed[which]

    def by_trial(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return np.bincount(which[rows[seen[rows]]], minlength=passage.trials).astype(np.int64)

    reached = [by_trial(np.flatnonzero(passage.reached >= step)) for step in range(last_step + 1)]
    return FunnelCounts(
        reached=np.stack(reached),
        not_met={name: by_trial(rows) for name, rows in passage.failed},
        assumed_met={name: by_trial(rows) for name, rows in passage.assumed},
    )


@kernel
def _arrival_and_panel(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    accrual_months: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    arrival = np.empty(trial.size)
    boldness = np.empty(trial.size)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], patient[row])
        arrival[row] = accrual_months * uniform(key, ARRIVAL, 0, 0)
        boldness[row] = normal(key, PANEL, 0, 0)
    return arrival, boldness


@kernel
def _chances(
    seed: int, trial: npt.NDArray[np.int32], patient: npt.NDArray[np.int64], step: int
) -> npt.NDArray[np.float64]:
    draws = np.empty(trial.size)
    for row in range(trial.size):
        draws[row] = uniform(patient_key(seed, trial[row], patient[row]), CHANCE, 0, step)
    return draws
