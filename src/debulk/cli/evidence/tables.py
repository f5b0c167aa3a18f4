"""Evidence in tables that fit a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from debulk.evidence.schema import OWN, RISKS
from debulk.evidence.tables import CODED_BY

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

_LETTERS_WIDE = 80
_LETTERS = {"low": "L", "some": "S", "high": "H", "unclear": "?", "not applicable": "-"}
STUDIES_NOTE = (
    "Bias: immortal time, selection on response, confounding by extent; L low, S some, H high, "
    f"? unclear, - not applicable. {CODED_BY}; studies of one's own by who added them."
)
FINDINGS_NOTE = (
    "Seen: whether all of it (yes) or a part (partial) was seen in its source; "
    "* no identifier of the original is known, only an address."
)


def study_table(rows: pl.DataFrame) -> Table:
    """Studies, one row each, the role under the name."""
    table = _table(study=17, design=13, organ=11, treatment=17, line=13, bias=4)
    for row in rows.iter_rows(named=True):
        cells = (
            f"{row['study']}\n{row['role']}",
            row["design"],
            ", ".join(row["organ"]),
            ", ".join(row["modality"]),
            row["line"],
            "".join(_LETTERS[row[risk]] for risk in RISKS),
        )
        table.add_row(*map(Text, cells))
    return table


def finding_table(rows: pl.DataFrame, *, study: str = "") -> Table:
    """Findings, one row each; those of one study without its name in each key."""
    table = _table(key=26, what=21, found=19, **{"seen, role": 11})
    for row in rows.iter_rows(named=True):
        seen = row["verified"] + ("*" if row["secondary"] else "")
        # The key of one number of a pair ends with its group already.
        group = "" if row["key"].endswith(f"#{row['group']}") else row["group"]
        what = ", ".join(filter(None, (row["quantity"], group)))
        key = row["key"].removeprefix(f"{row['table']}:{study}/") if study else row["key"]
        table.add_row(*map(Text, (key, what, found(row), f"{seen}\n{row['role']}")))
    return table


def _table(**widths: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name, width in widths.items():
        table.add_column(name, width=width, overflow="fold")
    return table


def print_whole(console: Console, table: Table) -> None:
    """Print a table with all its columns; a narrower terminal breaks its lines."""
    there = console.width
    console.width = max(there, _LETTERS_WIDE)
    console.print(table)
    console.width = there


def counted(rows: pl.DataFrame, name: str) -> str:
    """How many studies or findings."""
    one = {"studies": "study", "findings": "finding"}[name]
    return f"{rows.height} {one if rows.height == 1 else name}"


def found(row: Mapping[str, Any]) -> str:
    """A finding's number with its limits and unit, or its text."""
    value, lower, upper = row["value"], row["lower"], row["upper"]
    if value is None and lower is None and upper is None:
        return str(row["text"])
    limits = " to ".join("?" if each is None else f"{each:.15g}" for each in (lower, upper))
    if value is None:
        number = limits
    else:
        number = f"{value:.15g}" + ("" if lower is None and upper is None else f" ({limits})")
    return f"{number} {row['unit']}".strip()


def fields_of_study(study: Mapping[str, Any]) -> list[str]:
    """What is printed of a study, a line each."""
    people = f"{study['n']} patients" if study["n"] is not None else ""
    reported = f"reported {study['year']}" if study["year"] is not None else ""
    parts = (study["printed_design"], people, reported, f"role {study['role']}")
    return [
        line
        for line in (
            study["title"],
            study["question"],
            study["population"],
            "; ".join(filter(None, parts)),
        )
        if line
    ]


def code_table(codes: Mapping[str, Any]) -> Table:
    """The codes of a study, with the reasons of those that have one."""
    table = Table("code", "judged", "because", box=None, pad_edge=False)
    for name, code in codes.items():
        if name == "study" or name.endswith("_reason"):
            continue
        judged = ", ".join(code) if isinstance(code, list) else code
        table.add_row(*map(Text, (name.replace("_", " "), judged, codes.get(f"{name}_reason", ""))))
    return table


def coded_by(study: Mapping[str, Any]) -> str:
    """Whose judgement the codes of a study are."""
    if study["table"] == OWN:
        return "Coded by who added the study: judgements, not findings."
    return f"{CODED_BY}."


def field_table(row: Mapping[str, Any]) -> Table:
    """Everything known of one finding."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, cell in row.items():
        if cell is None or cell == "":
            continue
        text = f"{cell:.15g}" if isinstance(cell, float) else str(cell).replace("|", "\n")
        told = {"True": "yes", "False": "no"}.get(text, text)
        table.add_row(Text(name.replace("_", " ")), Text(told))
    return table
