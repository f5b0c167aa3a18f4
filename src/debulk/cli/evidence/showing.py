"""`debulk evidence show`: one study with its codes and findings, or one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.evidence.options import OwnOption, provenance
from debulk.cli.terminal import JsonOption, answers, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME_OR_KEY", help="A study, or the key of a finding.")
    ],
    own: OwnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a study with its codes, source and findings, or one finding by its key."""
    from debulk.evidence.tables import findings

    row = findings(own=own or (), key=name)
    if row.height:
        _show_finding(row.row(0, named=True), own, as_json=as_json)
    else:
        _show_study(_study_name(name, own), own, as_json=as_json)


def _study_name(name: str, own: Sequence[Path] | None) -> str:
    """The study that a name or the beginning of one means."""
    from debulk.core.errors import InputError, nearest
    from debulk.evidence.tables import findings, studies

    known: list[str] = studies(own=own or ())["study"].to_list()
    asked = name.casefold()
    same = [each for each in known if each.casefold() == asked]
    begun = [each for each in known if asked and each.casefold().startswith(asked)]
    if same or len(begun) == 1:
        return (same or begun)[0]
    if len(begun) > 1:
        listed = ", ".join(repr(each) for each in begun)
        raise InputError("NAME_OR_KEY", f"{name!r} begins several names", f"Give one of {listed}")
    found = f"no study or finding is called {name!r}"
    keys = findings(own=own or ())["key"].to_list() if ":" in name else known
    remedy = nearest(name, keys)
    if not remedy.startswith("Did"):
        remedy = "debulk evidence list names every study, debulk evidence search looks for words"
    raise InputError("NAME_OR_KEY", found, remedy)


def _show_study(name: str, own: Sequence[Path] | None, *, as_json: bool) -> None:
    from debulk.evidence.tables import findings, studies, study_codes

    study = studies(own=own or (), study=name).row(0, named=True)
    codes = study_codes(own=own or (), study=name).row(0, named=True)
    found = findings(own=own or (), study=name)
    cited = _citation(study)
    if as_json:
        answer: dict[str, Any] = {
            "study": study | codes,
            "citation": cited,
            "findings": found.to_dicts(),
            "provenance": provenance(own),
        }
        print_json(answer)
        return
    from debulk.cli.evidence.tables import (
        FINDINGS_NOTE,
        code_table,
        coded_by,
        counted,
        fields_of_study,
        finding_table,
        print_whole,
    )

    console = answers()
    console.print(study["study"], style="bold", markup=False, highlight=False)
    for line in (*fields_of_study(study), f"Source: {cited}"):
        console.print(line, markup=False, highlight=False)
    console.print()
    console.print(code_table(codes))
    console.print(coded_by(study), markup=False, highlight=False)
    console.print()
    print_whole(console, finding_table(found, study=name))
    console.print(f"\n{counted(found, 'findings')}. {FINDINGS_NOTE}", highlight=False)


def _citation(study: dict[str, Any]) -> str:
    work = (study["first_author"], study["journal"], study["published"])
    named = ", ".join(str(each) for each in work if each)
    listed = "; ".join(study["source"].split("|"))
    return f"{named}. {listed}" if named else str(listed)


def _show_finding(row: dict[str, Any], own: Sequence[Path] | None, *, as_json: bool) -> None:
    from debulk.evidence.record import Finding, citation

    finding = Finding(**row)
    if as_json:
        answer = {
            "finding": finding.to_dict(),
            "citation": citation(finding),
            "provenance": provenance(own),
        }
        print_json(answer)
        return
    from debulk.cli.evidence.tables import field_table

    console = answers()
    console.print(field_table(row))
    console.print(f"\nCite: {citation(finding)}", markup=False, highlight=False)
