"""Run the benchmarks and print one table: python -m benchmarks [name ...]."""

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

NOT_BENCHMARKS = {"__main__", "row"}


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


def main(wanted: list[str]) -> int:
    """Run the benchmarks named, or all; returns the exit status."""
    known = names()
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
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
