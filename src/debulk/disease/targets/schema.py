"""What the file of targets may say."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class TargetModel(BaseModel):
    """One target of the file; see `debulk.disease.targets.table.Target`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=3)
    theme: str = Field(min_length=3)
    cohort: str
    arms: list[str] = Field(default_factory=list, max_length=2)
    measure: str
    months: float | None = Field(default=None, gt=0.0)
    unit: Literal["share", "months", "days", "cm", "ratio", "points"]
    evidence: list[str] = Field(default_factory=list)
    assumption: str | None = None
    soft: bool = False
    published: float | None = None
    of: int | None = Field(default=None, gt=0)
    difference: bool = False
    lower: float | None = None
    upper: float | None = None
    printed: str | None = None
    between: list[str] | None = Field(default=None, min_length=2)
    interval: Literal["source", "10%"] | dict[str, float] | None = None
    scale: Literal["log", "logit", "identity"]
    group: str | None = None
    informs: str | None = None

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        if bool(self.evidence) == bool(self.assumption):
            raise ValueError(f"{self.name}: give evidence, or say which assumption it is")
        typed = self.lower is not None or self.upper is not None
        if typed + (self.between is not None) + (self.interval is not None) != 1:
            raise ValueError(f"{self.name}: give one of interval, between, lower and upper")
        if typed and self.printed is None and not self.assumption:
            raise ValueError(f"{self.name}: limits typed in need printed: with words of the row")
        if isinstance(self.interval, dict) and len(self.interval) != 1:
            raise ValueError(f"{self.name}: interval takes one rule and its number")
        return self


class TableModel(BaseModel):
    """The file of targets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    targets: list[TargetModel] = Field(min_length=1)
