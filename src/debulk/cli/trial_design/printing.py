"""What the terminal shows: the design, its looks, its text and the command that makes it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from debulk.reports.design.tables import TextTable, tables_of, title_of

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod
    from rich.table import Table


def print_answer(answer: Mapping[str, Any], console: Console) -> None:
    """Print every table, the paragraphs, and the command.

    Parameters
    ----------
    answer : mapping
        What ``--json`` prints.
    console : Console
    """

    def say(text: str = "", style: str | None = None) -> None:
        console.print(text, style=style, markup=False, highlight=False)

    for place, table in enumerate(tables_of(answer)):
        say(table.title if place else title_of(answer), "bold")
        console.print(_drawn(table))
        if table.note:
            say(table.note, "dim")
        say()
    for remark in answer["provenance"]["remarks"]:
        say(f"Note: {remark}")
        say()
    say("For the statistics section of the protocol", "bold")
    for part in answer["paragraphs"]:
        say()
        say(f"{part['heading']}. {part['text']}")
    say()
    say("To make it again", "bold")
    console.print(answer["command"], markup=False, highlight=False, soft_wrap=True)


def _drawn(table: TextTable) -> Table:
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    for place, name in enumerate(table.head):
        justify: JustifyMethod = "right" if place else "left"
        drawn.add_column(escape(name), justify=justify, no_wrap=not place)
    for row in table.rows:
        drawn.add_row(*(escape(cell) for cell in row))
    return drawn
