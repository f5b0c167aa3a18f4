"""Studies of one's own: a YAML file that joins the packaged tables once it passes their checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.yaml_files import YamlDocument, read_yaml, validated
from debulk.evidence.keys import Keys, slug
from debulk.evidence.outcomes import outcome_of
from debulk.evidence.own_schema import (
    REGISTRY,
    FindingModel,
    LibraryModel,
    StudyModel,
)
from debulk.evidence.parsing import DTYPES
from debulk.evidence.plausibility import finding_complaint
from debulk.evidence.schema import CODES, FINDINGS, OWN, RISKS, STUDIES, Schema


@dataclass(frozen=True, slots=True)
class OwnStudies:
    """Studies that a user brings, in the form of the packaged tables.

    Attributes
    ----------
    studies, findings, codes : polars.DataFrame
        One row a study, a finding and a study's codes; the table of each is ``own``.
    """

    studies: pl.DataFrame
    findings: pl.DataFrame
    codes: pl.DataFrame


def read_own_studies(path: Path | str) -> OwnStudies:
    """Read a file of one's own studies.

    Parameters
    ----------
    path : path
        A YAML file: a list ``studies``, each with its source, its codes and its findings. The
        page on the tables of evidence shows one.

    Returns
    -------
    OwnStudies

    Raises
    ------
    InputError
        If the file cannot be read or is not YAML; a field is missing, unknown or of the wrong
        form; a word is none of those allowed; two studies have one name; an interval excludes its
        value; a ratio is 0 or below; a share is outside 0 to 100 per cent. With line and field.
    """
    return read_library([path], ())


def read_library(paths: Iterable[Path | str], taken: Iterable[str]) -> OwnStudies:
    """Read several files of one's own studies.

    Parameters
    ----------
    paths : iterable of path
        The files.
    taken : iterable of str
        Names of studies that exist already; upper and lower case are the same.

    Returns
    -------
    OwnStudies
        Of all files, in their order.

    Raises
    ------
    InputError
        As `read_own_studies`; also where two files, or a file and the packaged tables, name the
        same study.
    """
    places = {name.casefold(): "the packaged tables" for name in taken}
    rows: dict[str, list[dict[str, Any]]] = {"studies": [], "findings": [], "codes": []}
    for path in paths:
        document = read_yaml(Path(path))
        for index, study in enumerate(validated(LibraryModel, document).studies):
            _claim(study.study, index, document, places)
            rows["studies"].append(_study_row(study))
            rows["codes"].append(_code_row(study))
            rows["findings"].extend(_finding_rows(study, index, document))
    return OwnStudies(
        _frame(rows["studies"], STUDIES),
        _frame(rows["findings"], FINDINGS),
        _frame(rows["codes"], CODES),
    )


def _claim(name: str, index: int, document: YamlDocument, places: dict[str, str]) -> None:
    place = ("studies", index, "study")
    used = places.get(name.casefold())
    if used is not None:
        found = f"{name!r} is already the name of a study in {used}"
        raise document.error(place, found, "Give the study another name, or leave it out")
    places[name.casefold()] = f"{document.name}, line {document.line_of(place)}"


def _study_row(study: StudyModel) -> dict[str, Any]:
    def first(prefix: str) -> str:
        found = (each for each in study.source if each.startswith(prefix))
        return next(found, "").removeprefix(prefix)

    return {
        "study": study.study,
        "table": OWN,
        "title": study.title,
        "question": study.question,
        "printed_design": "",
        "population": study.population,
        "n": study.n,
        "year": study.year,
        "first_author": study.first_author,
        "journal": study.journal,
        "published": study.year,
        "doi": first("doi:"),
        "pmid": first("PMID:"),
        "registry": "|".join(each for each in study.source if REGISTRY.fullmatch(each)),
        "source": "|".join(study.source),
        "role": study.findings[0].role,
    }


def _code_row(study: StudyModel) -> dict[str, Any]:
    row = {name: getattr(study, name) for name in CODES.columns if name in StudyModel.model_fields}
    for risk in RISKS:
        judged = getattr(study.risk_of_bias, risk)
        row |= {risk: judged.risk, f"{risk}_reason": judged.reason}
    return row


def _finding_rows(
    study: StudyModel, index: int, document: YamlDocument
) -> Iterable[dict[str, Any]]:
    keys = Keys()
    for position, each in enumerate(study.findings):
        name = f"{OWN}:{study.study}/{slug(each.quantity)}/{slug(each.group) or 'all'}"
        row = _finding_row(each, study, keys.claim(name))
        if complaint := finding_complaint(row):
            column, found = complaint
            if column == "text":
                column, found = "quantity", "the finding has neither a number nor a text"
            place = ("studies", index, "findings", position, column)
            raise document.error(place, found, "Correct it, after a look at the source")
        yield row


def _finding_row(each: FindingModel, study: StudyModel, key: str) -> dict[str, Any]:
    sources = each.source or study.source
    numbers = (each.value, each.lower, each.upper)
    work = (study.first_author, study.journal, str(study.year or ""))
    return {
        "key": key,
        "table": OWN,
        "kind": "text" if numbers == (None, None, None) else "number",
        "study": study.study,
        "year": each.year or study.year,
        "n": study.n if each.n is None else each.n,
        "population": each.population or study.population,
        "quantity": each.quantity,
        "outcome": each.outcome or outcome_of(key, each.quantity),
        "group": each.group,
        "value": each.value,
        "lower": each.lower,
        "upper": each.upper,
        "unit": each.unit,
        "statistic": each.statistic,
        "text": each.text,
        "note": each.note,
        "source": "|".join(sources),
        "work": ", ".join(filter(None, work)) if study.first_author else "",
        "seen_at": "|".join(each for each in sources if each.startswith("http")),
        "secondary": all(each.startswith("http") for each in sources),
        "verified": each.verified,
        "role": each.role,
        "role_note": each.role_note,
    }


def _frame(rows: list[dict[str, Any]], schema: Schema) -> pl.DataFrame:
    types = {column: DTYPES[kind] for column, kind in schema.columns.items()}
    return pl.DataFrame(rows, schema=types)
