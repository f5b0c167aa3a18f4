"""Everybody eligible over the accrual, whether they would consent or not: one world for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel, use_threads
from debulk.core.errors import InputError
from debulk.core.streams import patient_key, uniform
from debulk.trials.recruitment.randomised import Randomised
from debulk.trials.running.settings import TRIALS_PER_CHUNK, TrialSettings

if TYPE_CHECKING:
    from debulk.protocols import Protocol

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_NEVER_FULL = 2**40
"""Planned patients of a trial that keeps everybody."""


def eligible_patients(
    settings: TrialSettings,
    trials: int,
    *,
    covariates: Sequence[str] = (),
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Randomised:
    """Everybody who comes to the end of the funnel over the accrual, refusers among them.

    Parameters
    ----------
    settings : TrialSettings
        The protocol's own.
    trials : int
        How many trials.
    covariates : sequence of str
        Features at randomisation to keep, beside those of the protocol's strata.
    workers : int
        Chunks computed at the same time; the result does not depend on it.
    progress : callable, optional
        Called with the trials done and the trials wanted.

    Returns
    -------
    Randomised
        In order of trial and arrival.

    Raises
    ------
    InputError
        If a feature has no levels or is unknown.
    """
    wide = replace(settings, protocol=_never_full(settings.protocol, covariates))
    starts = range(0, trials, TRIALS_PER_CHUNK)
    parts: list[Randomised] = []

    def recruit(first: int) -> Randomised:
        count = min(TRIALS_PER_CHUNK, trials - first)
        return wide.generator.recruit(wide, first, count, keep_refusers=True).randomised

    inside = max(1, workers // len(starts))
    with ThreadPoolExecutor(workers, initializer=use_threads, initargs=(inside,)) as threads:
        for done, part in enumerate(threads.map(recruit, starts), start=1):
            parts.append(part)
            if progress:
                progress(min(trials, done * TRIALS_PER_CHUNK), trials)
    return Randomised.joined(parts)


def check_consent(protocol: Protocol) -> None:
    """Refuse a protocol that does not say where consent to randomisation is asked for.

    Parameters
    ----------
    protocol : Protocol
        Its funnel.

    Raises
    ------
    InputError
        If no step of the funnel is marked.
    """
    if not any(step.consent for step in protocol.funnel):
        raise InputError(
            f"{protocol.source_name or protocol.name}, funnel",
            "no step is marked as consent to randomisation",
            "Write consent: true at that step: other designs ask at another moment",
        )


def take(pool: Randomised, rows: Bools | Ints) -> Randomised:
    """Some patients of a pool, in its order, which becomes their order of randomisation.

    Parameters
    ----------
    pool : Randomised
        In order of trial and arrival.
    rows : bool or int64 array
        Whom to take.
    """
    chosen = {name: column[rows] for name, column in pool.columns().items()}
    trial = chosen["trial"]
    return Randomised.from_columns({**chosen, "order": place_in_trial(trial)})


def place_in_trial(trial: npt.NDArray[np.int32]) -> Ints:
    """Place of each patient among those of its trial, from 0.

    Parameters
    ----------
    trial : int array
        In rising order.
    """
    places: Ints = np.arange(trial.size) - np.searchsorted(trial, trial)
    return places


@kernel
def happens(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    decision: np.uint64,
    probability: float,
) -> npt.NDArray[np.bool_]:
    """Draw one decision for every patient, a pure function of who they are."""
    draws = np.empty(trial.size, np.bool_)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], patient[row])
        draws[row] = uniform(key, decision, 0, 0) < probability
    return draws


def _never_full(protocol: Protocol, covariates: Sequence[str]) -> Protocol:
    plan = protocol.conduct.randomisation
    strata = tuple(dict.fromkeys((*plan.strata, *covariates)))
    conduct = replace(protocol.conduct, randomisation=replace(plan, strata=strata))
    design = replace(protocol.design, planned_patients=_NEVER_FULL)
    return replace(protocol, conduct=conduct, design=design)
