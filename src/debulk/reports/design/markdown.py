"""A design as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.reports.design.tables import TextTable, tables_of, title_of


def markdown_of(answer: Mapping[str, Any]) -> str:
    """A design as Markdown: text, tables, and the command that makes it again.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints.
    """
    parts = [f"# {title_of(answer)}", "## For the statistics section of the protocol"]
    parts += [f"**{part['heading']}.** {_safe(part['text'])}" for part in answer["paragraphs"]]
    for table in tables_of(answer):
        parts += [f"## {table.title}", _table(table)]
        if table.note:
            parts.append(_safe(table.note))
    parts += [f"> {_safe(remark)}" for remark in answer["provenance"]["remarks"]]
    parts += ["## To make it again", f"```sh\n{answer['command']}\n```"]
    return "\n\n".join(parts) + "\n"


def _table(table: TextTable) -> str:
    rule = ["---", *("---:" for _ in table.head[1:])]
    rows = [list(table.head), rule, *([_safe(cell) for cell in row] for row in table.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _safe(text: str) -> str:
    for letter in "\\`*_[]<>|":
        text = text.replace(letter, f"\\{letter}")
    return text
