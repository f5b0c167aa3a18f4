"""What a protocol file may hold, checked field by field before anything runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from debulk.protocols.plans import Given
from debulk.protocols.spec import EndpointName

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_ .-]{0,59}$")]
CovariateName = Annotated[str, Field(pattern=r"^(log1p\()?[A-Za-z0-9][A-Za-z0-9_ .-]{0,59}\)?$")]


def _not_a_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("give a number, not true or false")
    return value


class Part(BaseModel):
    """Part of a protocol file: no field that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Number(Part):
    """A number with its source; an assumption says why."""

    value: Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_not_a_truth_value)]
    source: Text
    note: str = ""
    unit: str = ""

    @model_validator(mode="after")
    def _explained(self) -> Number:
        if self.source in ("assumption", "derived") and not self.note:
            raise ValueError(f"source is {self.source!r}: say why in note")
        return self


class CriterionEntry(Part):
    """A requirement; text and rule may differ by version."""

    id: Name
    text: Text | dict[str, Text]
    judged: Literal["at entry", "latest", "before randomisation"]
    rule: Text | dict[str, Text] | None = None
    assume: Literal["met"] | None = None
    because: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _decidable(self) -> CriterionEntry:
        if self.rule is None and self.assume is None:
            raise ValueError("give a rule, or assume: met with the reason in because")
        if self.assume is not None and not self.because:
            raise ValueError("assume: met needs its reason in because")
        return self


class LeaningEntry(Part):
    """How a chance depends on the patient."""

    feature: Name
    log_odds: Number
    reference: Number


class StepEntry(Part):
    """A step of the funnel."""

    step: Name
    kind: Literal["drawn", "criteria", "chance", "randomised"]
    text: Text
    criteria: list[str] = []
    chance: Number | None = None
    leanings: list[LeaningEntry] = []
    consent: bool = False
    stands_for: list[str] = []

    @model_validator(mode="after")
    def _complete(self) -> StepEntry:
        if (self.kind == "criteria") != bool(self.criteria):
            needs = "needs criteria" if self.kind == "criteria" else "takes no criteria"
            raise ValueError(f"step {self.step!r}, of kind {self.kind}, {needs}")
        if (self.kind == "chance") != (self.chance is not None):
            needs = "needs chance" if self.kind == "chance" else "takes no chance"
            raise ValueError(f"step {self.step!r}, of kind {self.kind}, {needs}")
        if (self.stands_for or self.leanings or self.consent) and self.kind != "chance":
            raise ValueError("stands_for, leanings and consent belong to steps of kind chance")
        if self.chance is not None and not 0.0 < self.chance.value <= 1.0:
            found = f"step {self.step!r}: chance is {self.chance.value:g}"
            raise ValueError(f"{found}; give a number above 0 and not above 1")
        return self


class InductionEntry(Part):
    """A regimen of the run-in."""

    regimen: Name
    cycles: Number
    share: Number


class SystemicEntry(Part):
    """The systemic therapy of an arm."""

    given: Given
    start_after_months: Number | None = None
    stop_after_months: Number | None = None
    regimen: Name | None = None
    source: Text
    note: str = ""

    @model_validator(mode="after")
    def _useful(self) -> SystemicEntry:
        if self.source in ("assumption", "derived") and not self.note:
            raise ValueError(f"source is {self.source!r}: say why in note")
        times = (self.start_after_months, self.stop_after_months)
        if self.given == "after progression" and any(each is not None for each in times):
            raise ValueError("start_after_months and stop_after_months belong to given: lines")
        return self


class ArmEntry(Part):
    """An arm."""

    name: Name
    title: Text
    local_treatment: bool
    minimum_share: Number | None = None
    start_after_months: Number | None = None
    delivered: Number | None = None
    targets: list[Name] = []
    modalities: list[Name] = []
    systemic: SystemicEntry | None = None

    @model_validator(mode="after")
    def _complete(self) -> ArmEntry:
        needed = ("minimum_share", "start_after_months", "delivered")
        missing = [name for name in needed if getattr(self, name) is None]
        if self.local_treatment and missing:
            raise ValueError(f"with local_treatment: true give {', '.join(missing)} too")
        alone = [name for name in needed if name not in missing]
        alone += [name for name in ("targets", "modalities") if getattr(self, name)]
        if not self.local_treatment and alone:
            raise ValueError(f"give {', '.join(alone)} only with local_treatment: true")
        return self


class EndpointEntry(Part):
    """An endpoint."""

    name: EndpointName
    title: Text
    primary: bool


class EstimandEntry(Part):
    """The estimand."""

    population: Text
    treatments: Text
    endpoint: Text
    intercurrent_events: Text
    summary: Text
    tau_months: Number


class MonitoringEntry(Part):
    """Looks before the last analysis."""

    information: Annotated[list[float], Field(min_length=1, max_length=20)]
    efficacy: Text
    futility: Text | None = None
    harm: Text | None = None
    harm_alpha: Number | None = None
    binding: bool = False
    source: Text
    note: str = ""


class DesignEntry(Part):
    """What was planned."""

    planned_patients: Number
    goal: Text
    power: Number
    alpha: Number
    sided: Literal[1, 2]
    events: Number | None = None
    test: Text = "logrank"
    null_ratio: Number | None = None
    monitoring: MonitoringEntry | None = None


class RandomisationEntry(Part):
    """How patients are allocated."""

    method: Literal["blocks", "minimisation", "simple"]
    block_sizes: list[int] = []
    strata: list[Name] = []
    probability: Number | None = None
    source: Text
    note: str = ""


class CentresEntry(Part):
    """Centres with their own accrual and skill."""

    number: Number
    size_variation: Number | None = None
    opening_months: Number | None = None
    skill_sd: Number | None = None
    learning_log_odds: Number | None = None
    learning_patients: Number | None = None


class ConductEntry(Part):
    """How the trial runs."""

    accrual_months: Number
    people_with_bowel_cancer: Number
    allocation: Number
    block_size: Number
    withdrawn: Number
    crossed_over: Number
    lost_per_year: Number
    cutoff_months: Number
    randomisation: RandomisationEntry | None = None
    centres: CentresEntry | None = None
    salvage: Number | None = None
    missed_visits: Number | None = None
    drug_era: Number | None = None
    secondary_resection: Number | None = None
    repeat_resection: Number | None = None


class ApplicabilityEntry(Part):
    """How far the disease model can stand for the trial."""

    level: Literal["full", "partial", "none"]
    missing: list[Text] = []

    @model_validator(mode="after")
    def _explained(self) -> ApplicabilityEntry:
        if (self.level == "full") == bool(self.missing):
            raise ValueError("partial and none say in missing what the model lacks; full does not")
        return self


class PlannedEntry(Part):
    """Patients drawn from the plan's own assumptions."""

    registered: Number
    median_os_months: Number
    hazard_ratio_os: Number
    median_pfs_months: Number
    hazard_ratio_pfs: Number
    visit_interval_months: Number


class UtilitiesEntry(Part):
    """Worth of a month in each state."""

    on_chemotherapy: Number
    off_chemotherapy: Number
    after_progression: Number
    recovery: Number


class EmulationEntry(Part):
    """How the question is put to a registry."""

    time_zero: Name
    grace_months: Number
    timing: Literal["natural", "uniform"]
    share: Literal["strategy", "any"] = "strategy"
    local_rule: Text | None = None
    outcome: Literal["os", "pfs"] = "os"
    covariates: list[CovariateName] = []
    eligible_while: Text | None = None
    response_after_months: Number | None = None
    event_causes: list[Text] = []
    source: Text
    note: str = ""

    @model_validator(mode="after")
    def _explained(self) -> EmulationEntry:
        if self.source in ("assumption", "derived") and not self.note:
            raise ValueError(f"source is {self.source!r}: say why in note")
        if self.response_after_months is not None and self.time_zero != "first-response":
            raise ValueError("response_after_months belongs to time_zero: first-response")
        return self


class ProtocolFile(Part):
    """A whole protocol file."""

    name: Name
    title: Text
    question: Text
    registrations: list[str] = []
    published_as: str = ""
    version: Name
    versions: Annotated[dict[str, str], Field(min_length=1)]
    criteria: Annotated[list[CriterionEntry], Field(min_length=1)]
    funnel: Annotated[list[StepEntry], Field(min_length=2)]
    run_in: list[InductionEntry] = []
    arms: Annotated[list[ArmEntry], Field(min_length=2, max_length=2)]
    endpoints: Annotated[list[EndpointEntry], Field(min_length=1)]
    estimand: EstimandEntry
    design: DesignEntry
    conduct: ConductEntry
    applicability: ApplicabilityEntry = ApplicabilityEntry(level="full")
    planned: PlannedEntry | None = None
    utilities: UtilitiesEntry | None = None
    emulation: EmulationEntry | None = None
