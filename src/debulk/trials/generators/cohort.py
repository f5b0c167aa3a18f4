"""Patients drawn again from a cohort, with an assumed effect of the experimental treatment."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.patients import Cohort
from debulk.trials.generators.cohort_follow_up import TIME_ZERO, CohortFollowUp, cohort_follow_up
from debulk.trials.generators.cohort_known import (
    CohortJudged,
    CohortKnown,
    check_column,
    judge_cohort,
)
from debulk.trials.generators.decisions import DEATH_COMPLETED, PROGRESSION_COMPLETED, ROW
from debulk.trials.generators.draws import unit_numbers
from debulk.trials.generators.generated import Courses, GeneratedPatients, before_death
from debulk.trials.generators.hazards import Steps, StepsLike, ratio_steps
from debulk.trials.generators.product_limit import Tail, checked_tail
from debulk.trials.randomisation.checks import names
from debulk.trials.recruitment.plain_funnel import registered_patients

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.trials.generators.generated import People
    from debulk.trials.recruitment.plain_funnel import Known
    from debulk.trials.running.settings import TrialSettings

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CohortPatients(GeneratedPatients):
    """Patients drawn with replacement from a cohort, who go through the protocol's criteria.

    In the control arm each has the course that the cohort's patient had. Where follow-up was
    censored, death is drawn from the cohort's Kaplan-Meier curve given survival until then, and
    progression likewise from the curve of progression (death censors it); the two are drawn
    apart. In the experimental arm the same patient dies when the cumulative hazard there has
    reached what it had reached at death in the control arm: H1(t1) = H0(t0), where H1 is the
    integral of the hazard ratio over H0, minus the logarithm of the cohort's Kaplan-Meier curve
    joined by straight lines. A patient who died without progression progresses in neither arm.

    Attributes
    ----------
    registered : int
        Patients who come to the front of each trial's funnel.
    cohort : Cohort
        With follow-up of every patient. Its characteristics judge the protocol's criteria (a
        criterion that asks for what is known of nobody is assumed met where it is unknown, and
        counted), and serve its strata and leanings.
    hazard_ratio : StepsLike
        Assumed effect on death: a number, or (start month, ratio) pairs.
    progression_ratio : StepsLike or None
        Assumed effect on progression. None: the hazard ratio of death.
    since : str
        Moment that stands for randomisation: ``"time zero"``, or a column of months of the
        patients table.
    carried : sequence of str
        Characteristics to carry into the trial beyond those that the protocol names.
    tail : {"exponential", "never"}
        What is assumed beyond the longest follow-up: the hazard of its last third goes on, or
        nobody dies any more. It must be chosen.

    Raises
    ------
    InputError
        If follow-up cannot be used or a number is out of range.
    """

    cohort: Cohort
    hazard_ratio: StepsLike
    progression_ratio: StepsLike | None = None
    since: str = TIME_ZERO
    carried: Sequence[str] = ()
    tail: Tail = field(kw_only=True)

    kind = "cohort"
    name = "patients drawn again from a cohort"

    def __post_init__(self) -> None:
        super().__post_init__()
        checked_tail(self.tail)
        if not isinstance(self.cohort, Cohort):
            raise InputError("cohort", f"{type(self.cohort)} is no Cohort", "Use read_cohort")
        if not isinstance(self.since, str):
            raise InputError("since", f"{self.since!r:.60} is no moment", f"Say {TIME_ZERO!r}")
        if self.strata:
            raise InputError(
                "strata", "a cohort brings its own characteristics", "Leave strata out"
            )
        names(self.carried, "carried", least=0)
        self._ratios()
        _ = self.follow_up

    @property
    def features(self) -> bool:  # type: ignore[override]
        """A cohort's patients have characteristics."""
        return True

    @cached_property
    def follow_up(self) -> CohortFollowUp:
        """Death and progression of the cohort's patients."""
        return cohort_follow_up(self.cohort, self.since, self.tail)

    @property
    def remarks(self) -> tuple[str, ...]:  # type: ignore[override]
        """What a reader must know, with what was completed and assumed."""
        death = self.follow_up.death
        censored = int((~death.happened).sum())
        size = death.happened.size
        found = [
            f"Patients are drawn with replacement from a cohort of {size}; the effect is assumed, "
            "not estimated: the result says what that assumption implies.",
            f"Follow-up of {censored} of {size} patients was censored and is completed from the "
            f"cohort's survival curve. Beyond the longest follow-up, with "
            f"{100.0 * death.curve.beyond:.1f} % of the control arm and "
            f"{100.0 * self._beyond_experimental:.1f} % of the experimental arm alive, the tail is "
            f"assumed: {self.tail}.",
            f"Randomisation stands at the cohort's {self.since.replace('_', ' ')}; no run-in is "
            "simulated, and criteria are judged on what the cohort holds.",
        ]
        if self.follow_up.progression is None:
            found.append("The cohort knows no progression: nobody progresses.")
        return tuple(found)

    def follow(self, settings: TrialSettings, people: People) -> Courses:
        """See `GeneratedPatients.follow`."""
        rows = self._rows(people.seed, people.trial, people.patient)
        ratio, progression_ratio = self._ratios()
        outcome = self.follow_up.death
        death = outcome.completed(rows, people.units(DEATH_COMPLETED))
        other = outcome.under(death, ratio)
        progress = self.follow_up.progression
        never = np.full(death.size, np.inf)
        if progress is None:
            return Courses(death, never, other, never)
        months = progress.completed(rows, people.units(PROGRESSION_COMPLETED))
        # Who died without progression is censored for it at death; there is nothing to complete.
        open_ended = progress.happened[rows] | ~outcome.happened[rows]
        months = before_death(np.where(open_ended, months, np.inf), death)
        later = before_death(progress.under(months, progression_ratio), other)
        return Courses(death, months, other, later)

    def known(self, settings: TrialSettings, first_trial: int, trials: int) -> Known | None:
        """See `GeneratedPatients.known`."""
        people = registered_patients(first_trial, trials, self.registered)
        return CohortKnown(self._judged(settings), self._rows(settings.seed, *people))

    def covariates(
        self, settings: TrialSettings, trial: npt.NDArray[np.int32], patient: Ints
    ) -> dict[str, Floats]:
        """See `GeneratedPatients.covariates`."""
        rows = self._rows(settings.seed, trial, patient)
        table = self._judged(settings).characteristics
        return {name: column[rows] for name, column in table.items()}

    def check(self, settings: TrialSettings) -> None:
        """See `GeneratedPatients.check`."""
        super().check(settings)
        for name in self.carried:
            self.check_characteristic(settings, name, "carried")
        # Judged now, so that what is unknown is told before anything runs.
        judge_cohort(self.cohort, settings, tuple(self.carried))

    def check_characteristic(
        self, settings: TrialSettings, name: str, where: str, *, leaning: bool = False
    ) -> None:
        """See `GeneratedPatients.check_characteristic`."""
        check_column(self.cohort, settings, name, where, leaning=leaning)

    def numbers(self) -> list[tuple[str, Any, str, str]]:
        """See `GeneratedPatients.numbers`."""
        ratio, progression_ratio = self._ratios()
        curve = self.follow_up.death.curve
        hazard = curve.tail_hazard
        return [
            ("cohort.patients", curve.patients, "", "drawn from with replacement"),
            ("cohort.deaths", curve.events, "", "others are completed from the survival curve"),
            ("cohort.sha256", self._digest, "", "of the cohort's tables"),
            ("since", self.since, "", "moment that stands for randomisation"),
            ("hazard_ratio", ratio.plain(), "", "death, experimental over control: assumed"),
            ("progression_ratio", progression_ratio.plain(), "", "progression, likewise"),
            ("carried", list(self.carried), "", "characteristics beyond the protocol's"),
            ("tail", self.tail, "", "beyond the longest follow-up"),
            ("tail_beyond", curve.beyond, "", "survival at the longest follow-up"),
            ("tail_hazard", hazard, "per month", "of its last third; 0 for never"),
        ]

    def _ratios(self) -> tuple[Steps, Steps]:
        ratio = ratio_steps(self.hazard_ratio, "hazard_ratio")
        if self.progression_ratio is None:
            return ratio, ratio
        return ratio, ratio_steps(self.progression_ratio, "progression_ratio")

    def _rows(self, seed: int, trial: npt.NDArray[np.int32], patient: Ints) -> Ints:
        """Row of the cohort that each patient is."""
        units = unit_numbers(seed, trial, patient, ROW, 0)
        return (units * len(self.cohort)).astype(np.int64)

    def _judged(self, settings: TrialSettings) -> CohortJudged:
        """The cohort held against a protocol, once a run."""
        found = self._runs.get(settings.fingerprint)
        if found is None:
            found = judge_cohort(self.cohort, settings, tuple(self.carried))
            self._runs[settings.fingerprint] = found
        return found

    @property
    def _beyond_experimental(self) -> float:
        """Survival in the experimental arm at the longest follow-up."""
        death = self.follow_up.death
        hazard = death.hazard.times(self._ratios()[0])
        alive: Floats = np.exp(-hazard.cumulative(np.array([death.curve.last_months])))
        return float(death.curve.beyond if self.null else alive[0])

    @cached_property
    def _runs(self) -> dict[str, CohortJudged]:
        return {}

    @cached_property
    def _digest(self) -> str:
        found = hashlib.sha256()
        for name, table in self.cohort.tables.items():
            found.update(f"{name}\n{table.write_ndjson()}".encode())
        return found.hexdigest()
