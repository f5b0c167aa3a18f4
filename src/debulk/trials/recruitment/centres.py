"""Patients' centres, and what a centre's skill does to the delivery of local treatment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from debulk.trials.randomisation.centres import Centres, case_numbers, draw_centres

if TYPE_CHECKING:
    from debulk.protocols.plans import CentrePlan
    from debulk.trials.running.settings import TrialSettings


@dataclass(frozen=True)
class Skill:
    """Where patients are treated, one entry a patient.

    Attributes
    ----------
    centre : int64 array
        From 0.
    log_odds : float64 array
        By which the centre's skill raises the odds that planned local treatment is delivered.
    before : int64 array
        Patients whom the trial randomised at this centre before.
    """

    centre: npt.NDArray[np.int64]
    log_odds: npt.NDArray[np.float64]
    before: npt.NDArray[np.int64]


class Arrived(Protocol):
    """What is asked of those randomised: when they came, and in which order they went in."""

    @property
    def arrival_months(self) -> npt.NDArray[np.float64]:
        """Calendar time at which they came."""

    @property
    def order(self) -> npt.NDArray[np.int64]:
        """Place in their trial's order of randomisation."""


def at_centres(
    settings: TrialSettings,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    arrived: Arrived,
) -> Skill:
    """Give randomised patients a centre, by the rates of those open when they come.

    The trial's accrual as a whole stays that of the protocol: a centre that is not open yet leaves
    its patients to the others.

    Parameters
    ----------
    settings : TrialSettings
        The plan of centres, and the seed.
    trial, patient : int arrays
        The patients.
    arrived : Arrived
        When they came, and in which order they were randomised.
    """
    plan = settings.protocol.conduct.centres
    nowhere = np.zeros(trial.size, np.int64)
    if plan is None or trial.size == 0:
        return Skill(nowhere, np.zeros(trial.size), nowhere)
    drawn = draw_centres(
        Centres(plan.number, plan.size_variation, plan.opening_months, plan.skill_sd),
        seed=settings.seed,
        trial=trial,
        patient=patient,
        arrival_months=arrived.arrival_months,
    )
    cases = case_numbers(
        trial=trial,
        order=arrived.order,
        operator=drawn.centre,
        operated=np.ones(trial.size, np.bool_),
    )
    return Skill(drawn.centre, drawn.skill, cases - 1)


def delivery_chance(
    plan: CentrePlan | None, delivered: float, skill: Skill
) -> float | npt.NDArray[np.float64]:
    """Probability that planned local treatment is delivered at each patient's centre.

    Parameters
    ----------
    plan : CentrePlan or None
        Skill and learning; None: one centre at its plateau.
    delivered : float
        Probability at a middling centre's plateau.
    skill : Skill
        Where the patients are treated.

    Returns
    -------
    float or float64 array
        expit(logit(delivered) + skill - learning exp(-before / patients)).
    """
    if plan is None or (plan.skill_sd == 0.0 and plan.learning_log_odds == 0.0):
        return delivered
    shortfall = plan.learning_log_odds * np.exp(-skill.before / plan.learning_patients)
    chance: npt.NDArray[np.float64] = expit(logit(delivered) + skill.log_odds - shortfall)
    return chance
