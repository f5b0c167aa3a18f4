"""What all generators of this package share: the funnel, assessments, strata and provenance."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter
from debulk.trials.generators.decisions import VISIT
from debulk.trials.generators.draws import unit_numbers
from debulk.trials.generators.hazards import Steps
from debulk.trials.generators.strata import PrognosticFactor, checked_strata, factors_of, levels_of
from debulk.trials.randomisation.checks import number, whole
from debulk.trials.recruitment.covariates import CENTRE
from debulk.trials.recruitment.generator import PatientGenerator, Recruitment
from debulk.trials.recruitment.plain_funnel import pass_funnel, registered_patients
from debulk.trials.recruitment.randomised import Randomised

if TYPE_CHECKING:
    from debulk.patients import Criterion
    from debulk.protocols import FunnelStep, Protocol
    from debulk.trials.recruitment.plain_funnel import Known
    from debulk.trials.running.settings import TrialSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Self = TypeVar("Self", bound="GeneratedPatients")

MOST_REGISTERED = 1_000_000
VISITS_MONTHS = 2.0
CHOSEN = "chosen by the user"


@dataclass(frozen=True)
class People:
    """Some patients, by whom everything about them is drawn.

    Attributes
    ----------
    seed : int
    trial, patient : int arrays
    factor : float64 array
        Of their strata, on every hazard.
    """

    seed: int
    trial: npt.NDArray[np.int32]
    patient: Ints
    factor: Floats

    def units(self, decision: np.uint64) -> Floats:
        """Uniform numbers, one a patient.

        Parameters
        ----------
        decision : numpy.uint64
        """
        return unit_numbers(self.seed, self.trial, self.patient, decision, 0)

    def amounts(self, decision: np.uint64) -> Floats:
        """Cumulative hazard at which it happens, the strata's factors aside: one a patient.

        Parameters
        ----------
        decision : numpy.uint64
        """
        amounts: Floats = -np.log(self.units(decision)) / self.factor
        return amounts


@dataclass(frozen=True)
class Courses:
    """Both courses of some patients; infinite is never.

    Attributes
    ----------
    death_control, progression_control, death_experimental, progression_experimental : arrays
        Months from randomisation; progression is infinite where death comes first.
    salvage_months, death_salvage : arrays or None
        As in `Randomised`.
    """

    death_control: Floats
    progression_control: Floats
    death_experimental: Floats
    progression_experimental: Floats
    salvage_months: Floats | None = None
    death_salvage: Floats | None = None


@dataclass(frozen=True, eq=False)
class GeneratedPatients(PatientGenerator):
    """Patients whose deaths and progressions are drawn from something other than the disease model.

    Derive from it and give `follow`, `numbers` and `kind`. One set of random numbers a patient
    serves both arms.

    Attributes
    ----------
    registered : int
        Patients who come to the front of the funnel of each trial, uniformly over the accrual.
    visit_interval_months : float
        Between assessments, the first at a random moment of the first interval. Progression times
        are those at which it is found; between assessments nobody is known to be progression-free.
    strata : sequence of PrognosticFactor
        Characteristics with their own hazards.
    source : str
        Where the numbers come from; each is reported with it.
    null : bool
        The control arm's course in both arms.
    """

    registered: int
    visit_interval_months: float = field(default=VISITS_MONTHS, kw_only=True)
    strata: Sequence[PrognosticFactor] = field(default=(), kw_only=True)
    source: str = field(default=CHOSEN, kw_only=True)
    null: bool = field(default=False, kw_only=True)

    kind = "generated"

    def __post_init__(self) -> None:
        whole(self.registered, "registered", 1, MOST_REGISTERED)
        number(self.visit_interval_months, "visit_interval_months", 0.0, 120.0, above=True)
        checked_strata(self.strata)
        if not isinstance(self.source, str) or not self.source.strip():
            raise InputError("source", f"{self.source!r:.60} is no text", "Say where it comes from")
        if not isinstance(self.null, bool):
            raise InputError("null", f"{self.null!r:.60} is neither true nor false", "Leave it out")

    @property
    def features(self) -> bool:  # type: ignore[override]
        """Whether its patients have characteristics."""
        return bool(self.strata)

    @abstractmethod
    def follow(self, settings: TrialSettings, people: People) -> Courses:
        """Courses of some patients in both arms; the null world is seen to by `recruit`.

        Parameters
        ----------
        settings : TrialSettings
            The protocol.
        people : People
            The patients.
        """

    @abstractmethod
    def numbers(self) -> list[tuple[str, Any, str, str]]:
        """Every number of its own: name, plain value, unit, note."""

    def recruit(
        self, settings: TrialSettings, first_trial: int, trials: int, *, keep_refusers: bool = False
    ) -> Recruitment:
        """See `PatientGenerator.recruit`."""
        passed = pass_funnel(
            settings,
            first_trial,
            trials,
            registered=self.registered,
            keep_refusers=keep_refusers,
            known=self.known(settings, first_trial, trials),
        )
        trial, patient, seed = passed.trial, passed.patient, settings.seed
        levels = levels_of(self.strata, seed, trial, patient)
        factor = factors_of(self.strata, levels, trial.size)
        courses = self.follow(settings, People(seed, trial, patient, factor))
        other = (courses.death_experimental, courses.progression_experimental)
        if self.null:
            other = (courses.death_control, courses.progression_control)
        nothing, none = np.full(trial.size, np.nan), np.zeros(trial.size, np.int64)
        interval = float(self.visit_interval_months)
        randomised = Randomised(
            trial=trial,
            patient=patient,
            order=passed.order,
            randomised_months=passed.arrival_months,
            death_control=courses.death_control,
            progression_control=courses.progression_control,
            death_experimental=other[0],
            progression_experimental=other[1],
            local_months=nothing,
            visible=none,
            treated=none,
            died_within_90_days=np.zeros(trial.size, np.bool_),
            systemic_days_lost_control=nothing,
            systemic_days_lost_experimental=nothing,
            visit_phase_months=interval * unit_numbers(seed, trial, patient, VISIT, 0),
            visit_interval_months=np.full(trial.size, interval),
            consents=passed.consents,
            centre=passed.centre,
            covariates=self.covariates(settings, trial, patient),
        )
        if courses.salvage_months is not None and courses.death_salvage is not None:
            # In the null world local treatment does nothing, after progression as before it.
            death = courses.death_control if self.null else courses.death_salvage
            randomised = replace(
                randomised, salvage_months=courses.salvage_months, death_salvage=death
            )
        return Recruitment(randomised, passed.counts)

    def known(self, settings: TrialSettings, first_trial: int, trials: int) -> Known | None:
        """What the funnel may ask of the registered patients; None for nothing.

        Parameters
        ----------
        settings : TrialSettings
        first_trial, trials : int
        """
        if not any(step.leanings for step in settings.protocol.funnel):
            return None
        people = registered_patients(first_trial, trials, self.registered)
        return _StrataKnown(levels_of(self.strata, settings.seed, *people))

    def covariates(
        self, settings: TrialSettings, trial: npt.NDArray[np.int32], patient: Ints
    ) -> dict[str, Floats]:
        """Characteristics of the randomised, as numbers.

        Parameters
        ----------
        settings : TrialSettings
        trial, patient : int arrays
        """
        levels = levels_of(self.strata, settings.seed, trial, patient)
        return {name: each.astype(np.float64) for name, each in levels.items()}

    def null_world(self: Self) -> Self:
        """The same patients, with the control arm's course in both arms."""
        return replace(self, null=True)

    def identity(self) -> Mapping[str, Any]:
        """Kind, null world and every number."""
        return {
            "kind": self.kind,
            "null": self.null,
            "numbers": {name: value for name, value, _, _ in self._all_numbers()},
        }

    def parameters(self, protocol: Protocol) -> tuple[Parameter, ...]:
        """Every number, with the source that the user gave."""
        return tuple(self._parameter(*each) for each in self._all_numbers())

    def check(self, settings: TrialSettings) -> None:
        """Refuse what the protocol asks and these patients do not have."""
        super().check(settings)
        protocol = settings.protocol
        file = protocol.source_name or protocol.name
        if not self.features:
            return
        for name in protocol.conduct.randomisation.strata:
            if name != CENTRE:
                self.check_characteristic(settings, name, f"{file}, conduct.randomisation.strata")
        for step in protocol.funnel:
            for leaning in step.leanings:
                where = f"{file}, funnel.{step.step}.leanings"
                self.check_characteristic(settings, leaning.feature, where, leaning=True)

    def check_characteristic(
        self, settings: TrialSettings, name: str, where: str, *, leaning: bool = False
    ) -> None:
        """Refuse a characteristic that these patients do not have.

        Parameters
        ----------
        settings : TrialSettings
        name : str
        where : str
            The protocol's file and field.
        leaning : bool
            Whether its size matters, not only its levels.
        """
        known = [each.name for each in self.strata]
        if name not in known:
            raise InputError(where, f"{self.name} have no {name!r}", nearest(name, known))

    def _all_numbers(self) -> list[tuple[str, Any, str, str]]:
        found = [("registered", int(self.registered), "patients a trial", ""), *self.numbers()]
        note = "assessments; every two months unless said otherwise"
        found.append(("visit_interval_months", float(self.visit_interval_months), "months", note))
        for stratum in self.strata:
            levels = [[float(share), float(factor)] for share, factor in stratum.levels]
            note = "share and factor on all hazards of each level"
            found.append((f"strata.{stratum.name}", levels, "", note))
        return found

    def _parameter(self, name: str, value: Any, unit: str, note: str) -> Parameter:
        path = f"patients.{name}"
        if name == "visit_interval_months" and value == VISITS_MONTHS:
            return Parameter(path, value, "default", "assumption", note, unit)
        return Parameter(path, value, "chosen", self.source, note, unit)


@dataclass(frozen=True)
class _StrataKnown:
    """Registered patients of whom the strata are known, and nothing else."""

    levels: Mapping[str, Ints]

    def features(self, step: FunnelStep, rows: Ints) -> pl.DataFrame:
        return pl.DataFrame({name: each[rows] for name, each in self.levels.items()})

    def judge(self, criterion: Criterion, rows: Ints) -> tuple[Truths, Truths]:
        everybody = np.ones(rows.size, np.bool_)
        return everybody, everybody


def before_death(progression: Floats, death: Floats) -> Floats:
    """Progression, infinite where death comes first.

    Parameters
    ----------
    progression, death : float64 arrays
        Months.
    """
    return np.where(progression < death, progression, np.inf)


def shown(steps: Steps | None) -> float | list[list[float]] | None:
    """A step function as plain numbers; None stays None.

    Parameters
    ----------
    steps : Steps or None
    """
    return None if steps is None else steps.plain()
