"""`debulk evidence search`: words in studies and findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from debulk.cli.evidence import options as opt
from debulk.cli.terminal import JsonOption, answers, print_json

if TYPE_CHECKING:
    from debulk.evidence.searching import SearchResult


def search(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help="Words, all of which must occur.")
    ],
    most: Annotated[
        int, typer.Option(min=1, help="Most studies and most findings that are printed.")
    ] = 20,
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
    as_json: JsonOption = False,
) -> None:
    """Look for words in studies and findings; upper and lower case are the same.

    Options choose among findings as in debulk evidence list; studies are those of such findings.
    """
    from debulk.evidence.searching import search as looked_for

    filters = opt.checked_filters(
        own,
        risk,
        **{"design": design, "domain": domain, "organ": organ, "modality": modality, "line": line},
        **{"study": study, "extent": extent, "outcome": outcome, "quantity": quantity},
        **{"role": role, "table": table},
    )
    with opt.naming_filters():
        found = looked_for(" ".join(words), own=own or (), **filters)
    if as_json:
        print_json(found.to_dict() | {"provenance": opt.provenance(own)})
    else:
        _print(found, most)


def _print(found: SearchResult, most: int) -> None:
    from debulk.cli.evidence.tables import (
        FINDINGS_NOTE,
        STUDIES_NOTE,
        counted,
        finding_table,
        print_whole,
        study_table,
    )

    console = answers()
    parts = (
        ("studies", found.studies, study_table, STUDIES_NOTE),
        ("findings", found.findings, finding_table, FINDINGS_NOTE),
    )
    for name, rows, table, note in parts:
        if not rows.height:
            sought = " ".join(found.words)
            console.print(f"None of the {name} holds all of: {sought}", markup=False)
            continue
        print_whole(console, table(rows.head(most)))
        shown = f", the first {most} are shown" if rows.height > most else ""
        console.print(f"\nFound in {counted(rows, name)}{shown}. {note}\n", highlight=False)
