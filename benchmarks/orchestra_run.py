"""Two hundred ORCHESTRA trials, the whole command: time, peak memory, and what compiling costs."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.row import Row

WHAT = "debulk trial run orchestra --trials 200 (funnel, both arms, analysis, report)"
BYTES_PER_GIB = 2**30


def rows() -> list[Row]:
    """Run the command three times: with nothing compiled, compiled, and on one thread."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        cold, _ = _run(place, "cold", ())
        warm, memory = _run(place, "warm", ())
        alone, _ = _run(place, "alone", ("--workers", "1"))
    return [
        Row(WHAT, "debulk", warm, "s", "kernels compiled before"),
        Row(WHAT, "debulk", cold, "s", "first run ever: compilation included"),
        Row(WHAT, "debulk", alone, "s", "one thread"),
        Row(WHAT, "debulk", memory, "GiB", "peak resident memory; the bound is 1.5"),
    ]


def _run(place: Path, name: str, options: tuple[str, ...]) -> tuple[float, float]:
    """Seconds and peak memory in GiB of one run in a process of its own."""
    code = "from debulk.cli import main; main()"
    command = [sys.executable, "-c", code, "trial", "run", "orchestra", "--trials", "200"]
    command += ["--out", str(place / name), *options]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(place / "compiled")}
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    seconds = time.perf_counter() - start
    # The largest of the children so far; Linux counts in KiB, macOS in bytes.
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return seconds, largest * (1 if sys.platform == "darwin" else 1024) / BYTES_PER_GIB
