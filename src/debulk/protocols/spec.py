"""A trial's protocol: who, when randomised, which arms, which endpoints, what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter
from debulk.core.results import plain
from debulk.patients import Criterion
from debulk.protocols.emulation_plan import EmulationPlan
from debulk.protocols.plans import (
    Applicability,
    CentrePlan,
    Leaning,
    Monitoring,
    PlannedPatients,
    Randomisation,
    SystemicPlan,
    Utilities,
)

StepKind = Literal["drawn", "criteria", "chance", "randomised"]
"""What a step of the funnel does: everybody, a set of criteria, a chance, randomisation."""

EndpointName = Literal[
    "os", "pfs", "quality_adjusted", "q_twist", "days_off_chemotherapy", "complications"
]
"""Overall and progression-free survival, quality-adjusted survival, time without symptoms and
toxicity, days without chemotherapy, complications by Clavien-Dindo grade."""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step on the way from the first patient seen to randomisation.

    Attributes
    ----------
    step : str
        Short name.
    text : str
        What it says in a diagram.
    kind : {"drawn", "criteria", "chance", "randomised"}
        What decides who goes on.
    criteria : tuple of str
        Identifiers of the criteria that must all be met, for kind "criteria".
    chance : float or None
        Probability of going on, for kind "chance".
    leanings : tuple of Leaning
        How that probability depends on the patient.
    consent : bool
        Whether the chance is consent to randomisation itself, which other designs ask for at
        another moment or not at all.
    stands_for : tuple of str
        Criteria that the chance stands for in a simulation, where nobody can be asked.
    """

    step: str
    text: str
    kind: StepKind
    criteria: tuple[str, ...] = ()
    chance: float | None = None
    leanings: tuple[Leaning, ...] = ()
    consent: bool = False
    stands_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Induction:
    """One regimen of the run-in: its card, its number of cycles, the share who get it."""

    regimen: str
    cycles: int
    share: float


@dataclass(frozen=True, slots=True)
class Strategy:
    """What an arm does: local treatment, and its systemic therapy where the arms differ in it.

    Attributes
    ----------
    local_treatment : bool
        Whether metastases are treated locally.
    minimum_share : float
        Share of lesions the protocol wants treated at least; results count who had it. It keeps
        nobody out of the trial and stops no treatment: that is for criteria to do.
    start_after_months : float
        Time from randomisation to the first procedure.
    delivered : float
        Probability that a patient who is still fit and free of progression is treated.
    targets : tuple of str
        Organs whose metastases are treated; empty is every organ.
    modalities : tuple of str
        Cards that may be used; empty is every card of debulking.
    systemic : SystemicPlan or None
        None, in both arms or in neither: lines of therapy from the first day on.
    """

    local_treatment: bool
    minimum_share: float = 0.0
    start_after_months: float = 0.0
    delivered: float = 1.0
    targets: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    systemic: SystemicPlan | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: its name, its title, its strategy."""

    name: str
    title: str
    strategy: Strategy


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is measured, from randomisation; one of `EndpointName`."""

    name: EndpointName
    title: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Estimand:
    """The question in the terms of ICH E9 (R1)."""

    population: str
    treatments: str
    endpoint: str
    intercurrent_events: str
    summary: str
    tau_months: float


@dataclass(frozen=True, slots=True)
class Design:
    """What the trial planned.

    Attributes
    ----------
    planned_patients : int
    power, alpha : float
        Alpha is the total at `sided`.
    sided : int
        1 or 2.
    goal : str
        The effect hoped for, in words.
    events : int or None
        Events of the primary endpoint at the last analysis; None leaves it to the cut-off.
    test : str
        A test of `debulk.survival`: ``logrank``, ``stratified-logrank``,
        ``fleming-harrington:RHO,GAMMA``, ``modestly-weighted:MONTHS``, ``max-combo``,
        ``rmst:MONTHS`` or ``milestone:MONTHS``.
    monitoring : Monitoring or None
        Looks before the last analysis.
    null_ratio : float
        Hazard ratio of the hypothesis to reject; above 1 it is a margin of non-inferiority, below
        1 more than superiority is to be shown. Other than 1 it needs a log-rank test, stratified
        or not, whose place the Wald test of a Cox model against this ratio takes.
    """

    planned_patients: int
    power: float
    alpha: float
    sided: int
    goal: str
    events: int | None
    test: str = "logrank"
    monitoring: Monitoring | None = None
    null_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a trial runs over calendar time.

    Attributes
    ----------
    accrual_months : float
        Time during which patients come, uniformly.
    people_with_bowel_cancer : int
        People diagnosed with bowel cancer in the trial's catchment over that time; those who
        come to metastatic disease are the front of the funnel.
    allocation : float
        Experimental to control.
    block_size : int
        Patients in a permuted block.
    withdrawn : float
        Share of the experimental arm who refuse what they were assigned.
    crossed_over : float
        Share of the control arm who get the experimental treatment.
    lost_per_year : float
        Probability of being lost to follow-up in 12 months.
    cutoff_months : float
        Calendar time of the analysis, from the first patient seen.
    randomisation : Randomisation
        The method; `block_size` is the first of its block sizes.
    centres : CentrePlan or None
        None: one centre.
    salvage : float
        Share of the control arm who get the experimental arm's local treatment after progression.
    missed_visits : float
        Probability that an assessment is missed; progression is then found at a later one.
    drug_era : float
        Factor of the disease model on the kill of every line: 1 is modern doublets.
    secondary_resection, repeat_resection : float
        Chance, relative to the disease model's, of a resection outside the arms: of a responder
        with few lesions left, and at a limited recurrence.
    """

    accrual_months: float
    people_with_bowel_cancer: int
    allocation: float
    block_size: int
    withdrawn: float
    crossed_over: float
    lost_per_year: float
    cutoff_months: float
    randomisation: Randomisation = field(default_factory=Randomisation)
    centres: CentrePlan | None = None
    salvage: float = 0.0
    missed_visits: float = 0.0
    drug_era: float = 1.0
    secondary_resection: float = 0.0
    repeat_resection: float = 0.0


@dataclass(frozen=True)
class Protocol:
    """A trial protocol, ready to be run, emulated or matched.

    Attributes
    ----------
    name, title, question : str
        How it is called and what it asks.
    registrations : tuple of str
        Numbers in trial registries.
    published_as : str
        Acronym under which the evidence table holds its result; empty if none.
    version : str
        The wording in force where registries disagree; one of `versions`.
    versions : mapping of str to str
        The versions and what sets each apart.
    criteria : mapping of str to Criterion
        Requirements by identifier.
    funnel : tuple of FunnelStep
        Steps in the protocol's own order.
    run_in : tuple of Induction
        Systemic therapy before randomisation; empty when there is none. Where it is empty and the
        arms do not say their systemic therapy, line 1 begins one step of 21 days before.
    arms : tuple of Arm
        The control arm first.
    endpoints, estimand, design, conduct
        See the classes.
    applicability : Applicability
        How far the disease model can stand for this trial.
    planned : PlannedPatients or None
        Patients drawn from the plan instead of from the disease model.
    utilities : Utilities or None
        Worth of each state, for quality-adjusted endpoints.
    emulation : EmulationPlan or None
        How the question is put to a registry.
    parameters : tuple of Parameter
        Every number with its status and source.
    source_name : str
        Name of the file it was read from, without its folder.
    sha256 : str
        Of that file's bytes.
    """

    name: str
    title: str
    question: str
    registrations: tuple[str, ...]
    published_as: str
    version: str
    versions: Mapping[str, str]
    criteria: Mapping[str, Criterion]
    funnel: tuple[FunnelStep, ...]
    run_in: tuple[Induction, ...]
    arms: tuple[Arm, ...]
    endpoints: tuple[Endpoint, ...]
    estimand: Estimand
    design: Design
    conduct: Conduct
    applicability: Applicability = field(default_factory=Applicability)
    planned: PlannedPatients | None = None
    utilities: Utilities | None = None
    emulation: EmulationPlan | None = None
    criteria_sources: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    source_name: str = ""
    sha256: str = ""

    @property
    def control(self) -> Arm:
        """The control arm."""
        return self.arms[0]

    @property
    def experimental(self) -> Arm:
        """The arm held against the control."""
        return self.arms[1]

    @property
    def systemic_by_arm(self) -> bool:
        """Whether the arms say their systemic therapy."""
        return any(each.strategy.systemic is not None for each in self.arms)

    @property
    def planned_share(self) -> float:
        """Share of randomised patients allocated to the experimental arm."""
        return self.conduct.allocation / (1.0 + self.conduct.allocation)

    def criterion(self, identifier: str) -> Criterion:
        """One criterion by its identifier.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        if identifier not in self.criteria:
            raise InputError(
                f"protocol {self.name}",
                f"no criterion {identifier!r}",
                nearest(identifier, self.criteria),
            )
        return self.criteria[identifier]

    def sources(self) -> dict[str, str]:
        """Each part that cites evidence, and the keys it cites joined by ``;``."""
        cited = {f"criteria.{name}": key for name, key in self.criteria_sources.items() if key}
        cited |= {each.name: each.source for each in self.parameters if each.source}
        return cited

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "registrations": list(self.registrations),
            "version": self.version,
            "versions": dict(self.versions),
            "criteria": [plain(each) for each in self.criteria.values()],
            "funnel": [plain(each) for each in self.funnel],
            "run_in": [plain(each) for each in self.run_in],
            "arms": [plain(each) for each in self.arms],
            "endpoints": [plain(each) for each in self.endpoints],
            "estimand": plain(self.estimand),
            "design": plain(self.design),
            "conduct": plain(self.conduct),
            "applicability": plain(self.applicability),
            "planned": plain(self.planned),
            "utilities": plain(self.utilities),
            "emulation": plain(self.emulation),
            "parameters": [plain(each) for each in self.parameters],
        }
