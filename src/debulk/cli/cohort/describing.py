"""`debulk cohort describe` and `extent`: what a cohort holds, and its extent of disease."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from debulk.cli.cohort.options import (
    ExampleOption,
    FormatName,
    FormatOption,
    MappingOption,
    PathArgument,
    cohort_of,
    provenance_of,
)
from debulk.cli.terminal import JsonOption, answers, messages, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from debulk.patients.description import Description

_HEADINGS = {
    "entry_k2": "at entry, k = 2",
    "entry_k4": "at entry, k = 4",
    "now_k2": "now, k = 2",
    "now_k4": "now, k = 4",
}


def describe(
    path: PathArgument = None,
    example: ExampleOption = False,
    format: FormatOption = FormatName.auto,
    mapping: MappingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Describe a cohort: rows, follow-up, what is missing, organs, extent."""
    cohort = cohort_of(path, example=example, format=format, mapping=mapping)
    from debulk.patients.description import describe as described

    found = described(cohort)
    if as_json:
        print_json({**found.to_dict(), "provenance": provenance_of(cohort, path or mapping)})
        return
    console = answers()
    console.print(_sentence(found), highlight=False)
    for table in (_rows_table(found), _organ_table(found), _extent_table(found.extent)):
        console.print()
        console.print(table)


def extent(
    path: PathArgument = None,
    example: ExampleOption = False,
    by_patient: Annotated[
        bool, typer.Option("--by-patient", help="One line a patient instead of counts.")
    ] = False,
    format: FormatOption = FormatName.auto,
    mapping: MappingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Extent of disease at entry and now, multi-organ from k = 2 and from k = 4 lesions."""
    cohort = cohort_of(path, example=example, format=format, mapping=mapping)
    from debulk.patients.description import extent_counts

    found = cohort.extent()
    if as_json:
        print_json(
            {
                "patients": len(cohort),
                "extent": extent_counts(found),
                "by_patient": found.to_dicts(),
                "provenance": provenance_of(cohort, path or mapping),
            }
        )
        return
    console = answers()
    console.print(
        _patient_table(found.rows()) if by_patient else _extent_table(extent_counts(found))
    )
    messages().print(
        "k: extrahepatic lesions from which disease in two organs is multi-organ.", highlight=False
    )


def _sentence(found: Description) -> str:
    median = found.median_followup_months
    reached = f"{median:.1f} months" if math.isfinite(median) else "not reached"
    parts = [
        f"{found.patients} patients, {found.deaths} deaths",
        f"median follow-up {reached} (reverse Kaplan-Meier)",
    ]
    if found.without_followup:
        parts.append(f"{found.without_followup} without follow-up")
    return "; ".join(parts) + "."


def _rows_table(found: Description) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table("table", "rows", "partly missing (share)", "not given", box=None, pad_edge=False)
    for name, rows in found.rows.items():
        partly = [
            f"{column} {100 * share:.0f} %"
            for column, share in found.missing.get(name, {}).items()
            if share > 0.0
        ]
        empty = ", ".join(found.empty.get(name, ()))
        table.add_row(name, str(rows), escape(", ".join(partly)), escape(empty))
    return table


def _organ_table(found: Description) -> Table:
    from rich.table import Table

    table = Table("metastases now in", "patients", box=None, pad_edge=False)
    for organ, patients in found.organs.items():
        if patients:
            table.add_row(organ, str(patients))
    return table


def _extent_table(extent: Mapping[str, Mapping[str, int]]) -> Table:
    from rich.table import Table

    table = Table("extent", *_HEADINGS.values(), box=None, pad_edge=False)
    for name in extent["now_k2"]:
        table.add_row(name, *(str(extent[column][name]) for column in _HEADINGS))
    return table


def _patient_table(rows: list[tuple[str | None, ...]]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table("patient", *_HEADINGS.values(), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(each or "unknown") for each in row))
    return table
