"""The funnel: from everybody who comes with metastatic disease to those randomised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.disease import draw_presenters
from debulk.patients import states
from debulk.trials.recruitment.generator import FunnelCounts
from debulk.trials.recruitment.passing import (
    Closing,
    Tally,
    arrival_and_panel,
    chance_draws,
    chances_of,
    close_trials,
)
from debulk.trials.recruitment.run_in import (
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

__all__ = ["DIED", "FunnelCounts", "Recruited", "recruit"]

DIED = "died"
"""Name under which deaths during the run-in are counted beside the criteria not met."""


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
    consents: npt.NDArray[np.bool_]
    failed: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    assumed: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
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
    consents: npt.NDArray[np.bool_]


def recruit(
    settings: TrialSettings, first_trial: int, trials: int, *, keep_refusers: bool = False
) -> Recruited:
    """Draw patients for some trials and take them through the protocol's funnel.

    Parameters
    ----------
    settings : TrialSettings
        Protocol, model, cards, seed.
    first_trial, trials : int
        Which trials.
    keep_refusers : bool
        Let patients go on who refuse at a step that asks for consent, marked as such; they count
        as having reached the steps that follow.

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
    last_step = len(protocol.funnel) - 1
    for number, step in enumerate(protocol.funnel[1:-1], start=1):
        if step.kind == "chance":
            _pass_by_chance(passage, settings, number, step, keep_refusers=keep_refusers)
        else:
            _pass_by_criteria(passage, settings, number, step)
    if passage.run_in is None:
        _start_run_in(passage, settings, last_step)
    return _randomise(passage, protocol.design.planned_patients, last_step)


def _draw(settings: TrialSettings, first_trial: int, trials: int) -> _Passage:
    conduct = settings.protocol.conduct
    presenters = draw_presenters(
        settings.disease,
        seed=settings.seed,
        first_trial=first_trial,
        trials=trials,
        births=conduct.people_with_bowel_cancer,
    )
    arrival, boldness = arrival_and_panel(
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
        consents=np.ones(size, np.bool_),
    )


def _pass_by_chance(
    passage: _Passage,
    settings: TrialSettings,
    number: int,
    step: FunnelStep,
    *,
    keep_refusers: bool,
) -> None:
    rows = passage.alive
    trial, patient = passage.presenters.trial[rows], passage.presenters.patient[rows]
    features = _features_for(passage, settings, step) if step.leanings else None
    chance = chances_of(step, features, settings.protocol.source_name)
    passed = chance_draws(settings.seed, trial, patient, number) < chance
    if keep_refusers and step.consent:
        passage.consents[rows] &= passed
        passed = np.ones(rows.size, np.bool_)
    passage.keep(passed, number)


def _features_for(passage: _Passage, settings: TrialSettings, step: FunnelStep) -> pl.DataFrame:
    """Feature table of those still in the funnel, as far as imaging shows at that moment."""
    only = [each.feature for each in step.leanings]
    if passage.run_in is None:
        cohort = cohort_at_entry(*_still_in(passage))
        return cohort.features(moment="entry", only=only, modalities=settings.modalities)
    cohort = cohort_after_run_in(passage.run_in, settings.run_in_months)
    return cohort.features(moment="now", only=only, modalities=settings.modalities)


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
    living = passage.run_in.living
    passage.failed[DIED] = passage.alive[~living]
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
            passage.assumed[criterion.id] = passage.alive
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
            passage.assumed[criterion.id] = passage.alive[met.is_null().to_numpy()]
            met = met.fill_null(True)
        values = met.to_numpy()
        passage.failed[criterion.id] = passage.alive[~values]
        passed &= values
    return passed


def _randomise(passage: _Passage, planned: int, last_step: int) -> Recruited:
    """Close each trial when it is full, and count."""
    presenters, alive = passage.presenters, passage.alive
    arrival = passage.arrival_months[alive]
    closing = close_trials(
        presenters.trial[alive],
        presenters.patient[alive],
        arrival,
        first_trial=passage.first_trial,
        trials=passage.trials,
        planned=planned,
    )
    passage.reached[alive[closing.accepted]] = last_step
    assert passage.run_in is not None
    return Recruited(
        run_in=passage.run_in.take(closing.accepted),
        arrival_months=arrival[closing.accepted],
        order=closing.order,
        counts=_count(passage, closing, last_step),
        consents=passage.consents[alive[closing.accepted]],
    )


def _count(passage: _Passage, closing: Closing, last_step: int) -> FunnelCounts:
    which = passage.presenters.trial - passage.first_trial
    seen = passage.arrival_months <= closing.closed_months[which]
    tally = Tally(which, seen, passage.trials)
    return tally.counts(passage.reached, last_step, passage.failed, passage.assumed)
