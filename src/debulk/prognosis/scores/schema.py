"""What a score's file may hold, checked field by field before anything is computed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Points = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Months = Annotated[float, Field(gt=0, le=1200, allow_inf_nan=False)]
Judged = Literal["before local treatment", "after local treatment"]


class Part(BaseModel):
    """Part of a file: no field that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceEntry(Part):
    """Where something is published: a row of the evidence, an identifier or an address."""

    says: Text
    key: str = ""
    doi: str = ""
    pmid: str = ""
    address: str = ""

    @model_validator(mode="after")
    def _somewhere(self) -> SourceEntry:
        if not (self.key or self.doi or self.pmid or self.address):
            raise ValueError("give a key, a doi, a pmid or an address")
        return self


class LevelEntry(Part):
    """Points given where a rule is true."""

    points: Points
    rule: Text


class ItemEntry(Part):
    """One item: levels of points, or a value that is the points."""

    id: Name
    text: Text
    judged: Judged = "before local treatment"
    levels: list[LevelEntry] = []
    value: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> ItemEntry:
        if bool(self.levels) == bool(self.value):
            raise ValueError("give either levels or a value")
        return self


class GroupEntry(Part):
    """A risk group and its fewest points."""

    name: Text
    least: Points


class InputEntry(Part):
    """A column of the patients table that the score needs beyond those with a meaning."""

    name: Name
    text: Text
    kind: Literal["truth", "number", "words"]
    words: list[Text] = []

    @model_validator(mode="after")
    def _words(self) -> InputEntry:
        if (self.kind == "words") != bool(self.words):
            raise ValueError("words are given with kind: words, and only then")
        return self


class PopulationEntry(Part):
    """Patients the score was made in, and a rule that tells who belongs to them."""

    text: Text
    within: str = ""


class PublishedEntry(Part):
    """Survival that was published for a group, or for some points."""

    measure: Literal["survival", "median_months"]
    value: Annotated[float, Field(ge=0, le=1200, allow_inf_nan=False)]
    months: Months | None = None
    outcome: Text = "overall survival"
    group: str = ""
    points: Points | None = None
    source: SourceEntry

    @model_validator(mode="after")
    def _fits(self) -> PublishedEntry:
        if (self.measure == "survival") != (self.months is not None):
            raise ValueError("months belong to a share alive, and to nothing else")
        if self.measure == "survival" and self.value > 1:
            raise ValueError("a share alive runs from 0 to 1")
        if bool(self.group) == (self.points is not None):
            raise ValueError("give either a group or points")
        return self


class ScoreFile(Part):
    """A score."""

    name: Name
    title: Text
    year: int | None = None
    sources: Annotated[list[SourceEntry], Field(min_length=1)]
    population: PopulationEntry
    outcome: Text
    horizon_months: Months
    items: Annotated[list[ItemEntry], Field(min_length=1)]
    groups: list[GroupEntry] = []
    published: list[PublishedEntry] = []
    inputs: list[InputEntry] = []
    unknown: Text
    notes: list[Text] = []

    @model_validator(mode="after")
    def _consistent(self) -> ScoreFile:
        least = [each.least for each in self.groups]
        if least != sorted(set(least)) or (least and least[0] != 0):
            raise ValueError("groups begin at 0 points and rise")
        for names in ([each.id for each in self.items], [each.name for each in self.groups]):
            if len(set(names)) < len(names):
                raise ValueError("two items or two groups have one name")
        known = {each.name for each in self.groups} | {"all", ""}
        for entry in self.published:
            if entry.group not in known:
                raise ValueError(f"survival is published for {entry.group!r}, which is no group")
        return self


class WantedEntry(Part):
    """A score that is wanted: what is missing, and where it was published."""

    name: Name
    title: Text
    missing: Text
    source: SourceEntry


class WantedFile(Part):
    """Scores that are wanted."""

    wanted: list[WantedEntry]
