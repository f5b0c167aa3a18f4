"""What a file of one's own studies may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from debulk.core.errors import nearest
from debulk.evidence.schema import CODES, COMPARISONS, OUTCOMES, ROLES, VERIFIED

_SOURCE = re.compile(r"doi:10\.\d{4,9}/\S+|PMID:\d{1,8}|PMCID:PMC\d{1,8}|https?://\S+\.\S+")
REGISTRY = re.compile(r"NCT\d{8}|ISRCTN\d{8}|UMIN\d{9}|EudraCT \d{4}-\d{6}-\d{2}")


def _one_of(words: Iterable[str]) -> AfterValidator:
    known = tuple(words)

    def check(word: str) -> str:
        if word not in known:
            raise ValueError(nearest(word, known))
        return word

    return AfterValidator(check)


def _source(text: str) -> str:
    if not (_SOURCE.fullmatch(text) or REGISTRY.fullmatch(text)):
        raise ValueError("write doi:10..., PMID:..., PMCID:..., a registry number or https://...")
    return text


def _plain_name(text: str) -> str:
    if not text.strip() or text != text.strip() or "#" in text or "\n" in text:
        raise ValueError("give a name on one line, without # and without blanks around it")
    return text


def _some(listed: list[Any]) -> list[Any]:
    if not listed:
        raise ValueError("give at least one")
    return listed


def _told(text: str) -> str:
    if not text.strip():
        raise ValueError("write it in words")
    return text


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _yes(value: Any) -> Any:
    # YAML reads the bare word yes as true.
    return "yes" if value is True else value


LISTED = BeforeValidator(_listed)
Organ = Annotated[str, _one_of(CODES.words["organ"])]
Modality = Annotated[str, _one_of(CODES.words["modality"])]
SOME = AfterValidator(_some)
Words = Annotated[str, AfterValidator(_told)]
Source = Annotated[str, AfterValidator(_source)]
Sources = Annotated[list[Source], LISTED, SOME]
Year = Annotated[int, Field(ge=1800, le=2200)]
Patients = Annotated[int, Field(ge=0, le=1_000_000_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class RiskModel(_Part):
    """One bias: how likely, and why."""

    risk: Annotated[str, _one_of(CODES.words["immortal_time"])]
    reason: Words


NOT_JUDGED = RiskModel(risk="unclear", reason="not judged by who added the study")


class RisksModel(_Part):
    """The three biases that every study is judged for."""

    immortal_time: RiskModel = NOT_JUDGED
    selection_on_response: RiskModel = NOT_JUDGED
    confounding_by_extent: RiskModel = NOT_JUDGED


class FindingModel(_Part):
    """One published number or statement of a study."""

    quantity: Words
    group: str = ""
    outcome: Annotated[str, _one_of(OUTCOMES)] | None = None
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    unit: str = ""
    statistic: str = ""
    text: str = ""
    note: str = ""
    population: str = ""
    year: Year | None = None
    n: Patients | None = None
    source: Sources | None = None
    verified: Annotated[str, BeforeValidator(_yes), _one_of(VERIFIED)] = "yes"
    role: Annotated[str, _one_of(ROLES)] = "context"
    role_note: str = ""


class StudyModel(_Part):
    """One study with its source, its codes and what it found."""

    study: Annotated[str, AfterValidator(_plain_name)]
    source: Sources
    design: Annotated[str, _one_of(CODES.words["design"])]
    domain: Annotated[str, _one_of(CODES.words["domain"])]
    organ: Annotated[list[Organ], LISTED, SOME]
    modality: Annotated[list[Modality], LISTED, SOME]
    line: Annotated[str, _one_of(CODES.words["line"])] = "unclear"
    extent: Annotated[str, _one_of(CODES.words["extent"])] = "unclear"
    comparison: Annotated[str, _one_of(COMPARISONS)] = "unclear"
    comparison_reason: Words = NOT_JUDGED.reason
    risk_of_bias: RisksModel = RisksModel()
    title: str = ""
    question: str = ""
    population: str = ""
    first_author: str = ""
    journal: str = ""
    year: Year | None = None
    n: Patients | None = None
    findings: Annotated[list[FindingModel], SOME]


class LibraryModel(_Part):
    """A file of studies."""

    studies: Annotated[list[StudyModel], SOME]
