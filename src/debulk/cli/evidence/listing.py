"""`debulk evidence list`: the studies or the findings, filtered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.evidence import options as opt
from debulk.cli.terminal import JsonOption, answers, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

_OF_FINDINGS = ("outcome", "quantity")
"""Filters that choose studies by what was found in them."""


def listing(
    findings: Annotated[
        bool, typer.Option("--findings", help="List the findings instead of the studies.")
    ] = False,
    design: opt.DesignOption = None,
    domain: opt.DomainOption = None,
    organ: opt.OrganOption = None,
    modality: opt.ModalityOption = None,
    line: opt.LineOption = None,
    extent: opt.ExtentOption = None,
    study: opt.StudyOption = None,
    outcome: opt.OutcomesOption = None,
    quantity: opt.QuantitiesOption = None,
    role: opt.RoleOption = None,
    table: opt.TableFilter = None,
    risk: opt.RiskOption = None,
    own: opt.OwnOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the rows with all their columns into a .csv or .parquet file instead of "
            "printing them.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the studies, or with --findings every number, criterion and statement.

    An option given twice asks for one or the other; different options must all hold.
    """
    from debulk.cli.evidence.table_files import check_path, write_table

    check_path("--out", out)
    filters = opt.checked_filters(
        own,
        risk,
        **{"design": design, "domain": domain, "organ": organ, "modality": modality, "line": line},
        **{"study": study, "extent": extent, "outcome": outcome, "quantity": quantity},
        **{"role": role, "table": table},
    )
    with opt.naming_filters():
        rows = _findings(filters, own) if findings else _studies(filters, own)
    name = "findings" if findings else "studies"
    if out is not None:
        write_table(out, rows)
    if as_json:
        print_json(
            {
                name: rows.to_dicts(),
                "count": rows.height,
                "filters": filters,
                "provenance": opt.provenance(own),
                "files": {} if out is None else {name: str(out)},
            }
        )
    else:
        _print(rows, name, out)


def _findings(filters: dict[str, list[str]], own: Sequence[Path] | None) -> pl.DataFrame:
    from debulk.evidence.tables import findings

    return findings(own=own or (), **filters)


def _studies(filters: dict[str, Any], own: Sequence[Path] | None) -> pl.DataFrame:
    from debulk.evidence.tables import studies

    found = {name: words for name, words in filters.items() if name in _OF_FINDINGS}
    rows = studies(own=own or (), **{name: filters[name] for name in filters if name not in found})
    if not found:
        return rows
    reported = _findings(found, own)["study"].to_list()
    return rows.filter(rows["study"].is_in(reported))


def _print(rows: pl.DataFrame, name: str, out: Path | None) -> None:
    from debulk.cli.evidence.tables import (
        FINDINGS_NOTE,
        STUDIES_NOTE,
        counted,
        finding_table,
        print_whole,
        study_table,
    )

    console = answers()
    if out is not None:
        told = f"{counted(rows, name)} written: {out}"
        console.print(told, soft_wrap=True, markup=False, highlight=False)
        return
    if rows.height:
        print_whole(console, study_table(rows) if name == "studies" else finding_table(rows))
        console.print()
    note = STUDIES_NOTE if name == "studies" else FINDINGS_NOTE
    told = f"{counted(rows, name)}. {note if rows.height else ''}"
    console.print(told.strip(), highlight=False)
