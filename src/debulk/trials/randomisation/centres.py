"""Centres: how fast each recruits, when it opens, how skilled it is, and whose case it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.randomisation.centre_kernels import count_cases, patients_of_centres
from debulk.trials.randomisation.checks import (
    LARGEST_SEED,
    Floats,
    Ints,
    flag_column,
    number,
    number_column,
    whole,
    whole_column,
)

LARGEST_PATIENT = 2**40 - 1
"""Largest number of a trial, a patient, or a place in the order of randomisation."""


@dataclass(frozen=True, slots=True)
class Centres:
    """The centres of a trial, drawn anew for each simulated trial.

    Parameters
    ----------
    number : int
        Centres, 1 to 10 000.
    size_variation : float
        Coefficient of variation of the centres' gamma-distributed rates of recruitment, 0 (all
        alike) to 5.
    opening_months : float
        Centres open at times spread uniformly over so many months; the first centre opens on the
        trial's first day, so that one is always open.
    skill_sd : float
        Standard deviation of the centres' normal skill, whose mean is 0; its scale is that of the
        user (the log odds of a complication, for one).
    surgeons : int
        Surgeons in each centre, 1 to 1000; a patient comes to any of them with equal probability.

    Raises
    ------
    InputError
        If a value is not allowed.

    Notes
    -----
    The default variation is an assumption. Gamma rates are those of the Poisson-gamma model of
    recruitment (Anisimov and Fedorov, Statistics in Medicine 2007).
    """

    number: int
    size_variation: float = 1.0
    opening_months: float = 0.0
    skill_sd: float = 0.0
    surgeons: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", whole(self.number, "number", 1, 10_000))
        object.__setattr__(self, "surgeons", whole(self.surgeons, "surgeons", 1, 1000))
        for name, high in (("size_variation", 5.0), ("opening_months", 1200.0), ("skill_sd", 100)):
            object.__setattr__(self, name, number(getattr(self, name), name, 0.0, high))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "number": self.number,
            "size_variation": self.size_variation,
            "opening_months": self.opening_months,
            "skill_sd": self.skill_sd,
            "surgeons": self.surgeons,
        }


@dataclass(frozen=True)
class PatientCentres:
    """Where patients are treated, one entry a patient.

    Attributes
    ----------
    centre : int64 array
        Centre, from 0.
    surgeon : int64 array
        Surgeon, numbered through all centres of a trial, from 0.
    skill : float64 array
        The centre's skill.
    """

    centre: Ints
    surgeon: Ints
    skill: Floats

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {each: plain(getattr(self, each)) for each in ("centre", "surgeon", "skill")}


def draw_centres(
    centres: Centres,
    *,
    seed: int,
    trial: npt.ArrayLike,
    patient: npt.ArrayLike,
    arrival_months: npt.ArrayLike,
) -> PatientCentres:
    """Give each patient a centre, by the rates of those that are open when the patient arrives.

    A pure function of seed, trial, patient and arrival: rows may come in any order and number.

    Parameters
    ----------
    centres : Centres
        The model of the centres.
    seed : int
        Seed of the random streams, 0 to 2**63 - 1.
    trial, patient : array-like of int
        Trial of each patient, and its number there.
    arrival_months : array-like of float
        Calendar time of arrival, from the trial's first day.

    Returns
    -------
    PatientCentres

    Raises
    ------
    InputError
        If an argument has the wrong kind, shape or range.
    """
    if not isinstance(centres, Centres):
        raise InputError("centres", f"{centres!r} is no model of centres", "Give Centres(number)")
    seed = whole(seed, "seed", 0, LARGEST_SEED)
    trials = whole_column(trial, "trial", None, LARGEST_PATIENT)
    patients = whole_column(patient, "patient", trials.size, LARGEST_PATIENT)
    arrivals = number_column(arrival_months, "arrival_months", trials.size)
    by_trial = np.argsort(trials, kind="stable")
    found = patients_of_centres(
        seed,
        trials[by_trial],
        patients[by_trial],
        arrivals[by_trial],
        centres.number,
        centres.size_variation,
        centres.opening_months,
        centres.surgeons,
    )
    back = np.argsort(by_trial, kind="stable")
    centre, surgeon, skill = found
    return PatientCentres(centre[back], surgeon[back], skill[back] * centres.skill_sd)


def case_numbers(
    *,
    trial: npt.ArrayLike,
    order: npt.ArrayLike,
    operator: npt.ArrayLike,
    operated: npt.ArrayLike,
) -> Ints:
    """Which case of its surgeon (or centre) each operated patient is, within the trial.

    Parameters
    ----------
    trial, order : array-like of int
        Trial of each patient and place in time within it; every operated patient of a trial in
        one call.
    operator : array-like of int
        Whose cases are counted: `PatientCentres.surgeon`, or `PatientCentres.centre`.
    operated : array-like of bool
        Who is operated on.

    Returns
    -------
    int64 array
        1 for an operator's first case, 2 for the second; 0 for those not operated on. Equal
        places keep the order of the rows.

    Raises
    ------
    InputError
        If an argument has the wrong kind, shape or range.
    """
    trials = whole_column(trial, "trial", None, LARGEST_PATIENT)
    places = whole_column(order, "order", trials.size, LARGEST_PATIENT)
    operators = whole_column(operator, "operator", trials.size, LARGEST_PATIENT)
    wanted = flag_column(operated, "operated", trials.size)
    together = np.lexsort((places, operators, trials))
    cases = np.empty(trials.size, np.int64)
    cases[together] = count_cases(trials[together], operators[together], wanted[together])
    return cases
