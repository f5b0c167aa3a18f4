"""The tables of evidence: packaged, with a user's own studies, filtered by what is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.evidence.parsing import parse_table
from debulk.evidence.schema import CODES, FINDINGS, STUDIES, Kind, Schema

CODED_BY = "Coded by the debulk project from what each source prints: judgements, not findings"
"""What must stand wherever the codes of a study are shown."""

_CODES = [name for name in CODES.columns if name != "study" and not name.endswith("_reason")]
_LISTED = Schema(
    columns={**STUDIES.columns, **{name: CODES.columns[name] for name in _CODES}},
    filled=(),
    unique="study",
    words={**CODES.words, **STUDIES.words},
)
_CODED = Schema({name: CODES.columns[name] for name in _CODES}, (), "", CODES.words)
TYPES: dict[Kind, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "flag": (bool,),
    "list": (str,),
}


def findings(*, own: Iterable[Path | str] = (), **filters: Any) -> pl.DataFrame:
    """Published findings, one row each, from every table.

    Parameters
    ----------
    own : iterable of path
        Files of studies of one's own, see `read_own_studies`; their findings come last.
    **filters
        Column to the value its cells must equal, or to a list of values of which they must equal
        one; None asks for empty cells. Columns are those of the table, see Returns, and the codes
        of the study (design, domain, organ, modality, line, extent, comparison, immortal_time,
        selection_on_response, confounding_by_extent), which findings without a study never match.

    Returns
    -------
    polars.DataFrame
        key, table, kind ("number", "text", "criterion"), study, year, n, population, quantity,
        outcome (what it is about, told from the quantity), group, value, lower, upper (the printed
        limits), unit, statistic (what value and limits are), text (the printed form where it is no
        plain number), note, source (DOI, PMID, PMCID or registry numbers joined by "|"; an address
        where none is known), work (author, journal, year), seen_at (addresses that show it),
        secondary (whether only an address is known), verified ("yes" or "partial"), role (see
        `Role`), role_note. Empty numbers are null, empty words are "". Rows are in the order of
        the tables, then of their files.

    Raises
    ------
    InputError
        If a column or one of its words does not exist, a value has the wrong type, or a file of
        one's own does not fit.

    Examples
    --------
    >>> from debulk.evidence import findings
    >>> findings(study="CLOCC", quantity="hazard ratio for death")["value"].to_list()
    [0.58]
    >>> findings(outcome="overall survival", design="registry", unit="ratio").height
    6
    """
    where = "evidence findings"
    coded = {name: filters.pop(name) for name in list(filters) if name in _CODED.columns}
    library = _library(own)
    known = {**FINDINGS.columns, **_CODED.columns}
    _check_columns(filters, known, where)
    frame = library[0].filter(*_rules(filters, FINDINGS, where))
    if coded:
        named = library[2].filter(*_rules(coded, _CODED, where))["study"]
        frame = frame.filter(pl.col("study").is_in(named.implode()))
    return frame


def studies(*, own: Iterable[Path | str] = (), **filters: Any) -> pl.DataFrame:
    """Trials, series and other works that the findings come from, one row each.

    Parameters
    ----------
    own : iterable of path
        Files of studies of one's own, see `read_own_studies`; they come last.
    **filters
        As for `findings`. A study with several organs or modalities matches each of them.

    Returns
    -------
    polars.DataFrame
        study, table, title, question, printed_design, population, n, year (of the report),
        first_author, journal, published (year of the cited work), doi, pmid, registry (joined by
        "|"), source (every identifier of its works and rows, else an address), role (of its first
        finding; the role of each finding decides what that finding may be used for), and its codes
        without their reasons, see `study_codes`.

    Raises
    ------
    InputError
        As for `findings`.

    Examples
    --------
    >>> from debulk.evidence import studies
    >>> studies(domain="ovarian", organ="lymph nodes")["study"].to_list()
    ['LION']
    """
    _check_columns(filters, _LISTED.columns, "evidence studies")
    rules = _rules(filters, _LISTED, "evidence studies")
    _, listed, codes = _library(own)
    return listed.join(
        codes.select("study", *_CODES), on="study", how="left", maintain_order="left"
    ).filter(*rules)


def study_codes(*, own: Iterable[Path | str] = (), **filters: Any) -> pl.DataFrame:
    """How each study is coded, with the reasons: judgements of this project.

    Parameters
    ----------
    own : iterable of path
        Files of studies of one's own, see `read_own_studies`, coded by their author.
    **filters
        As for `studies`.

    Returns
    -------
    polars.DataFrame
        study, design, domain, organ and modality (lists), line, extent, comparison (of the
        arms) with comparison_reason, and for each of immortal_time,
        selection_on_response, confounding_by_extent the risk of that bias ("low", "some",
        "high", "unclear", "not applicable") and, with ``_reason`` behind, why.

    Raises
    ------
    InputError
        As for `findings`.

    Examples
    --------
    >>> from debulk.evidence import study_codes
    >>> study_codes(study="RAXO")["immortal_time"].item()
    'high'
    """
    _check_columns(filters, CODES.columns, "evidence codes")
    return _library(own)[2].filter(*_rules(filters, CODES, "evidence codes"))


PACKAGED = {"findings": FINDINGS, "studies": STUDIES, "coding": CODES}
"""Packaged tables by name, each with its schema."""

Library = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]
"""Findings, studies and codes."""


def _library(own: Iterable[Path | str]) -> Library:
    packaged = (_packaged("findings"), _packaged("studies"), _packaged("coding"))
    files = [own] if isinstance(own, str | Path) else list(own)
    if not files:
        # Clones, so that a caller who changes one in place does not change what others read.
        first, second, third = (each.clone() for each in packaged)
        return first, second, third
    # Only here, since pydantic is slow to load and the packaged tables need none of it.
    from debulk.evidence.own_studies import read_library

    added = read_library(files, packaged[1]["study"].to_list())
    return (
        pl.concat([packaged[0], added.findings]),
        pl.concat([packaged[1], added.studies]),
        pl.concat([packaged[2], added.codes]),
    )


@cache
def _packaged(name: str) -> pl.DataFrame:
    file = f"{name}.csv"
    data = resources.files("debulk.data").joinpath("evidence", file).read_bytes()
    return parse_table(data, PACKAGED[name], file)


def _check_columns(filters: Iterable[str], known: Iterable[str], where: str) -> None:
    for column in filters:
        if column not in known:
            raise InputError(where, f"there is no column {column!r}", nearest(column, known))


def _rules(filters: dict[str, Any], schema: Schema, where: str) -> list[pl.Expr]:
    rules = []
    for column, wanted in filters.items():
        several = wanted if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
        values = [_wanted(each, column, schema, where) for each in several]
        cells = pl.col(column)
        if schema.columns[column] == "list":
            rules.append(pl.any_horizontal(pl.lit(False), *map(cells.list.contains, values)))
        else:
            rules.append(cells.is_in(values, nulls_equal=True))
    return rules


def _wanted(value: Any, column: str, schema: Schema, where: str) -> Any:
    kind, words = schema.columns[column], schema.words.get(column)
    if value is None:
        return "" if kind == "text" else None
    mistaken = isinstance(value, bool) and kind != "flag"
    if mistaken or not isinstance(value, TYPES[kind]):
        word = "text" if kind == "list" else kind
        remedy = f"Give a {word}" if kind != "flag" else "Give True or False"
        raise InputError(f"{where}, filter {column}", f"{value!r} is no {word}", remedy)
    if words is not None and value not in words:
        raise InputError(f"{where}, filter {column}", f"{value!r}", nearest(str(value), words))
    return value
