"""What the commands of `debulk disease` share when they print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod

    from debulk.reports.disease_pages import Table


def print_table(console: Console, table: Table, heads: tuple[str, ...]) -> None:
    """Print some columns of a page's table, as many as fit 80 letters, with its caption below."""
    from rich.table import Table as RichTable

    shown = RichTable(box=None, pad_edge=False)
    places = [table.heads.index(head) for head in heads]
    for place, head in zip(places, heads, strict=True):
        # Long names fold rather than lose their end; numbers stay whole.
        whole = place > 0
        justify: JustifyMethod = "right" if whole else "left"
        shown.add_column(head, justify=justify, overflow="fold", no_wrap=whole)
    for row in table.rows:
        shown.add_row(*(row[place] for place in places))
    console.print(shown)
    console.print(f"{table.caption}.", highlight=False)


def files_told(console: Console, out: Path | None, files: tuple[str, ...]) -> None:
    """Say which files lie where."""
    if out is not None:
        console.print(f"Files in {out}: {', '.join(files)}", soft_wrap=True, highlight=False)
