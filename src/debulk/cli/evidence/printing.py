"""The answer of `debulk evidence pool` on a terminal: tables, then sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from debulk.cli.disease.figures import print_table

if TYPE_CHECKING:
    from rich.console import Console

    from debulk.reports.disease_pages import Table

MOST_PRINTED = 50
"""Rows of a table, and remarks, on a terminal."""


def print_pool(console: Console, result: Mapping[str, Any]) -> None:
    """Print tables on the natural scale, then what must be said beside them."""
    from debulk.reports.evidence.bias_words import bias_sentence
    from debulk.reports.evidence.pool_page import (
        assumptions_on_bias,
        mixed_words,
        pool_tables,
        remarks_of_checks,
    )
    from debulk.reports.evidence.wording import method_words, pooled_sentence

    console.print(pooled_sentence(result), style="bold", markup=False, highlight=False)
    if result["bias_adjusted"]:
        console.print(bias_sentence(result), style="bold", markup=False, highlight=False)
    console.print()
    for table in map(_first_rows, pool_tables(result)):
        console.print(table.title, style="bold", markup=False, highlight=False)
        print_table(console, table, table.heads)
        console.print()
    lines = [
        f"{method_words(result)}.",
        *mixed_words(result),
        *(f"Left out: {each['count']:g}, {each['reason']}." for each in result["exclusions"]),
        *result["remarks"],
        *result["provenance"]["remarks"],
        *remarks_of_checks(result),
        *(f"Assumed: {each}" for each in assumptions_on_bias(result)),
    ]
    told = list(dict.fromkeys(lines))
    if len(told) > MOST_PRINTED:
        left = len(told) - MOST_PRINTED
        told = [*told[:MOST_PRINTED], f"And {left:,} more remarks, see --json"]
    for line in told:
        text = line if line.endswith((".", "?", "!")) else f"{line}."
        console.print(text, markup=False, highlight=False)


def _first_rows(table: Table) -> Table:
    """A table of readable length: its first rows, how many more there are, and the pool."""
    left = len(table.rows) - MOST_PRINTED
    if left <= 1:
        return table
    last = table.rows[-1]
    kept = [*table.rows[:MOST_PRINTED], (f"and {left - 1:,} more, see --json",)]
    blank = ("",) * (len(table.heads) - 1)
    return replace(table, rows=(*kept[:-1], kept[-1] + blank, last))
