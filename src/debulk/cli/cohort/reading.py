"""`debulk cohort read`: from anybody's files to a cohort, with an account of the way."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.cohort.options import (
    FormatName,
    FormatOption,
    MappingOption,
    PathArgument,
    cohort_of,
    provenance_of,
)
from debulk.cli.terminal import JsonOption, answers, messages, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from debulk.core.provenance import Exclusion
    from debulk.patients import Cohort

_MOST_SHOWN = 20
_HEADINGS = {
    "exclusions": "left out",
    "decisions": "decided",
    "ignored": "not used",
    "not_known": "cannot be known",
}


def read(
    path: PathArgument = None,
    format: FormatOption = FormatName.auto,
    mapping: MappingOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write the cohort into a folder; one that an earlier call wrote is replaced.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read a registry, study or trial; say what was left out, decided, not used, not known."""
    cohort = cohort_of(path, format=format, mapping=mapping)
    found = account(cohort, path if path is not None else mapping)
    if out is not None:
        cohort.write(out)
    if as_json:
        print_json(found)
    else:
        _print(answers(), found)
    if out is not None:
        messages().print(f"Written to {out}", markup=False, highlight=False, soft_wrap=True)


def account(cohort: Cohort, path: Path | None) -> dict[str, Any]:
    """What was read and how, as plain values."""
    record = cohort.record
    name = path.name if path is not None else "the example"
    return {
        "source": record.source if record is not None else f"cohort {name}",
        "time_zero": record.time_zero if record is not None else None,
        "patients": len(cohort),
        "rows": {table: frame.height for table, frame in cohort.tables.items()},
        "exclusions": _counted(record.exclusions if record is not None else ()),
        "decisions": list(record.decisions) if record is not None else [],
        "ignored": _counted(record.ignored if record is not None else ()),
        "not_known": list(record.not_known) if record is not None else [],
        "licence": record.licence if record is not None else "",
        "provenance": provenance_of(cohort, path),
    }


def _counted(exclusions: Iterable[Exclusion]) -> list[dict[str, Any]]:
    return [{"reason": each.reason, "count": int(each.count)} for each in exclusions]


def _print(console: Console, found: dict[str, Any]) -> None:
    rows = ", ".join(f"{count} {table}" for table, count in found["rows"].items() if count)
    _line(console, f"{found['source']}: {rows}.")
    if found["time_zero"]:
        _line(console, f"Times count from {found['time_zero']}.")
    if found["licence"]:
        _line(console, f"Licence: {found['licence']}")
    for key, heading in _HEADINGS.items():
        if found[key]:
            _line(console, f"\n{heading}")
        for each in found[key][:_MOST_SHOWN]:
            text = each if isinstance(each, str) else f"{each['reason']}: {each['count']}"
            _line(console, f"  {text}")
        more = len(found[key]) - _MOST_SHOWN
        if more > 0:
            _line(console, f"  and {more} more (--json lists all)")


def _line(console: Console, text: str) -> None:
    """Print text that holds words of the user's files: no markup in it has a meaning."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)
