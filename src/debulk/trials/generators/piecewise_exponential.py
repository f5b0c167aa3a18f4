"""Patients whose hazards are constant between given months, in both arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.trials.generators.decisions import DEATH, PROGRESSION
from debulk.trials.generators.generated import Courses, GeneratedPatients, before_death, shown
from debulk.trials.generators.hazards import ONE, Steps, StepsLike, hazard_steps, ratio_steps

if TYPE_CHECKING:
    from debulk.trials.generators.generated import People
    from debulk.trials.running.settings import TrialSettings


@dataclass(frozen=True)
class PiecewiseExponentialPatients(GeneratedPatients):
    """Death, and progression before it, with piecewise constant hazards and hazard ratios.

    A hazard ratio above 1 in the first months and below 1 later is early harm and late benefit: the
    arms' hazards cross.

    Attributes
    ----------
    registered : int
        Patients who come to the front of each trial's funnel.
    hazard_control : StepsLike
        Hazard of death per month in the control arm: a number, or (start month, hazard) pairs.
    hazard_ratio : StepsLike
        Experimental over control, of death: a number, or (start month, ratio) pairs.
    progression_hazard : StepsLike or None
        Hazard of progression per month in the control arm, of those alive without it; independent
        of death. None: nobody progresses.
    progression_ratio : StepsLike or None
        Experimental over control, of progression; needed with `progression_hazard`.

    Raises
    ------
    InputError
        If a number is out of range, or one of the two for progression is missing.

    Notes
    -----
    A patient dies when the cumulative hazard reaches an exponential number of mean 1, the same one
    in both arms. Without strata, the control arm's survival is exp(-cumulative hazard).

    Examples
    --------
    >>> from debulk.trials.generators.piecewise_exponential import PiecewiseExponentialPatients
    >>> patients = PiecewiseExponentialPatients(500, 0.04, ((0, 1.4), (6, 0.6)))
    """

    hazard_control: StepsLike
    hazard_ratio: StepsLike
    progression_hazard: StepsLike | None = None
    progression_ratio: StepsLike | None = None

    kind = "piecewise-exponential"
    name = "patients with piecewise exponential hazards"
    remarks = (
        "Patients are drawn from hazards that were given, not from the disease model: the result "
        "says what those numbers imply, not what the treatment does.",
        "Criteria are assumed met: such patients have no characteristics but their strata.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self._steps()

    def follow(self, settings: TrialSettings, people: People) -> Courses:
        """See `GeneratedPatients.follow`."""
        hazard, ratio, progression, progression_ratio = self._steps()
        dies = people.amounts(DEATH)
        death = hazard.time_at(dies)
        other = hazard.times(ratio).time_at(dies)
        if progression is None:
            never = np.full(death.size, np.inf)
            return Courses(death, never, other, never)
        progresses = people.amounts(PROGRESSION)
        sooner = progression.time_at(progresses)
        later = progression.times(progression_ratio).time_at(progresses)
        return Courses(death, before_death(sooner, death), other, before_death(later, other))

    def numbers(self) -> list[tuple[str, Any, str, str]]:
        """See `GeneratedPatients.numbers`."""
        hazard, ratio, progression, progression_ratio = self._steps()
        found: list[tuple[str, Any, str, str]] = [
            ("hazard_control", shown(hazard), "per month", "death, control arm"),
            ("hazard_ratio", shown(ratio), "", "death, experimental over control"),
        ]
        if progression is not None:
            note = "progression, control arm"
            found.append(("progression_hazard", shown(progression), "per month", note))
            note = "progression, experimental over control"
            found.append(("progression_ratio", shown(progression_ratio), "", note))
        return found

    def _steps(self) -> tuple[Steps, Steps, Steps | None, Steps]:
        hazard = hazard_steps(self.hazard_control, "hazard_control")
        ratio = ratio_steps(self.hazard_ratio, "hazard_ratio")
        given = (self.progression_hazard is not None, self.progression_ratio is not None)
        if given[0] != given[1]:
            missing = "progression_ratio" if given[0] else "progression_hazard"
            raise InputError(missing, "is missing", "Give both numbers of progression, or neither")
        if not given[0]:
            return hazard, ratio, None, ONE
        return (
            hazard,
            ratio,
            hazard_steps(self.progression_hazard, "progression_hazard"),
            ratio_steps(self.progression_ratio, "progression_ratio"),
        )
