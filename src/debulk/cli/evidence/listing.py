"""`debulk evidence list`: the studies or the findings, filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.evidence.options import (
    OwnOption,
    chosen,
    naming_filters,
    provenance,
    risk_filters,
)
from debulk.cli.terminal import JsonOption, answers, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import polars as pl

_REPEAT = "May be repeated: one of the words is enough."


def listing(
    findings: Annotated[
        bool, typer.Option("--findings", help="List the findings instead of the studies.")
    ] = False,
    design: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help=f"Design, as randomised or registry. {_REPEAT}"),
    ] = None,
    organ: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help=f"Organ treated, as liver or primary. {_REPEAT}"),
    ] = None,
    modality: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help=f"Treatment, as resection or ablation. {_REPEAT}"),
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help=f"Line of therapy, as first or adjuvant. {_REPEAT}"),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD",
            help="What was found, as 'overall survival'; of studies, those with such a finding. "
            f"{_REPEAT}",
        ),
    ] = None,
    domain: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help=f"Disease, as mcrc or ovarian. {_REPEAT}"),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help=f"What it may be used for, as validation. {_REPEAT}"),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help=f"Table, as trials, series or own. {_REPEAT}"),
    ] = None,
    risk: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BIAS=LEVEL",
            help="Risk of bias, as immortal_time=high, selection_on_response=low or "
            "confounding_by_extent=unclear; may be repeated.",
        ),
    ] = None,
    own: OwnOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the studies, or with --findings every number, criterion and statement."""
    filters = chosen(
        design=design, organ=organ, modality=modality, line=line, domain=domain, role=role
    )
    filters |= chosen(table=table, outcome=outcome) | risk_filters(risk)
    with naming_filters():
        rows = _findings(filters, own) if findings else _studies(filters, own)
    name = "findings" if findings else "studies"
    if as_json:
        print_json(
            {
                name: rows.to_dicts(),
                "count": rows.height,
                "filters": filters,
                "provenance": provenance(own),
            }
        )
    else:
        _print(rows, name)


def _findings(filters: dict[str, list[str]], own: Sequence[Path] | None) -> pl.DataFrame:
    from debulk.evidence.tables import findings

    return findings(own=own or (), **filters)


def _studies(filters: dict[str, Any], own: Sequence[Path] | None) -> pl.DataFrame:
    from debulk.evidence.tables import studies

    outcome = filters.get("outcome")
    rest = {name: words for name, words in filters.items() if name != "outcome"}
    rows = studies(own=own or (), **rest)
    if outcome is None:
        return rows
    reported = _findings({"outcome": outcome}, own)["study"].to_list()
    return rows.filter(rows["study"].is_in(reported))


def _print(rows: pl.DataFrame, name: str) -> None:
    from debulk.cli.evidence.tables import (
        FINDINGS_NOTE,
        STUDIES_NOTE,
        counted,
        finding_table,
        study_table,
    )

    console = answers()
    if rows.height:
        console.print(study_table(rows) if name == "studies" else finding_table(rows))
        console.print()
    note = STUDIES_NOTE if name == "studies" else FINDINGS_NOTE
    told = f"{counted(rows, name)}. {note if rows.height else ''}"
    console.print(told.strip(), highlight=False)
