"""The tables that `debulk disease targets` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

_DIGITS = {"share": 3, "points": 3, "ratio": 2, "months": 1, "days": 0, "cm": 1}


def target_tables(result: Mapping[str, Any]) -> list[Table]:
    """A table for each theme, in the order of the targets.

    Parameters
    ----------
    result : mapping
        What `debulk disease targets --json` prints.
    """
    tables: dict[str, Table] = {}
    for row in result["targets"]:
        theme = row["theme"]
        if theme not in tables:
            tables[theme] = _table(theme)
        tables[theme].add_row(*target_cells(row))
    return list(tables.values())


def target_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """One target as cells: title, published, interval, kind, simulated, error, inside."""
    unit = row["unit"]
    limits = (shown(row["lower"], unit), shown(row["upper"], unit))
    return (
        escape(row["title"]),
        shown(row["published"], unit),
        " to ".join(limits) if all(limits) else f"below {limits[1]}" if limits[1] else "any",
        row["interval"] + (", soft" if row["soft"] else ""),
        shown(row["simulated"], unit) or "not reached",
        shown(row["monte_carlo_se"], unit, more=1),
        "yes" if row["inside"] else "no",
    )


def closing_words(result: Mapping[str, Any]) -> list[str]:
    """What is said under the tables: share inside, parameter sets, patients, rare cohorts."""
    lines = []
    if result["counted"]:
        share = f"{result['inside']} of {result['counted']}"
        lines.append(f"{share} targets with evidence lie inside their interval.")
    posterior = result["posterior"]
    sets = f"{posterior['draws']} draws of the posterior (medians over draws are shown)"
    sets = sets if posterior["sha256"] else "One parameter set"
    lines.append(
        f"{sets}; {result['patients']:,} virtual patients wanted in each cohort, seed "
        f"{result['seed']}."
    )
    for name, missing in result["unfilled"].items():
        lines.append(f"The cohort {name} is rare: {missing:,} patients short.")
    lines.append(
        "Intervals: published, derived from n by formula, or within 10 %; a soft target is an "
        "assumption and does not count."
    )
    return lines


def shown(value: float | None, unit: str, *, more: int = 0) -> str:
    """A number with the digits of its unit; empty if there is none."""
    return "" if value is None else f"{value:.{_DIGITS[unit] + more}f}"


def _table(theme: str) -> Table:
    table = Table(title=escape(theme), title_justify="left", title_style="bold")
    for place, column in enumerate(
        ("target", "published", "interval", "kind", "simulated", "error", "inside")
    ):
        table.add_column(column, justify="left" if place in (0, 3) else "right")
    return table
