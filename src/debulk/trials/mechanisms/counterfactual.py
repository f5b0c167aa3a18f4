"""The same virtual patients under both arms, in any world of the disease model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from debulk.core.errors import InputError
from debulk.disease import DiseaseModel
from debulk.trials.mechanisms.pool import PatientPool, recruit_pool
from debulk.trials.recruitment.centres import Skill
from debulk.trials.recruitment.courses import both_courses
from debulk.trials.recruitment.run_in import start_run_in
from debulk.trials.running.run import trial_settings

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from debulk.protocols import Protocol
    from debulk.trials.recruitment.run_in import RunIn
    from debulk.trials.running.settings import TrialSettings

    Floats = npt.NDArray[np.float64]

LANDMARK_MONTHS = 60.0
"""When survival is compared beside the hazard ratio."""

DEFAULT_DRAWS = 20
"""Draws of the parameters that a counterfactual takes unless told otherwise."""


@dataclass(frozen=True)
class BothArms:
    """Deaths of the same patients under both strategies, in months from randomisation.

    Each patient follows the strategy assigned: nobody crosses over, refuses, is lost, or is treated
    locally after progression.

    Attributes
    ----------
    control, experimental : float64[n]
        Death; infinite where alive at the end of follow-up and at `LANDMARK_MONTHS`.
    follow_up_months : float64[n]
        From randomisation to the protocol's cut-off.
    row : int64[n]
        Row of each patient in the pool; who dies during the run-in of a world is not randomised in
        it.
    draw : int64[n]
        Draw of the parameters.
    tau_months : float
        Horizon of the protocol's restricted mean.
    """

    control: Floats
    experimental: Floats
    follow_up_months: Floats
    row: npt.NDArray[np.int64]
    draw: npt.NDArray[np.int64]
    tau_months: float

    def __len__(self) -> int:
        """Number of patients."""
        return self.row.size


def counterfactual(
    protocol: Protocol | str | Path,
    model: DiseaseModel | None = None,
    *,
    patients: int = 1000,
    seed: int = 1,
    draws: int | None = None,
) -> BothArms:
    """Virtual patients whom a protocol would randomise, each of them in both arms.

    Parameters
    ----------
    protocol : Protocol, str or Path
        A protocol, the name of a packaged one, or the path of a file.
    model : DiseaseModel, optional
        Default: the packaged one.
    patients : int
        1 to 1,000,000; rounded up to the same number for each draw.
    seed : int
        0 to 2**63 - 1.
    draws : int, optional
        Draws of the posterior sample; default: `DEFAULT_DRAWS`, or all where there are fewer.

    Returns
    -------
    BothArms

    Raises
    ------
    InputError
        If the protocol does not hold together or the disease model does not fit it, or a number is
        out of its range.

    Examples
    --------
    >>> arms = counterfactual("orchestra", patients=1000)  # doctest: +SKIP
    >>> (arms.experimental > 60).mean() - (arms.control > 60).mean()  # doctest: +SKIP
    """
    settings = settings_for(protocol, model, seed)
    used = min(DEFAULT_DRAWS, settings.disease.draws, patients) if draws is None else draws
    pool = recruit_pool(settings, patients, used)
    return follow_pool(pool, settings.disease)


def settings_for(
    protocol: Protocol | str | Path, model: DiseaseModel | None, seed: int, **cards: object
) -> TrialSettings:
    """Settings of a protocol on the disease model, checked.

    Parameters
    ----------
    protocol, model, seed
        As in `counterfactual`.
    **cards
        ``modalities`` and ``regimens`` as in `debulk.trials.run_trial`.

    Raises
    ------
    InputError
        If something does not hold together, or the disease model does not fit the protocol.
    """
    if model is not None and not isinstance(model, DiseaseModel):
        raise InputError("model", "is no disease model", "Give what load_model returns")
    settings = trial_settings(protocol, model=model, seed=seed, **cards)  # type: ignore[arg-type]
    fit = settings.protocol.applicability
    if fit.level == "none":
        raise InputError(
            f"protocol {settings.protocol.name}",
            f"the disease model does not fit it: it lacks {'; '.join(fit.missing)}",
            "Take one that debulk trial list shows as full or partial",
        )
    return settings


def follow_pool(pool: PatientPool, model: DiseaseModel) -> BothArms:
    """Follow the patients of a pool under both strategies, in the world of a model.

    The patients and their random numbers are those of the pool whatever the model; their run-in,
    what imaging shows after it, and what is planned on that belong to the world.

    Parameters
    ----------
    pool : PatientPool
    model : DiseaseModel
        With the posterior sample of the pool's own.
    """
    settings = pool.settings.varied(model=model)
    run_in, row = _randomised(pool, settings)
    randomised_months = pool.arrival_months[row] + settings.run_in_months
    follow_up = np.maximum(settings.protocol.conduct.cutoff_months - randomised_months, 0.0)
    tau = settings.protocol.estimand.tau_months
    least = max(settings.least_follow_up_months, LANDMARK_MONTHS, tau)
    nowhere = np.zeros(row.size, np.int64)
    skill = Skill(nowhere, np.zeros(row.size), nowhere)
    both = both_courses(settings, run_in, np.maximum(follow_up, least), skill)
    return BothArms(
        control=both.control.death_months,
        experimental=both.experimental.death_months,
        follow_up_months=follow_up,
        row=row,
        draw=pool.draw[row],
        tau_months=tau,
    )


def _randomised(pool: PatientPool, settings: TrialSettings) -> tuple[RunIn, npt.NDArray[np.int64]]:
    """The patients at the end of the world's own run-in, without those who died in it."""
    everybody = np.arange(len(pool))
    presenters, boldness = pool.run_in.presenters, pool.run_in.boldness
    run_in = start_run_in(settings, presenters, everybody, boldness)
    if bool(run_in.living.all()):
        return run_in, everybody
    row = np.flatnonzero(run_in.living)
    return run_in.take(row), row
