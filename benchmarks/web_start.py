"""Starts of `debulk serve`: from the command to its first answers, on records of its own."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.row import Row

STARTS = 10
PATIENCE_SECONDS = 120.0
WAITED_FOR = ("/health", "/", "/board")
"""In this order, in one server: what comes later waits for no more than it needs."""

COMMAND = "from debulk.cli import main; main()"


def rows(starts: int = STARTS) -> list[Row]:
    """Seconds from the command to each first answer; one start before compiles and is not told."""
    with tempfile.TemporaryDirectory() as folder:
        one_start(Path(folder) / "first.sqlite")
        found = [one_start(Path(folder) / f"{number}.sqlite") for number in range(starts)]
    made = []
    for path in WAITED_FOR:
        seconds = [each[path] for each in found]
        for said, value in (
            ("best", min(seconds)),
            ("median", statistics.median(seconds)),
            ("worst", max(seconds)),
        ):
            made.append(Row(f"from the command to {path}, {said}", "debulk", value, "s"))
    return made


def one_start(place: Path) -> dict[str, float]:
    """Seconds from the command to the first answer of each address."""
    options = ["serve", "--port", "0", "--database", str(place)]
    start = time.perf_counter()
    command = [sys.executable, "-c", COMMAND, *options]
    out, silent = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdout=out, stderr=silent, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[3]
            return {path: _answered(address + path) - start for path in WAITED_FOR}
        finally:
            server.terminate()


def _answered(address: str) -> float:
    """When an answer was whole; the server says its address once it listens."""
    with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
        answer.read()
    return time.perf_counter()
