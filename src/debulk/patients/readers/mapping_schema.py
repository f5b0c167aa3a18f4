"""What a mapping file may hold, checked field by field before any table is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _as_text(value: object) -> object:
    """A code written as a number or a truth is the text that stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


Code = Annotated[str, BeforeValidator(_as_text)]
Codes = Annotated[list[Code], BeforeValidator(_as_list)]
Formats = Annotated[list[str], BeforeValidator(_as_list)]


class Part(BaseModel):
    """Part of a mapping file: no field that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnEntry(Part):
    """Where a column of the cohort comes from, and how its values are written there.

    `from`: the source's column; or `value`: the same word in every row. `date: true` or formats:
    a date, turned into months from time zero.
    """

    source: str | None = Field(default=None, alias="from")
    value: Code | None = None
    unit: str | None = None
    codes: dict[Code, Code] | None = None
    date: bool | Formats = False

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnEntry:
        if (self.source is None) == (self.value is None):
            raise ValueError("give either from: or value:")
        if self.date and (self.unit or self.codes):
            raise ValueError("a date has neither unit nor codes")
        return self


class SourceEntry(Part):
    """A file, the rows of it that are meant, and the columns taken from them."""

    file: str
    sheet: str | None = None
    encoding: Literal["utf-8", "latin-1", "latin-2", "utf-16"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] = "."
    where: dict[str, Codes] = Field(default_factory=dict)
    duplicates: Literal["refuse", "first", "latest"] = "refuse"
    latest_by: str | None = None
    columns: dict[str, ColumnEntry]

    @model_validator(mode="after")
    def _decidable(self) -> SourceEntry:
        if (self.duplicates == "latest") != (self.latest_by is not None):
            raise ValueError("duplicates: latest goes with latest_by: a date column")
        return self


class ZeroEntry(Part):
    """The date that times count from: a column of a file, and what it means."""

    file: str
    patient: str
    date: str
    meaning: str
    formats: Formats = Field(default_factory=list)
    sheet: str | None = None
    encoding: Literal["utf-8", "latin-1", "latin-2", "utf-16"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    where: dict[str, Codes] = Field(default_factory=dict)


class MappingFile(Part):
    """A mapping file: where each table of the cohort comes from."""

    name: str
    time_zero: ZeroEntry | str
    missing: Codes = Field(default_factory=list)
    dates: Formats = Field(default_factory=list)
    tables: dict[str, SourceEntry | list[SourceEntry]]
