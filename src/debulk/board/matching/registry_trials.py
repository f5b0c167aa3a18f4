"""A trial out of ClinicalTrials.gov (API version 2), with criteria that someone curated.

Limits of age and sex are machine readable and judged as they stand. Everything else is free text:
it is shown, and judged only by rules that a curator wrote beside it, each with the words of the
registry that it stands for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from debulk.board.matching.board_trials import BoardTrial, TrialVersion
from debulk.core.errors import InputError
from debulk.core.files import read_utf8
from debulk.core.strings import text
from debulk.core.yaml_files import YamlDocument, parse_yaml, validated
from debulk.patients import Criterion, parse_rule
from debulk.survival.options import check_kind

CURATED_ENDING = ".criteria.yaml"
"""Curated criteria lie beside a record NCT01234567.json as NCT01234567.criteria.yaml."""

UNCURATED = "rest"
"""Identifier of the criterion that stands for everything no rule was written for."""

_MONTHS_A_YEAR = 12.0
_YEARS = {"year": 1.0, "month": 1.0 / _MONTHS_A_YEAR, "week": 7.0 / 365.25, "day": 1.0 / 365.25}
_AGE = re.compile(r"([0-9]{1,4})\s+(year|month|week|day)s?", re.IGNORECASE)
_MOST_CHARACTERS = 2_000_000
Words = Annotated[str, Field(min_length=1, max_length=50_000)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_ .-]{0,59}$")]


class _Part(BaseModel):
    """Part of a record; the registry adds fields at will, those not read are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Identification(_Part):
    nctId: Annotated[str, Field(pattern=r"^NCT\d{8}$")]
    briefTitle: Words
    officialTitle: str = ""


class _Date(_Part):
    date: str = ""


class _Status(_Part):
    overallStatus: str = ""
    lastUpdatePostDateStruct: _Date = _Date()


class _Eligibility(_Part):
    eligibilityCriteria: str = Field(default="", max_length=200_000)
    sex: Literal["ALL", "FEMALE", "MALE"] = "ALL"
    minimumAge: str = ""
    maximumAge: str = ""


class _Intervention(_Part):
    type: str = ""
    name: str = ""


class _Arms(_Part):
    interventions: list[_Intervention] = []


class _Protocol(_Part):
    identificationModule: _Identification
    statusModule: _Status = _Status()
    eligibilityModule: _Eligibility
    armsInterventionsModule: _Arms = _Arms()


class _Record(_Part):
    protocolSection: _Protocol


class _Curated(BaseModel):
    """One criterion that a curator wrote."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identifier
    text: Words
    judged: Literal["at entry", "latest", "before randomisation"]
    rule: Words | None = None
    source: Words


class _Curation(BaseModel):
    """A file of curated criteria."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    registration: Annotated[str, Field(pattern=r"^NCT\d{8}$")]
    complete: bool
    criteria: Annotated[list[_Curated], Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class RegistryTrial:
    """An imported trial.

    Attributes
    ----------
    trial : BoardTrial
        As it is matched.
    interventions : tuple of str
        What is compared, as the registry names it.
    official_title : str
        The long title.
    """

    trial: BoardTrial
    interventions: tuple[str, ...]
    official_title: str


def read_registry_trial(path: str | Path, curated: str | Path | None = None) -> RegistryTrial:
    """Read a record and the criteria curated for it.

    Parameters
    ----------
    path : str or Path
        A JSON file as the API's ``/studies/NCT...`` gives it.
    curated : str or Path, optional
        YAML file of curated criteria; default: the one beside the record, if there is one.

    Raises
    ------
    InputError
        If either file is missing, cannot be read or does not fit the other: file, field or line,
        what was found, what to do.
    """
    file = Path(path)
    beside = file.with_name(file.name.removesuffix(".json") + CURATED_ENDING)
    chosen = Path(curated) if curated is not None else beside if beside.is_file() else None
    criteria = "" if chosen is None else read_utf8(chosen)
    return registry_trial(read_utf8(file), criteria, name=str(file), criteria_name=str(chosen))


def registry_trial(
    record: str, criteria: str = "", *, name: str, criteria_name: str = "criteria"
) -> RegistryTrial:
    """A trial of the text of a record and of curated criteria.

    Parameters
    ----------
    record : str
        JSON of one study, API version 2.
    criteria : str
        YAML of curated criteria, empty for none: ``registration``, ``complete`` (whether they
        cover all of the registry's text) and ``criteria``, each with id, text, judged, rule (left
        out where no column can answer) and source, words that stand in the registry's text.
    name, criteria_name : str
        How complaints call the record and the criteria.

    Raises
    ------
    InputError
        As in `read_registry_trial`.
    """
    check_kind(record, str, "record", "Give the text of the registry's JSON")
    check_kind(criteria, str, "criteria", "Give the text of a YAML file")
    entry = _checked(record, name).protocolSection
    number = entry.identificationModule.nctId
    said = entry.eligibilityModule
    judged, sources = _machine_readable(said, number, name)
    complete = False
    if criteria:
        rules = parse_yaml(criteria, criteria_name)
        own, own_sources, complete = _curated(rules, number, said.eligibilityCriteria)
        judged, sources = [*judged, *own], sources | own_sources
    if not complete:
        rest = Criterion(UNCURATED, text("matching.registry.uncurated"), "latest")
        judged.append(rest)
        sources[UNCURATED] = text(
            "matching.registry.source_field", registration=number, field="eligibilityCriteria"
        )
    status = entry.statusModule
    trial = BoardTrial(
        name=number,
        title=entry.identificationModule.briefTitle,
        status=status.overallStatus.replace("_", " ").lower(),
        status_source=f"{number} {status.lastUpdatePostDateStruct.date}".strip(),
        registrations=(number,),
        versions=(TrialVersion(number, "", tuple(judged)),),
        sources=sources,
        curated=bool(criteria),
        free_text=said.eligibilityCriteria,
    )
    arms = entry.armsInterventionsModule.interventions
    return RegistryTrial(
        trial, tuple(each.name for each in arms), entry.identificationModule.officialTitle
    )


def _checked(record: str, name: str) -> _Record:
    if len(record) > _MOST_CHARACTERS:
        found = f"{len(record)} characters"
        raise InputError(name, found, "Give one study, as /studies/NCT... answers")
    try:
        content = json.loads(record)
    except json.JSONDecodeError as error:
        where = f"{name}, line {error.lineno}"
        raise InputError(where, f"not JSON: {error.msg}", "Give the registry's JSON") from None
    except (RecursionError, ValueError):
        raise InputError(name, "not JSON that can be read", "Give the registry's JSON") from None
    if not isinstance(content, dict) or not isinstance(content.get("protocolSection"), Mapping):
        remedy = "Give one study of API version 2; a list of studies is given one by one"
        raise InputError(name, "there is no group 'protocolSection'", remedy)
    try:
        return _Record.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(each) for each in first["loc"])
        found = _found(first)
        raise InputError(f"{name}, {place}", found, f"Correct it: {first['msg']}") from None


def _found(problem: Any) -> str:
    if problem["type"] == "missing":
        return "is missing"
    shown = repr(problem.get("input"))
    return f"found {shown if len(shown) <= 60 else shown[:57] + '...'}"


def _machine_readable(
    said: _Eligibility, number: str, name: str
) -> tuple[list[Criterion], dict[str, str]]:
    """Criteria on age and sex out of the fields that the registry keeps for them."""
    criteria, sources = [], {}
    for field, key, sign in (("minimumAge", "age_least", ">="), ("maximumAge", "age_most", "<=")):
        given = getattr(said, field)
        if not given or given.strip().upper() == "N/A":
            continue
        years = _years(given, f"{name}, protocolSection.eligibilityModule.{field}")
        worded = text(f"matching.registry.{key}", years=f"{years:.4g}")
        # Until the next birthday a patient is of the age the limit names.
        rule = f"age_years {sign} {years:.4f}" if sign == ">=" else f"age_years < {years + 1:.4f}"
        criteria.append(Criterion(field, worded, "latest", rule))
        sources[field] = text("matching.registry.source_field", registration=number, field=field)
    if said.sex != "ALL":
        sex = said.sex.lower()
        worded = text("matching.registry.sex", sex=sex)
        criteria.append(Criterion("sex", worded, "latest", f"sex = '{sex}'"))
        sources["sex"] = text("matching.registry.source_field", registration=number, field="sex")
    return criteria, sources


def _years(given: str, where: str) -> float:
    match = _AGE.fullmatch(given.strip())
    if match is None:
        raise InputError(where, f"{given!r} is no age", "Write it as the registry does: 18 Years")
    return int(match[1]) * _YEARS[match[2].lower()]


def _curated(
    rules: YamlDocument, number: str, words: str
) -> tuple[list[Criterion], dict[str, str], bool]:
    entries = validated(_Curation, rules)
    if entries.registration != number:
        found = f"criteria of {entries.registration}, but the record is {number}"
        raise rules.error(("registration",), found, "Give the criteria of this record")
    criteria, sources = [], {}
    taken = {"minimumAge", "maximumAge", "sex", UNCURATED}
    for place, each in enumerate(entries.criteria):
        at = ("criteria", place)
        if each.id in taken:
            remedy = "Give each its own name; age and sex come from the record itself"
            raise rules.error((*at, "id"), f"{each.id!r} comes twice", remedy)
        taken.add(each.id)
        if _folded(each.source) not in _folded(words):
            found = f"{each.source[:60]!r} does not stand in the registry's text"
            remedy = "Copy the words of eligibilityCriteria that this criterion stands for"
            raise rules.error((*at, "source"), found, remedy)
        if each.rule is not None:
            where = f"{rules.name}, line {rules.line_of((*at, 'rule'))}, criterion {each.id}"
            parse_rule(each.rule, where=where)
        criteria.append(Criterion(each.id, each.text, each.judged, each.rule))
        sources[each.id] = f"{number}: {each.source}"
    return criteria, sources, entries.complete


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()
