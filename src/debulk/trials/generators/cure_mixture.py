"""Patients some of whom are cured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.trials.generators.decisions import CURED, DEATH, OTHER_DEATH
from debulk.trials.generators.generated import Courses, GeneratedPatients, before_death
from debulk.trials.randomisation.checks import number

if TYPE_CHECKING:
    from debulk.trials.generators.generated import Floats, People
    from debulk.trials.running.settings import TrialSettings


@dataclass(frozen=True)
class CureMixturePatients(GeneratedPatients):
    """A share of the patients is cured; the others die with Weibull times.

    Survival in an arm with cured share c is, other causes aside, c + (1 - c) S(t), where the
    uncured of the control arm have S(t) = exp(-ln 2 (t / median) ** shape) and those of the
    experimental arm S(t) ** hazard ratio (a mixture cure model: Boag 1949, J R Stat Soc B 11:15;
    Berkson and Gage 1952, J Am Stat Assoc 47:501).

    Attributes
    ----------
    registered : int
        Patients who come to the front of each trial's funnel.
    cured_control, cured_experimental : float
        Shares cured, from 0 to 1. One uniform number a patient serves both arms: who is cured in
        the arm with the smaller share is cured in the other too.
    median_uncured_months : float
        Median survival of the uncured in the control arm.
    hazard_ratio_uncured : float
        Experimental over control, among those cured in neither arm.
    shape : float
        Of the Weibull distribution; 1 is exponential, above 1 the hazard rises.
    other_hazard : float
        Hazard per month of death from other causes, the same for all; 0: the cured never die.
    progression_share : float or None
        The uncured progress when this share of their time from randomisation to death has passed.
        None: nobody progresses.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    cured_control: float
    cured_experimental: float
    median_uncured_months: float
    hazard_ratio_uncured: float
    shape: float = 1.0
    other_hazard: float = 0.0
    progression_share: float | None = None

    kind = "cure-mixture"
    name = "patients of a cure model"
    remarks = (
        "Patients are drawn from a cure model whose numbers were given, not from the disease "
        "model: the result says what those numbers imply, not what the treatment does.",
        "Criteria are assumed met: such patients have no characteristics but their strata.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        number(self.cured_control, "cured_control", 0.0, 1.0)
        number(self.cured_experimental, "cured_experimental", 0.0, 1.0)
        number(self.median_uncured_months, "median_uncured_months", 0.0, 1200.0, above=True)
        number(self.hazard_ratio_uncured, "hazard_ratio_uncured", 0.0, 1000.0, above=True)
        number(self.shape, "shape", 0.1, 20.0)
        number(self.other_hazard, "other_hazard", 0.0, 1.0)
        if self.progression_share is not None:
            number(self.progression_share, "progression_share", 0.0, 1.0, above=True)

    def follow(self, settings: TrialSettings, people: People) -> Courses:
        """See `GeneratedPatients.follow`."""
        cured, amount = people.units(CURED), people.amounts(DEATH)
        other = np.full(amount.size, np.inf)
        if self.other_hazard > 0.0:
            # Strata stand for the disease; other causes are the same for all.
            other = -np.log(people.units(OTHER_DEATH)) / self.other_hazard
        control = self._arm(cured < self.cured_control, amount, other)
        amount = amount / self.hazard_ratio_uncured
        return Courses(*control, *self._arm(cured < self.cured_experimental, amount, other))

    def _arm(
        self, cured: np.ndarray[Any, np.dtype[np.bool_]], amount: Floats, other: Floats
    ) -> tuple[Floats, Floats]:
        """Death and progression of one arm."""
        scaled = (amount / math.log(2.0)) ** (1.0 / self.shape)
        of_disease = np.where(cured, np.inf, self.median_uncured_months * scaled)
        death = np.minimum(of_disease, other)
        if self.progression_share is None:
            return death, np.full(death.size, np.inf)
        return death, before_death(self.progression_share * of_disease, death)

    def numbers(self) -> list[tuple[str, Any, str, str]]:
        """See `GeneratedPatients.numbers`."""
        found: list[tuple[str, Any, str, str]] = [
            ("cured_control", self.cured_control, "", "share cured, control arm"),
            ("cured_experimental", self.cured_experimental, "", "share cured, experimental arm"),
            ("median_uncured_months", self.median_uncured_months, "months", "control arm"),
            ("hazard_ratio_uncured", self.hazard_ratio_uncured, "", "experimental over control"),
            ("shape", self.shape, "", "Weibull, of the uncured"),
            ("other_hazard", self.other_hazard, "per month", "death of other causes"),
        ]
        if self.progression_share is not None:
            note = "part of the time to death at which the uncured progress"
            found.append(("progression_share", self.progression_share, "", note))
        return found
