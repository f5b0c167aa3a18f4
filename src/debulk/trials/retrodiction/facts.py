"""What is packaged of each trial beside its protocol: its size, and how treatment was delivered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.core.yaml_files import YamlDocument, parse_yaml, validated
from debulk.evidence import ALLOWED_ROLES, finding, firewall_violations
from debulk.evidence.schema import Role

ALLOWED: frozenset[Role] = ALLOWED_ROLES | {"process"}
"""Roles that a prediction as delivered may rest on: everything but results of held-out trials."""

FILE = "retrodiction/trials.yaml"

Figure = Literal["treated_as_assigned", "treated_completely", "treated_80", "mortality_90_days"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Size(_Part):
    """Patients that a trial's published effect rests on."""

    value: int = Field(ge=2)
    source: str
    note: str = ""


class Reported(_Part):
    """One reported number: its unit, and what it is turned into."""

    value: float
    unit: Literal["share", "days", "weeks"]
    source: str
    of: float | None = None
    of_source: str = ""
    to: Literal["", "days", "months"] = ""
    less: str = ""

    @model_validator(mode="after")
    def _convertible(self) -> Reported:
        if (self.unit == "share") != (self.to == ""):
            raise ValueError("days and weeks say what they become in to; a share does not")
        return self

    @property
    def converted(self) -> float:
        """The number in the unit of what it changes; shares run from 0 to 1."""
        if self.unit == "share":
            return self.value / (100.0 if self.of is None else self.of)
        days = self.value * (7.0 if self.unit == "weeks" else 1.0)
        return days if self.to == "days" else days / DAYS_PER_MONTH

    @property
    def words(self) -> str:
        """As it was printed."""
        if self.of is not None:
            return f"{self.value:g} of {self.of:g}"
        return f"{self.value:g} %" if self.unit == "share" else f"{self.value:g} {self.unit}"


class Fact(_Part):
    """One fact of delivery, and the numbers of protocol or cards that it changes."""

    what: str
    numbers: list[str] = Field(min_length=1)
    how: Literal["set", "reach"]
    figure: Figure | None = None
    reported: Reported
    reasoning: str

    @model_validator(mode="after")
    def _complete(self) -> Fact:
        if (self.how == "reach") != (self.figure is not None):
            raise ValueError("how: reach names the simulated figure; how: set does not")
        return self


class TrialFacts(_Part):
    """What is packaged of one trial."""

    study: str
    patients: Size
    as_delivered: list[Fact] = []


class _File(_Part):
    posterior_sha256: str
    trials: list[TrialFacts]


@cache
def packaged_facts() -> Mapping[str, TrialFacts]:
    """What is packaged of each trial, by its name in the table of studies.

    Raises
    ------
    InputError
        If the file does not hold together, cites a held-out result, or a number is not that of
        the row it cites.
    """
    return facts_from(_text(), FILE)


@cache
def frozen_posterior_sha256() -> str:
    """Hash of the posterior sample that was frozen before the trials were predicted."""
    return validated(_File, parse_yaml(_text(), FILE)).posterior_sha256


def facts_from(text: str, name: str) -> dict[str, TrialFacts]:
    """Read and check facts of trials from the text of a file; see `packaged_facts`."""
    document = parse_yaml(text, name)
    content = validated(_File, document)
    found: dict[str, TrialFacts] = {}
    for place, each in enumerate(content.trials):
        if each.study in found:
            raise document.error(("trials", place), f"{each.study} comes twice", "Join them")
        found[each.study] = each
        _check_sources(each, document, place)
    return found


def _check_sources(facts: TrialFacts, document: YamlDocument, place: int) -> None:
    cited = [("patients", facts.patients.source, float(facts.patients.value))]
    for each in facts.as_delivered:
        cited.append((each.what, each.reported.source, each.reported.value))
        if each.reported.of is not None:
            source = each.reported.of_source or each.reported.source
            cited.append((each.what, source, each.reported.of))
    for what, key, value in cited:
        for broken in firewall_violations({what: key}, allow=ALLOWED):
            remedy = "Cite a row of role process, or take the fact away"
            raise document.error(("trials", place), f"{what} cites {key}: {broken.found}", remedy)
        if not _says(key, value):
            found = f"{what} is {value:g}, which {key} does not say"
            raise document.error(("trials", place), found, "Take the number of the row")


def _says(key: str, value: float) -> bool:
    """Whether a row of the evidence has a number as its value or prints it in its text."""
    row = finding(key)
    if row.value == value:
        return True
    printed = re.findall(r"\d+(?:\.\d+)?", f"{row.text} {row.statistic}")
    return any(float(each) == value for each in printed)


def facts_of(study: str) -> TrialFacts | None:
    """What is packaged of a trial; None of one that is not there."""
    return packaged_facts().get(study)


def _text() -> str:
    path = resources.files("debulk") / "data" / FILE
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(FILE, f"cannot be read: {error}", "Install debulk again") from None
