"""What the commands of `debulk disease` share when they print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from debulk.reports.disease_pages import Table


def print_table(console: Console, table: Table) -> None:
    """Print a table of a page, with its caption below."""
    from rich.table import Table as RichTable

    shown = RichTable(box=None, pad_edge=False)
    for number, head in enumerate(table.heads):
        # Names of aggregates are longer than a column; they fold rather than lose their end.
        shown.add_column(head, justify="right" if number else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)
    console.print(f"{table.caption}.", highlight=False)


def files_told(console: Console, out: Path | None, files: tuple[str, ...]) -> None:
    """Say which files lie where."""
    if out is not None:
        console.print(f"Files in {out}: {', '.join(files)}", soft_wrap=True, highlight=False)
