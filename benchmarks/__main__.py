"""Run the benchmarks and print one table: python -m benchmarks [--markdown FILE] [name ...]."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks.row import Row

NOT_BENCHMARKS = {"__main__", "row", "survival_memory", "web_site"}


def names() -> list[str]:
    """Every benchmark: each module here that has rows()."""
    found = {each.name for each in pkgutil.iter_modules(benchmarks.__path__)}
    return sorted(found - NOT_BENCHMARKS)


def machine() -> str:
    """What the numbers were measured on."""
    processor = platform.processor() or platform.machine()
    description = Path("/proc/cpuinfo")
    if description.exists():
        for line in description.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.split(":", 1)[1].strip()
                break
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.release()}"
    return f"{processor}, {cores} cores, {system}, Python {platform.python_version()}"


def table(rows: Iterable[Row]) -> Table:
    """One row a measurement."""
    printed = Table(title="Benchmarks", caption=machine(), title_justify="left")
    for column in ("what", "program"):
        printed.add_column(column)
    printed.add_column("value", justify="right")
    for column in ("unit", "note"):
        printed.add_column(column)
    for row in rows:
        printed.add_row(row.what, row.program, f"{row.value:,.4g}", row.unit, row.note)
    return printed


def markdown(rows: Iterable[Row]) -> str:
    """A page's table: one row a task, one column a program, and debulk's lead over each peer."""
    cells: dict[str, dict[str, Row]] = {}
    for row in rows:
        cells.setdefault(row.what, {})[row.program] = row
    named = dict.fromkeys(name for found in cells.values() for name in found)
    programs = sorted(named, key=lambda name: name != "debulk")
    lines = [
        "| task | " + " | ".join(programs) + " |",
        "|---|" + "---:|" * len(programs),
    ]
    for what, found in cells.items():
        ours = found.get("debulk")
        shown = []
        for program in programs:
            row = found.get(program)
            lead = row and ours and row is not ours and row.unit == ours.unit == "s"
            text = f"{_rounded(row.value)} {row.unit}" if row else ""
            shown.append(f"{text} ({row.value / ours.value:,.1f}x)" if lead else text)
        lines.append(f"| {what} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + f"\n\nMeasured on {machine()}.\n"


def _rounded(value: float) -> str:
    return f"{value:.2g}" if abs(value) < 10 else f"{value:,.0f}"


def main(wanted: list[str]) -> int:
    """Run the benchmarks named, or all; returns the exit status."""
    known = names()
    page = None
    if wanted[:1] == ["--markdown"] and len(wanted) > 1:
        page, wanted = Path(wanted[1]), wanted[2:]
    unknown = [each for each in wanted if each not in known]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}. Known: {', '.join(known)}.")
        return 2
    progress = Console(stderr=True)
    rows: list[Row] = []
    for name in wanted or known:
        progress.print(f"running {name}")
        rows += importlib.import_module(f"benchmarks.{name}").rows()
    Console().print(table(rows))
    if page is not None:
        page.write_text(markdown(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
