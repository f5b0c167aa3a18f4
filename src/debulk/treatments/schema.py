"""The YAML form of the cards: what a file may hold, and how it becomes a card."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from debulk.core.anatomy import ORGANS
from debulk.core.errors import nearest
from debulk.core.provenance import Status
from debulk.treatments.cards import (
    NUMBERS,
    Approach,
    BySize,
    Kind,
    Modality,
    NearVessel,
    OrganRule,
    Panel,
    Session,
    Sourced,
)
from debulk.treatments.regimens import Addition, Outcome, Regimen

LIMITS: dict[str, tuple[float, float]] = {
    "max_diameter_mm": (1.0, 300.0),
    "mortality_90_days": (0.0, 1.0),
    "major_complication": (0.0, 1.0),
    "pause_before_days": (0.0, 365.0),
    "pause_after_days": (0.0, 365.0),
    "resume_probability": (0.0, 1.0),
    "surge": (0.0, 1.0),
    "recovery_weeks": (0.0, 52.0),
    "max_lesions": (1.0, 200.0),
    "local_control": (0.0, 1.0),
    "remnant_use": (0.0, 1.0),
    "minimal_remnant": (0.01, 1.0),
    "sigma_liver_only": (0.0, 3.0),
    "sigma_more_sites": (0.0, 3.0),
    "cycle_days": (1.0, 84.0),
    "kill_factor": (0.0, 10.0),
    "response_rate": (0.0, 1.0),
    "early_shrinkage": (0.0, 1.0),
    "pfs_months": (0.0, 120.0),
    "os_months": (0.0, 240.0),
}
"""Smallest and largest value of each number, ends included."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _SourcedModel(_Strict):
    source: str = Field(min_length=1)
    note: str = ""
    unit: str = ""
    derived: bool = False

    def status(self) -> Status:
        """Whether the value was derived from its sources or found there."""
        return "derived" if self.derived else "default"

    @model_validator(mode="after")
    def _explained(self) -> _SourcedModel:
        parts = [each.strip() for each in self.source.split(";")]
        if "assumption" in parts and len(parts) > 1:
            raise ValueError("an assumption has no other source; name the rows alone")
        if "user" in parts or not all(parts):
            raise ValueError("give keys of evidence rows joined by ';', or write assumption")
        if parts != ["assumption"] and not all(":" in each for each in parts):
            raise ValueError("a key reads table:row/field; for a number without one: assumption")
        if (parts == ["assumption"] or self.derived) and not self.note.strip():
            raise ValueError("add a note: why this was assumed or how it was derived")
        return self


class NumberModel(_SourcedModel):
    """A number with its source."""

    value: float = Field(allow_inf_nan=False)

    def entry(self) -> Sourced[float]:
        """Turn it into what the program works with."""
        return Sourced(float(self.value), self.source, self.note, self.unit, self.status())


class NearVesselModel(_SourcedModel):
    """How a modality fares beside a large vessel, with its source."""

    value: NearVessel

    def entry(self) -> Sourced[str]:
        """Turn it into what the program works with."""
        word: str = self.value
        return Sourced(word, self.source, self.note, self.unit, self.status())


def _within(name: str) -> AfterValidator:
    low, high = LIMITS[name]

    def check(number: NumberModel) -> NumberModel:
        if not low <= number.value <= high:
            raise ValueError(f"value must lie between {low:g} and {high:g}")
        return number

    return AfterValidator(check)


def _organ(name: str) -> str:
    if name not in ORGANS or name == "primary":
        raise ValueError(f"unknown organ {name!r}. {nearest(name, ORGANS[:-1])}")
    return name


Organ = Annotated[str, AfterValidator(_organ)]
Control = Annotated[NumberModel, _within("local_control")]
Use = Annotated[NumberModel, _within("remnant_use")]


class ControlModel(_Strict):
    """Local control by size class."""

    up_to_20_mm: Control
    over_20_to_30_mm: Control
    over_30_to_50_mm: Control
    over_50_mm: Control

    @model_validator(mode="after")
    def _falls(self) -> ControlModel:
        values = [each.value for each in self.entries()]
        if sorted(values, reverse=True) != values:
            raise ValueError("local control may not rise with size")
        return self

    def entries(self) -> BySize:
        """The four entries in the order of size."""
        return _four(self)


class UseModel(_Strict):
    """Share of the liver taken, by size class."""

    up_to_20_mm: Use
    over_20_to_30_mm: Use
    over_30_to_50_mm: Use
    over_50_mm: Use

    @model_validator(mode="after")
    def _rises(self) -> UseModel:
        values = [each.value for each in self.entries()]
        if sorted(values) != values:
            raise ValueError("the share of the liver taken may not fall with size")
        return self

    def entries(self) -> BySize:
        """The four entries in the order of size."""
        return _four(self)


def _four(model: ControlModel | UseModel) -> BySize:
    return (
        model.up_to_20_mm.entry(),
        model.over_20_to_30_mm.entry(),
        model.over_30_to_50_mm.entry(),
        model.over_50_mm.entry(),
    )


class ModalityModel(_Strict):
    """A modality card as a file holds it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    approaches: list[Approach] = Field(min_length=1)
    kind: Kind
    session: Session
    joins_operation: bool = False
    debulking: bool
    whole_organ: bool = False
    near_vessel: NearVesselModel
    max_diameter_mm: Annotated[NumberModel, _within("max_diameter_mm")]
    mortality_90_days: Annotated[NumberModel, _within("mortality_90_days")]
    major_complication: Annotated[NumberModel, _within("major_complication")]
    pause_before_days: Annotated[NumberModel, _within("pause_before_days")]
    pause_after_days: Annotated[NumberModel, _within("pause_after_days")]
    resume_probability: Annotated[NumberModel, _within("resume_probability")]
    surge: Annotated[NumberModel, _within("surge")]
    recovery_weeks: Annotated[NumberModel, _within("recovery_weeks")]
    max_lesions: dict[Organ, Annotated[NumberModel, _within("max_lesions")]] = Field(min_length=1)
    local_control: dict[Organ, ControlModel]
    remnant_use: UseModel | None = None
    minimal_remnant: Annotated[NumberModel, _within("minimal_remnant")] | None = None

    @model_validator(mode="after")
    def _coherent(self) -> ModalityModel:
        if set(self.max_lesions) != set(self.local_control):
            raise ValueError("max_lesions and local_control must name the same organs")
        if self.remnant_use is None and self.surge.value != 0.0:
            raise ValueError(
                "surge follows the share of the liver taken: give 0 without remnant_use"
            )
        if (self.remnant_use is None) != (self.minimal_remnant is None):
            raise ValueError("give remnant_use and minimal_remnant together or neither")
        return self

    def card(self) -> Modality:
        """Turn it into what the program works with."""
        numbers: dict[str, Any] = {name: getattr(self, name).entry() for name in NUMBERS}
        return Modality(
            name=self.name,
            title=self.title,
            approaches=tuple(self.approaches),
            kind=self.kind,
            session=self.session,
            joins_operation=self.joins_operation,
            debulking=self.debulking,
            whole_organ=self.whole_organ,
            near_vessel=self.near_vessel.entry(),
            max_lesions={organ: each.entry() for organ, each in self.max_lesions.items()},
            local_control={organ: each.entries() for organ, each in self.local_control.items()},
            remnant_use=None if self.remnant_use is None else self.remnant_use.entries(),
            minimal_remnant=None if self.minimal_remnant is None else self.minimal_remnant.entry(),
            **numbers,
        )


class OrganRuleModel(_Strict):
    """The order of modalities in one organ."""

    operation: str = ""
    otherwise: list[list[str]] = Field(default_factory=list, max_length=6)
    max_lesions: Annotated[NumberModel, _within("max_lesions")]


class PanelModel(_Strict):
    """The panel's card as a file holds it."""

    sigma_liver_only: Annotated[NumberModel, _within("sigma_liver_only")]
    sigma_more_sites: Annotated[NumberModel, _within("sigma_more_sites")]
    organs: dict[Organ, OrganRuleModel]

    def card(self) -> Panel:
        """Turn it into what the program works with."""
        organs = {
            organ: OrganRule(
                rule.operation,
                tuple(tuple(each) for each in rule.otherwise),
                rule.max_lesions.entry(),
            )
            for organ, rule in self.organs.items()
        }
        return Panel(self.sigma_liver_only.entry(), self.sigma_more_sites.entry(), organs)


class OutcomeModel(_Strict):
    """What trials reported in one line."""

    response_rate: Annotated[NumberModel, _within("response_rate")] | None = None
    early_shrinkage: Annotated[NumberModel, _within("early_shrinkage")] | None = None
    pfs_months: Annotated[NumberModel, _within("pfs_months")] | None = None
    os_months: Annotated[NumberModel, _within("os_months")] | None = None

    def outcome(self) -> Outcome:
        """Turn it into what the program works with."""
        return Outcome(
            *(
                None if each is None else each.entry()
                for each in (
                    self.response_rate,
                    self.early_shrinkage,
                    self.pfs_months,
                    self.os_months,
                )
            )
        )


Line = Annotated[int, Field(ge=1, le=5)]


class VariantModel(_Strict):
    """A backbone alone or with one addition."""

    title: str = Field(min_length=1)
    lines: list[Line] = Field(min_length=1)
    requires_ras_wild_type: bool
    kill_factor: Annotated[NumberModel, _within("kill_factor")]
    outcomes: dict[Line, OutcomeModel] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _coherent(self) -> VariantModel:
        strange = sorted(set(self.outcomes) - set(self.lines))
        if strange:
            raise ValueError(f"outcomes of line {strange[0]}, in which it is not used")
        return self


class BackboneModel(_Strict):
    """A regimen card as a file holds it: one backbone and its variants."""

    backbone: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    cycle_days: Annotated[NumberModel, _within("cycle_days")]
    variants: dict[Addition, VariantModel] = Field(min_length=1)

    def cards(self) -> list[Regimen]:
        """Turn it into what the program works with, one card a variant."""
        return [
            Regimen(
                name=self.backbone if addition == "alone" else f"{self.backbone}_{addition}",
                title=variant.title,
                backbone=self.backbone,
                addition=addition,
                lines=tuple(sorted(set(variant.lines))),
                requires_ras_wild_type=variant.requires_ras_wild_type,
                cycle_days=self.cycle_days.entry(),
                kill_factor=variant.kill_factor.entry(),
                outcomes={
                    line: outcome.outcome() for line, outcome in sorted(variant.outcomes.items())
                },
            )
            for addition, variant in self.variants.items()
        ]


__all__ = [
    "LIMITS",
    "BackboneModel",
    "ModalityModel",
    "PanelModel",
]
